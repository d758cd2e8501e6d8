import Findings
import Glibc
import Keys

/// An output that a command line names: created exclusively, and gone again unless it was written to its end.
package final class NewFile {
  private let path: String
  private let descriptor: Int32
  private var isFinished = false
  private var hash = SHA256Stream()

  /// Throws `CANNOT-CREATE` where anything of that name exists, or the folder cannot be written.
  package init(_ path: String) throws(Finding) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw Finding(
        .cannotCreate,
        errno == EEXIST ? "The output exists already. It was not touched." : "The output cannot be made: \(reason()).",
        hint: "Choose a name that is not there yet, in a folder that can be written.", place: path)
    }
    self.path = path
  }

  package func append(_ bytes: [UInt8]) throws(Finding) {
    guard writeAll(descriptor, bytes) else { throw failed() }
    hash.append(bytes)
  }

  /// Has everything on the disk when it returns: reads it back, and returns the SHA-256 of what is there.
  ///
  /// Throws `CANNOT-CREATE`, also where that is not what was written.
  @discardableResult
  package func finish() throws(Finding) -> SHA256Digest {
    guard fsync(descriptor) == 0 else { throw failed() }
    let there: SHA256Digest?
    do throws(Finding) { there = try OpenFile.at(path, place: path)?.stream.digest() } catch { there = nil }
    guard let there, there == hash.digest else {
      throw Finding(
        .cannotCreate, "The output was written, and reading it back gave something else.",
        hint: "The disk is failing, or somebody else writes there. Use another place.", place: path)
    }
    isFinished = true
    return there
  }

  private func failed() -> Finding {
    Finding(
      .cannotCreate, "The output cannot be written: \(reason()).", hint: "Make room or use another disk.", place: path)
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(path) }
  }
}
