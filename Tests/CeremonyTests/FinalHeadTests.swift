import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import FolderAudit
import Judges
import Keys
import Products
import Report
import Testing
import Transcript

@testable import CeremonyEngine

/// The digest of the very last record: shown, on the pages, and what it binds.
@Suite struct FinalHeadTests {
  private static func lastLine(_ folder: MemoryProducts, _ path: String) throws -> SHA256Digest {
    try #require(try folder.digests(path).last)
  }

  /// - Parameter title: the screen at which it is given up.
  @Test(arguments: [
    (nil, "The final head"), ("Show root", "ABORTED: the final head"),
    ("Boris signs the transcript seal", "Given up: the final head"),
  ])
  func itIsShownWhenEverythingIsOver(title: String?, shown: String) throws {
    let room = Room()
    room.console.answer = { $0.title == title ? Prompt.abort : $0.prompt?.unattended }
    let result = try room.rehearse(Array(try Scripts.first.utf8))
    let folder = try room.products()
    let final = try Self.lastLine(folder, "sealing.jsonl")
    let screen = try #require(room.console.screens.last)
    #expect(screen.title == shown && screen.who == "Witness" && screen.prompt == nil)
    #expect(screen.digests == [Screen.Labelled(label: "final head", digest: final)])
    #expect(result.finalHead == final)
    // It is on no record, for that would change it.
    #expect(!(try room.records(.screen).contains { $0.body["title"] == .string(shown) }))
    #expect(try room.records(.end).count == 1)

    let verdict = Replay(folder, report: Report.page).verdict()
    #expect(verdict.finalHead == final && verdict.head == result.head)
    #expect(!verdict.findings.contains { $0.code == .productChanged })
    let page = String(decoding: try folder.read("report.html"), as: UTF8.self)
    #expect(page.contains(final.words.joined(separator: " ")))
    var byFiles = ReplayVerdict()
    byFiles.judge(folder)
    #expect(byFiles.finalHead == final && byFiles.isClosed)
    let again =
      verdict.agrees && title == nil
      ? try Resumption(room.path, console: QuietConsole(), isUnattended: true).run() : nil
    #expect(again == nil || again?.ceremony.finalHead == final)
  }

  @Test func whereThereIsNone() throws {
    #expect(try MemoryProducts.golden(1).replay().finalHead == nil)
    #expect(try MemoryProducts.golden(2).replay().finalHead != nil)
    var cut = MemoryProducts.firstRehearsal()
    let lines = try #require(cut.files["sealing.jsonl"]).split(separator: 0x0a).dropLast()
    cut.files["sealing.jsonl"] = lines.flatMap { $0 + [0x0a] }
    let verdict = cut.replay()
    #expect(verdict.finalHead == nil && verdict.isClosed && verdict.head != nil)
  }

  /// Whoever has no card can write anew what followed the close: only the final head says so.
  @Test func whatEachHeadBinds() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.room.utf8))
    let sound = try room.products()
    let (head, final) = (try Self.lastLine(sound, "transcript.jsonl"), try Self.lastLine(sound, "sealing.jsonl"))
    func verdict(_ folder: MemoryProducts, _ heard: SHA256Digest?) -> ReplayVerdict {
      Replay(folder, heard: heard).verdict()
    }
    let unbound = "that what followed the close was as it is here"
    for (heard, named, says) in [
      (nil, nil, true), (head, .head, true), (final, .finalHead, false),
    ] as [(SHA256Digest?, ReplayVerdict.NamedHead?, Bool)] {
      let verdict = verdict(sound, heard)
      #expect(verdict.holds && verdict.findings == [] && verdict.namedHead == named)
      #expect(verdict.notProved.contains { $0.hasPrefix(unbound) } == says)
      #expect(verdict.notProved.contains { $0.contains("no head was compared") } == (heard == nil))
      #expect(verdict.proved.contains { $0.contains("is the one that was named") } == (heard != nil))
    }
    var forged = sound
    try forged.rewriteSealing { records in
      for place in records.indices { records[place].edit("at") { _ in "2026-01-01T00:00:00Z" } }
      records[records.count - 1].edit("at") { _ in "2026-01-01T09:00:00Z" }
    }
    // The page names times of the sealing, so it is written anew as well.
    #expect(verdict(forged, head).namedHead == .head && verdict(forged, head).isSound)
    #expect(verdict(forged, final).findings.map(\.code) == [.headDiffers])
    #expect(!verdict(forged, final).isSound)
    #expect(verdict(sound, SHA256Digest(of: [1])).findings.map(\.code) == [.headDiffers])
    var older = try MemoryProducts.golden(3)
    let olderHead = try Self.lastLine(older, "transcript.jsonl")
    #expect(verdict(older, olderHead).namedHead == .head && verdict(older, olderHead).isSound)
    older.files["sealing.jsonl"] = []
    #expect(verdict(older, olderHead).namedHead == .head)
  }

  /// A transcript without a close has no head, whatever its last line hashes to.
  @Test func aTranscriptThatIsNotClosedHasNoHead() throws {
    let room = Room()
    room.console.answer = { screen in
      if screen.title == "Show root" { throw Interruption(reason: "end of input") }
      return screen.prompt?.unattended
    }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try Scripts.first.utf8)) }
    let folder = try room.products()
    let verdict = Replay(folder, heard: try Self.lastLine(folder, "transcript.jsonl")).verdict()
    #expect(verdict.findings.map(\.code) == [.incomplete, .headDiffers])
    #expect(verdict.namedHead == nil && !verdict.isClosed)
    #expect(verdict.knownElsewhere.first?.label == "last line that was read")
  }
}

/// What is named below a verdict.
@Suite struct IncidentTests {
  @Test func exceptionsAbsencesInterruptionsAndWhoLeft() throws {
    let room = Room()
    var isStopped = false
    room.console.answer = { screen in
      if screen.prompt?.question == "Is Ada here to sign?", screen.title == "Sign root" { return "absent" }
      if screen.title == "Verify root" || screen.title == "Close the transcript", !isStopped {
        isStopped = true
        throw Interruption(reason: "SIGTERM")
      }
      return screen.prompt?.unattended
    }
    let script = try ReplacementTests.script(absent: "enrolled")
      .editing("    do: close\n", with: "    do: close\n  - {id: departure, do: departure}\n")
    #expect(throws: Interruption.self) { try room.rehearse(Array(script.utf8)) }
    _ = try Resumption(room.path, console: room.console, isUnattended: true).run()
    let verdict = room.replay()
    #expect(verdict.holds)
    let words = verdict.incidents.all.map { verdict.words(for: $0) }
    // Whoever is absent for a signature has left, and returns for the seal.
    let beginnings = [
      "Ada left (", "exception 1, KEYHOLDER-ABSENT: Ada was absent.", "interrupted: SIGTERM (", "Ada returned (",
    ]
    #expect(words.count == beginnings.count + 5, "\(words.joined(separator: " / "))")
    for (line, beginning) in zip(words, beginnings) { #expect(line.hasPrefix(beginning), "\(line)") }
    #expect(
      words.suffix(5).allSatisfy { $0.contains(" left (step departure, record ") && $0.hasSuffix(" of sealing.jsonl)") }
    )
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    #expect(byFiles.incidents.all.map { byFiles.words(for: $0) } == words)
  }
}
