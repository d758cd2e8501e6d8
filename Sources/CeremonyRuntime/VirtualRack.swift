import CanonicalJSON
import CeremonyEngine
import CeremonyScript
import Crypto
import Products
import SmartCard
import VirtualCard

/// Virtual cards in this process, one for each cardholder; their state is kept in `virtual-cards/`.
public final class VirtualRack: CardRack {
  private let folder: ProductsFolder
  private var cards: [String: VirtualCard] = [:]
  private var spares: [UInt32: VirtualCard] = [:]
  private var present: VirtualCard?
  private var mistaken: String?

  /// - Parameter seed: of a rehearsal whose cards make the same keys on every run.
  public init(_ script: Script, _ folder: ProductsFolder, seed: Int?) {
    self.folder = folder
    func card(_ serial: UInt32) -> VirtualCard {
      let cardSeed = seed.map { Array("tuf-ceremony rehearsal \($0) card \(serial)".utf8) }
      let stored = try? VirtualCard(state: folder.read("virtual-cards/\(serial).json"))
      let card =
        stored ?? VirtualCard(serial: serial, seed: cardSeed, messageLimit: script.cards.model.messageLimit)
      card.pull()
      return card
    }
    for (place, keyholder) in script.cardholders.enumerated() {
      let serial: UInt32 =
        switch keyholder.card {
        case .serial(let serial): serial
        case .record: 20_000_001 + UInt32(truncatingIfNeeded: place)
        }
      cards[keyholder.id] = card(serial)
      for spare in keyholder.spares { spares[spare] = card(spare) }
    }
  }

  /// A keyholder's spare card, for tests that let something go wrong on it.
  public func spare(_ serial: UInt32) -> VirtualCard? { spares[serial] }

  /// The card of a keyholder, for tests that let something go wrong on it.
  public func card(of keyholder: String) -> VirtualCard? { cards[keyholder] }

  /// Puts a stored card in the place of a keyholder's, as a rotation does with the cards of the ceremony before.
  public func replaceCard(of keyholder: String, state: [UInt8]) throws {
    let card = try VirtualCard(state: state)
    card.pull()
    cards[keyholder] = card
  }

  /// A keyholder's card becomes one that has no attestation.
  public func makeBare(_ keyholder: String) {
    guard let card = cards[keyholder] else { return }
    let bare = VirtualCard(serial: card.serial, model: .bare)
    bare.pull()
    cards[keyholder] = bare
  }

  /// The next card that is asked for is this keyholder's, whoever's was meant.
  public func swapNext(to keyholder: String) { mistaken = keyholder }

  public var channel: (any CardChannel)? { present.map { PersistentCard($0, folder) } }

  public func awaitCard(keyholder: String, serial: UInt32?) throws -> JSONObject {
    present = mistaken.map { cards[$0] } ?? serial.flatMap { spares[$0] } ?? cards[keyholder]
    mistaken = nil
    present?.insert()
    return ["reader": "virtual"]
  }

  public func remember(_ card: JSONObject, keyholder: String, serial: UInt32?) {}

  public func release() throws {
    guard let card = present else { return }
    card.pull()
    present = nil
  }
}

/// A virtual card whose memory is on the disk as soon as a command has changed it, as a real card's is in its chip.
private final class PersistentCard: CardChannel {
  private let card: VirtualCard
  private let folder: ProductsFolder

  init(_ card: VirtualCard, _ folder: ProductsFolder) {
    self.card = card
    self.folder = folder
  }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    let before = card.state
    defer {
      let after = card.state
      if after != before { try? folder.replace("virtual-cards/\(card.serial).json", after) }
    }
    return try card.transmit(command)
  }
}
