import Keys
import Products
import Transcript

extension FileStream: ByteSource {}

/// A file of a ceremony whose SHA-256 comes out as it is read.
final class HashedStream: ByteSource {
  private var stream: FileStream
  private var hash = SHA256Stream()
  /// Of the whole file; nil until its end was met.
  private(set) var digest: SHA256Digest?

  init(_ stream: FileStream) { self.stream = stream }

  func read(upTo count: Int) throws -> [UInt8] {
    let piece = try stream.read(upTo: count)
    if piece.isEmpty { digest = hash.digest } else { hash.append(piece) }
    return piece
  }
}
