import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import Report
import Testing
import VirtualCard

/// The form, filled in from a folder: it says what the transcript and the report say.
@Suite struct FilledPaperTests {
  private static func filled(_ products: MemoryProducts) throws -> Paper {
    try Paper(try products.read("script.yaml"), filledFrom: products)
  }

  @Test func itAgreesWithTranscriptAndReport() throws {
    var scenes = [
      ("Attendance: Ada", "substitute"), ("Attendance: Ada", "Åsa"), ("Show root", "exception"),
      ("Exception 1", "witness"), ("Exception 1", "<i>The lamp</i> fell & broke."), ("Show root", "exception"),
      ("Exception 2", "administrator"), ("Exception 2", "It was put back."), ("Close the transcript", "exception"),
      ("Exception 3", "administrator"), ("Exception 3", "A door was heard."),
    ]
    let products = try Ceremonies.rehearsed(
      [
        ("administrator: Administrator", "administrator: {name: Administrator, initials: AD}"),
        ("witness: Witness", "witness: {name: Witness, initials: WI, card: record}"),
        ("do: show\n", "do: show\n    initials: both\n"), ("do: verify\n", "do: verify\n    initials: both\n"),
        (
          "  - id: card-ada\n",
          "  - {id: bag, do: bag, keyholder: ada, bag: opened}\n  - {id: time, do: time}\n"
            + "  - {id: card-witness, do: provision, keyholder: witness}\n  - id: card-ada\n"
        ),
      ], clock: SteppingClock()
    ) { screen in
      guard let next = scenes.first, screen.title.hasPrefix(next.0) else { return screen.prompt?.unattended }
      scenes.removeFirst()
      return next.1
    }
    #expect(scenes.isEmpty)
    let paper = try Self.filled(products)
    #expect(paper.findings == [])
    let page = try paper.rendered(as: .html)
    let plan = Plan(try Script(try products.read("script.yaml")))
    guard let (found, compared) = try ParsedForm.disagreements(page, products),
      let form = try ParsedForm(page, .html, "a filled form")
    else { return }
    #expect(found == [])
    #expect(compared["times"] == Int64(plan.steps.count))
    #expect(compared["initials"] == 4)
    #expect(compared["exceptions"] == 3)
    // Three new keys a proof, two keyholders the root, the witness twice the initials, all three the seal.
    #expect(compared["signatures"] == 10)
    let head = SHA256Digest(of: Array(try products.read("transcript.jsonl").split(separator: 10).last ?? []))
    for words in [
      "REHEARSAL: nothing", "REPLAYED: the ceremony came out again",
      "\(plan.steps.count) of \(plan.steps.count) steps began.",
      "Åsa in their place", "BAG-100", "2026-02-02T12:0", "<i>The lamp</i> fell & broke.", "Serial 20000001",
      "witness: a card for initials",
      head.words.joined(separator: " "), SHA256Digest(of: try products.read("SHA256SUMS")).words.joined(separator: " "),
    ] { #expect(form.text.contains(words), "\(words)") }
    // Numbers, people, ids, titles and sayings are those of the empty form.
    let blank = try Paper(try products.read("script.yaml"), for: [.rehearsal]).rendered(as: .html)
    guard let empty = try ParsedForm(blank, .html, "an empty form") else { return }
    func spoken(_ form: ParsedForm) -> [[String]] {
      form.rows.map { row in
        Array(row.cells[..<2]) + [row.cells[2].replacing(/took \d* ?min$/, with: ""), row.cells[3]]
      }
    }
    #expect(spoken(empty) == spoken(form))
    // The same in Markdown.
    guard let markdown = try ParsedForm(try paper.rendered(as: .md), .md, "a filled form in Markdown") else { return }
    #expect(markdown.rows.map { Array($0.cells[4...]) } == form.rows.map { Array($0.cells[4...]) })
    #expect(markdown.text.contains(head.words.joined(separator: " ")))
  }

  @Test func aCardThatGaveWayHasItsStepsTwice() throws {
    let products = try Ceremonies.rehearsed(
      [("    card: record\n  boris:", "    card: record\n    spares: [91]\n  boris:")], clock: SteppingClock(),
      answer: { screen in screen.prompt?.takes("replace") == true ? "replace" : screen.prompt?.unattended },
      prepare: { cardSource in for place in 60..<460 { cardSource.cards["ada"]?.inject(.timeout, at: place) } })
    let page = try Self.filled(products).rendered(as: .html)
    guard let (found, compared) = try ParsedForm.disagreements(page, products),
      let form = try ParsedForm(page, .html, "a form of a card that gave way")
    else { return }
    #expect(found == [])
    #expect(try #require(compared["times"]) > Int64(form.rows.count))
    #expect(compared["exceptions"] == 1)
    let identified = try #require(form.rows.first { $0.cells[2].contains("card-ada/identify") })
    #expect(identified.below == "Serial 20000001Serial 91")
    #expect(identified.cells[4].split(separator: " ").count == 2)
  }

  @Test func theJudgeSeesADifference() throws {
    let products = try Ceremonies.golden
    let page = String(decoding: try Self.filled(products).rendered(as: .html), as: UTF8.self)
    let time = "<td><span class=\"time\">2026-01-01T<wbr>00:00:00Z</span> </td>"
    let place = try #require(page.range(of: time))
    let other = page.replacingCharacters(in: place, with: time.replacing("00:00:00Z", with: "00:00:01Z"))
    guard let (found, _) = try ParsedForm.disagreements(Array(other.utf8), products) else { return }
    #expect(found == ["1 welcome: the times", "1 welcome: the end"])
  }

  @Test func aChangedByteIsRefused() throws {
    let golden = try Ceremonies.golden
    for (name, text, code) in [
      ("transcript.jsonl", "What the cards", "DIVERGENCE"), ("sealing.jsonl", "Read the words", "DIVERGENCE"),
      ("metadata/1.root.json", "signatures", "PRODUCT-CHANGED"), ("SHA256SUMS", "  cards", "PRODUCT-CHANGED"),
    ] {
      var products = golden
      let content = String(decoding: try #require(golden.files[name]), as: UTF8.self)
      let place = content.utf8.distance(
        from: content.startIndex, to: try #require(content.range(of: text)).lowerBound)
      products.files[name]?[place] ^= 1
      let finding = #expect(throws: Finding.self, "\(name)") { try Self.filled(products) }
      #expect(finding?.code.description == code, "\(name)")
    }
    var torn = golden
    torn.files["transcript.jsonl"]?.removeLast(2000)
    torn.files["sealing.jsonl"] = nil
    let finding = #expect(throws: Finding.self) { try Self.filled(torn) }
    #expect(finding?.code.description == "TRANSCRIPT-TORN")
    #expect(throws: Never.self) { try Self.filled(golden) }
  }

  @Test func anotherScriptIsRefused() throws {
    let golden = try Ceremonies.golden
    let script = try golden.read("script.yaml")
    for other in [script + [0x0a], try Ceremonies.script("pep458-genesis")] {
      let finding = #expect(throws: Finding.self) { try Paper(other, filledFrom: golden) }
      #expect(finding?.code == .scriptChanged)
    }
    // Also where the folder was changed to match.
    var changed = golden
    changed.files["script.yaml"] = script + [0x0a]
    #expect(throws: Finding.self) { try Paper(script + [0x0a], filledFrom: changed) }
  }

  @Test func whatDidNotEndSaysSoFirst() throws {
    var asked = 0
    let aborted = try Ceremonies.rehearsed([]) { screen in
      asked += 1
      return asked == 5 ? "abort" : screen.prompt?.unattended
    }
    var interrupted = try Ceremonies.golden
    let lines = try interrupted.read("transcript.jsonl").split(separator: 10, omittingEmptySubsequences: false)
    interrupted.files["transcript.jsonl"] = Array(lines[..<300].joined(separator: [10])) + [10]
    interrupted.files["sealing.jsonl"] = nil
    for (products, banner, words, code) in [
      (aborted, "ABORTED", "The ceremony was given up.", Finding.Code.aborted),
      (interrupted, "NOT COMPLETE", "transcript.jsonl ends after record 299", .incomplete),
    ] {
      let paper = try Self.filled(products)
      #expect(paper.findings.map(\.code) == [code])
      guard let form = try ParsedForm(try paper.rendered(as: .html), .html, "a form of \(banner)") else { return }
      let began = try Set(Self.steps(products)).subtracting([""]).count
      #expect(began > 1 && began < form.rows.count)
      #expect(form.text.contains(" \(banner) Filled in from the transcript. \(words)"))
      #expect(form.text.contains("\(began) of \(form.rows.count) steps began. The rows without a time never did."))
      #expect(form.rows.prefix(began - 1).allSatisfy { $0.cells[5].hasSuffix("Z") })
      #expect(form.rows[began - 1].cells[5] == "not ended")
      #expect(form.rows[began...].allSatisfy { Array($0.cells[4...]) == ["", "", "", "", ""] })
    }
  }

  @Test func whatWasNeverSealedSaysSoFirst() throws {
    let products = try Ceremonies.rehearsed([]) { screen in
      screen.title == "Ada signs the transcript seal" ? "abort" : screen.prompt?.unattended
    }
    let paper = try Self.filled(products)
    #expect(paper.findings.map(\.code) == [.sealMissing, .sealingGivenUp])
    guard let form = try ParsedForm(try paper.rendered(as: .html), .html, "a form that nobody sealed") else { return }
    #expect(form.text.contains(" NOT SEALED Filled in from the transcript. No root key signed the transcript seal"))
  }

  /// The step of each record of the transcript.
  private static func steps(_ products: MemoryProducts) throws -> [String] {
    try products.read("transcript.jsonl").split(separator: 10).map { line in
      try #require(try JSONValue(parsing: Array(line))["step"]?.string)
    }
  }

  @Test func aFolderOfAnotherEngineVersion() throws {
    let folder = GoldenCeremony.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "engine-1/first-rehearsal")
    let products = try MemoryProducts(ProductsFolder(opening: folder.path()))
    let paper = try Self.filled(products)
    #expect(paper.findings.map(\.code) == [.engineVersion])
    guard let form = try ParsedForm(try paper.rendered(as: .html), .html, "a form of another engine") else { return }
    #expect(form.text.contains("VERIFIED, NOT RE-EXECUTED"))
    #expect(form.rows.allSatisfy { $0.cells[5].hasSuffix("Z") })
  }
}
