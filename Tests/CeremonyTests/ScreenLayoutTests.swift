import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import Keys
import Screens
import Testing

@testable import CeremonyEngine

/// Screens in rows, for terminals of any width.
@Suite struct ScreenLayoutTests {
  private static let widths = [40, 53, 80, 100]

  /// What a layout must not lose, whatever it breaks.
  private func letters(_ text: String) -> String { text.filter { !$0.isWhitespace } }

  private static func longScreen() -> Screen {
    var screen = Screen(
      step: 12, steps: 63, title: "A title that is longer than a narrow terminal has room for, by far, and more",
      who: "Somebody with a long name, and another")
    let words = String(repeating: "words and more words, ", count: 12)
    let address = "https://example.org/" + String(repeating: "a-very-long-path/", count: 9)
    screen.text = [words, address, "See \(address) and \(address)."]
    screen.say = [words + address]
    screen.facts = [
      Screen.Fact(name: "name", value: words), Screen.Fact(name: address, value: address),
      Screen.Fact(name: "", value: ""),
    ]
    screen.tally = ["root: 2 of 5 signatures, threshold 3", "targets: 1 of 3 signatures, threshold 2", words]
    screen.banners = ["REHEARSAL", words]
    screen.digests = [Screen.Labelled(label: words, digest: SHA256Digest(of: [1]))]
    screen.prompt = Prompt(
      words,
      [Prompt.Answer(token: "next", meaning: words), Prompt.Answer(token: "a-token-of-some-length", meaning: address)],
      unattended: "next")
    return screen
  }

  private static func shortScreen() -> Screen {
    var screen = Screen(step: 12, steps: 63, title: "A title", who: "Somebody")
    screen.banners = ["REHEARSAL"]
    screen.prompt = .compare("Is it the same?", "confirm", "it is")
    return screen
  }

  @Test(arguments: widths) func noRowIsLongerThanTheTerminal(width: Int) throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    #expect(room.console.screens.count > 30)
    let layout = ScreenLayout(width: width, isStyled: false)
    for screen in room.console.screens + [Self.longScreen()] {
      let shown = layout.rows(screen)
      for row in shown.split(separator: "\n") { #expect(row.count <= width, "\(row)") }
      let whole = letters(shown)
      let prompt = screen.prompt.map { [$0.question] + $0.answers.map(\.meaning) } ?? []
      for text in [screen.title] + screen.text + screen.say + screen.tally + screen.facts.map(\.value) + prompt {
        #expect(whole.contains(letters(text)), "\(text)")
      }
    }
  }

  @Test(arguments: [("漢", 2), ("가", 2), ("Ａ", 2), ("🙂", 2), ("é", 1), ("e\u{301}", 1), ("ß", 1), ("—", 1)])
  func aCharacterTakesTheColumnsOfTheTerminal(character: String, columns: Int) {
    var screen = Screen(step: 1, steps: 1, title: "", who: "")
    screen.text = [String(repeating: character, count: 100)]
    let rows = ScreenLayout(width: 40, isStyled: false).rows(screen).split(separator: "\n")
    #expect(rows.map { row in row.count { String($0) == character } }.max() == 40 / columns)
  }

  @Test func aNoteKeepsItsLinesAndTheirIndent() {
    let layout = ScreenLayout(width: 40, isStyled: false)
    #expect(layout.note("") == "\n")
    #expect(layout.note("one\n  → two") == "one\n  → two\n")
    let long = layout.note("  → " + String(repeating: "word ", count: 12) + "end").split(separator: "\n")
    #expect(long.count == 2 && long[0].hasPrefix("  → word") && long[1].hasPrefix("    word"))
  }

  private static let sizes = [(80, 24), (81, 25), (120, 40), (200, 50), (300, 24)]

