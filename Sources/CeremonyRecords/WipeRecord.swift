import CanonicalJSON
import PIVTypes
import Transcript

/// A card whose keys left was reset, and said then of its slots what is here. No slot is empty of which it said nothing.
package struct WipeRecord: ReadableRecordBody {
  package static let kind = RecordKind.wipe

  /// An id.
  package let keyholder: String
  /// The serial, or `guid-` and the GUID, as the card said it in this step.
  package let card: String
  /// Ids of the keys that left and were on it, in the order of the roles.
  package let keys: [String]
  /// In the order of ``Slot/all``.
  package let empty: [Slot]
  /// The others, of which it does not say whether they hold a key.
  package let unknown: [Slot]

  package init(keyholder: String, card: String, keys: [String], unknown: [Slot]) {
    self.keyholder = keyholder
    self.card = card
    self.keys = keys
    self.unknown = Slot.all.filter(unknown.contains)
    empty = Slot.all.filter { !unknown.contains($0) }
  }

  package var json: JSONObject {
    func names(_ slots: [Slot]) -> JSONValue { .array(slots.map { .string($0.description) }) }
    return [
      "keyholder": .string(keyholder), "card": .string(card), "keys": .array(keys.map { .string($0) }),
      "empty": names(empty), "unknown": names(unknown),
    ]
  }

  /// Every slot stands in it once, in order.
  package init?(fields body: JSONObject) {
    guard let keyholder = body["keyholder"]?.string, let card = body["card"]?.string,
      let keys = body["keys"]?.list(\.string), let empty = body["empty"]?.list(\.string),
      let unknown = body["unknown"]?.list(\.string)
    else { return nil }
    self.init(keyholder: keyholder, card: card, keys: keys, unknown: unknown.compactMap { Slot($0) })
    guard self.empty.map(\.description) == empty, self.unknown.map(\.description) == unknown else { return nil }
  }

  /// What it said of its slots, as a sentence goes on after “It was reset:”.
  package var words: String {
    if unknown.isEmpty { return "each of its \(empty.count) slots is empty, as it says itself" }
    if empty.isEmpty { return "it does not say what its slots hold" }
    return "\(empty.count) of its slots are empty, as it says itself; of the others it does not say what they hold"
  }
}
