import CardOperations
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata

/// The card of somebody who leaves is wiped, where nothing needs it any more; else it is left as it is, and that is on
/// record. The wait for a card has no end, so it is asked for before.
struct DestroyStep: StepMachine {
  fileprivate static let keep = "keep"
  fileprivate static var keeping: Prompt.Answer {
    Prompt.Answer(token: keep, meaning: "leave the card as it is: it is not wiped, and goes into its bag")
  }

  private let keyholder: String
  private var card: CardStep<WipeMachine>
  private var isAsking = false

  init(_ keyholder: String) {
    self.keyholder = keyholder
    card = CardStep(WipeMachine(), of: keyholder)
  }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    if let why = ceremony.whyNotWiped(keyholder) { return ceremony.leavingAsItIs(keyholder, because: why) }
    guard ceremony.failures == 0, ceremony.present != keyholder else { return card.begin(&ceremony) }
    isAsking = true
    let name = ceremony.name(of: keyholder)
    let prompt = Prompt(
      "Is the card of \(name) here, to be wiped?",
      [Prompt.Answer(token: "here", meaning: "it is put into the reader, and shown before anything is destroyed")]
        + [Self.keeping], unattended: "here")
    return .wait(
      for: .ask(
        ceremony.asking(
          prompt, "The card of \(name) is to be wiped",
          ["Its key left. The new root is written and verified, and the card has sealed: nothing needs it any more."])))
  }

  mutating func again(_ ceremony: inout Ceremony) -> Transition? {
    guard isAsking else { return nil }
    isAsking = false
    return begin(&ceremony)
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard isAsking else { return card.handle(event, &ceremony) }
    isAsking = false
    switch event {
    case .answer("here"): return card.begin(&ceremony)
    case .answer(Self.keep):
      return ceremony.leavingAsItIs(keyholder, because: "the people in the room left it as it is.")
    default: return .unexpected
    }
  }
}

