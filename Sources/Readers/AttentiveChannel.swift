import PCSC
import Signals
import SmartCard

/// A card that is worked with outside a ceremony. A signal ends the work between two exchanges, also where the card keeps
/// answering; in a ceremony the journal sees to that.
public final class AttentiveChannel: CardChannel {
  private let card: PCSCChannel

  init(_ card: PCSCChannel) { self.card = card }

  /// Throws ``CardFailure/interrupted`` once a signal arrived, and then sends nothing.
  public func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    guard Signals.arrived == nil else { throw .interrupted }
    return try card.transmit(command)
  }

  /// Lets the card go and resets it.
  public func release() { card.release() }
}
