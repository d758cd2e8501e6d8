import Findings
import Glibc
import Products

/// A file of records, open for appending until this goes.
final class RecordingFile {
  private let descriptor: Int32

  /// - Parameter isNew: whether nothing of that name may be there.
  init(_ folder: ProductsFolder, _ name: String, isNew: Bool = false) throws(Finding) {
    descriptor = try folder.appending(name, isNew: isNew)
  }

  /// Throws `RECORDING-FAILED` where another program has it locked. The lock ends with this, or with the program.
  init(locking folder: ProductsFolder, _ name: String) throws(Finding) {
    descriptor = try folder.appending(name)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      // This is whole already: `deinit` closes it.
      throw Finding(
        .recordingFailed, "Another program is recording in this folder.",
        hint: "Go on where that program runs, or end it first.", place: name)
    }
  }

  deinit { close(descriptor) }

  /// Whether the file still has a name: one that was removed takes what is written to it, and keeps nothing.
  var isLinked: Bool { hasName(descriptor) }

  /// Has the bytes on the disk when it returns; otherwise says why not.
  func append(_ bytes: [UInt8]) -> String? {
    guard writeAll(descriptor, bytes), fsync(descriptor) == 0 else {
      return strerror(errno).map { String(cString: $0) } ?? "unknown reason"
    }
    return nil
  }
}
