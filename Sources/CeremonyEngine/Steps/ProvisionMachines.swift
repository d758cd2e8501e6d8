import CardOperations
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Transcript

/// Blocks and resets, after the room has seen what is lost. A card whose slots are known to be empty first shows that it
/// makes the keys that it will have to.
struct ResetMachine: CardMachine {
  /// The card as it was known to be before the keys that are being tried; nil where none are.
  private var untried: EnrolledCard?
  private var isReset = false

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let holdings = card.holdings else { return .wait(for: .card(.inspect(Slot.all))) }
    return ask(holdings, card, ceremony, keyholder)
  }

  private func ask(_ holdings: [Holding], _ card: EnrolledCard, _ ceremony: Ceremony, _ keyholder: Keyholder)
    -> Transition
  {
    // A card may have been exchanged since it was identified.
    if let refusal = ceremony.refusalToReset(card, holding: holdings) { return .fail(refusal) }
    // Without a serial nothing tells this card from one that was put in its place.
    let isItsOwn = card.mayHoldKeys && (card.identity.serial != nil || card.identity.isVirtual)
    if !isItsOwn, let refusal = ceremony.refusalToSacrifice(card, holding: holdings) { return .fail(refusal) }
    let prompt: Prompt
    if holdings.isEmpty {
      prompt = .proceed("Reset the card?", "reset", "PIN, PUK and all slots go back to the factory's state")
    } else {
      // Unattended, nothing but our virtual cards is ever written to.
      let mayAnswer = ceremony.configuration.isUnattended && card.identity.isVirtual
      prompt = Prompt(
        "Type the serial of the card whose keys are destroyed.",
        [Prompt.Answer(token: card.name, meaning: "destroy every key on this card")],
        unattended: mayAnswer ? card.name : Prompt.abort)
    }
    var screen = ceremony.asking(prompt, "Reset the card of \(keyholder.name)")
    screen.facts = holdings.facts
    screen.text = [holdings.isEmpty ? "No slot holds a key." : "Everything on this card is destroyed for ever."]
    if !holdings.unknown.isEmpty {
      screen.text.append("It does not say which slots hold keys: look at the card itself. Any slot may hold one.")
    }
    if !holdings.isEmpty, card.mayHoldKeys {
      screen.text.append(
        isItsOwn
          ? "This ceremony told it to make keys. These may be they."
          : "This ceremony told a card to make keys. Nothing tells that card from this one: look whether it is the same."
      )
    }
    return .wait(for: .ask(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let card = ceremony.cards[keyholder.id] else { return .unexpected }
    switch event {
    case .answer(let token):
      if let statement = ceremony.statement(after: token, of: card, keyholder) { return .wait(for: .ask(statement)) }
      let stated = [ceremony.stated(token, of: card)].compactMap(\.self)
      guard card.holdings?.isEmpty == true else {
        // It was not asked whether it knows RESET while its keys were not given up. One word of a card is not believed
        // where PIN and PUK are blocked for good on it.
        guard
          let questions = CardNeeds(ceremony.script, ceremony.rolesToMake(of: keyholder.id), of: keyholder.id)
            .questions(isEmpty: true)
        else { return .unexpected }
        return .wait(stated, for: .card(.abilities(questions)))
      }
      untried = card
      ceremony.cards[keyholder.id]?.mayHoldKeys = true
      // A try that does not end leaves a card that has to be looked at again.
      ceremony.cards[keyholder.id]?.holdings = nil
      let trials = ceremony.rolesToMake(of: keyholder.id).trials
      return .wait(stated, for: .card(.tryKeys(trials)))
    case .card(.success(.holdings(let found))) where untried != nil:
      ceremony.cards[keyholder.id] = untried
      return .fail(
        Finding(
          .cardHoldsKey,
          "The card of \(keyholder.name) said that slot \(found.map(\.slot.description).joined(separator: ", ")) is empty, and now it holds a key.",
          hint: "Nothing on it was changed. Do not use this card. Take another one."))
    case .card(.success(.abilities(let abilities))):
      let needs = CardNeeds(ceremony.script, ceremony.rolesToMake(of: keyholder.id), of: keyholder.id)
      let told = ceremony.noting(abilities, of: keyholder, isEmpty: false)
      if let refusal = needs.refusal(abilities, card.identity, of: "The card of \(keyholder.name)") {
        return .fail(refusal, told)
      }
      return .wait(told, for: .card(.reset))
    case .card(.success(.done)) where untried != nil, .card(.success(.unsupported)) where untried != nil:
      untried = nil
      return .wait(for: .card(.reset))
    case .card(.success(.done)):
      isReset = true
      // What was occupied must be empty, and so must be what gets a key.
      let slots = (card.holdings ?? []).map(\.slot) + ceremony.rolesToMake(of: keyholder.id).map(\.slot)
      return .wait(for: .card(.inspect(Slot.all.filter(slots.contains))))
    case .card(.success(.holdings(let holdings))):
      ceremony.cards[keyholder.id]?.holdings = holdings
      guard isReset else { return ask(holdings, card, ceremony, keyholder) }
      guard holdings.occupied.isEmpty else {
        return .fail(
          Finding(
            .cardHoldsKey, "The card of \(keyholder.name) says it was reset and still holds keys.",
            hint: "Do not use this card. Take another one."))
      }
      ceremony.cards[keyholder.id]?.mayHoldKeys = false
      let left = holdings.isEmpty ? "No slot holds a key." : "It said so itself; it does not say what its slots hold."
      return .done(.show(ceremony.screen("The card of \(keyholder.name) is reset", [left])))
    default: return .unexpected
    }
  }
}

extension [OfflineRole] {
  /// Those that fewer cards make come first, so that a card that does not is left with none.
  fileprivate var trials: [KeyTrial] {
    [.ed25519, .ecdsaP384, .ecdsaP256].flatMap { algorithm in
      filter { $0.algorithm == algorithm }.map {
        KeyTrial(slot: $0.slot, algorithm: algorithm, pin: $0.pinPolicy, touch: $0.touchPolicy)
      }
    }
  }
}

struct TriesMachine: CardMachine {
  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    let rules = ceremony.script.cards
    return .wait(
      .show(
        ceremony.screen(nil, ["To be: \(rules.pinTries) tries for the PIN, \(rules.pukTries) for the PUK."])),
      for: .card(.setTries(pin: rules.pinTries, puk: rules.pukTries)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    switch event {
    case .card(.success(.done)): return .done()
    case .card(.success(.unchanged)): return .done(.show(ceremony.screen(nil, ["The card has these numbers already."])))
    case .card(.success(.unsupported)):
      guard ceremony.script.cards.tries == .optional else {
        return .fail(
          Finding(
            .cardUnsupported, "The card of \(keyholder.name) cannot set its numbers of tries.",
            hint: "Use another card, or a script that says “tries: optional” under “ceremony: 2”."))
      }
      let warning = Finding(
        .triesNotSet, .warning,
        "The card of \(keyholder.name) cannot set its numbers of tries: it keeps those that it has.",
        hint: "The script says “tries: optional”.")
      return .done(
        .record(FindingRecord(warning)), .show(ceremony.screen(nil, ["The card keeps the numbers that it has."])))
    default: return .unexpected
    }
  }
}

/// A new PUK or PIN in place of the factory's.
struct SecretMachine: CardMachine {
  let kind: SecretOperation.Kind
  let leavesDoubt = true

  private func handle(of keyholder: Keyholder) -> SecretHandle { SecretHandle("\(keyholder.id)/\(kind.rawValue)") }

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    let screen = ceremony.screen(
      "A new \(kind.rawValue.uppercased()) for the card of \(keyholder.name)",
      [
        ceremony.configuration.newCodes(of: keyholder.name),
        "Only \(keyholder.name) sees it. It is not recorded, and neither is its length.",
      ])
    return .wait(.show(screen), for: .secret(SecretOperation(action: .make, kind: kind, handle: handle(of: keyholder))))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    switch event {
    case .secret(isDone: true):
      let handle = handle(of: keyholder)
      return .wait(for: .card(kind == .puk ? .changePUK(to: handle) : .changePIN(to: handle)))
    case .secret(isDone: false):
      return .fail(
        Finding(
          .secretNotMade, "No new \(kind.rawValue.uppercased()) was made.",
          hint: "Try again: 6 to 8 digits, the same twice."))
    case .card(.success(.done)): return .done()
    default: return .unexpected
    }
  }
}

extension CeremonyConfiguration {
  /// How a new PIN or PUK comes about.
  fileprivate func newCodes(of name: String) -> String {
    switch secrets {
    case .typed: "\(name) types it twice: 6 to 8 digits. Nothing shows while they are typed."
    case .made where isRehearsal:
      "The program makes it. \(name) reads it on the second terminal; without one it stands on the paper in virtual-cards."
    case .made:
      "The program makes it. \(name) reads it on the second terminal, writes it down, and presses Enter there."
    }
  }
}

/// CHUID and CCC, with identifiers drawn for this card.
struct IdentityMachine: CardMachine {
  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    .wait(.show(ceremony.screen()), for: .random(count: 30, purpose: "card identifiers"))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    switch event {
    case .random(let bytes):
      // RFC 4122 §4.4: the GUID of a CHUID is a UUID of version 4.
      var guid = Array(bytes.prefix(16))
      guard guid.count == 16 else { return .unexpected }
      guid[6] = guid[6] & 0x0f | 0x40
      guid[8] = guid[8] & 0x3f | 0x80
      ceremony.cards[keyholder.id]?.guid = guid
      return .wait(for: .card(.writeIdentity(guid: guid, ccc: Array(bytes.dropFirst(16)))))
    case .card(.success(.done)): return .done()
    default: return .unexpected
    }
  }
}

