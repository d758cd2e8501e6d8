/// How what is marked looks: by escape sequences, or by stars where there are none.
struct TextStyle {
  let isStyled: Bool

  func bold(_ text: String) -> String { isStyled && !text.isEmpty ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
  func inverse(_ text: String) -> String { isStyled ? "\u{1b}[1;7m\(text)\u{1b}[0m" : "*** \(text) ***" }
  /// How many characters of a row are the text's own: no space, no escape sequence, and no mark of a broken word.
  static func letters(of row: String) -> Int {
    var count = 0
    var isEscape = false
    for scalar in row.unicodeScalars {
      if isEscape {
        isEscape = !scalar.properties.isAlphabetic
      } else if scalar == "\u{1b}" {
        isEscape = true
      } else if scalar != " ", scalar != "\\" {
        count += 1
      }
    }
    return count
  }

  /// What ``inverse(_:)`` adds, in columns.
  var inverseColumns: Int { isStyled ? 0 : 8 }
}