/// Knows the card by its key or by what it said when it sealed, shows every slot, has its serial typed, blocks PIN and PUK,
/// resets, and looks at the slots again. A card that was told to reset before is looked at and wiped like any other.
struct WipeMachine: CardMachine {
  /// Of how many of its keys the slots were read.
  private var count = 0
  /// What was on it when it came; nil until it was looked at.
  private var holdings: [Holding]?
  private var isReset = false

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = roles(ceremony, keyholder).first else { return .unexpected }
    return .wait(for: .card(.readMetadata(role.slot)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let card = ceremony.cards[keyholder.id] else { return .unexpected }
    switch event {
    case .card(.success(.slot(let reading))):
      let roles = roles(ceremony, keyholder)
      guard roles.indices.contains(count) else { return .unexpected }
      if let refusal = refusal(reading, roles[count], card, ceremony, keyholder) { return .fail(refusal) }
      count += 1
      guard roles.indices.contains(count) else { return .wait(for: .card(.inspect(Slot.all))) }
      return .wait(for: .card(.readMetadata(roles[count].slot)))
    case .card(.success(.holdings(let found))):
      if isReset { return done(found, card, &ceremony, keyholder) }
      holdings = found
      if let refusal = ceremony.refusalToWipe(card, holding: found, of: keyholder) { return .fail(refusal) }
      return .wait(for: .ask(ask(found, card, ceremony, keyholder)))
    case .answer(DestroyStep.keep):
      let left = ceremony.leavingAsItIs(keyholder.id, because: "the people in the room left it as it is.")
      ceremony.present = nil
      return .done(left.effects + [.releaseCard])
    case .answer(let token):
      if let statement = ceremony.wipeStatement(after: token, of: holdings ?? [], keyholder) {
        return .wait(for: .ask(statement))
      }
      let stated = [ceremony.statedOfWipe(token, of: card)].compactMap(\.self)
      guard let slot = roles(ceremony, keyholder).first?.slot else { return .unexpected }
      // It was not asked before its serial was typed: RESET is no question to a card whose PIN and PUK are blocked.
      return .wait(stated, for: .card(.abilities(AbilityQuestions(slot: slot, reset: true))))
    case .card(.success(.abilities(let abilities))):
      guard abilities.reset != .no else {
        return .fail(
          Finding(
            .cardUnsupported, "The card of \(keyholder.name) does not know RESET. Nothing on it was changed.",
            hint: "Leave it as it is. Put it into its bag, or destroy it by hand."))
      }
      ceremony.toldToWipe[keyholder.id] = card.identity.name
      return .wait(for: .card(.reset))
    case .card(.success(.done)):
      isReset = true
      return .wait(for: .card(.inspect(Slot.all)))
    default: return .unexpected
    }
  }

  /// Why this is not known to be the card whose key leaves; nil where it is.
  private func refusal(
    _ reading: SlotReading, _ role: OfflineRole, _ card: EnrolledCard, _ ceremony: Ceremony, _ keyholder: Keyholder
  ) -> Finding? {
    // What sealed with that key told its serial or GUID then.
    guard let name = card.identity.name, name == ceremony.sealedWith[keyholder.id] else {
      return Finding(
        .wrongCard,
        "Nothing tells whether this is the card that sealed with the key of \(keyholder.name): it says another serial or GUID now, or none.",
        hint: "Take it out and insert the card that sealed. A card that was reset and has no serial stays as it is.")
    }
    switch reading {
    case .key(let metadata) where metadata.publicKey == ceremony.key(of: keyholder.id, role.name)?.publicKey?.bytes:
      return nil
    case .notSaid, .unknown: return nil
    case .empty, .blank:
      // It was told to reset here, and did.
      guard ceremony.toldToWipe[keyholder.id] != name else { return nil }
      return .slotIsEmpty(role, keyholder)
    case .key:
      return Finding(
        .wrongCard, "Slot \(role.slot) of this card holds another key than the one of \(keyholder.name) that leaves.",
        hint: "Take it out, and find out whose key that is. Nothing on it was changed.")
    }
  }

  private func ask(
    _ holdings: [Holding], _ card: EnrolledCard, _ ceremony: Ceremony, _ keyholder: Keyholder
  ) -> Screen {
    // Unattended, nothing but our virtual cards is ever written to.
    let mayAnswer = ceremony.configuration.isUnattended && card.identity.isVirtual
    let prompt = Prompt(
      "Type the serial of the card that is wiped.",
      [Prompt.Answer(token: card.wipeToken, meaning: "destroy every key on this card"), DestroyStep.keeping],
      unattended: mayAnswer ? card.wipeToken : Prompt.abort)
    var screen = ceremony.asking(prompt, "Wipe the card of \(keyholder.name)")
    screen.facts = card.identity.facts
    screen.text = [
      "Everything on this card is destroyed for ever. Its PIN and PUK are blocked first, then it is reset."
    ]
    if holdings.isEmpty {
      screen.text.append("No slot holds a key: it was reset before, and is reset once more.")
    } else if holdings.unknown.isEmpty {
      // Below their heading: no page parts them.
      screen.facts.append(Screen.Fact(name: "all the keys on it", value: String(holdings.count)))
      screen.facts += holdings.facts.map { Screen.Fact(name: "  \($0.name)", value: $0.value) }
    } else {
      screen.facts += holdings.facts
      screen.text.append("It does not say which slots hold keys: look at the card itself. Any slot may hold one.")
    }
    return screen
  }

  private func done(
    _ found: [Holding], _ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder
  ) -> Transition {
    guard found.occupied.isEmpty else {
      return .fail(
        Finding(
          .cardHoldsKey, "The card of \(keyholder.name) says it was reset and still holds keys.",
          hint: "Do not rely on it being wiped. Put it into its bag, or destroy it by hand."))
    }
    let record = WipeRecord(
      keyholder: keyholder.id, card: card.wipeToken,
      keys: roles(ceremony, keyholder).compactMap { ceremony.key(of: keyholder.id, $0.name)?.keyID },
      unknown: found.unknown)
    ceremony.wipes.append(record)
    ceremony.present = nil
    return .done(
      .record(record),
      .show(ceremony.screen("The card of \(keyholder.name) is wiped", ["It was reset: \(record.words)."])), .releaseCard
    )
  }

  private func roles(_ ceremony: Ceremony, _ keyholder: Keyholder) -> [OfflineRole] {
    ceremony.script.keptRoles(of: keyholder.id).compactMap { ceremony.script.cardRole($0, of: keyholder.id) }
  }
}

extension EnrolledCard {
  /// What the card calls itself now.
  fileprivate var wipeToken: String { identity.name?.description ?? name }
}

extension Ceremony {
  /// What is stated by people where a card does not say which keys it holds.
  private static let noneOfThem = "none-of-them"

