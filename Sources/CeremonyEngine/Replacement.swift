import CardOperations
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import TUFMetadata
import Transcript

/// A card that had to leave the ceremony.
struct RetiredCard {
  let keyholder: String
  let card: EnrolledCard
}

/// A payload that was built, and given up before it reached its threshold.
struct DroppedPayload {
  let role: String
  let payload: Payload
  let why: String
}

extension Ceremony {
  /// The serial that the keyholder's card must have; nil while the room decides it.
  func expectedSerial(of keyholder: String) -> UInt32? {
    if let bound = cards[keyholder]?.identity.serial { return bound }
    guard let person = script.cardholder(keyholder) else { return nil }
    if let taken = sparesTaken[keyholder], taken > 0 { return person.spares.prefix(taken).last }
    if case .serial(let pinned) = person.card { return pinned }
    return nil
  }

  /// The spare card that may take the place of the keyholder's card now; nil where none is left, and where a payload
  /// that names the card's keys, or that they sign, has reached its threshold: that one counts, wherever copies of it are.
  func spare(for keyholder: String) -> UInt32? {
    let named = rolesNaming(keyholder)
    guard named.allSatisfy({ !isReached($0.name) }) else { return nil }
    return script.cardholder(keyholder)?.spares.dropFirst(sparesTaken[keyholder] ?? 0).first
  }

  /// Roles whose payload was built and depends on the keyholder's keys: who signs it, or who names them.
  private func rolesNaming(_ keyholder: String) -> [OfflineRole] {
    let own = script.offlineRoles.filter { $0.keyholders.contains(keyholder) }
    let naming = Set(own.compactMap { script.delegator(of: $0.name) })
    return script.offlineRoles.filter { role in
      payloads[role.name] != nil && (own.contains(role) || naming.contains(role.name))
    }
  }

  /// Takes the card out of the ceremony, and with it every payload that depends on its keys.
  mutating func retireCard(of keyholder: String, for spare: UInt32, because finding: Finding) -> [Effect] {
    let owner = name(of: keyholder)
    let number = cards[keyholder]?.name ?? expectedSerial(of: keyholder).map { String($0) }
    let card = number.map { "The card \($0) of \(owner)" } ?? "The card of \(owner)"
    var effects: [Effect] = []
    var screen = screen("\(card) is out of this ceremony")
    screen.text = [
      "Destroy it, or reset it before it is used for anything else.",
      "The spare card \(spare) takes its place, and is provisioned from its beginning.",
    ]
    for role in rolesNaming(keyholder) {
      let why = "\(card) was replaced by the spare card \(spare): \(finding.what)"
      effects += drop(role.name, because: why)
      screen.text.append("What was built and signed for \(role.name) is dropped. It is built and signed again.")
    }
    if let old = cards[keyholder] { retired.append(RetiredCard(keyholder: keyholder, card: old)) }
    cards[keyholder] = nil
    sparesTaken[keyholder, default: 0] += 1
    return effects + [.show(screen)]
  }

  /// Takes the card of an official out of the ceremony, and with it everything that it would still do.
  mutating func dismissCard(of official: String) -> [Effect] {
    var screen = screen("The card of \(name(of: official)) is out of this ceremony")
    screen.text = [
      "Destroy it, or reset it before it is used for anything else.",
      "The \(official) types initials at this keyboard, as without a card.",
    ]
    if let card = cards.removeValue(forKey: official) { retired.append(RetiredCard(keyholder: official, card: card)) }
    dismissed.insert(official)
    for place in plan.steps.indices where place > position && plan.steps[place].action.keyholder == official {
      skips[place] = "the card of \(name(of: official)) is out of this ceremony"
    }
    return [.show(screen)]
  }

  /// Whether the card of an official signs their initials.
  func hasCard(_ official: String) -> Bool { script.official(official) != nil && !dismissed.contains(official) }

  /// Gives up a payload with its signatures.
  mutating func drop(_ role: String, because why: String) -> [Effect] {
    guard let payload = payloads.removeValue(forKey: role) else { return [] }
    dropped.append(DroppedPayload(role: role, payload: payload, why: why))
    let signers = payload.signatures.map { SignatureRecord.Signer(keyholder: $0.keyholder, keyID: $0.keyID) }
    return [.record(DroppedRecord(role: role, payload: payload.reviewed.digest, signers: signers, why: why))]
  }

  /// Back to the beginning of a keyholder's provisioning. Of what follows, all that depends on the new keys is done
  /// again: the provisioning itself, the steps of roles that have no payload any more, and the initials under both.
  mutating func goBack(toProvision keyholder: String) {
    guard let start = plan.steps.firstIndex(where: { $0.action == .identify(keyholder: keyholder) }),
      start < position
    else { return }
    goBack(to: start, because: "it was done before the card was replaced") { $0.keyholder == keyholder }
  }

  /// Back to an earlier step. Of what follows, the steps that are such are done again, those of roles that have no payload
  /// any more, and the initials under both.
  mutating func goBack(to start: Int, because why: String, _ isSuch: (PlannedStep.Action) -> Bool) {
    var again: Set<String> = []
    for place in start..<position {
      let step = plan.steps[place]
      let isAgain =
        switch step.action {
        case .initials: again.contains(step.scriptID)
        case .signInitials(let official): again.contains(step.scriptID) && hasCard(official)
        default: step.action.role.map { payloads[$0] == nil } ?? isSuch(step.action)
        }
      if isAgain { again.insert(step.scriptID) } else { skips[place] = why }
    }
    position = start
  }
}
