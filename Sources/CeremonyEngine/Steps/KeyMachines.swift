import Attestation
import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata
import Transcript

extension Finding {
  /// A slot that must hold a key is empty.
  static func slotIsEmpty(_ role: OfflineRole, _ keyholder: Keyholder) -> Finding {
    Finding(
      .slotMismatch, "Slot \(role.slot) of the card of \(keyholder.name) is empty: the \(role.name) key is not there.",
      hint: "Do not use this card. Take another one.")
  }

  /// What the card says of a slot was not compared with anything.
  static func notReadBack(_ role: OfflineRole, _ keyholder: Keyholder) -> Finding {
    Finding(
      .notReadBack, .warning,
      "The card of \(keyholder.name) does not say what slot \(role.slot) holds: nothing was read back for \(role.name).",
      hint: "Its signatures show that it has the key. Nothing confirms its policies.")
  }
}

/// Makes a role's key on the card.
struct GenerateMachine: CardMachine {
  let role: String

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = ceremony.script.cardRole(role, of: keyholder.id) else { return .unexpected }
    ceremony.cards[keyholder.id]?.mayHoldKeys = true
    var screen = ceremony.screen("Generate the \(role.name) key of \(keyholder.name)")
    screen.facts = [
      Screen.Fact(name: "slot", value: role.slot.description),
      Screen.Fact(name: "algorithm", value: role.algorithm.description),
      Screen.Fact(name: "PIN policy", value: role.pinPolicy.description),
      Screen.Fact(name: "touch policy", value: role.touchPolicy.description),
    ]
    return .wait(.show(screen), for: .card(.generate(role.slot, role.algorithm, role.pinPolicy, role.touchPolicy)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    if case .answer = event { return .done() }
    guard case .card(.success(.publicKey(let bytes))) = event,
      let role = ceremony.script.cardRole(role, of: keyholder.id)
    else {
      return .unexpected
    }
    guard let key = try? PublicKey(card: bytes, role.algorithm), key.weakness == nil else {
      return .fail(
        Finding(
          .cardAnswerMalformed,
          "The card of \(keyholder.name) returned something that is not a sound \(role.algorithm) key.",
          hint: "Do not use this card. Take another one."))
    }
    let isRepeated =
      ceremony.script.cardholders.contains { other in
        ceremony.cards[other.id]?.keys.contains {
          $0.value.publicKey == key && !(other.id == keyholder.id && $0.key == role.name)
        } ?? false
      } || ceremony.retired.contains { $0.card.keys.values.contains { $0.publicKey == key } }
    guard !isRepeated else {
      return .fail(
        Finding(
          .keyRepeated, "The card of \(keyholder.name) made a key that another card or slot made before.",
          hint: "Stop and find out why: no sound card does that."))
    }
    ceremony.cards[keyholder.id]?.keys[role.name] = EnrolledKey(publicKey: key)
    var screen = ceremony.screen(
      "The \(role.name) key of \(keyholder.name)", ["Read the words aloud. Everybody writes them down."])
    screen.digests = [ceremony.identifier(of: key, keyholder)]
    screen.prompt = .written
    return .wait(for: .ask(screen))
  }
}

/// Has the card attest the key, and judges what it says against the key, the card and the script.
struct AttestMachine: CardMachine {
  let role: String

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = ceremony.script.cardRole(role, of: keyholder.id) else { return .unexpected }
    return .wait(for: .card(.attest(role.slot)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = ceremony.script.cardRole(role, of: keyholder.id), let card = ceremony.cards[keyholder.id],
      let key = card.keys[role.name]?.publicKey
    else { return .unexpected }
    switch event {
    case .card(.success(.attestation(let leaf, let intermediate))):
      let expectation = AttestationExpectation(
        slot: role.slot, key: key, serial: card.identity.serial, pinPolicy: role.pinPolicy,
        touchPolicy: role.touchPolicy)
      let verdict: AttestationVerdict
      do {
        verdict = AttestationEvidence(leaf: leaf, intermediate: intermediate).verdict(
          against: expectation, trusting: try ceremony.anchors(), at: ceremony.time)
      } catch {
        return .refuse(error)
      }
      guard verdict.holds, let facts = verdict.facts else {
        guard let first = verdict.findings.first else { return .unexpected }
        // What a chain that holds says is believed, and must be what was asked for.
        let isIgnorable =
          verdict.facts == nil && !verdict.findings.contains { $0.code == .attestationTestCA }
        guard isIgnorable, ceremony.script.cards.attestation == .optional else {
          return .fail(first, verdict.findings.dropFirst().map { .record(FindingRecord($0)) })
        }
        return unproven(verdict.findings, role, &ceremony, keyholder)
      }
      if let finding = ceremony.compareCase(of: keyholder, with: facts) ?? ceremony.sharedDevice(facts, keyholder) {
        return .fail(finding)
      }
      ceremony.cards[keyholder.id]?.keys[role.name]?.attestation = EnrolledKey.KeyAttestation(
        leaf: leaf, intermediate: intermediate, facts: facts)
      var screen = ceremony.screen("The \(role.name) key of \(keyholder.name) is attested")
      screen.facts = facts.shown
      return .done(.show(screen))
    case .card(.success(.unattested(let error))):
      let finding = error.finding.at("the attestation of slot \(role.slot)")
      guard ceremony.script.cards.attestation == .optional else { return .fail(finding) }
      return unproven([finding], role, &ceremony, keyholder)
    case .card(.success(.unsupported)):
      let finding = Finding(
        .attestationMissing, "The card of \(keyholder.name) cannot attest its key.",
        hint: "Use a card that can, or a script that says “attestation: optional”.")
      guard ceremony.script.cards.attestation == .optional else { return .fail(finding) }
      return unproven([finding], role, &ceremony, keyholder)
    default: return .unexpected
    }
  }

  /// Under “attestation: optional” the key counts, and nothing proves that it is on hardware.
  private func unproven(
    _ findings: [Finding], _ role: OfflineRole, _ ceremony: inout Ceremony, _ keyholder: Keyholder
  ) -> Transition {
    ceremony.cards[keyholder.id]?.keys[role.name]?.isUnproven = true
    let warnings = findings.map { finding in
      Finding(
        finding.code, .warning,
        "The \(role.name) key of \(keyholder.name) is not proven to be on hardware: \(finding.what)",
        hint: "The script says “attestation: optional”. The report begins with this.", place: finding.place)
    }
    let screen = ceremony.screen(
      "The \(role.name) key of \(keyholder.name) is not proven to be on hardware",
      findings.flatMap { [$0.what] + ($0.place.map { ["It is about: \($0)."] } ?? []) })
    return .done(warnings.map { .record(FindingRecord($0)) } + [.show(screen)])
  }
}

/// Puts the attestation into the slot's certificate object, reads the slot back and compares.
struct ReadBackMachine: CardMachine {
  let role: String
  private var saysPolicies = false

