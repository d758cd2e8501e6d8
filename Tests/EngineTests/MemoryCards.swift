import CardOperations
import CeremonyScript
import SmartCard
import VirtualCard

/// A source of virtual cards that are on no disk: one for each cardholder, and their spares.
final class MemoryCards: CardSource {
  private var own: [String: VirtualCard] = [:]
  private var spares: [UInt32: VirtualCard] = [:]
  private var present: VirtualCard?

  init(_ script: Script) {
    func card(_ serial: UInt32, _ owner: String) -> VirtualCard {
      VirtualCard(
        serial: serial, isMarked: true, seed: Array("card \(serial)".utf8),
        messageLimit: script.virtualMessageLimit(of: owner))
    }
    for (place, owner) in script.cardholders.enumerated() {
      let serial: UInt32 = if case .serial(let pinned) = owner.card { pinned } else { 20_000_001 + UInt32(place) }
      own[owner.id] = card(serial, owner.id)
      for spare in owner.spares { spares[spare] = card(spare, owner.id) }
    }
  }

  var channel: (any CardChannel)? { present }

  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    present = serial.flatMap { spares[$0] } ?? own[keyholder]
    return CardInReader(reader: "memory")
  }

  func remember(_ card: CardInReader, keyholder: String, serial: UInt32?) {}

  func release() throws {
    present?.powerCycle()
    present = nil
  }
}