/// Replaces the management key by a random one that nobody but the card keeps, and has the card refuse the factory's.
/// PIN and PUK were changed by their factory values, so those are gone. What a card says of its own secrets is not believed.
struct ManagementKeyMachine: CardMachine {
  /// Nobody knows which key a card has that did not answer: a card that is provisioned begins anew.
  let leavesDoubt = true
  private var isForgetting = false

  private func operation(_ action: SecretOperation.Action, _ keyholder: Keyholder) -> SecretOperation {
    SecretOperation(action: action, kind: .managementKey, handle: SecretHandle("\(keyholder.id)/management-key"))
  }

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    let fate =
      switch ceremony.script.cards.managementKey {
      case .forget: "It is random and forgotten at once: from now on nobody changes this card's keys without a reset."
      case .protected: "It is random, and kept on the card behind the PIN: with the PIN alone the card can be managed."
      }
    let screen = ceremony.screen(nil, [fate])
    return .wait(.show(screen), for: .secret(operation(.make, keyholder)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    switch event {
    case .secret(isDone: true) where isForgetting: return .wait(for: .card(.tryFactoryKey))
    case .secret(isDone: true):
      ceremony.cards[keyholder.id]?.mayHaveNewManagementKey = true
      let isKept = ceremony.script.cards.managementKey == .protected
      return .wait(for: .card(.setManagementKey(operation(.make, keyholder).handle, isKept: isKept)))
    case .card(.success(.done)):
      isForgetting = true
      return .wait(for: .secret(operation(.forget, keyholder)))
    case .card(.success(.factoryKey(let opens))):
      guard !opens else {
        return .fail(
          Finding(
            .factorySecret, "The factory's management key still opens the card of \(keyholder.name).",
            hint: "Provision this card again from its beginning, or use another card."))
      }
      return finish(&ceremony, keyholder)
    default: return .unexpected
    }
  }

  /// The factory's key does not open the card any more.
  func finish(_ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let card = ceremony.cards[keyholder.id] else { return .unexpected }
    let products = card.products(ceremony, keyholder)
    ceremony.products += products
    ceremony.present = nil
    var screen = ceremony.screen("The card of \(keyholder.name) is ready", ["Take it out and keep it."])
    screen.facts = card.identity.facts + card.caseFacts
    return .done(products.map { .create($0) } + [.show(screen), .releaseCard])
  }
}

extension CardIdentity {
  package var facts: [Screen.Fact] {
    [
      Screen.Fact(name: "serial", value: serial.map { String($0) } ?? "none"),
      Screen.Fact(name: "firmware", value: firmware?.description ?? "unknown"),
    ]
  }
}
