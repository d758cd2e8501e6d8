import CeremonyRecords
import Findings
import Keys
import Terminal

/// Lays a screen out in rows for a terminal. What is recorded is the structure; this may change with every release.
package struct ScreenLayout: Sendable {
  /// Columns.
  package let width: Int
  /// Whether escape sequences for bold and inverse may be written.
  package let isStyled: Bool

  package init(width: Int, isStyled: Bool) {
    self.width = max(40, min(width, 100))
    self.isStyled = isStyled
  }

  /// `[ 12/63] Generate the root key · root: 2 of 5 signatures, threshold 3`.
  package func progress(_ screen: Screen) -> String {
    let number = String(screen.step)
    let padding = String(repeating: " ", count: max(0, String(screen.steps).count - number.count))
    let banner = screen.banners.isEmpty ? "" : screen.banners.joined(separator: ", ") + " "
    let standing = screen.standingInWords
    let tally = standing.isEmpty ? "" : " · " + standing.joined(separator: " · ")
    return "\(banner)[\(padding)\(number)/\(screen.steps)] \(screen.title)\(tally)"
  }

  /// The whole screen, ending with a newline.
  package func rows(_ screen: Screen) -> String {
    var rows: [String] = ["", String(repeating: "─", count: width)]
    // Room for the spaces, and for the stars where there is no inverse.
    for banner in screen.banners { rows += wrapped(banner, width: width - 10).map { inverse(" \($0) ") } }
    rows += wrapped("step \(screen.step) of \(screen.steps)" + screen.standingInWords.map { " · \($0)" }.joined())
    let who = screen.who.isEmpty ? "" : "   — \(screen.who)"
    if screen.title.columns + who.columns <= width {
      rows.append(bold(screen.title) + who)
    } else {
      rows += wrapped(screen.title).map(bold) + (who.isEmpty ? [] : wrapped("— \(screen.who)", indent: "  "))
    }
    if !screen.text.isEmpty { rows.append("") }
    for line in screen.text { rows += wrapped(line) }
    if !screen.say.isEmpty { rows += ["", "Say aloud:"] }
    for line in screen.say { rows += wrapped("“\(line)”", indent: "  ") }
    if !screen.facts.isEmpty { rows.append("") }
    let column = min(34, screen.facts.map(\.name.columns).max() ?? 0)
    for fact in screen.facts { rows += wrapped(fact.name.padded(to: column + 1) + " " + fact.value, indent: "  ") }
    for digest in screen.digests {
      rows +=
        [""] + wrapped(digest.label, indent: "  ")
        + groups(digest.digest.hex, of: 8, perRow: 4).map { "    " + bold($0) }
      rows += wordRows(digest.digest.words).map { "    \($0)" }
    }
    if let prompt = screen.prompt {
      rows += [""] + wrapped(prompt.question)
      let column = max(12, (prompt.answers.map(\.token.columns).max() ?? 0) + 2)
      for answer in prompt.answers { rows += answerRows(answer, column) }
      if let line = prompt.line { rows += wrapped("(\(line.form))", indent: "  ") }
      if !prompt.always.isEmpty { rows += wrapped("also: \(prompt.always.joined(separator: ", "))", indent: "  ") }
    }
    return rows.joined(separator: "\n") + "\n"
  }

  /// The meaning beside the token, or below it where there is no room.
  private func answerRows(_ answer: Prompt.Answer, _ column: Int) -> [String] {
    let token = "  " + bold(answer.token)
    guard width - 2 - column >= 20 else { return [token] + wrapped(answer.meaning, indent: "      ", continued: "") }
    let meaning = wrapped(answer.meaning, width: width - 2 - column, continued: "")
    let space = String(repeating: " ", count: column - answer.token.columns)
    return [token + space + meaning[0]] + meaning.dropFirst().map { String(repeating: " ", count: 2 + column) + $0 }
  }

  private func wordRows(_ words: [String]) -> [String] {
    let perRow = width < 56 ? 2 : 4
    return stride(from: 0, to: words.count, by: perRow).map { start in
      words[start..<min(start + perRow, words.count)]
        .map { $0.padded(to: 12) }.joined(separator: " ")
    }
  }

  private func groups(_ text: String, of size: Int, perRow: Int) -> [String] {
    let letters = Array(text)
    let parts = stride(from: 0, to: letters.count, by: size).map { String(letters[$0..<min($0 + size, letters.count)]) }
    return stride(from: 0, to: parts.count, by: perRow).map {
      parts[$0..<min($0 + perRow, parts.count)].joined(separator: " ")
    }
  }

  /// A text between screens, ending with a newline; its lines are wrapped under their own indent.
  package func note(_ text: String) -> String { TextFlow(width: width).note(text) }

  private func wrapped(
    _ text: String, indent: String = "", width: Int? = nil, continued: String = "  "
  ) -> [String] {
    TextFlow(width: width ?? self.width).rows(text, indent: indent, continued: continued)
  }

  private var style: TextStyle { TextStyle(isStyled: isStyled) }
  private func bold(_ text: String) -> String { style.bold(text) }
  private func inverse(_ text: String) -> String { style.inverse(text) }
}
