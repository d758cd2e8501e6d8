import Keys
import Products
import Transcript

/// A file of a ceremony whose SHA-256 comes out as it is read.
package final class HashedStream: ByteSource {
  private var stream: FileStream
  private var hash = SHA256Stream()
  /// Of the whole file; nil until its end was met.
  package private(set) var digest: SHA256Digest?

  package init(_ stream: FileStream) { self.stream = stream }

  package func read(upTo count: Int) throws -> [UInt8] {
    let piece = try stream.read(upTo: count)
    if piece.isEmpty { digest = hash.digest } else { hash.append(piece) }
    return piece
  }
}
