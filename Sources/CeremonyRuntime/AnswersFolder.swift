import CeremonyRecords
import Findings
import FolderAudit
import Glibc
import Keys
import UntrustedFiles

/// The folder into which files from elsewhere are put while a ceremony goes on: outside the products folder.
package struct AnswersFolder: Sendable {
  /// nil where none was named.
  private let path: String?

  package init(_ path: String?) { self.path = path }

  /// Files that were not taken in before, in the order of their digests.
  ///
  /// Throws `ANSWERS-FOLDER` where no folder was named, or it or one of its files cannot be read: what was not read could be
  /// what somebody waits for. No name of a file goes on the record.
  ///
  /// - Parameter taken: paths of what was taken in already.
  package func new(besides taken: Set<String>) throws(Finding) -> [[UInt8]] {
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
      guard let text = name.text, text.hasSuffix(".tar") || text.hasSuffix(".json") else { continue }
      let bytes = try Self.content("\(path)/\(text)")
      found[SHA256Digest(of: bytes)] = bytes
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

  private static func content(_ path: String) throws(Finding) -> [UInt8] {
    func refused(_ what: String) -> Finding {
      Finding(.answersFolder, what, hint: "Look at that folder. Take the file out of it or mend it, then take again.")
    }
    do {
      return try UntrustedFile(path, followsLinks: false).content(atMost: AnswerEvidence.largest)
    } catch {
      switch error {
      case .tooLarge:
        throw refused("A file in the folder for answers is larger than \(AnswerEvidence.largest >> 20) MiB.")
      case .notRegular: throw refused("Something in the folder for answers is named like a file, and is none.")
      case .unopened(ELOOP): throw refused("Something in the folder for answers is a link. Links are not followed.")
      case .unopened, .unread: throw refused("A file in the folder for answers cannot be read.")
      }
    }
  }
}
