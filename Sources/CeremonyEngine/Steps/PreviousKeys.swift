import CardOperations
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata

extension Ceremony {
  /// What is stated by people where a card does not say which keys it holds.
  private static let noneOfThem = "none-of-them"

  /// Why the card must not be reset although somebody would; nil where nothing on it is known to be a key of the previous
  /// root. Of a card that does not say which key is in a slot, ``statement(after:of:_:)`` is asked for.
  func refusalToReset(_ card: EnrolledCard, holding holdings: [Holding]) -> Finding? {
    let held = holdings.compactMap(\.publicKey)
    guard previousKeys.contains(where: { held.contains($0) }) else { return nil }
    return Finding(
      .cardHoldsRootKey,
      "The card \(card.name) holds a key of the root before this ceremony. A reset would destroy it, and nothing here does that.",
      hint: "Keep that card. Use another one for this ceremony.")
  }

  /// A rehearsal changes no card that holds a key, or may hold one, unless that card was given up to it.
  func refusalToSacrifice(_ card: EnrolledCard, holding holdings: [Holding]) -> Finding? {
    guard !holdings.isEmpty, configuration.isRehearsal,
      !configuration.sacrifice.contains(where: { $0 == card.cardName })
    else { return nil }
    let count = holdings.occupied.count
    let what =
      holdings.unknown.isEmpty
      ? "The card \(card.name) holds \(count) key\(count == 1 ? "" : "s"), which a reset would destroy."
      : "The card \(card.name) does not say which slots hold keys, and a reset would destroy whatever is there."
    let way = card.cardName.map { " To give this card up to the rehearsal: --sacrifice \($0)." } ?? ""
    return Finding(.cardHoldsKey, what, hint: "Use an empty card.\(way)")
  }

  /// What is asked before a reset where the card does not say which keys it holds, and one of them may be a key of the
  /// previous root; nil where the card says it of each, where no root came before, and once it is stated.
  func statement(after token: String, of card: EnrolledCard, _ keyholder: Keyholder) -> Screen? {
    let unknown = (card.holdings ?? []).unnamed
    guard token != Self.noneOfThem, !unknown.isEmpty, !previousKeys.isEmpty else { return nil }
    // Nobody states anything unattended.
    let prompt = Prompt(
      "Is it certain that none of them is a key of the root before this ceremony?",
      [
        Prompt.Answer(
          token: Self.noneOfThem, meaning: "everybody here says so, and says aloud how they know it; reset the card")
      ], unattended: Prompt.abort)
    var screen = asking(
      prompt, "It is not known which keys the card of \(keyholder.name) holds",
      [
        "The card does not say which keys these are, so they were not compared with the root before this ceremony.",
        "A key of that root would be lost for ever, and with it a signature that the next root may need.",
      ])
    screen.facts = unknown.facts
    return screen
  }

  /// The exception for the record where it was stated; nil where nothing had to be.
  mutating func stated(_ token: String, of card: EnrolledCard) -> Effect? {
    guard token == Self.noneOfThem else { return nil }
    return exception(
      .cardHoldsUnknown,
      "The card \(card.name) does not say which keys it holds. Everybody here said that none of them is a key of the root before."
    )
  }

  /// The public keys of the root that this one goes on from.
  var previousPublicKeys: [PublicKey] {
    [script.baseline?.root, script.baseline?.original].compactMap(\.self).flatMap {
      $0.keys.keys.compactMap(\.publicKey)
    }
  }

  /// Every public key of the root that the ceremony before this one made, and of the one that this one goes on from, as a
  /// card writes it. In a rehearsal on a twin also those of the real root.
  var previousKeys: [[UInt8]] {
    [script.baseline?.root, script.baseline?.original].compactMap(\.self)
      .flatMap { $0.keys.keys.compactMap(\.publicKey?.bytes) } + keysAfter
  }

  private var keysAfter: [[UInt8]] {
    // No client has a first root that waited and is withdrawn: its keyholders bring the same cards again.
    guard script.baseline != nil || script.withdrawnRoot == nil,
      let bytes = inputs[CeremonyConfiguration.After.fileName],
      let envelope = try? Envelope(parsing: bytes, place: CeremonyConfiguration.After.fileName),
      let root = try? Root.read(envelope.signed).root
    else { return [] }
    return root.keys.keys.compactMap(\.publicKey?.bytes)
  }
}
