import CanonicalJSON
import CeremonyScript

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
      return quoted(text)
    }
    return text
  }

  /// In double quotes. What cannot be seen is written as its number, so that it is read as what it is.
  static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\\", "\"": "\\\(scalar)"
      case _ where ScriptText.isSeen(scalar): String(scalar)
      default:
        "\\U" + String(repeating: "0", count: 8 - String(scalar.value, radix: 16).count)
          + String(scalar.value, radix: 16)
      }
    }
    return "\"" + scalars.joined() + "\""
  }

  /// Custom fields, a line each.
  static func lines(_ fields: JSONObject) -> [String] {
    fields.members.map { member in
      CustomFields.written(member.name) + ": " + inFlow(member.value)
    }
  }

  /// A value on one line. What no script can repeat is for its reader to refuse.
  private static func inFlow(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): quoted(text)
    case .array(let items): "[" + items.map(inFlow).joined(separator: ", ") + "]"
    case .object(let object):
      "{" + object.members.map { quoted($0.name) + ": " + inFlow($0.value) }.joined(separator: ", ") + "}"
    default: String(decoding: value.canonical(), as: UTF8.self)
    }
  }
}
