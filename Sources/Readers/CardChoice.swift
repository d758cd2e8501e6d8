import Findings
import PCSC

/// Which of the present cards a keyholder's step gets: by serial, never by the order of readers.
struct CardChoice {
  /// A card that answered, in its reader.
  struct Candidate: Hashable {
    let insertion: Insertion
    /// The serial, or the CHUID's GUID; nil for a card that has neither.
    let identity: String?
    let serial: UInt32?
    /// Whether it was inserted after the wait began.
    let isNew: Bool
  }

  enum Decision: Equatable {
    case take(Insertion)
    /// None of them, for this reason.
    case wait(Finding?)
  }

  let keyholder: String
  /// nil while the keyholder's card is not bound yet.
  let serial: UInt32?
  /// Identities of cards that were taken for a keyholder before.
  let claims: [String: String]
  /// Identities that this keyholder was given before, none of which was bound to them.
  let tried: Set<String>
  let isUnattended: Bool

  func decide(_ candidates: [Candidate]) -> Decision {
    if let twice = repeated(candidates) {
      return .wait(
        Finding(
          .cardIdentityTwice, "Two cards say that they are \(twice). Cards are told apart by this, so neither is used.",
          hint: "Take one of them out, and find out why there are two."))
    }
    if let serial {
      if let right = candidates.first(where: { $0.serial == serial }) { return .take(right.insertion) }
      return stray(candidates) ?? .wait(nil)
    }
    let free = candidates.filter { card in
      guard let identity = card.identity else { return true }
      return claims[identity].map { $0 == keyholder } ?? true
    }
    if free.count > 1 {
      // A rehearsal without people takes them by ascending serial, one after the other.
      if isUnattended, let next = ascending(free).first { return .take(next.insertion) }
      return .wait(
        Finding(
          .cardAmbiguous, "\(free.count) cards are in readers, and which one is meant is not known.",
          hint: "Leave in only the card that is asked for."))
    }
    if let only = free.first { return .take(only.insertion) }
    return stray(candidates) ?? .wait(nil)
  }

  /// A card that a person put in just now although it is not the right one: the ceremony hears of it.
  /// One that was there before is only left alone.
  private func stray(_ candidates: [Candidate]) -> Decision? {
    let new = candidates.filter(\.isNew)
    guard !isUnattended, new.count == 1, let card = new.first else { return nil }
    return .take(card.insertion)
  }

  private func repeated(_ candidates: [Candidate]) -> String? {
    var seen: Set<String> = []
    return candidates.compactMap(\.identity).first { !seen.insert($0).inserted }
  }

  /// Those not tried yet first, then by serial; cards without one last.
  private func ascending(_ cards: [Candidate]) -> [Candidate] {
    func rank(_ card: Candidate) -> (Int, UInt32, String) {
      (card.identity.map { tried.contains($0) ? 1 : 0 } ?? 0, card.serial ?? .max, card.identity ?? "")
    }
    return cards.sorted { rank($0) < rank($1) }
  }
}
