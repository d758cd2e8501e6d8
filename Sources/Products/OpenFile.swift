import Findings
import Glibc

/// A regular file that is open for reading.
public final class OpenFile: Sendable {
  /// Bytes when it was opened; what is added later is not read.
  public let size: Int
  private let descriptor: Int32
  private let place: String

  private init(_ descriptor: Int32, size: Int, place: String) {
    self.descriptor = descriptor
    self.size = size
    self.place = place
  }

  deinit { close(descriptor) }

  /// nil where there is none of that name or it cannot be opened.
  ///
  /// Does not follow a link in the last part. Throws `FILE-REFUSED` for a link, a device, a pipe or a folder.
  /// - Parameter place: how findings call it.
  public static func at(_ path: String, place: String, followsLinks: Bool = false) throws(Finding) -> OpenFile? {
    // Without O_NONBLOCK the opening of a pipe would wait for its other end.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else {
      if errno == ELOOP { throw refused(place, "is a symbolic link") }
      return nil
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw refused(place, "is not a regular file")
    }
    return OpenFile(descriptor, size: Int(status.st_size), place: place)
  }

  /// `count` bytes from `offset` on; fewer where the file ends before. Throws `FILE-REFUSED`: the disk fails.
  public func bytes(at offset: Int, _ count: Int) throws(Finding) -> [UInt8] {
    var why: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { whole, done in
      done = 0
      while done < whole.count {
        let got = pread(descriptor, whole.baseAddress?.advanced(by: done), whole.count - done, off_t(offset + done))
        if got < 0, errno == EINTR { continue }
        if got < 0 { why = reason() }
        guard got > 0 else { return }
        done += got
      }
    }
    if let why { throw Self.refused(place, "cannot be read: \(why)") }
    return bytes
  }

  /// All of it, from the beginning.
  public var stream: FileStream {
    FileStream(size: size) { offset, count throws(Finding) in try self.bytes(at: offset, count) }
  }

  static func refused(_ place: String, _ why: String) -> Finding {
    Finding(.fileRefused, "\(place) \(why).", hint: "Only regular files of a sensible size are read.", place: place)
  }
}