  init(role: String) { self.role = role }

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = ceremony.script.cardRole(role, of: keyholder.id) else { return .unexpected }
    return .wait(for: .card(.readMetadata(role.slot)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = ceremony.script.cardRole(role, of: keyholder.id),
      let key = ceremony.cards[keyholder.id]?.keys[role.name]
    else {
      return .unexpected
    }
    switch event {
    case .card(.success(.slot(let reading))):
      switch reading {
      case .key(let metadata):
        if let difference = metadata.difference(from: role, key.publicKey) {
          return .fail(
            Finding(
              .slotMismatch, "Slot \(role.slot) of the card of \(keyholder.name) \(difference).",
              hint: "Do not use this card. Take another one."))
        }
        ceremony.cards[keyholder.id]?.keys[role.name]?.isReadBack = true
        saysPolicies = metadata.pinPolicy != nil && metadata.touchPolicy != nil
        return install(key, role, ceremony, keyholder)
      case .empty, .blank: return .fail(.slotIsEmpty(role, keyholder))
      case .notSaid, .unknown:
        guard ceremony.script.mayLackReadBack else {
          return .fail(
            Finding(
              .cardUnsupported, "The card of \(keyholder.name) does not say what slot \(role.slot) holds.",
              hint: "Use another card, or a script that says “read-back: optional” under “ceremony: 2”."))
        }
        return install(
          key, role, ceremony, keyholder, [.record(FindingRecord(.notReadBack(role, keyholder)))])
      }
    case .card(.success(.certificate(let certificate))):
      guard certificate == key.attestation?.leaf else {
        return .fail(
          Finding(
            .slotMismatch, "The card of \(keyholder.name) did not keep the certificate that was written to it.",
            hint: "Try again, or take another card."))
      }
      return .done(shown(ceremony, role, keyholder))
    default: return .unexpected
    }
  }

  /// Where there is an attestation, other programs see the key by it.
  private func install(
    _ key: EnrolledKey, _ role: OfflineRole, _ ceremony: Ceremony, _ keyholder: Keyholder, _ effects: [Effect] = []
  ) -> Transition {
    guard let leaf = key.attestation?.leaf else { return .done(effects + [shown(ceremony, role, keyholder)]) }
    return .wait(effects, for: .card(.installCertificate(role.slot, leaf)))
  }

  private func shown(_ ceremony: Ceremony, _ role: OfflineRole, _ keyholder: Keyholder) -> Effect {
    guard ceremony.cards[keyholder.id]?.keys[role.name]?.isReadBack == true else {
      return .show(ceremony.screen(nil, ["The card of \(keyholder.name) does not say what slot \(role.slot) holds."]))
    }
    let policies = saysPolicies ? ", with the policies asked for" : "; it does not say with which policies"
    return .show(
      ceremony.screen(
        nil, ["Slot \(role.slot) of the card of \(keyholder.name) holds the key that was made\(policies)."]))
  }
}

extension SlotMetadata {
  /// How this differs from what was asked for; nil where it does not, as far as the card says anything.
  func difference(from role: OfflineRole, _ key: PublicKey) -> String? {
    if algorithm != role.algorithm.rawValue { return "holds a key of another algorithm" }
    if publicKey != key.bytes { return "holds another key" }
    if origin == .imported { return "holds a key that was not generated on the card" }
    if let pinPolicy, pinPolicy != role.pinPolicy { return "has another PIN policy" }
    if let touchPolicy, touchPolicy != role.touchPolicy { return "has another touch policy" }
    return nil
  }
}

extension Ceremony {
  /// By what a new key is known from here on: its key id, as the metadata has it. An official's stands in none.
  fileprivate func identifier(of key: PublicKey, _ keyholder: Keyholder) -> Screen.Labelled {
    if script.official(keyholder.id) == nil, let id = SHA256Digest(hex: script.metadataKey(key, of: keyholder.id).keyID)
    {
      return Screen.Labelled(label: "key id", digest: id)
    }
    return Screen.Labelled(label: "public key, SHA-256", digest: SHA256Digest(of: key.spki))
  }

  /// Why a device that attests this serial cannot be the keyholder's: it attested somebody else's key, or is known as
  /// somebody else's card. A card may hide its serial, and an attestation does not.
  func sharedDevice(_ facts: AttestationFacts, _ keyholder: Keyholder) -> Finding? {
    guard let serial = facts.serial else { return nil }
    let others =
      script.cardholders.filter { $0.id != keyholder.id }.compactMap { other in
        cards[other.id].map { (name(of: other.id), $0) }
      } + retired.map { (name(of: $0.keyholder), $0.card) }
    let owner = others.first { _, card in
      card.identity.serial == serial || card.keys.values.contains { $0.attestation?.facts.serial == serial }
    }
    guard let owner else { return nil }
    return Finding(
      .serialRepeated, "The key is attested by the device with serial \(serial), which is the card of \(owner.0).",
      hint: "One device cannot be the card of two people. Take it out, and use a card of \(name(of: keyholder.id)).")
  }
}
