import CeremonyRecords
import Findings
import FolderAudit
import Keys
import Products
import UntrustedFiles

/// The folder into which files from elsewhere are put while a ceremony goes on: outside the products folder.
package struct AnswersFolder: Sendable {
  /// nil where none was named.
  private let path: String?

  package init(_ path: String?) { self.path = path }

  /// The signatures in files that were not taken in before, and the files themselves, in the order of their digests.
  ///
  /// Throws `ANSWERS-FOLDER` where no folder was named, or it cannot be read.
  ///
  /// - Parameter taken: paths of what was taken in already.
  func new(_ wanted: DeliveryWanted, besides taken: Set<String>) throws(Finding) -> [(bytes: [UInt8], [Delivered])] {
    guard let path else {
      throw Finding(
        .answersFolder, "Files from elsewhere were to be read, and no folder was named for them.",
        hint: "Stop with Ctrl-C, and go on with --answers FOLDER.")
    }
    let folder: UntrustedFolder
    do { folder = try UntrustedFolder(path) } catch {
      throw Finding(
        .answersFolder, "The folder for answers cannot be read.", hint: "Look whether it is there, then take again.")
    }
    var found: [SHA256Digest: [UInt8]] = [:]
    while let name = folder.next() {
      guard let text = name.text, text.hasSuffix(".tar") || text.hasSuffix(".json"), case .file = folder.kind(of: name)
      else { continue }
      let bytes = try? FileContent.read("\(path)/\(text)", atMost: AnswerEvidence.largest, place: text)
      if let bytes = bytes ?? nil { found[SHA256Digest(of: bytes)] = bytes }
    }
    var new: [(bytes: [UInt8], [Delivered])] = []
    for (_, bytes) in found.sorted(by: { $0.key.hex < $1.key.hex }) {
      let signatures = AnswerEvidence.signatures(in: bytes, wanted)
      guard let file = signatures.first?.file, !taken.contains(file.path) else { continue }
      guard taken.count + new.count < AnswerEvidence.mostFiles else {
        throw Finding(
          .answersFolder, "There are more than \(AnswerEvidence.mostFiles) files from elsewhere.",
          hint: "Leave the answers alone in the folder, then take again.")
      }
      new.append((bytes, signatures))
    }
    return new
  }
}
