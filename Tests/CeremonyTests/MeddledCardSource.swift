import CanonicalJSON
import CardOperations
import CeremonyRuntime
import SmartCard
import VirtualCard

/// What stands between the ceremony and a card: it sees whole commands, and answers what it likes.
typealias Meddling = (_ command: CommandAPDU, _ card: CardTransport) throws(CardFailure) -> ResponseAPDU

/// One virtual card for each keyholder, and somebody in the middle of all that is said with them.
final class MeddledCardSource: CardSource {
  private let cards: [String: VirtualCard]
  private let meddling: Meddling
  /// Whose card alone is meddled with; nil for all.
  private let victim: String?
  private(set) var channel: (any CardChannel)?

  init(_ cards: [String: VirtualCard], of victim: String? = nil, _ meddling: @escaping Meddling) {
    self.cards = cards
    self.victim = victim
    self.meddling = meddling
  }

  func awaitCard(keyholder: String, serial: UInt32?) throws -> JSONObject {
    try release()
    let isMeddled = victim.map { $0 == keyholder } ?? true
    channel = isMeddled ? cards[keyholder].map { MeddledChannel($0, meddling) } : cards[keyholder]
    return ["reader": "virtual"]
  }

  func remember(_ card: JSONObject, keyholder: String, serial: UInt32?) {}

  func release() throws {
    channel = nil
    for card in cards.values { card.powerCycle() }
  }
}

/// Hands whole commands to the one in the middle, and the answers back in the parts that a card would send.
private final class MeddledChannel: CardChannel {
  private let card: VirtualCard
  private let meddling: Meddling
  private var rest: ResponseAPDU?

  init(_ card: VirtualCard, _ meddling: @escaping Meddling) {
    self.card = card
    self.meddling = meddling
  }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    // Blocks of a chain say nothing by themselves.
    if command.cla & 0x10 != 0 { return try card.transmit(command) }
    let whole: ResponseAPDU
    if command.ins == 0xc0, let rest {
      whole = rest
    } else {
      whole = try meddling(command, CardTransport(card))
    }
    rest = nil
    guard whole.data.count > 256 else { return whole }
    rest = ResponseAPDU(data: Array(whole.data.dropFirst(256)), status: whole.status)
    return ResponseAPDU(data: Array(whole.data.prefix(256)), status: StatusWord(0x6100))
  }
}