  /// Why the card must not be wiped now, whoever holds it; nil where nothing needs it any more.
  func whyNotWiped(_ keyholder: String) -> String? {
    guard !isPending, let root, payloads["root"]?.isVerified == true,
      products.contains(where: { $0.path == "metadata/\(root.version).root.json" })
    else { return "the new root is not written and verified here. Its signature may still be needed." }
    let left = script.keptRoles(of: keyholder).compactMap { key(of: keyholder, $0)?.material }
    guard !left.isEmpty, !root.keys.keys.contains(where: { left.contains($0.material) }) else {
      return "its key stands in the new root."
    }
    guard sealSignatures.contains(where: { $0.keyholder == keyholder }) else {
      return "it did not seal the transcript."
    }
    guard isReachable(sealQuorums, sealSignatures, with: sealedElsewhere) else {
      return "fewer cards sealed the transcript than must. The root may have to be made again."
    }
    return nil
  }

  /// The step is over, and the card is as it was.
  mutating func leavingAsItIs(_ keyholder: String, because why: String) -> Transition {
    let name = name(of: keyholder)
    let what =
      toldToWipe[keyholder] == nil
      ? "The card of \(name) was not wiped" : "RESET was sent to the card of \(name), and nobody saw what came of it"
    return .done(
      exception(.cardNotWiped, "\(what): \(why)"),
      .show(
        screen(
          "The card of \(name) is \(toldToWipe[keyholder] == nil ? "not wiped" : "left as it is")",
          ["\(what).", "Why: \(why)", "Put it into its bag."])))
  }

  /// Why nothing on it may be destroyed: it holds a key that stays, or was not given up.
  func refusalToWipe(_ card: EnrolledCard, holding holdings: [Holding], of keyholder: Keyholder) -> Finding? {
    let leaving = script.keptRoles(of: keyholder.id).compactMap { key(of: keyholder.id, $0)?.publicKey?.bytes }
    let others = holdings.filter { holding in holding.publicKey.map { !leaving.contains($0) } ?? true }
    let held = others.compactMap(\.publicKey)
    let needed = previousKeys + (root?.keys.keys.compactMap(\.publicKey?.bytes) ?? [])
    if needed.contains(where: { held.contains($0) }) {
      return Finding(
        .cardHoldsRootKey,
        "The card \(card.name) holds another key of this root or of the root before. A reset would destroy it, too.",
        hint: "Leave the card as it is. Nothing on it was changed.")
    }
    // What a rehearsal may destroy without being told is the stand-in that leaves.
    return refusalToSacrifice(card, holding: others)
  }

  /// What is asked before the reset where the card does not say which keys it holds; nil where it does, and once it is
  /// stated.
  func wipeStatement(after token: String, of holdings: [Holding], _ keyholder: Keyholder) -> Screen? {
    let unknown = holdings.unnamed
    guard token != Self.noneOfThem, !unknown.isEmpty else { return nil }
    // Nobody states anything unattended.
    let prompt = Prompt(
      "Is it certain that the card holds no other key of this root or of the root before?",
      [
        Prompt.Answer(
          token: Self.noneOfThem, meaning: "everybody here says so, and says aloud how they know it; wipe the card"),
        DestroyStep.keeping,
      ], unattended: Prompt.abort)
    var screen = asking(
      prompt, "It is not known which keys the card of \(keyholder.name) holds",
      ["The card does not say which keys these are, so they were compared with no root."])
    screen.facts = unknown.facts
    return screen
  }

  /// The exception for the record where it was stated; nil where nothing had to be.
  fileprivate mutating func statedOfWipe(_ token: String, of card: EnrolledCard) -> Effect? {
    guard token == Self.noneOfThem else { return nil }
    return exception(
      .cardHoldsUnknown,
      "The card \(card.name) does not say which keys it holds. Everybody here said that no other one is a key of a root."
    )
  }
}
