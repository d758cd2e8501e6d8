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

  /// Files that were not taken in before, in the order of their digests.
  ///
  /// Throws `ANSWERS-FOLDER` where no folder was named, or it cannot be read.
  ///
  /// - Parameter taken: paths of what was taken in already.
  func new(besides taken: Set<String>) throws(Finding) -> [[UInt8]] {
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
    var new: [[UInt8]] = []
    for (digest, bytes) in found.sorted(by: { $0.key.hex < $1.key.hex }) {
      guard !taken.contains(where: { $0.contains(digest.hex) }) else { continue }
      guard taken.count + new.count < AnswerEvidence.mostFiles else {
        throw Finding(
          .answersFolder, "There are more than \(AnswerEvidence.mostFiles) files from elsewhere.",
          hint: "Leave the answers alone in the folder, then take again.")
      }
      new.append(bytes)
    }
    return new
  }
}