  @Test(arguments: sizes) func everyPageOfAStageFits(columns: Int, rows: Int) throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let layout = StageLayout(columns: columns, rows: rows, isStyled: false)
    for screen in room.console.screens + [Self.longScreen()] {
      var view = StageView(screen)
      (view.clock, view.seconds, view.head, view.line) = ("12:34:56 UTC", 7384, "0a1b2c3d", "> ")
      view.notes = ["That is not one of the answers. It is not shown and not recorded."]
      var pages: [StageFrame] = []
      repeat {
        view.page = pages.count
        pages.append(layout.frame(view))
      } while pages.last?.isLastPage == false
      for page in pages {
        #expect(page.rows.count == rows)
        for row in page.rows { #expect(row.columns <= columns, "\(row)") }
        #expect(page.rows.last == "> " && page.cursor == (rows - 1, 2))
        #expect(page.rows[rows - 2] == view.notes[0])
        let shown = page.rows.joined(separator: "\n")
        #expect(shown.contains("step \(screen.step) of \(screen.steps)"))
        #expect(shown.contains(screen.banners[0]))
        for board in screen.standing?.boards ?? [] { #expect(shown.contains(board.heading)) }
      }
      guard screen.prompt != nil, screen.standing != nil else { continue }
      let shown = Set(pages.flatMap(\.rows).flatMap { $0.split(separator: " ").map(String.init) })
      let texts = screen.text + screen.say + screen.facts.flatMap { [$0.name, $0.value] }
      for word in texts.flatMap({ $0.split(separator: " ") }) where word.count < 60 {
        // What is said aloud is set apart by marks.
        #expect(!shown.isDisjoint(with: [String(word), "“\(word)", "\(word)”", "“\(word)”"]), "\(word)")
      }
      for digest in screen.digests { #expect(shown.isSuperset(of: digest.digest.words)) }
    }
  }

  /// A terminal of another size shows the page that has the same line, and nothing before it is passed over.
  @Test(arguments: zip(sizes, sizes.dropFirst() + sizes.prefix(1))) func thePageWithAPlaceIsShownInAnySize(
    one: (Int, Int), other: (Int, Int)
  ) throws {
    var screen = Self.shortScreen()
    screen.text = (0..<60).map { "line\($0)" + String(repeating: " word", count: $0 % 40) }
    var view = StageView(screen)
    view.line = "> "
    func words(_ frame: StageFrame) -> [String] {
      frame.rows.flatMap { $0.split(separator: " ").map(String.init) }.filter { $0.hasPrefix("line") }
    }
    let before = StageLayout(columns: one.0, rows: one.1, isStyled: true)
    let after = StageLayout(columns: other.0, rows: other.1, isStyled: false)
    var seen: Set<String> = []
    repeat {
      let frame = before.frame(view)
      var moved = view
      moved.place = frame.place
      let there = after.frame(moved)
      #expect(there.place <= frame.place && (there.isLastPage || there.nextPlace > frame.place))
      // Whatever stands before what is shown there was seen here.
      moved.place = nil
      for page in 0..<there.page {
        moved.page = page
        #expect(seen.isSuperset(of: words(after.frame(moved))))
      }
      // And back to the very page.
      moved.place = frame.place
      #expect(before.frame(moved).rows == frame.rows)
      seen.formUnion(words(frame))
      view.page += 1
      if frame.isLastPage { break }
    } while true
    #expect(seen.count == 60)
  }

  /// The keys of a role stand on the page of their role, and where they are too many one of them at least.
  @Test(arguments: [3, 8, 30]) func noPagePartsAHeadingFromWhatItIsAbout(keys: Int) {
    for lead in 0..<20 {
      var screen = Self.shortScreen()
      screen.facts = (0..<lead).map { Screen.Fact(name: "fact\($0)", value: "is so") }
      screen.facts.append(Screen.Fact(name: "heading", value: "\(keys) keys"))
      screen.facts += (0..<keys).map { Screen.Fact(name: "  key\($0)", value: "of somebody") }
      var view = StageView(screen)
      let layout = StageLayout(columns: 80, rows: 24, isStyled: false)
      repeat {
        let frame = layout.frame(view)
        if let place = frame.rows.firstIndex(where: { $0.contains("heading") }) {
          #expect(frame.rows.count { $0.contains("  key") } >= min(keys, 8) || keys == 30)
          #expect(frame.rows[place + 1].contains("  key0 "))
        }
        view.page += 1
        if frame.isLastPage { break }
      } while true
    }
  }

  @Test(arguments: [(0, "root: 0 of 2"), (2, "root: 2 of 2"), (3, "root: 2 of 2 (3 signed)")])
  func aBoardNeverSaysMoreThanIsNeeded(signed: Int, words: String) {
    let board = Board(role: "root", version: nil, sides: [Board.Side("new", signed: signed, threshold: 2)], people: [])
    #expect(board.heading == words)
  }

  /// Where a digest is read aloud, no other one stands beside it.
  @Test func thereIsOneDigestToCompare() {
    var view = StageView(Self.longScreen())
    (view.head, view.page) = ("0a1b2c3d", .max)
    let layout = StageLayout(columns: 80, rows: 24, isStyled: false)
    #expect(!layout.frame(view).rows.joined().contains("0a1b2c3d"))
    view.screen.digests = []
    #expect(layout.frame(view).rows.joined().contains("head 0a1b2c3d"))
  }

  /// What did not change is not written again, and what is written is one piece that ends where people type.
  @Test func aFrameIsDrawnOverTheOneBefore() {
    let layout = StageLayout(columns: 80, rows: 24, isStyled: false)
    var view = StageView(Self.longScreen())
    (view.clock, view.line) = ("12:34:56 UTC", "> ")
    let first = layout.frame(view)
    #expect(first.drawn(over: nil).contains("\u{1b}[24;1H\u{1b}[K> "))
    #expect(first.drawn(over: first) == "")
    view.clock = "12:34:57 UTC"
    let second = layout.frame(view)
    #expect(second.drawn(over: first) == "\u{1b}[1;1H\u{1b}[K\(second.rows[0])\u{1b}[24;3H")
  }

  @Test(arguments: [(79, 24), (80, 23), (1, 1), (20, 3)]) func aTerminalThatIsTooSmallIsTold(columns: Int, rows: Int) {
    let frame = StageLayout(columns: columns, rows: rows, isStyled: true).frame(StageView(Self.longScreen()))
    #expect(frame.rows.count == rows && frame.rows.allSatisfy { $0.columns <= columns })
    #expect(frame.rows[0].hasPrefix(String("This terminal is too small".prefix(min(columns, 4)))))
  }

  /// A screen that somebody else wrote: numbers that no ceremony has, and words without an end.
  @Test(arguments: [(-1, 35), (35, -1), (0, 0), (1 << 53, 1), (-(1 << 53), 1 << 53)], [0, 1 << 53, -(1 << 53)])
  func aScreenOfNoCeremony(step: (Int, Int), number: Int) {
    var screen = Self.longScreen()
    screen.step = step.0
    screen.steps = step.1
    screen.prompt = Prompt(
      "", [Prompt.Answer(token: String(repeating: "x", count: 400), meaning: "a b")], always: [], unattended: "")
    screen.standing = Standing(
      ceremony: "", section: "", minutes: Standing.Minutes(before: number, all: -number), exceptions: number,
      boards: [
        Board(
          role: "", version: number, sides: [Board.Side("", signed: number, threshold: -number)], people: [])
      ], away: [])
    for (columns, rows) in [(80, 24), (200, 50)] {
      let frame = StageLayout(columns: columns, rows: rows, isStyled: true).frame(StageView(screen))
      #expect(frame.rows.count == rows)
    }
  }

  /// Whoever reads a digest aloud has all of it before them.
  @Test(arguments: 1...3) func aDigestStandsOnOnePage(boards: Int) throws {
    var screen = Screen(step: 33, steps: 35, title: "The head of the transcript", who: "Witness")
    screen.text = ["tail -n1 transcript.jsonl | tr -d '\\n' | sha256sum prints it again, anywhere and any time."]
    let digest = SHA256Digest(of: [1])
    screen.digests = [Screen.Labelled(label: "head", digest: digest)]
    screen.banners = ["REHEARSAL"]
    screen.prompt = .compare("Do they agree?", "confirm", "it was read aloud")
    screen.standing = Standing(
      ceremony: "A ceremony", section: "close", minutes: Standing.Minutes(before: 1, all: 2), exceptions: 0,
      boards: (0..<boards).map {
        Board(role: "role\($0)", version: nil, sides: [Board.Side("new", signed: 0, threshold: 1)], people: [])
      }, away: [])
    var view = StageView(screen)
    view.line = "> "
    let groups = stride(from: 0, to: 64, by: 8).map { String(digest.hex.dropFirst($0).prefix(8)) }
    var whole = 0
    repeat {
      let frame = StageLayout(columns: 80, rows: 24, isStyled: false).frame(view)
      let count = groups.count { group in frame.rows.contains { $0.contains(group) } }
      #expect(count == 0 || count == groups.count, "page \(view.page): \(frame.rows)")
      whole += count == groups.count ? 1 : 0
      view.page += 1
      if view.page == frame.pages { break }
    } while true
    #expect(whole == 1)
  }
}
