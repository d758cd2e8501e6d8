import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import Foundation
import Judges
import Keys
import Products
import Report
import Testing
import UTC

@Suite struct PageTests {
  @Test func aWholeCeremonyIsOnThePage() throws {
    let golden = try Ceremonies.golden
    let report = Report(golden)
    #expect(report.findings == [])
    let html = try report.html()
    #expect(try Report(golden).html() == html)
    guard let page = try ParsedPage(html, "the page of a whole ceremony") else { return }
    #expect(page.problems == [])
    let head = try #require(report.verdict.head)
    for words in [
      "REHEARSAL: nothing that comes out of it is to be trusted",
      "REPLAYED: the ceremony came out again byte for byte.",
      "First rehearsal", "who typed at the keyboard", head.words.joined(separator: " "), "vouched for by",
      "metadata/1.root.json", "2 of 2", "signed this root", "PIN policy always", "There is no earlier root",
      "Nothing is recorded.", "Evidence:", "generate key pair", "There is none.",
      "virtual cards: software, not hardware",
    ] { #expect(page.text.contains(words), "\(words)") }
    for card in report.verdict.facts?.cards ?? [] {
      #expect(page.text.contains("Card \(card.name), firmware"))
    }
    // The verdict comes before everything that it judges.
    let verdict = try #require(page.text.range(of: "REPLAYED"))
    let digests = try #require(page.text.range(of: "SHA-256, and the same"))
    #expect(verdict.lowerBound < digests.lowerBound)
  }

  @Test func theRoomIsOnThePage() throws {
    var scenes = [
      ("Attendance: Ada", "substitute"), ("Attendance: Ada", "<b>Åsa</b>"), ("Show root", "pause"),
      ("Show root", "exception"), ("Exception 1", "witness"), ("Exception 1", "<i>The lamp</i> fell & broke."),
      ("Show root", "leaves"), ("Somebody leaves", "boris"),
    ]
    let products = try Ceremonies.rehearsed([
      ("administrator: Administrator", "administrator: {name: Administrator, initials: AD}"),
      ("witness: Witness", "witness: {name: Witness, initials: WI}"),
      ("do: show\n", "do: show\n    initials: both\n"),
      ("  - id: card-ada\n", "  - {id: bag, do: bag, keyholder: ada, bag: opened}\n  - id: card-ada\n"),
    ]) { screen in
      guard let next = scenes.first, screen.title.hasPrefix(next.0) else { return screen.prompt?.unattended }
      scenes.removeFirst()
      return next.1
    }
    #expect(scenes.isEmpty)
    let report = Report(products)
    #expect(report.verdict.holds)
    guard let page = try ParsedPage(try report.html(), "a page with the room on it") else { return }
    #expect(page.text.contains("Departures, record by record"))
    #expect(page.problems == [])
    for words in [
      "NOTED", "<i>The lamp</i> fell & broke.", "the witness, in their own words", "<b>Åsa</b> in their place",
      "a document, seen by the administrator", "BAG-100", "opened", "Witness, witnessWItyped at one keyboard",
      "Witness, witness", "Paused in step show-root, since 2026-01-01T00:00:", "leaves",
    ] { #expect(page.text.contains(words), "\(words)") }
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\" onmouseover=\"alert(1)", "' autofocus '",
    "&lt;b&gt;", "</title><script>alert(1)</script>", "{{policy}} {{{style}}}", "<!-- ", "]]>",
    // Marks that join with what follows or precedes them into one character.
    "\u{0d4e}<script>alert(1)</script>", "<\u{0301}b>", "\"\u{0301} onclick=\"alert(1)",
  ])
  func markupStaysText(hostile: String) throws {
    let quoted =
      "'" + String(String.UnicodeScalarView(hostile.unicodeScalars.flatMap { $0 == "'" ? [$0, $0] : [$0] }))
      + "'"
    let products = try Ceremonies.rehearsed([
      ("title: First rehearsal", "title: \(quoted)"), ("name: Ada", "name: \(quoted)"),
    ])
    let report = Report(products)
    #expect(report.verdict.holds)
    guard let page = try ParsedPage(try report.html(), "a page full of markup") else { return }
    #expect(page.problems == [])
    // In the title, the heading, and where the keyholder is named.
    let text = Data(page.text.utf8)
    let shown = Data(printable(hostile).utf8)
    let first = try #require(text.range(of: shown))
    #expect(text[first.upperBound...].range(of: shown) != nil)
  }

  @Test func whatCannotBeSeenIsMadeVisible() throws {
    var products = try Ceremonies.golden
    products.files["annex/a\u{202e}b\u{7}.jpg"] = [1]
    guard let page = try ParsedPage(try Report(products).html(), "a page with a hidden mark") else { return }
    #expect(page.problems == [])
    #expect(page.text.contains("annex/a\\u{202e}b\\u{7}.jpg: 1 bytes"))
  }

  @Test func whatWasChangedIsSaidFirst() throws {
    var products = try Ceremonies.golden
    products.files["metadata/1.root.json"]?[0] = 0x20
    let report = Report(products)
    #expect(!report.verdict.holds)
    #expect(report.findings.contains { $0.code == .productChanged })
    guard let page = try ParsedPage(try report.html(), "the page of a changed folder") else { return }
    #expect(page.problems == [])
    for words in [
      "NOT AS RECORDED", "PRODUCT-CHANGED", "Nothing of the whole.", "what the folder says of itself",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
    #expect(!page.text.contains("REPLAYED"))
    #expect(!page.text.contains("came out again byte for byte"))
  }

  /// What a reader must know before anything else stands right below the verdict.
  @Test func whatDidNotGoToPlanStandsBelowTheVerdict() throws {
    var scenes = [
      ("Show root", "exception"), ("Exception 1", "witness"), ("Exception 1", "The lamp fell."),
    ]
    let products = try Ceremonies.rehearsed(
      [("    do: close\n", "    do: close\n  - {id: departure, do: departure}\n")]
    ) { screen in
      guard let next = scenes.first, screen.title.hasPrefix(next.0) else { return screen.prompt?.unattended }
      scenes.removeFirst()
      return next.1
    }
    for html in [try Report(products).html(), try products.read("report.html")] {
      let page = String(decoding: html, as: UTF8.self)
      let incidents = try #require(page.range(of: "Exceptions, absences and interruptions, and who left"))
      #expect(try #require(page.range(of: "<main>")).upperBound < incidents.lowerBound)
      #expect(incidents.upperBound < (try #require(page.range(of: "id=\"elsewhere\""))).lowerBound)
      let first = try #require(page.range(of: "exception 1, "))
      #expect(page[first.lowerBound...].prefix(80).contains("The lamp fell."))
      #expect(page.contains("Administrator, Witness, Ada, Boris left (step departure, records "))
    }
    let quiet = String(decoding: try Report(try Ceremonies.rehearsed([])).html(), as: UTF8.self)
    #expect(quiet.contains("No exception, absence or interruption is recorded</h2>"))
  }

  @Test func anEmptyFolderHasAPage() throws {
    var products = try Ceremonies.golden
    products.files = [:]
    guard let page = try ParsedPage(try Report(products).html(), "the page of an empty folder") else {
      return
    }
    #expect(page.problems == [])
    for words in [
      "A ceremony whose script cannot be read", "NOT COMPLETE", "FILE-REFUSED", "No card came into a reader",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
  }

  @Test func aCeremonyThatWasGivenUpSaysSo() throws {
    var asked = 0
    let products = try Ceremonies.rehearsed([]) { screen in
      asked += 1
      return asked == 5 ? "abort" : screen.prompt?.unattended
    }
    let report = Report(products)
    #expect(report.findings.map(\.code) == [.aborted])
    guard let page = try ParsedPage(try report.html(), "the page of an aborted ceremony") else { return }
    #expect(page.problems == [])
    for words in ["ABORTED", "No root was written.", "nobody: it was not closed as complete"] {
      #expect(page.text.contains(words), "\(words)")
    }
  }

  @Test func whoeverStoodInForTheWitnessIsInTheSummary() throws {
    var scenes = [("Attendance: Witness", "substitute"), ("Attendance: Witness", "Åsa")]
    let products = try Ceremonies.rehearsed([]) { screen in
      guard let next = scenes.first, screen.title.hasPrefix(next.0) else { return screen.prompt?.unattended }
      scenes.removeFirst()
      return next.1
    }
    #expect(scenes.isEmpty)
    guard let page = try ParsedPage(try Report(products).html(), "a page with a substitute") else { return }
    #expect(page.text.contains("Witness; Åsa in their place"))
    #expect(!page.text.contains("Administrator; "))
  }

  @Test func aCeremonyThatNobodySealedSaysSo() throws {
    let products = try Ceremonies.rehearsed([]) { screen in
      screen.title == "Ada signs the transcript seal" ? "abort" : screen.prompt?.unattended
    }
    // On the page that the ceremony wrote itself, too.
    for html in [try Report(products).html(), try products.read("report.html")] {
      guard let page = try ParsedPage(html, "a page of a ceremony that nobody sealed") else { return }
      #expect(page.problems == [])
      #expect(page.text.contains("0 root keys; the script asks for 2, the root's threshold is 2: NOT SEALED"))
      for words in ["NOT SEALED", "SEAL-MISSING", "no root key sealed it"] {
        #expect(page.text.contains(words), "\(words)")
      }
    }
    let page = try ParsedPage(try Report(products).html(), "that it came out again")
    #expect(page.map { $0.text.contains("NOT SEALED: it came out again") } ?? true)
    #expect(page.map { !$0.text.contains("what the folder says of itself") } ?? true)
  }

  /// What only re-execution tells is not said to have been nothing.
  @Test func aFolderOfAnotherEngineHasNoRoom() throws {
    let folder = GoldenCeremony.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "engine-2/first-rehearsal")
    let report = Report(try MemoryProducts(ProductsFolder(opening: folder.path())))
    guard let page = try ParsedPage(try report.html(), "a page of another engine") else { return }
    #expect(page.problems == [])
    #expect(page.text.contains("The ceremony was not held again for this page"))
    #expect(!page.text.contains("There was none.") && !page.text.contains("Nobody’s attendance is recorded."))
  }

  @Test func anEarlierRootIsCompared() throws {
    var products = try Ceremonies.golden
    let root = try #require(products.files["metadata/1.root.json"])
    let text = String(decoding: root, as: UTF8.self)
    products.files["inputs/0.root.json"] = root
    products.files["metadata/1.root.json"] = try Array(
      text.editing("\"version\": 1", with: "\"version\": 2").editing(
        "\"threshold\": 2",
        with: "\"threshold\": 1"
      ).utf8
    )
    guard let page = try ParsedPage(try Report(products).html(), "the page of two roots") else { return }
    #expect(page.problems == [])
    #expect(page.text.contains("Changes since inputs/0.root.json"))
    #expect(page.text.contains("root: the threshold goes from 2 to 1"))
    #expect(page.text.contains("signed.version goes from 1 to 2"))
  }

  @Test func theAnnexIsListedWithItsDigest() throws {
    var products = try Ceremonies.golden
    products.files["annex/bag.jpg"] = [1, 2, 3]
    let report = Report(products)
    #expect(report.findings == [])
    guard let page = try ParsedPage(try report.html(), "the page with an annex") else { return }
    #expect(page.text.contains("annex/bag.jpg: 3 bytes, SHA-256 \(SHA256Digest(of: [1, 2, 3]).hex)"))
  }

  @Test func everyRecordedScreenIsRead() throws {
    let screens = try Ceremonies.golden.files["transcript.jsonl"].map { bytes in
      try bytes.split(separator: 0x0a).map { try JSONValue(parsing: Array($0)) }.filter {
        $0["kind"] == "screen"
      }
    }
    #expect((screens?.count ?? 0) > 20)
    for screen in screens ?? [] {
      let body = try #require(screen["body"]?.object)
      #expect(Screen(body) != nil)
      var changed = body
      changed["unheard"] = "of"
      #expect(Screen(changed) == nil)
    }
  }
}

@Suite struct VideoTests {
  private static let starts = UTCTime("2025-12-31T23:58:30Z") ?? .epoch

  @Test(arguments: [
    ("https://www.youtube.com/watch?v=abc", "https://www.youtube.com/watch?v=abc&t=90s"),
    ("https://youtu.be/abc", "https://youtu.be/abc?t=90s"),
    ("HTTPS://example.org/stream.webm", "HTTPS://example.org/stream.webm#t=90"),
    ("http://youtube.com.example.org/a", "http://youtube.com.example.org/a#t=90"),
  ])
  func eachStepLinksToItsSecond(address: String, link: String) throws {
    let video = try #require(Video(address: address, starts: Self.starts))
    guard
      let page = try ParsedPage(
        try Report(try Ceremonies.golden, video: video).html(),
        "a page with links to a video"
      )
    else { return }
    #expect(page.problems == [])
    #expect(page.links.contains(link))
    #expect(page.text.contains("video at 0:01:30"))
  }

  @Test func aStepBeforeTheRecordingHasNoLink() throws {
    let tooLate = try #require(UTCTime("2030-01-01T00:00:00Z"))
    let late = try #require(Video(address: "https://example.org/v", starts: tooLate))
    guard
      let page = try ParsedPage(
        try Report(try Ceremonies.golden, video: late).html(),
        "a page without links to a video"
      )
    else { return }
    #expect(!page.links.contains { $0.hasPrefix("http") })
  }

  @Test(arguments: [
    "javascript:alert(1)", "data:text/html,x", "//example.org/v", "https://", "https://a b", "https://a\"b",
    "https://a<b",
    "https://a#b", "https://user@example.org/", "ftp://example.org", " https://example.org",
    "https://exämple.org", "",
  ])
  func otherAddressesAreRefused(address: String) {
    #expect(Video(address: address, starts: Self.starts) == nil)
  }
}
