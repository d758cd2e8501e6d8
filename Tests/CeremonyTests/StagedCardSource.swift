import CanonicalJSON
import CardOperations
import CeremonyRuntime
import CeremonyScript
import Products
import SmartCard
import VirtualCard

/// Virtual cards with which something goes wrong.
final class StagedCardSource: CardSource {
  private let cardSource: VirtualCardSource
  private var mistaken: String?

  init(_ script: Script, _ folder: ProductsFolder, seed: Int?) {
    cardSource = VirtualCardSource(script, folder, seed: seed)
  }

  func card(of cardholder: String) -> VirtualCard? { cardSource.cards[cardholder] }
  func spare(_ serial: UInt32) -> VirtualCard? { cardSource.spares[serial] }

  /// Puts another card in the place of somebody's.
  func replaceCard(of cardholder: String, with card: VirtualCard) {
    card.pull()
    cardSource.cards[cardholder] = card
  }

  /// Somebody's card becomes one that has no attestation.
  func makeBare(_ cardholder: String) {
    guard let card = cardSource.cards[cardholder] else { return }
    replaceCard(of: cardholder, with: VirtualCard(serial: card.serial, model: .bare))
  }

  /// The next card that comes is this person's, whoever's was asked for.
  func swapNext(to cardholder: String) { mistaken = cardholder }

  var channel: (any CardChannel)? { cardSource.channel }

  func awaitCard(keyholder: String, serial: UInt32?) throws -> JSONObject {
    defer { mistaken = nil }
    guard let mistaken else { return try cardSource.awaitCard(keyholder: keyholder, serial: serial) }
    return try cardSource.awaitCard(keyholder: mistaken, serial: nil)
  }

  func remember(_ card: JSONObject, keyholder: String, serial: UInt32?) {}
  func release() throws { try cardSource.release() }
}
