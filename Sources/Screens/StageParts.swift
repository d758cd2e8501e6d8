import CeremonyRecords
import Findings
import Keys
import Terminal

/// The parts of a stage, as rows of so many columns.
struct StageParts {
  let columns: Int
  let style: TextStyle

  init(columns: Int, isStyled: Bool) {
    self.columns = columns
    style = TextStyle(isStyled: isStyled)
  }

  struct Row {
    let text: String
    let start: Start

    enum Start {
      /// Something new begins here: a page may.
      case whole
      /// A part of what began before: a page begins here only where the whole does not fit.
      case part
      /// In the middle of a sentence or a digest, or right below a heading.
      case none
    }
  }

  /// Nobody reads longer rows.
  private var textWidth: Int { min(columns, 120) }

  private func wrapped(_ text: String, indent: String = "", continued: String = "  ", width: Int? = nil) -> [String] {
    TextFlow(width: width ?? textWidth, mark: "\\").rows(text, indent: indent, continued: continued)
  }

  /// As much of a line as a row holds; a line that is typed on is never longer.
  func cut(_ line: String) -> String {
    guard line.columns >= columns else { return line }
    return wrapped(line, width: columns - 1)[0]
  }

  // MARK: - Above

  /// What ceremony this is, whether it is real, which step, and how long still.
  func header(_ view: StageView) -> [String] {
    let screen = view.screen
    var rows = banners(screen.banners, beside: view.clock)
    if !view.title.isEmpty { rows += wrapped(view.title, width: columns).map(style.bold) }
    var place = "step \(screen.step) of \(screen.steps)"
    if let section = screen.standing?.section, !section.isEmpty { place += " · \(section)" }
    return rows + beside(place, time(view)) + [String(repeating: "─", count: columns)]
  }

  private func banners(_ recorded: [String], beside clock: String) -> [String] {
    let names = recorded.contains("REHEARSAL") ? recorded : ["REAL CEREMONY"] + recorded
    var rows = [""]
    var used = 0
    var room = columns - clock.columns - 2
    // The clock stands at the end of the first row.
    func endFirst() { rows[0] += String(repeating: " ", count: max(0, columns - clock.columns - used)) + clock }
    for name in names {
      for part in wrapped(name, continued: "", width: room - 2 - style.inverseColumns) {
        let length = part.columns + 2 + style.inverseColumns
        if used > 0, used + 1 + length > room {
          if rows.count == 1 { endFirst() }
          rows.append("")
          (used, room) = (0, columns)
        }
        rows[rows.count - 1] += (used > 0 ? " " : "") + style.inverse(" \(part) ")
        used += (used > 0 ? 1 : 0) + length
      }
    }
    if rows.count == 1 { endFirst() }
    return rows
  }

  private func time(_ view: StageView) -> String {
    var parts: [String] = []
    if let seconds = view.seconds {
      let minutes = seconds / 60
      parts.append("\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60) h so far")
    }
    if let minutes = view.screen.standing?.minutes {
      parts.append("about \(max(0, minutes.all - minutes.before)) min left of \(minutes.all)")
    }
    return parts.joined(separator: " · ")
  }

  /// One row with both, or two.
  private func beside(_ left: String, _ right: String) -> [String] {
    guard !right.isEmpty else { return wrapped(left, width: columns) }
    guard left.columns + 2 + right.columns <= columns else {
      return wrapped(left, width: columns) + wrapped(right, width: columns)
    }
    return [left.padded(to: columns - right.columns) + right]
  }

  // MARK: - The middle

  /// What this is and who acts, on every page.
  ///
  /// - Parameter page: which one of several, in words.
  func title(of screen: Screen, page: String = "") -> [String] {
    let who = (screen.who.isEmpty ? "" : "   — \(screen.who)") + page
    guard screen.title.columns + who.columns > textWidth else { return [style.bold(screen.title) + who] }
    return wrapped(screen.title).map(style.bold)
      + (who.isEmpty ? [] : wrapped(String(who.drop { $0 == " " }), indent: "  "))
  }

  /// What happens, what to say, what to compare.
  func content(of screen: Screen) -> [Row] {
    var rows: [Row] = []
    func block(_ texts: [String], isGap: Bool = false, _ start: Row.Start = .whole) {
      if isGap { rows.append(Row(text: "", start: .whole)) }
      for (place, text) in texts.enumerated() {
        rows.append(Row(text: text, start: place == 0 && !isGap ? start : .none))
      }
    }
    for line in screen.standing?.skipped ?? [] { block(wrapped(line)) }
    for (place, line) in screen.text.enumerated() { block(wrapped(line), isGap: place == 0) }
    for (place, line) in screen.say.enumerated() {
      let spoken = wrapped("“\(line)”", indent: "  ").map(style.bold)
      block((place == 0 ? ["Say aloud:"] : []) + spoken, isGap: place == 0)
    }
    let column = min(34, screen.facts.map(\.name.columns).max() ?? 0)
    var isBelowHeading = false
    for (place, fact) in screen.facts.enumerated() {
      // What is indented belongs to the line above it.
      let start: Row.Start = !fact.name.hasPrefix(" ") ? .whole : isBelowHeading ? .none : .part
      isBelowHeading = start == .whole
      let name = fact.name.padded(to: column + 1)
      // Under its value, where there is room for that.
      let continued = String(repeating: " ", count: column < 24 ? column + 2 : 2)
      block(wrapped("\(name) \(fact.value)", indent: "  ", continued: continued), isGap: place == 0, start)
    }
    for digest in screen.digests {
      block(wrapped(digest.label, indent: "  ") + digestRows(digest.digest), isGap: true)
    }
    return rows
  }

