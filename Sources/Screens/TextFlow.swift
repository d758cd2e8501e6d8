import Findings

/// Breaks text into rows between its words.
struct TextFlow {
  /// Columns.
  let width: Int
  /// Ends a row in which a word was broken, which happens only to a word that is longer than a row.
  var mark = ""

  /// At least one row.
  ///
  /// - Parameter continued: stands before all rows but the first, after the indent.
  func rows(_ text: String, indent: String = "", continued: String = "  ") -> [String] {
    var rows: [String] = []
    var row = indent
    var used = indent.columns
    var isFresh = true
    func next() {
      rows.append(row)
      row = indent + continued
      used = row.columns
      isFresh = true
    }
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let length = word.columns
      if !isFresh, used + 1 + length > width { next() }
      if !isFresh {
        row += " "
        used += 1
      }
      isFresh = false
      guard used + length > width else {
        row += word
        used += length
        continue
      }
      var rest = length
      for character in word {
        let columns = character.columns
        if used + columns > width - (rest > width - used ? mark.columns : 0) {
          row += mark
          next()
        }
        isFresh = false
        row.append(character)
        used += columns
        rest -= columns
      }
    }
    return rows + [row]
  }
}

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
