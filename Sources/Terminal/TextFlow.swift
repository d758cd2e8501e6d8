import Findings

/// Breaks text into rows between its words.
package struct TextFlow {
  /// Columns.
  package let width: Int
  /// Ends a row in which a word was broken, which happens only to a word that is longer than a row.
  package var mark = ""

  package init(width: Int, mark: String = "") {
    (self.width, self.mark) = (width, mark)
  }

  /// At least one row.
  ///
  /// - Parameter continued: stands before all rows but the first, after the indent.
  package func rows(_ text: String, indent: String = "", continued: String = "  ") -> [String] {
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

  /// Lines as rows, each with its own indent, of half a row at most, ending with a newline.
  package func note(_ text: String, continued: String = "  ") -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let rows = lines.flatMap {
      self.rows(
        String($0.drop { $0 == " " }), indent: String($0.prefix { $0 == " " }.prefix(width / 2)), continued: continued)
    }
    return rows.joined(separator: "\n") + "\n"
  }
}