  /// Eight digits beside the four words that say the same.
  private func digestRows(_ digest: SHA256Digest) -> [String] {
    let hex = Array(digest.hex)
    let words = digest.words
    let groups = stride(from: 0, to: hex.count, by: 8).map { start in
      let spoken = words[start / 2..<start / 2 + 4].map { $0.padded(to: 11) }.joined(separator: " ")
      return style.bold(String(hex[start..<start + 8])) + "  " + spoken
    }
    let perRow = columns >= 140 ? 2 : 1
    return stride(from: 0, to: groups.count, by: perRow).map { start in
      "    " + groups[start..<min(start + perRow, groups.count)].joined(separator: "   ")
    }
  }

  // MARK: - Below

  /// How far it is, and who has a card, a key, and has signed.
  ///
  /// - Parameter isShort: whether of the people those alone are named who have signed.
  func footer(_ view: StageView, isShort: Bool = false) -> [String] {
    let screen = view.screen
    // Of a screen that somebody else wrote nothing is known.
    let step = min(max(0, screen.step), max(0, screen.steps))
    var facts = ["\(screen.steps > 0 ? step * 100 / screen.steps : 0) %"]
    if let standing = screen.standing { facts.append(standing.exceptionsInWords) }
    // What is compared is the one digest that stands on the screen.
    if let head = view.head, screen.digests.isEmpty { facts.append("head \(head)") }
    let words = facts.joined(separator: " · ")
    let length = max(10, columns - words.columns - 1)
    let done = screen.steps > 0 ? length * step / screen.steps : 0
    let bar = String(repeating: "━", count: done) + String(repeating: "┄", count: length - done)
    guard let standing = screen.standing else {
      return ["\(bar) \(words)"] + screen.tally.flatMap { wrapped($0, width: columns) }
    }
    let boards = standing.boards.flatMap { board in
      wrapped(isShort ? board.shortWords : board.words, continued: "    ", width: columns)
    }
    return ["\(bar) \(words)"] + boards
      + ([standing.awayInWords].compactMap(\.self)).flatMap { wrapped($0, width: columns) }
  }

  /// Where something is asked there is always room for why it was refused: a page more would be a surprise.
  func notes(_ view: StageView) -> [String] {
    let rows = view.notes.flatMap { wrapped($0, width: columns) }
    let least = view.screen.prompt.map { $0.line == nil ? 1 : 2 } ?? 0
    return Array(repeating: "", count: max(0, least - rows.count)) + rows
  }

  /// What is asked, what each answer does, and what is taken beside them.
  ///
  /// - Parameter isPaged: whether it stands on the last one of several pages.
  func prompt(_ prompt: Prompt?, isPaged: Bool = false) -> [String] {
    guard let prompt else { return [] }
    var rows = [rule] + wrapped(prompt.question).map(style.bold)
    let column = max(12, (prompt.answers.map(\.token.columns).max() ?? 0) + 2)
    for answer in prompt.answers {
      let token = "  " + style.bold(answer.token)
      let meaning = wrapped(answer.meaning, continued: "", width: max(20, textWidth - 2 - column))
      rows.append(token + String(repeating: " ", count: column - answer.token.columns) + meaning[0])
      rows += meaning.dropFirst().map { String(repeating: " ", count: 2 + column) + $0 }
    }
    if let line = prompt.line { rows += wrapped("(\(line.form))", indent: "  ") }
    let always = prompt.always.filter { token in !prompt.answers.contains { $0.token == token } }
    return rows + also((isPaged ? [Self.firstPage] : []) + always)
  }

  private static let firstPage = "\(StageLayout.more) (page 1)"

  private var rule: String { String(repeating: "─", count: columns) }

  private func also(_ tokens: [String]) -> [String] {
    tokens.isEmpty ? [] : wrapped("also: \(tokens.joined(separator: ", "))", indent: "  ")
  }

  /// The same where there is no room for the meanings.
  func shortPrompt(_ prompt: Prompt, isPaged: Bool = false) -> [String] {
    let tokens = prompt.answers.map(\.token).joined(separator: ", ")
    return [rule] + wrapped(prompt.question).map(style.bold)
      + (tokens.isEmpty ? [] : wrapped("answers: \(tokens)", indent: "  "))
      + also((isPaged ? [Self.firstPage] : []) + prompt.always)
  }

  func asContent(_ prompt: [String]) -> [Row] {
    [Row(text: "", start: .whole)] + prompt.dropFirst().map { Row(text: $0, start: .whole) }
  }

  /// What is asked at the end of a page that is not the last one.
  func turning(_ prompt: Prompt?) -> [String] {
    [rule, style.bold("There is more to see before anybody answers.")]
      + ["  \(style.bold(StageLayout.more))        the next page"] + also(prompt?.always ?? [])
  }
}
