import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Keys
import Products
import Report
import Testing

/// `report.html` in the products folder: written by the ceremony, and again by its replay.
@Suite struct ReportFileTests {
  private static func replay(_ folder: any ProductsSource) -> ReplayVerdict {
    Replay(folder, report: Report.page).verdict()
  }

  @Test func itIsWrittenSummedAndComesOutAgain() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let folder = try room.products()
    let page = String(decoding: try #require(folder.files["report.html"]), as: UTF8.self)
    let sums = String(decoding: try #require(folder.files["SHA256SUMS"]), as: UTF8.self)
    #expect(sums.contains("\(SHA256Digest(of: Array(page.utf8)).hex)  report.html\n"))
    #expect(page.contains("NOT REPLAYED YET") && page.contains("REHEARSAL") && !page.contains("came out again"))
    let head = try #require(Self.replay(folder).head)
    #expect(page.contains(head.words.joined(separator: " ")))
    #expect(Self.replay(folder).findings == [])
    // One more file comes out again than without the page's writer.
    #expect(Self.replay(folder).products == folder.replay().products + 1)
    var later = folder
    later.files["annex/photo.jpg"] = [1]
    #expect(Self.replay(later).findings == [])
  }

  @Test func aChangedPageIsNamedWithAndWithoutItsSum() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    var changed = try room.products()
    changed.files["report.html"]?[2000] ^= 1
    for isSummed in [false, true] {
      if isSummed { changed.sum() }
      let first = try #require(Self.replay(changed).findings.first)
      #expect(first.code == .productChanged && first.place == "report.html")
    }
    // Without a writer nobody can tell once the sums are written anew: they are not sealed.
    #expect(changed.replay().findings == [])
    changed.files["report.html"] = nil
    changed.sum()
    #expect(changed.replay().findings.map(\.place) == ["report.html"])
    try SecondVerifier.expectAgreement([("no report", changed)], holding: false, "without a report")
  }

  @Test func aPageOfAnotherReleaseIsHeldAgainstItsSumAlone() throws {
    let room = Room()
    let options = LiveCeremony.Options(
      script: Array(try Scripts.first.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
      seed: 1, programVersion: "0.\(EngineVersion.current).999")
    _ = try LiveCeremony(options, console: room.console).run()
    let verdict = Self.replay(room.folder)
    #expect(verdict.findings.map(\.code) == [.reportOtherRelease])
    #expect(verdict.findings.allSatisfy { $0.severity == .warning } && verdict.holds)
  }

  /// What systems leave is named itself, wherever it is, and accuses no other file.
  @Test(arguments: ["metadata/", "", "cards/", "inputs/"])
  func whatSystemsLeaveAccusesNothingElse(place: String) throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let sound = try room.products()
    for name in [".DS_Store", "._1.root.json", "Thumbs.db", "desktop.ini", "1.root.json~", "2.root.json"] {
      for content in [[0, 1], sound.files["metadata/1.root.json"] ?? []] {
        var folder = sound
        folder.files[place + name] = content
        let findings = Self.replay(folder).findings
        #expect(findings.map(\.code) == [.fileUnknown] && findings.map(\.place) == [place + name])
      }
    }
  }

  @Test func aCeremonyThatWasGivenUpHasOne() throws {
    let room = Room()
    room.console.answer = { $0.title == "Show root" ? Prompt.abort : $0.prompt?.unattended }
    try room.rehearse(Array(try Scripts.first.utf8))
    #expect(Self.replay(room.folder).findings.map(\.code) == [.aborted])
    let page = String(decoding: try room.folder.read("report.html"), as: UTF8.self)
    #expect(page.contains("<p class=\"banner\">ABORTED</p>"))
  }

  /// Killed while the last files are written: whatever is missing is written when it goes on.
  @Test(arguments: [["report.html", "SHA256SUMS"], ["SHA256SUMS"], ["seal.dsse.json", "report.html", "SHA256SUMS"]])
  func killedAtTheEnd(missing: [String]) throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let whole = try room.products()
    for path in missing { try FileManager.default.removeItem(atPath: "\(room.path)/\(path)") }
    _ = try Resumption(room.path, console: room.console, isUnattended: true).run()
    #expect(try room.products().files == whole.files)
    #expect(Self.replay(room.folder).findings == [])
  }

  /// A very long ceremony has a page of its beginning, made in little time.
  @Test func aLongCeremonyIsCut() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    var long = try room.products()
    try long.rechain { records in
      let place = try #require(records.firstIndex { $0["kind"] == "answer" })
      var refused = records[place]
      refused["body"] = ["rejected": true]
      records.insert(contentsOf: Array(repeating: refused, count: 22_000), at: place)
    }
    let account = try Self.account(try room.products())
    long.files["sealing.jsonl"] = try room.folder.read("sealing.jsonl")
    let page = String(decoding: try Report.page(account, long), as: UTF8.self)
    #expect(page.contains("the others are in transcript.jsonl and sealing.jsonl") && !page.contains("CHAIN-BROKEN"))
    #expect(try Report.page(account, long) == Array(page.utf8))
    let short = try Report.page(account, try room.products())
    #expect(!String(decoding: short, as: UTF8.self).contains("the others are in"))
  }

  /// What the ceremony says of itself, as the writer hears it in a replay.
  private static func account(_ folder: MemoryProducts) throws -> ReplayVerdict {
    var heard: ReplayVerdict?
    _ = Replay(
      folder,
      report: { account, _ in
        heard = account
        return []
      }
    ).verdict()
    return try #require(heard)
  }
}
