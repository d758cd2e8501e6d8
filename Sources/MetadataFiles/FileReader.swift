import Findings
import Glibc
import UntrustedFiles

/// Reads whole files of metadata: what ``UntrustedFile`` refuses is said with the codes of a watched folder.
public enum FileReader {
  /// 64 MiB: far above any metadata, far below what hurts.
  public static let largest = 64 << 20

  /// The bytes of a regular file, symbolic links followed. Never blocks on a pipe.
  ///
  /// Fails with `FILE-UNREADABLE`, `FILE-KIND` for anything but a regular file, `FILE-TOO-LARGE` or `SYMLINK-LOOP`.
  public static func read(_ path: String) -> Result<[UInt8], Finding> {
    do throws(FileRefusal) {
      return .success(try UntrustedFile(path, followsLinks: true).content(atMost: largest))
    } catch {
      return .failure(error.finding(path))
    }
  }
}

extension FileRefusal {
  func finding(_ path: String) -> Finding {
    switch self {
    case .unopened(ELOOP):
      Finding(.symlinkLoop, "This symbolic link leads back to itself.", hint: "Remove the link.", place: path)
    case .unopened(let error), .unread(let error):
      Finding(
        .fileUnreadable, "This cannot be read: \(Self.words(error)).",
        hint: "Look whether it exists and who may read it.", place: path)
    case .notRegular:
      Finding(
        .fileKind, "This is a folder, pipe, socket or device, where a file was expected.",
        hint: "Look what stands there, and name a regular file.", place: path)
    case .tooLarge:
      Finding(
        .fileTooLarge, "This file is larger than \(FileReader.largest >> 20) MiB.",
        hint: "No TUF client reads such metadata. Find out what it is.", place: path)
    }
  }
}
