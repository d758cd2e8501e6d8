import CanonicalJSON
import CeremonyScript
import PIVTypes

extension OfflineRole {
  /// What `card.json` says of such a key.
  package func entry(isAttested: Bool) -> JSONValue {
    var entry: JSONObject = [
      "role": .string(name), "slot": .string(slot.description), "algorithm": .string(algorithm.description),
      "pin-policy": .string(pinPolicy.description), "touch-policy": .string(touchPolicy.description),
      "attested": .bool(isAttested),
    ]
    if isDiscarded { entry["deleted"] = true }
    return .object(entry)
  }
}
