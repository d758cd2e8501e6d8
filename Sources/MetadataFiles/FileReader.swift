import Findings
import Glibc

/// Reads whole files without trusting them: no pipes, no devices, nothing beyond a size.
public enum FileReader {
  /// 64 MiB: far above any metadata, far below what hurts.
  public static let largest = 64 << 20

  /// The bytes of a regular file, symbolic links followed. Never blocks on a pipe.
  ///
  /// Fails with `FILE-UNREADABLE`, `FILE-KIND` for anything but a regular file, `FILE-TOO-LARGE` or `SYMLINK-LOOP`.
  public static func read(_ path: String, largest: Int = largest) -> Result<[UInt8], Finding> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .failure(unreadable(path, errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return .failure(unreadable(path, errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return .failure(
        Finding(
          .fileKind,
          "This is a folder, pipe, socket or device, where a file was expected.",
          hint: "Look what stands there, and name a regular file.",
          place: path
        )
      )
    }
    guard status.st_size <= largest else { return .failure(tooLarge(path, largest)) }
    return contents(descriptor, Int(status.st_size), path, largest)
  }

  private static func contents(
    _ descriptor: Int32,
    _ expected: Int,
    _ path: String,
    _ largest: Int
  ) -> Result<[UInt8], Finding> {
    var bytes: [UInt8] = []
    // One more than the size, so that the end is seen at once; a growing file takes more rounds.
    var room = expected + 1
    while true {
      var failure: Int32 = 0
      let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        let got = Glibc.read(descriptor, buffer.baseAddress, room)
        if got < 0 { failure = errno }
        count = max(got, 0)
      }
      if failure == EINTR { continue }
      guard failure == 0 else { return .failure(unreadable(path, failure)) }
      if chunk.isEmpty { return .success(bytes) }
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
      guard bytes.count <= largest else { return .failure(tooLarge(path, largest)) }
      room = max(expected + 1 - bytes.count, 4096)
    }
  }

  static func unreadable(_ path: String, _ error: Int32) -> Finding {
    if error == ELOOP {
      return Finding(
        .symlinkLoop,
        "This symbolic link leads back to itself.",
        hint: "Remove the link.",
        place: path
      )
    }
    return Finding(
      .fileUnreadable,
      "This cannot be read: \(words(error)).",
      hint: "Look whether it exists and who may read it.",
      place: path
    )
  }

  private static func tooLarge(_ path: String, _ largest: Int) -> Finding {
    Finding(
      .fileTooLarge,
      "This file is larger than \(largest >> 20) MiB.",
      hint: "No TUF client reads such metadata. Find out what it is.",
      place: path
    )
  }

  private static func words(_ error: Int32) -> String {
    strerror(error).map { String(cString: $0) } ?? "error \(error)"
  }
}
