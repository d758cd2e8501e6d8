import Glibc

/// A regular file that is open for reading. A link, a pipe or a device in its place is never waited for.
package final class UntrustedFile: Sendable {
  /// Bytes when it was opened.
  package let size: Int
  private let descriptor: Int32

  /// - Parameter followsLinks: whether the last part may be a symbolic link; where it may not, one is `ELOOP`.
  package init(_ path: String, followsLinks: Bool) throws(FileRefusal) {
    // Without O_NONBLOCK the opening of a pipe would wait for its other end.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else {
      size = 0
      throw .unopened(errno)
    }
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0
    size = Int(status.st_size)
    guard isKnown, status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// `count` bytes from `offset` on; fewer where the file ends before.
  package func bytes(at offset: Int, _ count: Int) throws(FileRefusal) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { whole, done in
      done = 0
      while done < whole.count {
        let got = pread(descriptor, whole.baseAddress?.advanced(by: done), whole.count - done, off_t(offset + done))
        if got < 0, errno == EINTR { continue }
        if got < 0 { failure = errno }
        guard got > 0 else { return }
        done += got
      }
    }
    guard failure == 0 else { throw .unread(failure) }
    return bytes
  }

  /// All of it, also what is added while it is read.
  package func content(atMost limit: Int) throws(FileRefusal) -> [UInt8] {
    guard size <= limit else { throw .tooLarge(size) }
    // One more than the size, so that the end is seen at once.
    var bytes = try bytes(at: 0, size + 1)
    var isAtEnd = bytes.count <= size
    while !isAtEnd {
      guard bytes.count <= limit else { throw .tooLarge(bytes.count) }
      let more = try self.bytes(at: bytes.count, 1 << 16)
      bytes += more
      isAtEnd = more.isEmpty
    }
    return bytes
  }
}
