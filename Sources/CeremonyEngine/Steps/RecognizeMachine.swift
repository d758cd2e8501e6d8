import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata

/// Knows a card by the key of the root before that is in its slot. Nothing on it is changed.
struct RecognizeMachine: CardMachine {
  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = role(ceremony, keyholder) else { return .unexpected }
    return .wait(for: .card(.readMetadata(role.slot)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let card = ceremony.cards[keyholder.id], let role = role(ceremony, keyholder),
      let key = ceremony.script.keptKey(of: keyholder.id, role.name), case .card(.success(.slot(let reading))) = event
    else { return .unexpected }
    var screen = ceremony.screen("The card of \(keyholder.name)")
    screen.facts =
      card.identity.facts
      + [
        Screen.Fact(name: "slot", value: role.slot.description),
        Screen.Fact(
          name: ceremony.script.isAnswer ? "key that is asked for" : "key in the root before", value: key.described),
      ]
    switch reading {
    case .key(let metadata) where metadata.publicKey == key.publicKey?.bytes:
      screen.text = ["Slot \(role.slot) holds that key."]
    case .key, .empty, .blank:
      return .fail(
        Finding(
          .wrongCard,
          "Slot \(role.slot) of this card does not hold the key \(shortened(key.keyID)) of \(keyholder.name).",
          hint: "Take it out and insert the card with that key."), [.show(screen)])
    case .notSaid, .unknown:
      // Before a PIN is asked for, something else has to tell this card from any other.
      guard ceremony.tellsApart(keyholder) else {
        return .fail(
          Finding(
            .cardUnsupported,
            "This card does not say which keys it holds, and the script does not say its serial: nothing tells it from another.",
            hint: "Write the serial of the card of \(keyholder.name) under “card”."), [.show(screen)])
      }
      screen.text = ["The card does not say which key slot \(role.slot) holds. Its signature will tell."]
    }
    if let finding = firmware(card.identity, role, keyholder, ceremony) {
      guard finding.severity == .warning else { return .fail(finding, [.show(screen)]) }
      if !ceremony.copyableKeys.contains(finding) { ceremony.copyableKeys.append(finding) }
      return .done(.record(FindingRecord(finding)), .show(screen))
    }
    return .done(.show(screen))
  }

  private func role(_ ceremony: Ceremony, _ keyholder: Keyholder) -> OfflineRole? {
    ceremony.script.keptRoles(of: keyholder.id).first.flatMap { ceremony.script.cardRole($0, of: keyholder.id) }
  }

  /// ECDSA keys of cards with firmware below 5.7 can be copied by whoever has the card for a while (YSA-2024-03). Such a
  /// key may sign and leave.
  private func firmware(
    _ identity: CardIdentity, _ role: OfflineRole, _ keyholder: Keyholder, _ ceremony: Ceremony
  ) -> Finding? {
    guard role.algorithm != .ed25519, let firmware = identity.firmware, firmware < FirmwareVersion(5, 7, 0),
      !ceremony.script.roles(of: keyholder.id).isEmpty
    else { return nil }
    let what =
      "The kept key of \(keyholder.name) is an ECDSA key on firmware \(firmware): whoever has such a card for a while can copy it."
    return keyholder.acceptsFirmware
      || ceremony.script.isAnswer
      ? Finding(
        .firmwareCopyable, .warning, what,
        hint: ceremony.script.isAnswer
          ? "Tell whoever asks." : "The script says “firmware: accepted”. The report says so first.")
      : Finding(
        .firmwareCopyable, what,
        hint: "Let this key leave, with the reason “firmware”. Or write “firmware: accepted” at the keyholder.")
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
