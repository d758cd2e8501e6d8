import CanonicalJSON
import Keys

/// A key that is asked for: on a card that its keyholder sets up elsewhere.
package struct KeyWanted: Hashable, Sendable {
  package let person: Asked
  /// As a script has them under `roles.root`: `algorithm`, `pin-policy`, `touch-policy`, `slot`.
  package let role: JSONObject
  /// As a script has them under `cards`.
  package let cards: JSONObject
  /// Custom fields of the key object.
  package let fields: JSONObject
  /// As many bytes the key will have to sign at most.
  package let largest: Int64
  /// Files that the rules for cards name, in Base64, by name.
  package let files: JSONObject

  package init(
    person: Asked, role: JSONObject, cards: JSONObject, fields: JSONObject, largest: Int64, files: JSONObject
  ) {
    self.files = files
    self.person = person
    self.role = role
    self.cards = cards
    self.fields = fields
    self.largest = largest
  }

  init?(_ object: JSONObject) {
    guard let people = object["for"]?.array, people.count == 1, let person = people.first.flatMap(Asked.init),
      let role = object["role"]?.object, let cards = object["cards"]?.object, let fields = object["fields"]?.object,
      let largest = object["largest"]?.integer, (0...(1 << 20)).contains(largest),
      let files = object["files"]?.object, files.members.allSatisfy({ Self.content($0.value) != nil })
    else { return nil }
    self.init(person: person, role: role, cards: cards, fields: fields, largest: largest, files: files)
  }

  /// The files themselves, by name.
  package var contents: [(name: String, bytes: [UInt8])] {
    files.members.map { ($0.name, Self.content($0.value) ?? []) }
  }

  private static func content(_ value: JSONValue) -> [UInt8]? { value.string.flatMap { Base64.decode($0) } }

  var json: JSONObject {
    [
      "cards": .object(cards), "fields": .object(fields), "files": .object(files), "for": .array([person.json]),
      "largest": .integer(largest),
      "role": .object(role),
    ]
  }
}
