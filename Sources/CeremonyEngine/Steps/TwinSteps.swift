import CardOperations
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata

/// Sets a card up where it has no stand-in yet, and makes one on it: reset, PUK, PIN and a key.
struct StandInMachine: CardMachine {
  let keyID: String
  var leavesDoubt: Bool { machine.leavesDoubt }
  private var machine: any CardMachine
  private var rest: [any CardMachine] = []

  init(keyID: String) {
    self.keyID = keyID
    machine = StandInKeyMachine(keyID: keyID)
  }

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    // The second key of a card must not cost it the first.
    if !ceremony.hasStandIn(keyholder.id) {
      rest = [SecretMachine(kind: .puk), SecretMachine(kind: .pin), machine]
      machine = ResetMachine()
      // A card that this step had before may hold a key by now, and is looked at by the reset alone.
      if !card.mayHoldKeys {
        rest.insert(machine, at: 0)
        machine = IdentifyMachine()
      }
      ceremony.cards[keyholder.id]?.holdings = nil
    }
    let transition = machine.begin(ceremony.cards[keyholder.id] ?? card, &ceremony, keyholder)
    return goOn(transition, &ceremony, keyholder)
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    let transition = machine.handle(event, &ceremony, keyholder)
    return goOn(transition, &ceremony, keyholder)
  }

  /// With the next part where one is done.
  private mutating func goOn(
    _ first: Transition, _ ceremony: inout Ceremony, _ keyholder: Keyholder
  ) -> Transition {
    var (effects, transition) = (first.effects, first)
    while case .done = transition.next {
      guard !rest.isEmpty, let card = ceremony.cards[keyholder.id] else {
        ceremony.present = nil
        return .done(effects + [.releaseCard])
      }
      machine = rest.removeFirst()
      transition = machine.begin(card, &ceremony, keyholder)
      effects += transition.effects
    }
    return Transition(effects: effects, next: transition.next)
  }
}

/// Makes a stand-in in the slot in which the ceremony will look for it.
private struct StandInKeyMachine: CardMachine {
  let keyID: String

  private func standIn(_ ceremony: Ceremony) -> StandIn? {
    ceremony.script.standIns.first { $0.original.keyID == keyID }
  }

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let standIn = standIn(ceremony) else { return .unexpected }
    let role = standIn.role
    ceremony.cards[keyholder.id]?.mayHoldKeys = true
    var screen = ceremony.screen(
      "A stand-in for the key of \(keyholder.name)",
      [
        "This is a rehearsal of what is done with a real root. No real key is used in it.",
        "This card makes a key that stands in for the real one. It signs in this rehearsal alone.",
      ])
    screen.facts = [
      Screen.Fact(name: "real key", value: standIn.original.described),
      Screen.Fact(name: "slot", value: role.slot.description),
      Screen.Fact(name: "algorithm", value: role.algorithm.description),
    ]
    return .wait(.show(screen), for: .card(.generate(role.slot, role.algorithm, role.pinPolicy, role.touchPolicy)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard case .card(.success(.publicKey(let bytes))) = event, let standIn = standIn(ceremony) else {
      return .unexpected
    }
    guard let key = try? PublicKey(card: bytes, standIn.role.algorithm), key.weakness == nil,
      !ceremony.script.standIns.contains(where: {
        ceremony.twin.keys[$0.original.keyID] == key || $0.original.publicKey == key
      })
    else {
      return .fail(
        Finding(
          .cardAnswerMalformed,
          "The card of \(keyholder.name) returned something that is not a sound, new \(standIn.role.algorithm) key.",
          hint: "Do not use this card. Take another one."))
    }
    ceremony.twin.keys[keyID] = key
    var screen = ceremony.screen("The stand-in for the key of \(keyholder.name)")
    screen.digests = [Screen.Labelled(label: "public key, SHA-256", digest: SHA256Digest(of: key.spki))]
    return .done(.show(screen))
  }
}

/// Puts the stand-ins into the real root's place.
struct BuildTwinStep: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    guard let real = ceremony.script.baseline,
      let baseline = ceremony.script.twin(ceremony.twin.keys, at: ceremony.time)
    else { return .unexpected }
    let content = Envelope(signed: baseline.root.json)
    let limit = ceremony.script.standIns.filter { $0.signs && $0.role.algorithm == .ed25519 }
      .map { ceremony.script.messageLimit(of: $0.holder) }.min()
    let size = content.signedBytes.count - (ceremony.script.isOnVirtualCards ? Header.rehearsalMarkSize : 0)
    if let limit, size > limit {
      return .refuse(
        Finding(
          .payloadTooLarge,
          "The twin of the real root has \(size) bytes to sign, and the card signs at most \(limit).",
          hint: "Rehearse with cards that sign more, or first rotate to P-256 keys, which have no such limit."))
    }
    ceremony.twin.content = content
    let pairs = ceremony.script.standIns.compactMap { standIn in
      baseline.key(standIn.original.keyID).map {
        TwinRecord.Pair(original: standIn.original.keyID, standIn: $0.keyID)
      }
    }
    ceremony.script = ceremony.script.going(on: baseline)
    var screen = ceremony.screen(
      "The twin of root \(baseline.root.version)",
      [
        "It is the real root with a stand-in for each key that is on a card, marked as a rehearsal. All else is as it is there.",
        "From here on the rehearsal goes on from the twin, as the ceremony goes on from the real root.",
      ])
    screen.facts = zip(ceremony.script.standIns, pairs).map { standIn, pair in
      Screen.Fact(
        name: "\(shortened(pair.original)), \(ceremony.name(of: standIn.holder))", value: shortened(pair.standIn))
    }
    screen.digests = [
      Screen.Labelled(label: "the real root", digest: real.digest),
      Screen.Labelled(label: "the twin, the signed part", digest: SHA256Digest(of: content.signedBytes)),
    ]
    return .done(
      .record(TwinRecord(root: real.digest, keys: pairs)),
      .record(PayloadRecord(role: "twin", version: baseline.root.version, content: content.signedBytes)), .show(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition { .unexpected }
}

/// Writes the twin once as many stand-ins signed it as its threshold.
struct WriteTwinStep: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    guard let content = ceremony.twin.content, let twin = ceremony.script.baseline, let path = twin.twinPath else {
      return .unexpected
    }
    let count = content.count(twin.root[.root], twin.root.keys)
    guard count.isMet else {
      return .refuse(
        Finding(
          .thresholdNotReached, "The twin has \(count.counted.count) valid signatures, and needs \(count.threshold).",
          hint: "Nothing was written. Rehearse again."))
    }
    let bytes = content.serialized()
    let product = Product(path, bytes)
    ceremony.script = ceremony.script.going(on: twin.signed(bytes))
    ceremony.products.append(product)
    var screen = ceremony.screen("Written: \(path)")
    screen.digests = [Screen.Labelled(label: path, digest: SHA256Digest(of: bytes))]
    return .done(.create(product), .show(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition { .unexpected }
}
