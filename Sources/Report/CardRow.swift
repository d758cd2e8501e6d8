import CeremonyRecords
import CeremonyResults

/// A keyholder and the card.
struct CardRow {
  let keyholder: String
  let cardName: String
  let firmware: String
  let caseNumber: String?
  let keys: [KeyRow]

  struct KeyRow {
    let keyRole: String
    let facts: [Page.Row]
    let isAttested: Bool
  }

  init(_ card: CeremonyFacts.Card) {
    keyholder = card.keyholder
    cardName = card.name
    caseNumber = card.caseNumber
    firmware = card.firmware ?? "unknown"
    keys = card.keys.map { key in
      let attested = key.attestation.map { "\($0.name) \($0.value)" }.joined(separator: "; ")
      return KeyRow(
        keyRole: key.role,
        facts: [
          Page.Row(name: "key id", value: key.keyID),
          Page.Row(name: "slot, algorithm", value: "\(key.slot), \(key.algorithm)"),
          Page.Row(name: "asked for", value: "PIN policy \(key.pinPolicy), touch policy \(key.touchPolicy)"),
        ] + (attested.isEmpty ? [] : [Page.Row(name: "the device attests", value: attested)]),
        isAttested: !attested.isEmpty)
    }
  }
}
