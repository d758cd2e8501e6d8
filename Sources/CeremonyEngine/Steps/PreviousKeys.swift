import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata

extension Finding.Code {
  /// The card holds a key of the root before this ceremony. Nothing resets it, whoever gave it up.
  public static let cardHoldsRootKey = Finding.Code("CARD-HOLDS-ROOT-KEY")
}

extension Ceremony {
  /// Why the card must not be reset although somebody would; nil where nothing on it is a key of the previous root.
  ///
  /// A card that does not say which key is in a slot cannot be told by this.
  func refusalToReset(_ card: EnrolledCard, holding holdings: [Holding]) -> Finding? {
    let held = holdings.compactMap(\.publicKey)
    guard previousKeys.contains(where: { held.contains($0) }) else { return nil }
    return Finding(
      .cardHoldsRootKey,
      "The card \(card.name) holds a key of the root before this ceremony. A reset would destroy it, and nothing here does that.",
      hint: "Keep that card. Use another one for this ceremony.")
  }

  /// Every public key of the root that the ceremony before this one made, as a card writes it.
  private var previousKeys: [[UInt8]] {
    guard let bytes = inputs[Setting.After.fileName],
      let envelope = try? Envelope(parsing: bytes, place: Setting.After.fileName),
      let root = try? Root.read(envelope.signed).root
    else { return [] }
    return root.keys.keys.compactMap(\.publicKey?.bytes)
  }
}
