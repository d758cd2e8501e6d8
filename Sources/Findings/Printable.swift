/// `1 file`, `2 files`.
package func counted(_ count: some BinaryInteger, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

/// Text of others made safe for a terminal, a log or whoever reads one, wherever in a line it is put.
///
/// Written as code points are control characters, bidirectional and other format marks, and combining marks that stand on
/// nothing and would change what is before the text. What a runner of CI jobs takes for a command is broken up: `##[` and
/// `##name[` anywhere (GitHub's first form, Azure Pipelines, TeamCity), `::` at the beginning (GitHub's second form).
/// Letters of every script stay.
package func printable(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
  if isPlain, !text.utf8.drop(while: { $0 == UInt8(ascii: " ") }).starts(with: "::".utf8) { return text }
  var result = ""
  let scalars = Array(text.unicodeScalars)
  // Whether a combining mark has something to stand on.
  var isBase = false
  var isBeginning = true
  for (place, scalar) in scalars.enumerated() {
    let category = scalar.properties.generalCategory
    let isShown: Bool
    switch category {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: isShown = false
    case .nonspacingMark, .spacingMark, .enclosingMark: isShown = isBase
    default:
      isShown =
        !(scalar == "#" && beginsCommand(scalars[place...]))
        && !(isBeginning && scalar == ":" && scalars[place...].starts(with: [":", ":"]))
    }
    if isShown {
      result.unicodeScalars.append(scalar)
    } else {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    }
    if category != .spaceSeparator { isBeginning = false }
    isBase = isShown && (isBase && category.isMark || scalar.properties.isAlphabetic || scalar.properties.isEmoji)
  }
  return result
}

/// Lines that this program made, with text of others in them: each is made safe, also where that text began a line.
package func printableLines(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }.joined(separator: "\n")
}

/// A finding with its hint on a second line, every part safe to show.
package func printable(_ finding: Finding) -> String { finding.description }

/// `##[`, with ASCII letters before the bracket or none.
private func beginsCommand(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
  guard scalars.starts(with: ["#", "#"]) else { return false }
  return scalars.dropFirst(2).drop { $0.isASCII && $0.properties.isAlphabetic }.first == "["
}

extension Unicode.GeneralCategory {
  fileprivate var isMark: Bool { [.nonspacingMark, .spacingMark, .enclosingMark].contains(self) }
}

/// Neither C0, DEL, C1 nor a control of bidirectional text, which could make a screen say something else than the bytes.
package func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7f...0x9f, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: false
  default: true
  }
}
