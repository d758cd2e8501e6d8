import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Keys
import Screens
import Testing

@testable import CeremonyEngine

/// Screens in rows, for terminals of any width.
@Suite struct ScreenLayoutTests {
  private static let widths = [40, 53, 80, 100]

  /// What a layout must not lose, whatever it breaks.
  private func letters(_ text: String) -> String { text.filter { !$0.isWhitespace } }

  private func longScreen() -> Screen {
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

  @Test(arguments: widths) func noRowIsLongerThanTheTerminal(width: Int) throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    #expect(room.console.screens.count > 30)
    let layout = ScreenLayout(width: width, isStyled: false)
    for screen in room.console.screens + [longScreen()] {
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
}
