import Crypto

/// A SHA-256 digest: 32 bytes, written as 64 lower-case hexadecimal characters or read aloud as 32 PGP words.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// Hashes `content`.
  package init(of content: [UInt8]) { bytes = Array(SHA256.hash(data: content)) }

  /// Exactly 64 lower-case hexadecimal characters, otherwise nil.
  package init?(hex: String) {
    guard let bytes = Hex.decode(hex), bytes.count == 32, Hex.encode(bytes) == hex else { return nil }
    self.bytes = bytes
  }

  /// 32 zero bytes: the `prev` of a first record, and the executable of a seeded rehearsal.
  package static let zero = SHA256Digest(bytes: [UInt8](repeating: 0, count: 32))

  fileprivate init(bytes: [UInt8]) { self.bytes = bytes }

  package var hex: String { Hex.encode(bytes) }
  /// The 32 words in which the digest is read aloud.
  package var words: [String] { PGPWords.words(for: bytes) }
  package var description: String { hex }
}

/// Hashes content that comes piece by piece.
package struct SHA256Stream {
  private var hash = SHA256()

  package init() {}

  package mutating func append(_ piece: [UInt8]) { hash.update(data: piece) }

  /// Of everything so far.
  package var digest: SHA256Digest { SHA256Digest(bytes: Array(hash.finalize())) }
}
