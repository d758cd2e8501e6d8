import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyScript
import Findings
import Foundation
import Keys
import Products
import Report
import Testing
import ThisProgram
import Transcript

/// Whole ceremonies through the one loop, with journal, ports and cards in memory: no file is written.
@Suite struct WholeCeremonyTests {
  private static func hold(
    _ script: [UInt8], toolchain: String? = nil,
    _ answer: @escaping (Screen) -> String? = { $0.prompt?.unattended }
  ) throws -> (outcome: Outcome, folder: MemoryFolder, journal: MemoryJournal, ports: MemoryPorts) {
    let folder = MemoryFolder(["script.yaml": script])
    let ports = MemoryPorts(folder, MemoryCards(try Script(script)), at: Film.time)
    ports.answer = answer
    let journal = MemoryJournal(folder, at: Film.time)
    let loop = CeremonyLoop(journal: journal, ports: ports)
    var engine = try loop.begin(script: script) {
      CeremonyConfiguration(
        program: ProgramFacts(version: ProgramVersion.current, executable: .zero, toolchain: toolchain),
        script: SHA256Digest(of: script),
        isRehearsal: true, isUnattended: true, cards: .virtual, secrets: .made, seed: 1, sacrifice: [], host: [],
        after: nil, verifiers: ShippedVerifier.contents.map { VerifierFile($0.name, $0.bytes) })
    }
    return (try loop.run(&engine), folder, journal, ports)
  }

  private static func script(_ name: String) throws -> [UInt8] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return Array(try Data(contentsOf: root.appending(path: "Runbook/\(name)")))
  }

  @Test func aWholeCeremonyWithoutAFile() throws {
    let held = try Self.hold(try Self.script("first-rehearsal.yaml"))
    #expect(held.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    #expect(held.journal.kinds.first == .begin)
    #expect(held.journal.kinds.last == .end)
    #expect(held.folder.files["metadata/1.root.json"] != nil)
    let verdict = Replay(held.folder, report: Report.page).verdict()
    #expect(verdict.findings == [])
    #expect(verdict.finalHead == held.journal.last.digest)
  }

  /// Whatever a first record says of its program is shown.
  @Test(arguments: [
    ("", ""), (" (", " ("), ("Swift 6.3", "Swift 6.3"),
    ("Swift 6.3, Clang 21 (https://example.org 1a)", "Swift 6.3, Clang 21"),
  ]) func theToolchainAsItIsShown(toolchain: String, shown: String) throws {
    var seen: String?
    _ = try Self.hold(try Self.script("first-rehearsal.yaml"), toolchain: toolchain) { screen in
      seen = seen ?? screen.facts.first { $0.name == "toolchain" }?.value
      return screen.title == "Show root" || screen.title.hasPrefix("Give the") ? "abort" : screen.prompt?.unattended
    }
    #expect(seen == shown)
  }

  @Test func oneThatIsGivenUp() throws {
    let held = try Self.hold(try Self.script("first-rehearsal.yaml")) { screen in
      screen.title == "Show root" || screen.title.hasPrefix("Give the") ? "abort" : screen.prompt?.unattended
    }
    #expect(held.outcome == Outcome(ending: .aborted, status: .aborted, finding: nil))
    #expect(Replay(held.folder, report: Report.page).verdict().findings.map(\.code) == [.aborted])
  }

  /// What a replay reads is what was recorded: a record that is left out is noticed.
  @Test func aRecordThatIsMissing() throws {
    let held = try Self.hold(try Self.script("first-rehearsal.yaml"))
    var files = held.folder.files
    let lines = try #require(files[RecordFile.transcript.name]).split(separator: 0x0a)
    files[RecordFile.transcript.name] = Array(lines.dropLast().joined(separator: [0x0a])) + [0x0a]
    #expect(!Replay(MemoryFolder(files)).verdict().holds)
  }
}
