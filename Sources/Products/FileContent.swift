import Findings
import Glibc

/// Reads whole files, bounded, and never anything but a regular file.
public enum FileContent {
  /// 64 MiB.
  public static let largest = 64 << 20

  /// The content of a regular file; nil where there is none of that name or it cannot be opened.
  ///
  /// Does not follow a link in the last part. Throws `FILE-REFUSED` for a link, a device, a pipe or a folder, and for more than
  /// `limit` bytes.
  public static func read(_ path: String, atMost limit: Int, place: String, followsLinks: Bool = false)
    throws(Finding) -> [UInt8]?
  {
    // Without O_NONBLOCK the opening of a pipe would wait for its other end.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
    guard descriptor >= 0 else {
      if errno == ELOOP { throw refused(place, "is a symbolic link") }
      return nil
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw refused(place, "is not a regular file")
    }
    guard status.st_size <= limit else {
      throw refused(place, "has \(status.st_size) bytes; at most \(limit) are read")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes { whole in
        Glibc.read(descriptor, whole.baseAddress?.advanced(by: done), whole.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      done += count
    }
    bytes.removeLast(bytes.count - done)
    return bytes
  }

  private static func refused(_ place: String, _ why: String) -> Finding {
    Finding(.fileRefused, "\(place) \(why).", hint: "Only regular files of a sensible size are read.", place: place)
  }
}
