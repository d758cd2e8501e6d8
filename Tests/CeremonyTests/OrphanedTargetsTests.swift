import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyScript
import Findings
import Foundation
import Judges
import Products
import Testing
import Transcript

/// A root after which clients refuse the targets metadata that they have: it is signed again, or the script says why not.
@Suite struct OrphanedTargetsTests {
  private static let why = "The service signs it within the hour."

  /// Boris gives his part in targets to Dora, and nothing of targets is built.
  private static func orphaning(_ script: String, stating orphaned: String? = why) throws -> String {
    let keys = try #require(
      script.firstMatch(
        of: /boris: \{name: Boris, card: record, key: (\{root: ("[0-9a-f]+"), targets: ("[0-9a-f]+")\})/))
    let steps = script.replacing(/(?m)^  - \{id: [a-z]+-targets.*\n/, with: "")
    return
      try steps
      .editing(String(keys.output.1), with: String(keys.output.2))
      .editing(
        "chandra: {reason: left}\n",
        with: "chandra: {reason: left}\n  \(keys.output.3): {reason: routine, name: Boris}\n"
      )
      .editing("keyholders: [ada, boris], algorithm", with: "keyholders: [ada, dora], algorithm")
      .replacing(#/  metadata: .*\n/#, with: orphaned.map { "  orphaned: {targets: \($0)}\n" } ?? "")
  }

  @Test func theWordsAreOnTheScreenInTheReportAndInBothVerdicts() throws {
    let (_, room) = try RotationScripts.hold(edit: { try Self.orphaning($0) })
    let line = "Clients refuse the targets metadata that they have, and it is not signed again here: \(Self.why)"
    #expect(try #require(room.console.screens.first { $0.title == "Show root" }).text.contains(line))
    #expect(String(decoding: try room.folder.read("report.html"), as: UTF8.self).contains(Self.why))
    #expect(try room.records(.finding).contains { $0.body["code"]?.string == Finding.Code.targetsOrphaned.rawValue })
    let verdict = room.replay()
    #expect(verdict.holds && verdict.facts?.rotation?.changes.contains(line) == true, "\(verdict.findings)")
    let folder = try room.products()
    try SecondVerifier.expectAgreement([("orphaned", folder)], holding: true, "whose targets nobody signs again")
    let second = try SecondVerifier.verdicts(on: [folder], "whose targets nobody signs again")
    #expect(second?.allSatisfy { $0.text.contains("warning TARGETS-ORPHANED") && $0.text.contains(Self.why) } != false)
  }

  @Test func whatIsNotStatedOrNotSoIsRefused() throws {
    for (code, edit): (Finding.Code, (String) throws -> String) in [
      (.targetsOrphaned, { try Self.orphaning($0, stating: nil) }),
      (.targetsNotOrphaned, { try $0.editing("  metadata: ", with: "  orphaned: {targets: Later.}\n  metadata: ") }),
    ] {
      let error = #expect(throws: Finding.self) { try RotationScripts.hold(edit: edit) }
      #expect(error?.code == code, "\(error?.what ?? "")")
    }
  }
}
