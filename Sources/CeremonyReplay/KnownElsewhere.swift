import CeremonyRecords
import CeremonyResults
import Findings
import FolderAudit
import Keys

/// What a verdict cannot know by itself, and everybody can compare: the folder, this program and its words may all come
/// from one hand.
package struct KnownElsewhere: Hashable, Sendable {
  package static let title = "Compare these with what you know from elsewhere"

  package let label: String
  package let digest: SHA256Digest
  /// What stands beside it: a name never without its digest.
  package let note: String
  /// Whether people read it aloud in words.
  package let isReadAloud: Bool

  package init(label: String, digest: SHA256Digest, note: String, isReadAloud: Bool) {
    self.label = label
    self.digest = digest
    self.note = note
    self.isReadAloud = isReadAloud
  }
}

extension ReplayVerdict {
  /// In the order in which they are shown; empty where nothing could be read.
  package var knownElsewhere: [KnownElsewhere] {
    var rows: [KnownElsewhere] = []
    func add(_ label: String, _ digest: SHA256Digest, _ note: String, isReadAloud: Bool = false) {
      rows.append(KnownElsewhere(label: label, digest: digest, note: note, isReadAloud: isReadAloud))
    }
    func heard(_ head: NamedHead) -> String { namedHead == head ? "; it is the one that was named" : "" }
    if let head {
      if isClosed {
        let sealers = seal?.count ?? 0
        let sealed = sealers == 0 ? "no root key sealed it" : "\(counted(sealers, "root key")) sealed it"
        add("head", head, "everything up to the close; \(sealed)\(heard(.head))", isReadAloud: true)
      } else {
        add("last line that was read", head, "of a transcript that is not closed, or not as recorded")
      }
    }
    if let finalHead {
      add(
        "final head", finalHead,
        "also what followed: signatures of the seal, wiped cards, numbers of closing bags, times, who left\(heard(.finalHead))",
        isReadAloud: true)
    }
    if let configuration { add("script.yaml", configuration.script, "what everybody agreed to beforehand") }
    for vendor in facts?.vendors ?? [] { add("vendor root", vendor.digest, "\(vendor.name): \(vendor.meaning)") }
    for root in roots { add(root.path, root.digest, "what clients are to be given") }
    if let configuration {
      add(
        "program", configuration.program.executable,
        "\(configuration.program.described), as it says of itself"
          + (configuration.program.executable == .zero ? "; a seeded rehearsal says no digest" : ""),
        isReadAloud: configuration.program.executable != .zero)
      for file in configuration.verifiers {
        add(
          file.path, file.digest,
          "the project publishes the same for release \(configuration.program.version); whoever forges a folder forges its verifier, too"
        )
      }
    }
    return rows
  }
}
