import Findings
import Yams

/// The lines of a script, and what YAML says of them in words that point at the line to mend.
struct ScriptLines {
  let lines: [[Unicode.Scalar]]

  /// Throws for what is no line of a script. See ``ScriptText``.
  init(_ text: String) throws(Finding) {
    var lines: [[Unicode.Scalar]] = [[]]
    let scalars = Array(text.unicodeScalars)
    for (index, scalar) in scalars.enumerated() {
      let next = index + 1 < scalars.count ? scalars[index + 1] : nil
      let place = ScriptPlace(line: lines.count, column: lines[lines.count - 1].count + 1)
      switch scalar {
      case "\n": lines.append([])
      case "\r" where next == "\n": break
      case "\r", "\u{85}", "\u{2028}", "\u{2029}":
        throw Self.refusal(
          "A line ends here with U+\(Self.code(scalar)), which YAML reads as its end and editors do not show.",
          hint: "End each line with LF, or each with CR LF; inside quotes write it as an escape, or leave it out.",
          place)
      case "%" where lines[lines.count - 1].isEmpty:
        throw Self.refusal(
          "A YAML directive stands here.", hint: "Remove it; put a text that begins so in quotes.", place)
      // Readers of YAML differ over where a tab may stand.
      case "\t" where lines[lines.count - 1].first(where: { $0 != " " }) != "#":
        throw Self.refusal("A tab stands here.", hint: "Write spaces; tabs may stand in lines of comment alone.", place)
      case "\t": lines[lines.count - 1].append(scalar)
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || scalar == "\u{feff}":
        throw Self.refusal("The control character U+\(Self.code(scalar)) stands here.", hint: "Remove it.", place)
      default: lines[lines.count - 1].append(scalar)
      }
    }
    self.lines = lines
  }

