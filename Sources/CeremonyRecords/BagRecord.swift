import CanonicalJSON
import CeremonyScript
import Transcript

/// The number of a bag that was opened or closed, as two people read it.
package struct BagRecord: ReadableRecordBody {
  package static let kind = RecordKind.bag

  package let number: String
  /// An id, `administrator` or `witness`.
  package let keyholder: String
  package let move: BagMove
  /// The name of the keyholder's card, where it is known.
  package let card: String?

  package init(number: String, keyholder: String, move: BagMove, card: String?) {
    self.number = number
    self.keyholder = keyholder
    self.move = move
    self.card = card
  }

  package var json: JSONObject {
    var body: JSONObject = [
      "number": .string(number), "keyholder": .string(keyholder), "state": .string(move.rawValue),
    ]
    if let card { body["card"] = .string(card) }
    return body
  }

  package init?(fields body: JSONObject) {
    guard let number = body["number"]?.string, let keyholder = body["keyholder"]?.string,
      let move = body["state"]?.string.flatMap(BagMove.init(rawValue:))
    else { return nil }
    self.init(number: number, keyholder: keyholder, move: move, card: body["card"]?.string)
    guard (card == nil) == (body["card"] == nil) else { return nil }
  }
}
