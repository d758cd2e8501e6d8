import CeremonyEngine

/// A keyholder and the card.
struct CardRow {
  let keyholder: String
  let cardName: String
  let firmware: String
  let keys: [KeyRow]

  struct KeyRow {
    let keyRole: String
    let facts: [Page.Row]
    let attestation: [Page.Row]
    let isAttested: Bool
  }

  init(_ card: CeremonyFacts.Card) {
    keyholder = card.keyholder
    cardName = card.name
    firmware = card.firmware ?? "unknown"
    keys = card.keys.map { key in
      KeyRow(
        keyRole: key.role,
        facts: [
          Page.Row(name: "key id", value: key.keyID), Page.Row(name: "slot", value: key.slot),
          Page.Row(name: "algorithm", value: key.algorithm), Page.Row(name: "PIN policy", value: key.pinPolicy),
          Page.Row(name: "touch policy", value: key.touchPolicy),
        ],
        attestation: key.attestation.map { Page.Row(name: $0.name, value: $0.value) },
        isAttested: !key.attestation.isEmpty)
    }
  }
}
