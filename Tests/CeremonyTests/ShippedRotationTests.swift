import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Testing
import Transcript

/// The rotation scripts of Runbook/, each on the twin of the stand-in root beside them.
@Suite(.enabled(if: RecordKind(rawValue: "twin") != nil, "There are no twins in this engine."))
struct ShippedRotationTests {
  @Test func eachIsRehearsedReplayedAndJudged() throws {
    #expect(Package.rotations.count > 5)
    var cases: [(what: String, folder: MemoryProducts)] = []
    // All of them in full; in a run the emergency, which is the longest way, and some others.
    let script = "emergency-rotation.yaml"
    for script in [script] + Sweep.sample(Package.rotations.filter { $0 != script }, oneOf: 3) {
      let room = Room(inMemory: true)
      var options = LiveCeremony.Options(
        script: try Package.script(script), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
        programVersion: ProgramVersion.current)
      let isApart = try Script(options.script).keyholders.contains { $0.enrol != nil }
      if isApart { options.sites = "\(room.path)-sites" }
      defer { options.sites.map { try? FileManager.default.removeItem(atPath: $0) } }
      let result = try LiveCeremony(options, console: room.console).run()
      #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil), "\(script)")
      let verdict = room.replay()
      #expect(verdict.findings.filter { $0.severity == .error } == [], "\(script)")
      // Whoever is not in the room proves nothing.
      let isOneMissing = try String(decoding: Package.script(script), as: UTF8.self).contains("absent: keep")
      #expect(verdict.findings.map(\.code) == (isOneMissing ? [.keptKeyUnproven] : []), "\(script)")
      cases.append((script, try room.products()))
    }
    try SecondVerifier.expectAgreement(cases, holding: true, "of shipped rotations")
  }
}