  static func code(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  static func refusal(_ what: String, hint: String, _ place: ScriptPlace? = nil) -> Finding {
    Finding(.scriptSyntax, what, hint: hint, place: place?.description ?? "script.yaml")
  }

  subscript(place: ScriptPlace) -> Unicode.Scalar? {
    guard lines.indices.contains(place.line - 1), lines[place.line - 1].indices.contains(place.column - 1) else {
      return nil
    }
    return lines[place.line - 1][place.column - 1]
  }

  /// Where a comment begins that ends a plain scalar, on the scalar's last line.
  func comment(after value: String, at place: ScriptPlace) -> ScriptPlace? {
    var rest = Array(value.unicodeScalars)[...]
    var column = place.column - 1
    for index in lines.indices.dropFirst(place.line - 1) {
      let line = lines[index]
      column = min(column, line.count)
      while column < line.count, !rest.isEmpty, Self.isSpace(line[column]) { column += 1 }
      let length = zip(line[column...], rest).prefix { $0.0 == $0.1 }.count
      if length == rest.count {
        let after = line[(column + length)...]
        guard let sign = after.firstIndex(where: { !Self.isSpace($0) }), line[sign] == "#",
          sign > after.startIndex
        else { return nil }
        return ScriptPlace(line: index + 1, column: sign + 1)
      }
      // The scalar goes on in the next line: a line's end became a space or line feeds.
      guard line[(column + length)...].allSatisfy(Self.isSpace) else { return nil }
      rest = rest.dropFirst(length).drop { Self.isSpace($0) || $0 == "\n" }
      column = 0
    }
    return nil
  }

  /// Whether the `|` or `>` at a place has nothing directly behind it but what belongs to it.
  func isCleanHeader(at place: ScriptPlace) -> Bool {
    guard lines.indices.contains(place.line - 1) else { return false }
    let header = lines[place.line - 1].dropFirst(place.column)
    return header.first { !"+-0123456789".unicodeScalars.contains($0) } ?? " " == " "
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" }
}

extension ScriptLines {
  /// What YAML refused, at the line that is wrong: for a colon or a quote that is missing, YAML itself names one further
  /// down.
  func finding(for error: YamlError) -> Finding {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      finding(problem, ScriptPlace(mark), context.map { ScriptPlace($0.mark) })
    case .duplicatedKeysInMapping(let duplicates, let context):
      Finding(
        .scriptDuplicateKey, "The key “\(visible(duplicates.first ?? ""))” stands twice in one mapping.",
        hint: "Keep one of them: nobody can tell which is meant.", place: ScriptPlace(context.mark).description)
    default:
      Self.refusal("The script is not YAML.", hint: "Check its encoding, indentation and quotes.")
    }
  }

  private func finding(_ problem: String, _ mark: ScriptPlace, _ context: ScriptPlace?) -> Finding {
    if let quote = openQuote(upTo: mark.line) {
      return Self.refusal(
        "The quote that opens here does not close where the text ends.",
        hint: "Close it. Inside '…' an apostrophe is written twice, inside \"…\" a quote as \\\".", quote)
    }
    let line = lines.indices.contains(mark.line - 1) ? lines[mark.line - 1] : []
    let text = String(String.UnicodeScalarView(line))
    if problem.contains("document") {
      return text.hasPrefix("---") || text.hasPrefix("...")
        ? Self.refusal(
          "The script has more than one YAML document.", hint: "Keep one; `---` may stand only at the top.", mark)
        : Self.refusal(
          "This line stands further left than the ones above it.",
          hint: "Begin the keys of one mapping in the same column.", mark)
    }
    if problem.contains("could not find expected ':'"), let context {
      return Self.refusal(
        "This line has no colon after its key.", hint: "Write “key: value”, with a space after the colon.", context)
    }
    if problem.contains("mapping values are not allowed") {
      let before = String(String.UnicodeScalarView(line.prefix(max(0, mark.column - 1))))
      if before.contains(": ") {
        return Self.refusal(
          "A second colon stands in this line.", hint: "Put a text that holds a colon in quotes.", mark)
      }
      if let above = lineWithoutColon(above: mark.line) {
        return Self.refusal(
          "This line has no colon after its key.", hint: "Write “key:”, and what belongs to it further right below.",
          above)
      }
      return Self.refusal(
        "The keys here stand further right than the one above allows, which has its value already.",
        hint: "Check the indentation of this line.", mark)
    }
    if self[mark] == "\t" {
      return Self.refusal("A tab stands here.", hint: "Indent with spaces.", mark)
    }
    return Self.refusal(
      "The script is not YAML here: \(visible(problem)).",
      hint: "Check the indentation, colons and quotes of this line.",
      mark)
  }

  /// The nearest line above with something in it, if that is a key without its colon.
  private func lineWithoutColon(above line: Int) -> ScriptPlace? {
    for index in lines.indices.prefix(line - 1).reversed() {
      guard let first = lines[index].firstIndex(where: { $0 != " " }) else { continue }
      if lines[index][first] == "#" { continue }
      return lines[index].contains(":") ? nil : ScriptPlace(line: index + 1, column: first + 1)
    }
    return nil
  }

  /// The first value whose quote is not closed, or closes with more text behind it: in a later line, or in the last.
  private func openQuote(upTo last: Int) -> ScriptPlace? {
    var index = 0
    while index < min(last, lines.count) {
      guard let start = valueStart(of: lines[index]), ["\"", "'"].contains(lines[index][start]) else {
        index += 1
        continue
      }
      let place = ScriptPlace(line: index + 1, column: start + 1)
      guard let end = closing(lines[index][start], ScriptPlace(line: index + 1, column: start + 2)) else {
        return place
      }
      let rest = lines[end.line - 1][end.column...].drop { $0 == " " || $0 == "\t" }
      if let next = rest.first, next != "#",
        end.line > index + 1 || (end.line == last && !",]}:".unicodeScalars.contains(next))
      {
        return place
      }
      index = end.line
    }
    return nil
  }

  /// The index at which a value begins in a line such as `- key: value` or `- value`.
  private func valueStart(of line: [Unicode.Scalar]) -> Int? {
    var start = line.firstIndex { $0 != " " } ?? line.count
    while start + 1 < line.count, line[start] == "-", line[start + 1] == " " {
      start += 2
      while start < line.count, line[start] == " " { start += 1 }
    }
    guard start < line.count, line[start] != "#" else { return nil }
    if ["\"", "'"].contains(line[start]) { return start }
    guard let colon = line[start...].firstIndex(of: ":"), colon + 1 < line.count, line[colon + 1] == " " else {
      return nil
    }
    return line[(colon + 1)...].firstIndex { $0 != " " }
  }

  /// Where the quote that opened stands again to close.
  private func closing(_ quote: Unicode.Scalar, _ start: ScriptPlace) -> ScriptPlace? {
    var column = start.column - 1
    for index in lines.indices.dropFirst(start.line - 1) {
      let line = lines[index]
      while column < line.count {
        if quote == "\"", line[column] == "\\" {
          column += 1
        } else if line[column] == quote {
          guard quote == "'", column + 1 < line.count, line[column + 1] == "'" else {
            return ScriptPlace(line: index + 1, column: column + 1)
          }
          column += 1
        }
        column += 1
      }
      column = 0
    }
    return nil
  }
}

extension ScriptPlace {
  init(_ mark: Mark) {
    line = mark.line
    column = mark.column
  }
}
