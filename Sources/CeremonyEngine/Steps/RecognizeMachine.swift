import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata

/// Knows a card by the keys of the root before that are in its slots. Nothing on it is changed.
struct RecognizeMachine: CardMachine {
  /// The kept keys whose slots were read, as the screen has them.
  private var read: (facts: [Screen.Fact], text: [String]) = ([], [])
  /// Of how many of them that is.
  private var count = 0

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = roles(ceremony, keyholder).first else { return .unexpected }
    return .wait(for: .card(.readMetadata(role.slot)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    let roles = roles(ceremony, keyholder)
    guard let card = ceremony.cards[keyholder.id], roles.indices.contains(count),
      let key = ceremony.script.keptKey(of: keyholder.id, roles[count].name),
      case .card(.success(.slot(let reading))) = event
    else { return .unexpected }
    let role = roles[count]
    read.facts += [
      Screen.Fact(name: "slot", value: role.slot.description),
      Screen.Fact(
        name: ceremony.script.isAnswer ? "key that is asked for" : "key in the root before", value: key.described),
    ]
    var refusal: Finding?
    switch reading {
    case .key(let metadata) where metadata.publicKey == key.publicKey?.bytes:
      read.text.append("Slot \(role.slot) holds that key.")
    case .key, .empty, .blank:
      refusal = Finding(
        .wrongCard,
        "Slot \(role.slot) of this card does not hold the key \(shortened(key.keyID)) of \(keyholder.name).",
        hint: "Take it out and insert the card with that key.")
    case .notSaid, .unknown:
      // Before a PIN is asked for, something else has to tell this card from any other.
      guard !ceremony.tellsApart(keyholder) else {
        read.text.append("The card does not say which key slot \(role.slot) holds. Its signature will tell.")
        break
      }
      refusal = Finding(
        .cardUnsupported,
        "This card does not say which keys it holds, and the script does not say its serial: nothing tells it from another.",
        hint: "Write the serial of the card of \(keyholder.name) under “card”.")
    }
    count += 1
    if refusal == nil, roles.indices.contains(count) {
      return .wait(for: .card(.readMetadata(roles[count].slot)))
    }
    var screen = ceremony.screen("The card of \(keyholder.name)", read.text)
    screen.facts = card.identity.facts + read.facts
    if let refusal { return .fail(refusal, [.show(screen)]) }
    guard let finding = Finding.copyable(keyholder, card.identity.firmware, ceremony.script) else {
      return .done(.show(screen))
    }
    guard finding.severity == .warning else { return .fail(finding, [.show(screen)]) }
    if !ceremony.copyableKeys.contains(finding) { ceremony.copyableKeys.append(finding) }
    return .done(.record(FindingRecord(finding)), .show(screen))
  }

  private func roles(_ ceremony: Ceremony, _ keyholder: Keyholder) -> [OfflineRole] {
    ceremony.script.keptRoles(of: keyholder.id).compactMap { ceremony.script.cardRole($0, of: keyholder.id) }
  }
}

extension Ceremony {
  /// Whether anything but its slots tells the card with a kept key from any other. A serial that was only read from the
  /// card that is in the reader does not.
  func tellsApart(_ keyholder: Keyholder) -> Bool {
    if case .serial = keyholder.card { return true }
    return proven.contains(keyholder.id) || configuration.isRehearsal
  }

  /// An error where fewer keys of the new root are made or proven here than it needs.
  var tooFewProven: Finding? {
    guard script.isRotation, let root = script.offlineRole("root"), provenRootKeyholders.count < root.threshold else {
      return nil
    }
    return Finding(
      .quorumUnproven,
      "The root needs \(root.threshold) signatures, and only \(provenRootKeyholders.count) of its keys are made or proven here.",
      hint: "Hold the ceremony again with more of the keyholders, or with a lower threshold.")
  }

  /// A warning for each kept key that stays although nothing showed that its card still signs.
  var unprovenWarnings: [Effect] {
    unprovenKept.map { .record(FindingRecord(.keptUnproven($0))) }
  }
}
