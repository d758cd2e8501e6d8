/// A text as a YAML scalar that every reader sees alike.
enum YAMLText {
  /// Without quotes where it is letters, digits, spaces and some marks, beginning with a letter; else in double quotes
  /// (YAML 1.2 §7.3.1). What stands in no script is for its reader to refuse.
  static func of(_ text: String) -> String {
    let plain = text.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || ("0"..."9").contains($0) || " .,'-/".unicodeScalars.contains($0)
    }
    let first = text.unicodeScalars.first.map { $0.properties.isAlphabetic } ?? false
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    guard plain, first, text.unicodeScalars.last != " ", !words.contains(text.lowercased()) else {
      return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
    return text
  }
}
