import Findings
import Glibc
import Keys

/// A folder of many files that a command line names: created exclusively, and gone again unless it was written to its end.
package final class NewTree {
  private let path: String
  private var digests: [(name: String, digest: SHA256Digest)] = []
  private var folders: [String] = []
  private var isFinished = false

  /// Names every other file and its SHA-256, as `sha256sum -c` reads them.
  package static let sums = "SHA256SUMS"

  /// Throws `CANNOT-CREATE` where anything of that name exists, or the folder cannot be made.
  package init(_ path: String) throws(Finding) {
    _ = try ProductsFolder(creating: path)
    self.path = path
    folders = [path]
  }

  /// Creates a file and the folders above it. Throws `CANNOT-CREATE`, and `FILE-REFUSED` for content that cannot be read to
  /// its end.
  ///
  /// - Parameter name: relative, without empty parts, `.` and `..`.
  @discardableResult
  package func create(_ name: String, copying content: consuming FileStream) throws(Finding) -> SHA256Digest {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { ["", ".", ".."].contains($0) }),
      !name.utf8.contains(where: { [0, 10].contains($0) })
    else {
      throw Finding(
        .cannotCreate, "“\(name)” is no name that a file in the output can have.", hint: "Rename the file.", place: path
      )
    }
    var folder = path
    for part in parts.dropLast() {
      folder += "/\(part)"
      if mkdir(folder, 0o755) == 0 { folders.append(folder) } else if errno != EEXIST { throw failed() }
    }
    let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failed() }
    defer { close(descriptor) }
    // Named at once, so that it goes with the rest where its content ends early.
    digests.append((name, .zero))
    var hash = SHA256Stream()
    var left = content.size
    while left > 0 {
      let piece = try content.read(upTo: 1 << 20)
      guard !piece.isEmpty else {
        throw Finding(
          .fileRefused, "A file became shorter while it was copied.", hint: "Let nobody write there meanwhile.",
          place: name)
      }
      guard writeAll(descriptor, piece) else { throw failed() }
      hash.append(piece)
      left -= piece.count
    }
    digests[digests.count - 1].digest = hash.digest
    return hash.digest
  }

  /// Writes ``sums``, has everything on the disk when it returns, and reads every file back. Returns the SHA-256 of
  /// ``sums``. Throws `CANNOT-CREATE`.
  package func finish() throws(Finding) -> SHA256Digest {
    let lines = digests.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      .map { "\($0.digest.hex)  \($0.name)\n" }.joined()
    let digest = try create(Self.sums, copying: FileStream(Array(lines.utf8)))
    // Once, and not for each of thousands of small files.
    sync()
    for (name, digest) in digests {
      let file = "\(path)/\(name)"
      guard let there = try OpenFile.at(file, place: file)?.stream.digest(), there == digest else {
        throw Finding(
          .cannotCreate, "\(name) was written, and reading it back gave something else.",
          hint: "The disk is failing, or somebody else writes there. Use another place.", place: path)
      }
    }
    isFinished = true
    return digest
  }

  private func failed() -> Finding {
    Finding(
      .cannotCreate, "The output cannot be written: \(reason()).", hint: "Make room or use another disk.", place: path)
  }

  deinit {
    guard !isFinished else { return }
    for (name, _) in digests { unlink("\(path)/\(name)") }
    for folder in folders.reversed() { rmdir(folder) }
  }
}
