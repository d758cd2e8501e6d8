import CardOperations
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes

/// A card that will delete a key keeps the factory's management key until then: what deletes needs one, and a random one
/// would be lost with a program that is killed.
struct SetAsideMachine: CardMachine {
  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    let roles = ceremony.script.discardedRoles(of: keyholder.id).map(\.name).joined(separator: " and ")
    var screen = ceremony.screen(
      "The card of \(keyholder.name) has its keys",
      [
        "Take it out. \(keyholder.name) keeps it in sight: its management key is still the factory's.",
        "Whoever has the card could delete its keys or make others. Nobody could copy them, or sign without the PIN.",
        "It is replaced once the \(roles) key is deleted.",
      ])
    screen.facts = card.identity.facts + card.caseFacts
    ceremony.present = nil
    return .done(.show(screen), .releaseCard)
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition { .unexpected }
}

/// Deletes the card's keys of discarded roles, one after another: the slot must hold the key that was made here, and be
/// empty afterwards, by the card's word. Then the management key is replaced.
///
/// A card that did not answer is asked again: a slot that is empty by then was emptied here.
struct DiscardMachine: CardMachine {
  private var roles: [OfflineRole] = []
  private var phase = Phase.looking
  private var management = ManagementKeyMachine()

  private enum Phase {
    /// What the slot of the next role holds.
    case looking
    case deleting
    /// Whether it still holds it.
    case lookingAgain
    /// Whether the factory's key still opens it.
    case trying
    case replacing
  }

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    roles = ceremony.script.discardedRoles(of: keyholder.id)
    return next(&ceremony, keyholder)
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    switch (phase, event) {
    case (.replacing, _): return management.handle(event, &ceremony, keyholder)
    case (.trying, .card(.success(.factoryKey(opens: true)))): return replace(&ceremony, keyholder)
    // A key that nobody knows, or that the card keeps behind its PIN, took its place before an answer was lost.
    case (.trying, .card(.success(.factoryKey(opens: false)))):
      return management.finish(&ceremony, keyholder)
    case (.looking, .card(.success(.slot(let reading)))): return looked(reading, &ceremony, keyholder)
    case (.deleting, .card(.success(.done))):
      guard let role = roles.first else { return .unexpected }
      phase = .lookingAgain
      return .wait(for: .card(.readMetadata(role.slot)))
    case (.lookingAgain, .card(.success(.slot(.empty)))): return deleted(&ceremony, keyholder)
    case (.lookingAgain, .card(.success(.slot))):
      guard let role = roles.first else { return .unexpected }
      return .fail(
        Finding(
          .keyNotDiscarded,
          "The card of \(keyholder.name) says that it deleted the \(role.name) key, and not that slot \(role.slot) is empty.",
          hint: "Do not rely on it. Try again, or give the ceremony up and reset the card."))
    default: return .unexpected
    }
  }

  mutating func failed(_ error: PIVError, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Finding {
    guard phase == .deleting, let role = roles.first else { return error.finding }
    if case .noAnswer = error { return error.finding }
    if let key = ceremony.cards[keyholder.id]?.keys[role.name]?.publicKey.bytes {
      ceremony.cards[keyholder.id]?.toldToDelete.remove(key)
    }
    guard case .notSupported = error else { return error.finding }
    return Finding(
      .keyNotDiscarded, "The card of \(keyholder.name) does not know DELETE KEY: its \(role.name) key is still there.",
      hint: "Give the ceremony up and reset the card. Use cards that delete keys, or a script without “discarded”.")
  }

  /// The slot of the next role, or the management key where no key is left.
  private mutating func next(_ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = roles.first else {
      guard ceremony.cards[keyholder.id]?.mayHaveNewManagementKey == true else { return replace(&ceremony, keyholder) }
      phase = .trying
      return .wait(for: .card(.tryFactoryKey))
    }
    phase = .looking
    return .wait(for: .card(.readMetadata(role.slot)))
  }

  private mutating func looked(
    _ reading: SlotReading, _ ceremony: inout Ceremony, _ keyholder: Keyholder
  ) -> Transition {
    guard let role = roles.first, let key = ceremony.cards[keyholder.id]?.keys[role.name]?.publicKey.bytes else {
      return .unexpected
    }
    switch reading {
    case .key(let metadata) where metadata.publicKey == key:
      phase = .deleting
      ceremony.cards[keyholder.id]?.toldToDelete.insert(key)
      return .wait(for: .card(.deleteKey(role.slot)))
    case .empty where ceremony.cards[keyholder.id]?.toldToDelete.contains(key) == true:
      return deleted(&ceremony, keyholder)
    case .empty, .blank: return .fail(.slotIsEmpty(role, keyholder))
    case .key:
      return .fail(
        Finding(
          .slotMismatch,
          "Slot \(role.slot) of this card holds another key than the \(role.name) key of \(keyholder.name).",
          hint: "Nothing on it was changed. Find out whose key that is."))
    case .notSaid, .unknown:
      return .fail(
        Finding(
          .cardUnsupported,
          "The card of \(keyholder.name) does not say what slot \(role.slot) holds. Nothing was deleted.",
          hint: "Try again. Otherwise give the ceremony up and reset the card."))
    }
  }

  /// The card says that the slot of the role is empty.
  private mutating func deleted(_ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = roles.first else { return .unexpected }
    roles.removeFirst()
    let told = Effect.show(
      ceremony.screen(
        "The \(role.name) key of \(keyholder.name) is deleted",
        ["Slot \(role.slot) is empty, by the card's word. Nobody can sign with that key any more."]))
    let next = next(&ceremony, keyholder)
    return Transition(effects: [told] + next.effects, next: next.next)
  }

  private mutating func replace(_ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let card = ceremony.cards[keyholder.id] else { return .unexpected }
    phase = .replacing
    management = ManagementKeyMachine()
    return management.begin(card, &ceremony, keyholder)
  }
}
