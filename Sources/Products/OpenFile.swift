import Findings
import Glibc
import UntrustedFiles

/// A regular file that is open for reading: what ``UntrustedFile`` refuses is said as `FILE-REFUSED`.
public struct OpenFile: Sendable {
  private let file: UntrustedFile
  private let place: String

  /// Bytes when it was opened; what is added later is not read.
  public var size: Int { file.size }

  /// nil where there is none of that name or it cannot be opened.
  ///
  /// Does not follow a link in the last part. Throws `FILE-REFUSED` for a link, a device, a pipe or a folder.
  /// - Parameter place: how findings call it.
  public static func at(_ path: String, place: String, followsLinks: Bool = false) throws(Finding) -> OpenFile? {
    do throws(FileRefusal) {
      return OpenFile(file: try UntrustedFile(path, followsLinks: followsLinks), place: place)
    } catch {
      guard case .unopened(let number) = error, number != ELOOP else { throw error.finding(place) }
      return nil
    }
  }

  /// `count` bytes from `offset` on; fewer where the file ends before. Throws `FILE-REFUSED`: the disk fails.
  public func bytes(at offset: Int, _ count: Int) throws(Finding) -> [UInt8] {
    do throws(FileRefusal) { return try file.bytes(at: offset, count) } catch { throw error.finding(place) }
  }

  /// All of it. Throws `FILE-REFUSED` for more than `limit` bytes, too.
  public func content(atMost limit: Int) throws(Finding) -> [UInt8] {
    do throws(FileRefusal) { return try file.content(atMost: limit) } catch { throw error.finding(place, limit) }
  }

  /// All of it, from the beginning.
  public var stream: FileStream {
    FileStream(size: size) { offset, count throws(Finding) in try self.bytes(at: offset, count) }
  }
}

extension FileRefusal {
  /// - Parameter limit: how many bytes were to be read at most.
  fileprivate func finding(_ place: String, _ limit: Int = 0) -> Finding {
    let why =
      switch self {
      case .unopened(ELOOP): "is a symbolic link"
      case .unopened(let error), .unread(let error): "cannot be read: \(Self.words(error))"
      case .notRegular: "is not a regular file"
      case .tooLarge(let bytes): "has \(bytes) bytes; at most \(limit) are read"
      }
    return Finding(
      .fileRefused, "\(place) \(why).", hint: "Only regular files of a sensible size are read.", place: place)
  }
}
