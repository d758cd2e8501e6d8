import Crypto

/// A digest that somebody else computed: a card is given it and never sees the message.
package struct GivenDigest<Kind: Digest>: Digest {
  package static var byteCount: Int { Kind.byteCount }
  private let bytes: [UInt8]

  package init?(_ bytes: [UInt8]) {
    guard bytes.count == Kind.byteCount else { return nil }
    self.bytes = bytes
  }

  package func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try bytes.withUnsafeBytes(body)
  }
  package func makeIterator() -> Array<UInt8>.Iterator { bytes.makeIterator() }
  package var description: String { "a digest of \(Self.byteCount) bytes" }
}
