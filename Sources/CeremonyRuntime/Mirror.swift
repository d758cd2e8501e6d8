import Findings
import Glibc
import Products
import Transcript

/// A second copy of a products folder, on another medium: every record and every product, as they are made.
///
/// Once something cannot be copied the copy is lost, and stays so: what is in it agrees up to there. The ceremony goes on.
package final class Mirror {
  private let folder: ProductsFolder
  private var records: RecordingFile?
  /// Why the copy is lost; nil while it is whole.
  package private(set) var loss: String?
  /// Puts a loss on the record, once; the journal's.
  var report: () throws -> Void = {}
  private let note: (String) -> Void

  /// Creates the folder. Throws `CANNOT-CREATE` where anything of that name exists, and for a place inside `original`.
  ///
  /// - Parameter note: takes a line for people: that both copies are on one disk, and that this one is lost.
  init(creating path: String, of original: ProductsFolder, note: @escaping (String) -> Void) throws(Finding) {
    folder = try ProductsFolder(creating: path)
    self.note = note
    guard !folder.isInside(original) else {
      folder.removeIfEmpty()
      throw Finding(
        .cannotCreate, "The second copy would be inside the first.", hint: "Name a folder on another disk.",
        place: path)
    }
    if MountedDisk.isSame(folder.path, original.path) {
      note("Both copies are on one disk: when it fails, both are gone.\n  → Name a folder on another disk.")
    }
  }

  /// Says on the console that the copy is lost.
  func tell(_ loss: String) {
    note(
      """
      \(Self.banner): \(loss)
        → The ceremony goes on; the first copy is whole. For another second copy: Ctrl-C, then \
      'tuf-ceremony resume' with --mirror.
      """)
  }

  /// Stays on every screen after the loss.
  static let banner = "THE SECOND COPY IS LOST"

  /// Removes the copy's folder where nothing was copied.
  func removeIfEmpty() { folder.removeIfEmpty() }

  /// Takes over what a folder holds when a ceremony goes on: the products, and the whole lines of the records.
  ///
  /// What of `annex/` cannot be copied is left out, and said.
  /// - Parameter leftOut: paths that are not copied.
  func fill(from other: ProductsFolder, without leftOut: Set<String>) throws(Finding) {
    for entry in try other.list(besides: ProductsFolder.exempt(isRehearsal: true)) where !leftOut.contains(entry.path) {
      let content = try other.open(entry.path)
      let isRecords = [RecordFile.transcript.name, RecordFile.sealing.name].contains(entry.path)
      try folder.create(entry.path, copying: isRecords ? content.splitAfterLastLine().lines : content)
    }
    do throws(Finding) {
      for entry in try other.list() where entry.isBelow("annex") {
        do throws(Finding) {
          try folder.create(entry.path, copying: try other.open(entry.path))
        } catch  where error.code == .fileRefused {
          leaveOut(error)
        }
      }
    } catch  where error.code == .fileRefused {
      leaveOut(error)
    }
  }

  private func leaveOut(_ finding: Finding) {
    note("NOT IN THE SECOND COPY, of annex/: \(finding.what)\n  → Copy it yourself, or under another name.")
  }

  /// From here on records go into this file.
  func open(_ name: String) {
    attempt { () throws(Finding) in records = try RecordingFile(folder, name) }
  }

  /// A folder on its medium.
  var path: String { folder.path }

  /// Why it is not what the first copy is, file by file as both read back now; nil where it is.
  func fault(against other: ProductsFolder) -> String? {
    if loss != nil { return "it is lost" }
    do throws(Finding) {
      for entry in try other.list(besides: ProductsFolder.exempt(isRehearsal: true)) {
        let name = entry.path
        for each in [other, folder] { each.readsAnew(name) }
        if try other.digest(of: name) != folder.digest(of: name) { return "it does not read back as the first copy" }
      }
      return vanished().map { _ in "its file is not there any more" }
    } catch {
      return "it cannot be read back"
    }
  }

  func append(_ line: [UInt8]) {
    guard loss == nil, let records, let why = records.append(line) ?? vanished() else { return }
    loss = why
  }

  func create(_ name: String, _ bytes: [UInt8]) {
    attempt { () throws(Finding) in try folder.create(name, bytes) }
  }

  private func attempt(_ work: () throws(Finding) -> Void) {
    guard loss == nil else { return }
    do throws(Finding) { try work() } catch { loss = error.what }
  }

  /// A file that was removed, or whose disk was, can still be written to by whoever has it open.
  private func vanished() -> String? {
    records?.isLinked == true ? nil : "the second copy's file is not there any more"
  }
}
