import CanonicalJSON
import Findings
import TUFMetadata

/// Fields of metadata that TUF does not define, for the programs of a service: `x-…`.
package enum CustomFields {
  /// What a name is; no longer than ``longest``. ASCII, so that every client sorts it alike.
  package static let name = "x(-[a-z0-9]+)+"
  /// The most characters of a name.
  package static let longest = 60
  /// The largest number: what every reader of JSON sees alike.
  package static let largest = 1 << 53

  package static func isName(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return text.utf8.count <= longest && parts.count > 1 && parts[0] == "x"
      && parts.dropFirst().allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy(isNameStart)
      }
  }

  /// A name that a root before may have: one that can be seen, and that every reader of YAML takes for a key.
  static func isForeignName(_ text: String) -> Bool {
    (1...ScriptText.longest).contains(text.unicodeScalars.count) && text.unicodeScalars.allSatisfy(ScriptText.isSeen)
      && !ScriptText.isBlank(text) && text != "<<"
  }

  /// A name as a script has it.
  package static func written(_ name: String) -> String {
    isName(name) ? name : "\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
  }

  /// A value as a script has it: a text, a number, `true` or `false`.
  package static func words(_ value: JSONValue) -> String {
    value.string ?? String(decoding: value.canonical(), as: UTF8.self)
  }
}

extension JSONObject {
  /// Without the fields that a script takes away by `null`.
  package var kept: JSONObject { JSONObject(members.filter { $0.value != .null }.map { ($0.name, $0.value) }) }
}

extension ScriptNode {
  /// Custom fields: an unquoted whole number and an unquoted `true` or `false` are what they look like; all else is text.
  ///
  /// - Parameter inherits: whether the root before may have had such a field: then it may have any name and value, and
  ///   an unquoted `null` takes it away.
  func customFields(inherits: Bool = false) throws(Finding) -> JSONObject {
    let inherits = inherits && problems.isRotation
    guard case .mapping(let members) = value, !members.isEmpty else {
      throw refused("expected names with their values", hint: "Write each as “x-vendor-name: value”.")
    }
    var fields = JSONObject()
    for member in members {
      problems.attempt { () throws(Finding) in
        guard inherits ? CustomFields.isForeignName(member.key) : CustomFields.isName(member.key),
          member.key != Header.rehearsalMark
        else {
          throw Finding(
            .scriptValue, "\(path): “\(visible(member.key))” is no name for a custom field",
            hint: member.key == Header.rehearsalMark
              ? "The program alone writes it, in rehearsals."
              : inherits
                ? "Write the name of a field of the root before, or a new one: “x-vendor-name”."
                : "Write “x-vendor-name”: small letters and digits, in parts joined by hyphens; \(CustomFields.longest) characters at most.",
            place: member.keyPlace.description)
        }
        fields[member.key] = try member.node.customValue(inherits)
      }
    }
    return fields
  }

  private func customValue(_ inherits: Bool) throws(Finding) -> JSONValue {
    let text: String
    let isPlain: Bool
    switch value {
    case .scalar(let scalar, let plain): (text, isPlain) = (scalar, plain)
    case _ where !inherits:
      throw refused("expected a text, a whole number, true or false", hint: "Lists and keys cannot stand here.")
    case .refused: return .null
    case .list(let items):
      var values: [JSONValue] = []
      for item in items { values.append(try item.customValue(inherits)) }
      return .array(values)
    case .mapping(let members):
      var object = JSONObject()
      for member in members { object[member.key] = try member.node.customValue(inherits) }
      return .object(object)
    }
    guard isPlain else { return .string(try self.text()) }
    switch text {
    case "true": return true
    case "false": return false
    case "null" where inherits: return .null
    default: break
    }
    let looksLikeNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) } && !text.isEmpty
    guard looksLikeNumber else { return .string(try self.text()) }
    return .integer(Int64(try number(0...CustomFields.largest)))
  }
}
