import Findings
import Keys

/// A file that is read from its beginning to its end in pieces, so that its length costs no memory.
package struct FileStream {
  /// Bytes.
  package let size: Int
  private var offset = 0
  private let bytes: (_ offset: Int, _ count: Int) throws(Finding) -> [UInt8]

  /// - Parameter bytes: `count` bytes from `offset` on, or fewer at the end.
  package init(size: Int, bytes: @escaping (_ offset: Int, _ count: Int) throws(Finding) -> [UInt8]) {
    self.size = size
    self.bytes = bytes
  }

  /// A file that is in memory anyway.
  package init(_ content: [UInt8]) {
    self.init(size: content.count) { offset, count in Array(content[offset..<offset + count]) }
  }

  /// The next bytes, at most `count`; none at the end.
  package mutating func read(upTo count: Int) throws(Finding) -> [UInt8] {
    let piece = try bytes(offset, min(count, size - offset))
    offset += piece.count
    return piece
  }
}

extension FileStream {
  /// The whole lines, and what follows the last of them: all of a line whose writing was cut short.
  package func splitAfterLastLine() throws(Finding) -> (lines: FileStream, rest: FileStream) {
    let bytes = bytes
    var end = size
    search: while end > 0 {
      let start = max(0, end - 1 << 16)
      let piece = try bytes(start, end - start)
      if let newline = piece.lastIndex(of: 0x0a) {
        end = start + newline + 1
        break search
      }
      end = start
    }
    let length = end
    return (
      FileStream(size: length, bytes: bytes),
      FileStream(size: size - length) { offset, count throws(Finding) in try bytes(length + offset, count) }
    )
  }

  /// The SHA-256 of what was not read yet.
  package consuming func digest() throws(Finding) -> SHA256Digest {
    var hash = SHA256Stream()
    while true {
      let piece = try read(upTo: 1 << 16)
      if piece.isEmpty { return hash.digest }
      hash.append(piece)
    }
  }
}

extension ProductsSource {
  /// The SHA-256 of a file of any size. Throws `FILE-REFUSED`.
  package func digest(of name: String) throws(Finding) -> SHA256Digest { try open(name).digest() }
}
