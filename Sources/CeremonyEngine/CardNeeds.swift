import CardOperations
import CeremonyScript
import Findings
import PIV
import PIVTypes

/// What a ceremony needs of a card that gets keys for these roles, compared with what was found out about one
/// before anything of it is changed.
package struct CardNeeds {
  private let rules: CardRules
  private let mayLackReadBack: Bool
  private let roles: [OfflineRole]
  private let model: CardRules.Model

  /// - Parameter cardholder: whose card it is; nil where that is not known.
  package init(_ script: Script, _ roles: [OfflineRole], of cardholder: String?) {
    rules = script.cards
    model = cardholder.map(script.model) ?? script.cards.model
    mayLackReadBack = script.mayLackReadBack
    self.roles = roles
  }

  /// What is asked of a card. nil where it gets no key.
  ///
  /// - Parameter isEmpty: whether every slot is known to be empty, or what is in it was given up.
  package func questions(isEmpty: Bool) -> AbilityQuestions? {
    roles.first.map {
      AbilityQuestions(
        slot: $0.slot, attestation: rules.attestation == .required, keptKey: rules.managementKey == .protected,
        reset: isEmpty, deletion: isEmpty && discards)
    }
  }

  /// Whether it will delete a key, which takes a card that says what its slots hold.
  private var discards: Bool { roles.contains { $0.isDiscarded } }

  /// What the card lacks, or does without being let; nil where the ceremony can go on with it.
  ///
  /// - Parameter card: how a sentence begins that is about it.
  package func refusal(_ abilities: CardAbilities, _ identity: CardIdentity, of card: String) -> Finding? {
    let unguarded = abilities.carriedOut.filter { $0 != .reset }.map(\.rawValue)
    guard unguarded.isEmpty else {
      return Finding(
        .cardUnguarded,
        "\(card) said that it carried out \(unguarded.joined(separator: " and ")) without PIN and without management key.",
        hint: "Do not use this card.")
    }
    if let model = modelRefusal(identity, of: card) { return model }
    let lacking = missing(abilities)
    guard !lacking.isEmpty else { return nil }
    let ways = lacking.compactMap(\.without)
    let hint =
      ways.count == lacking.count
      ? "Use a card that has it, or a script that does without, under “ceremony: 2”: \(ways.joined(separator: ", "))."
      : "Use a card that has it: no script does without."
    return Finding(
      .cardUnsupported,
      "\(card) does not know \(lacking.map(\.command.rawValue).joined(separator: ", ")), which this ceremony needs. Nothing on it was changed.",
      hint: hint)
  }

  private func missing(_ abilities: CardAbilities) -> [(command: PIVCommand, without: String?)] {
    var missing: [(command: PIVCommand, without: String?)] = []
    if abilities.reset == .no { missing.append((.reset, nil)) }
    if abilities.managementKey == .no { missing.append((.setManagementKey, nil)) }
    if abilities.deletion == .no, discards { missing.append((.deleteKey, nil)) }
    if abilities.metadata == .no, discards || !mayLackReadBack {
      missing.append((.metadata, discards ? nil : "“read-back: optional”"))
    }
    if abilities.attestation == .no, rules.attestation == .required {
      missing.append((.attest, "“attestation: optional”"))
    }
    if abilities.tries == .no, rules.tries == .required, !hasTries(abilities) {
      missing.append((.setTries, "“tries: optional”"))
    }
    return missing
  }

  /// Whether the numbers of tries are now as the script wants them.
  private func hasTries(_ abilities: CardAbilities) -> Bool {
    abilities.pinTries == rules.pinTries && abilities.pukTries == rules.pukTries
  }

  /// The model is what an Ed25519 key's size limit comes from; other keys sign digests.
  private func modelRefusal(_ identity: CardIdentity, of card: String) -> Finding? {
    guard model == .yubikey57, roles.contains(where: { $0.algorithm == .ed25519 }) else { return nil }
    let least = FirmwareVersion(5, 7, 0)
    if let firmware = identity.firmware, firmware >= least { return nil }
    return Finding(
      .cardModel,
      "The script says “model: yubikey-5.7”, and \(card.prefix(1).lowercased() + card.dropFirst()) has \(identity.firmware.map { "firmware \($0)" } ?? "no firmware version").",
      hint: "Use such a card, or “model: other” with this card's payload-limit.")
  }

  /// What of all that is needed cannot be known before the card is reset, in words.
  ///
  /// - Parameter questions: what was asked.
  package func notKnown(
    _ abilities: CardAbilities, _ identity: CardIdentity, _ questions: AbilityQuestions
  ) -> [String] {
    var unknown: [String] = []
    if questions.reset, abilities.reset == .unknown { unknown.append("whether it can be reset") }
    if abilities.managementKey == .unknown { unknown.append("whether it takes a new management key") }
    if questions.deletion, abilities.deletion == .unknown { unknown.append("whether it deletes single keys") }
    if abilities.metadata == .unknown, !mayLackReadBack || discards {
      unknown.append("whether it says what a slot holds")
    }
    if abilities.attestation == .unknown, rules.attestation == .required {
      unknown.append("whether it attests its keys")
    }
    if abilities.tries == .unknown, rules.tries == .required { unknown.append("whether it sets its numbers of tries") }
    if abilities.tries == .no, rules.tries == .required, hasTries(abilities) {
      unknown.append("whether its numbers of tries are the same after its reset")
    }
    if questions.keptKey, abilities.keptKey != .yes {
      unknown.append("whether it keeps a management key behind its PIN")
    }
    for algorithm in KeyAlgorithm.allCases where roles.contains(where: { $0.algorithm == algorithm }) {
      if let firmware = identity.firmware, firmware >= algorithm.firstFirmware { continue }
      unknown.append("whether it makes keys of \(algorithm)")
    }
    return unknown
  }

  /// What the script does without on this card, in words.
  package func doneWithout(_ abilities: CardAbilities) -> [String] {
    var without: [String] = []
    if abilities.metadata == .no { without.append("It does not say what a slot holds: no key is read back.") }
    if abilities.tries == .no { without.append("It does not set its numbers of tries.") }
    return without
  }
}

extension KeyAlgorithm {
  /// The first firmware of Yubico's that makes such keys, which is all that a version tells.
  fileprivate var firstFirmware: FirmwareVersion {
    self == .ed25519 ? FirmwareVersion(5, 7, 0) : FirmwareVersion(4, 3, 0)
  }
}

extension Script {
  /// Whether a card that does not say what a slot holds will do. Scripts of version 1 had no word for it.
  package var mayLackReadBack: Bool { version < 2 || cards.readBack == .optional }
}
