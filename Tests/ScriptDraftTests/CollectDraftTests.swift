import CeremonyScript
import Findings
import Foundation
import Keys
import ScriptDraft
import TUFMetadata
import Testing
import UTC

/// The text of a script that finishes a root that waits. `Runbook/collect.yaml` is one; `TUF_CEREMONY_WRITE=1 swift test
/// --filter CollectDraftTests` writes it anew.
@Suite struct CollectDraftTests {
  private static let runbook = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Runbook").standardized

  /// After the stand-in root, whose keys nobody has: so what waits, and who has signed it, is as said here.
  private static func before(
    signed: [String] = ["ada", "boris"], leaves: [(String, Leaver.Reason)] = [], isTwin: Bool = false
  ) throws -> PendingBefore {
    let name = "1.root.json"
    let bytes = Array(try Data(contentsOf: runbook.appending(path: name)))
    var draft = RotationDraft(after: try RootBefore(bytes, named: name))
    draft.elsewhere = ["chandra", "dalia", "emeka"]
    draft.leaves = leaves.map { (who: $0.0, reason: $0.1) }
    let script = try draft.drafted().script
    let baseline = try #require(script.baseline)
    let old = baseline.root
    let stay = old.keys(of: .root).filter { key in script.keeps(key.keyID) }
    var roles: [TopLevelRole: Role] = [:]
    for role in [TopLevelRole.targets, .snapshot, .timestamp] { roles[role] = old[role] }
    roles[.root] = Role(keyIDs: stay.map(\.keyID), threshold: old[.root].threshold)
    let root = Root(
      version: old.version + 1, expires: try #require(UTCTime("2027-12-01T00:00:00Z")),
      keys: old.keys.keys.filter { key in roles.values.contains { $0.keyIDs.contains(key.keyID) } }, roles: roles)
    var envelope = Envelope(signed: root.json)
    for id in signed {
      let key = try #require(script.keptKey(of: id, "root"))
      envelope = envelope.adding(Envelope.Signature(keyID: key.keyID, bytes: Array(repeating: 1, count: 64)))
    }
    return try PendingBefore(
      script, after: FileBeside(name: name, bytes: bytes), twin: isTwin ? bytes : nil, waiting: envelope.serialized(),
      head: SHA256Digest(of: Array("a ceremony that nobody held".utf8)))
  }

  private static func drafted(_ before: PendingBefore, _ edit: (inout CollectDraft) -> Void = { _ in }) throws
    -> DraftedScript
  {
    var draft = CollectDraft(after: before)
    edit(&draft)
    return try draft.drafted()
  }

  @Test func theShippedScriptIsADraft() throws {
    let file = Self.runbook.appending(path: "collect.yaml")
    let drafted = try Self.drafted(Self.before())
    if ProcessInfo.processInfo.environment["TUF_CEREMONY_WRITE"] != nil { try Data(drafted.bytes).write(to: file) }
    #expect(try Array(Data(contentsOf: file)) == drafted.bytes)
    #expect(drafted.files.map(\.name) == ["1.root.json"])
  }

  @Test func whatStandsInIt() throws {
    let table: [(what: String, drafted: DraftedScript, lines: [String], lacks: [String])] = [
      (
        "two have signed", try Self.drafted(Self.before()),
        [
          "#   - Of the root before: 2 of the 3 signatures", "Not signed yet: Chandra, Dalia, Emeka.",
          "seal: [ada, boris]", "keyholders: [ada, boris, chandra, dalia, emeka]", "absent: pending",
        ], ["do: build", "do: sign"]
      ),
      ("nobody has", try Self.drafted(Self.before(signed: [])), ["seal: [ada, boris, chandra, dalia, emeka]"], []),
      (
        "everybody has",
        try Self.drafted(Self.before(signed: ["ada", "boris", "chandra", "dalia", "emeka"])),
        ["#   - Everybody has signed."], ["absent: pending"]
      ),
      (
        "somebody leaves, and signs for the root before", try Self.drafted(Self.before(leaves: [("boris", .left)])),
        ["keyholders: [ada, chandra, dalia, emeka]", "  boris:\n", "seal: [ada, boris]"], []
      ),
      (
        "on a twin, which lies beside the real root", try Self.drafted(Self.before(isTwin: true)),
        ["file: twin-1.root.json"], ["file: 1.root.json"]
      ),
      (
        "with names",
        try Self.drafted(Self.before()) {
          $0.administrator = "Ann"
          $0.witness = "Will"
          $0.repository = "Example"
          $0.title = "The end"
        }, ["name: Ann", "name: Will", "repository: Example", "title: The end", "nothing that is known to be missing"],
        ["TO BE FILLED IN"]
      ),
    ]
    for (what, drafted, lines, lacks) in table {
      let text = String(decoding: drafted.bytes, as: UTF8.self)
      for line in lines { #expect(text.contains(line), "\(what): \(line)") }
      for line in lacks { #expect(!text.contains(line), "\(what): \(line)") }
      let now = try #require(UTCTime("2026-11-21T00:00:00Z"))
      let rehearsed = drafted.script.lint(.rehearsal, online: [:], at: now).filter { $0.severity == .error }
      #expect(rehearsed == [], "\(what)")
      let real = drafted.script.lint(.real, online: [:], at: now).filter { $0.severity == .error }
      let others = real.filter { !$0.isForRehearsalsOnly }
      #expect(others == [], "\(what)")
      #expect(real.isEmpty == (what == "with names"), "\(what)")
    }
  }
}
