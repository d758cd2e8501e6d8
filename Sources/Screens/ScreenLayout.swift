import CeremonyEngine
import Keys

/// Lays a screen out in rows for a terminal. What is recorded is the structure; this may change with every release.
public struct ScreenLayout: Sendable {
  /// Columns.
  public let width: Int
  /// Whether escape sequences for bold and inverse may be written.
  public let isStyled: Bool

  public init(width: Int, isStyled: Bool) {
    self.width = max(40, min(width, 100))
    self.isStyled = isStyled
  }

  /// `[ 12/63] Generate the root key · root: 2 of 5 signatures, threshold 3`.
  public func progress(_ screen: Screen) -> String {
    let number = String(screen.step)
    let padding = String(repeating: " ", count: max(0, String(screen.steps).count - number.count))
    let banner = screen.banners.isEmpty ? "" : screen.banners.joined(separator: ", ") + " "
    let tally = screen.tally.isEmpty ? "" : " · " + screen.tally.joined(separator: " · ")
    return "\(banner)[\(padding)\(number)/\(screen.steps)] \(screen.title)\(tally)"
  }

  /// The whole screen, ending with a newline.
  public func rows(_ screen: Screen) -> String {
    var rows: [String] = ["", String(repeating: "─", count: width)]
    for banner in screen.banners { rows.append(inverse(" \(banner) ")) }
    rows.append("step \(screen.step) of \(screen.steps)" + screen.tally.map { " · \($0)" }.joined())
    rows.append(bold(screen.title) + (screen.who.isEmpty ? "" : "   — \(screen.who)"))
    if !screen.text.isEmpty { rows.append("") }
    for line in screen.text { rows += wrapped(line, indent: "") }
    if !screen.say.isEmpty { rows += ["", "Say aloud:"] }
    for line in screen.say { rows += wrapped("“\(line)”", indent: "  ") }
    if !screen.facts.isEmpty { rows.append("") }
    let column = min(34, screen.facts.map(\.name.count).max() ?? 0)
    for fact in screen.facts {
      rows += wrapped(
        fact.name + String(repeating: " ", count: max(1, column + 2 - fact.name.count)) + fact.value, indent: "  ")
    }
    for digest in screen.digests {
      rows += ["", "  \(digest.label)"] + groups(digest.digest.hex, of: 8, perRow: 4).map { "    " + bold($0) }
      rows += wordRows(digest.digest.words).map { "    \($0)" }
    }
    if let prompt = screen.prompt {
      rows += [""] + wrapped(prompt.question, indent: "")
      for answer in prompt.answers {
        rows.append(
          "  \(bold(answer.token))" + String(repeating: " ", count: max(1, 12 - answer.token.count)) + answer.meaning)
      }
      if let line = prompt.line { rows.append("  (\(line.form))") }
      if !prompt.always.isEmpty { rows += wrapped("also: \(prompt.always.joined(separator: ", "))", indent: "  ") }
    }
    return rows.joined(separator: "\n") + "\n"
  }

  private func wordRows(_ words: [String]) -> [String] {
    stride(from: 0, to: words.count, by: 4).map { start in
      words[start..<min(start + 4, words.count)]
        .map { $0 + String(repeating: " ", count: max(0, 12 - $0.count)) }.joined(separator: " ")
    }
  }

  private func groups(_ text: String, of size: Int, perRow: Int) -> [String] {
    let letters = Array(text)
    let parts = stride(from: 0, to: letters.count, by: size).map { String(letters[$0..<min($0 + size, letters.count)]) }
    return stride(from: 0, to: parts.count, by: perRow).map {
      parts[$0..<min($0 + perRow, parts.count)].joined(separator: " ")
    }
  }

  private func wrapped(_ text: String, indent: String) -> [String] {
    var rows: [String] = []
    var row = indent
    var isFresh = true
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !isFresh, row.count + 1 + word.count > width {
        rows.append(row)
        row = indent + "  "
        isFresh = true
      }
      row += isFresh ? word : " \(word)"
      isFresh = false
    }
    return rows + [row]
  }

  private func bold(_ text: String) -> String { isStyled ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
  private func inverse(_ text: String) -> String { isStyled ? "\u{1b}[1;7m\(text)\u{1b}[0m" : "*** \(text) ***" }
}
