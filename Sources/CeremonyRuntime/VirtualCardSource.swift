import CardOperations
import CeremonyScript
import Crypto
import Products
import SmartCard
import VirtualCard

/// Virtual cards in this process, one for each cardholder; their state is kept in `virtual-cards/`.
package final class VirtualCardSource: CardSource {
  private let folder: ProductsFolder
  /// By cardholder.
  package var cards: [String: VirtualCard] = [:]
  /// By serial.
  package private(set) var spares: [UInt32: VirtualCard] = [:]
  private var present: VirtualCard?
  private let card: (_ serial: UInt32, _ owner: String) -> VirtualCard

  /// - Parameter seed: of a rehearsal whose cards make the same keys on every run.
  package init(_ script: Script, _ folder: ProductsFolder, seed: Int?) {
    self.folder = folder
    card = { serial, owner in
      let cardSeed = seed.map { Array("tuf-ceremony rehearsal \($0) card \(serial)".utf8) }
      let stored = try? VirtualCard(state: folder.read("virtual-cards/\(serial).json"))
      let card =
        stored ?? VirtualCard(serial: serial, seed: cardSeed, messageLimit: script.virtualMessageLimit(of: owner))
      card.pull()
      return card
    }
    let kept = HandedDownCards.serials(in: folder)
    for (place, keyholder) in script.cardholders.enumerated() {
      let serial: UInt32 =
        switch keyholder.card {
        case _ where kept[keyholder.id] != nil: kept[keyholder.id] ?? 0
        case .serial(let serial): serial
        case .record: Self.new(20_000_001 + UInt32(truncatingIfNeeded: place), besides: Set(kept.values))
        }
      cards[keyholder.id] = card(serial, keyholder.id)
      for spare in keyholder.spares { spares[spare] = card(spare, keyholder.id) }
    }
  }

  /// A serial that no card has that was brought again.
  private static func new(_ first: UInt32, besides taken: Set<UInt32>) -> UInt32 {
    var serial = first
    while taken.contains(serial) { serial += 100 }
    return serial
  }

  package var channel: (any CardChannel)? { present.map { PersistentCard($0, folder) } }

  package func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    present = serial.flatMap { spares[$0] } ?? cards[keyholder] ?? addedCard(of: keyholder)
    present?.insert()
    return CardInReader(reader: "virtual")
  }

  /// Of nobody in the script, for the stand-in of a key that nobody keeps. Its serial comes from the name alone, so that it
  /// is the same card when a ceremony goes on.
  private func addedCard(of holder: String) -> VirtualCard {
    let number = SHA256.hash(data: Array(holder.utf8)).prefix(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let added = card(
      Self.new(30_000_000 + number, besides: Set((Array(cards.values) + Array(spares.values)).map(\.serial))), holder)
    cards[holder] = added
    return added
  }

  package func remember(_ card: CardInReader, keyholder: String, serial: UInt32?) {}

  package func release() throws {
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
