import CanonicalJSON
import SmartCard

/// Where cards come from and go to.
public protocol CardSource: AnyObject {
  /// Waits until a card that may be the keyholder's is in a reader. Returns public facts about the reader.
  /// Throws ``Interruption``, and a `Finding` where no card can be had.
  func awaitCard(keyholder: String, serial: UInt32?) throws -> JSONObject
  /// Takes notice of a recorded card: what a source of cards knows of whose card is whose survives the program in the record.
  func remember(_ card: JSONObject, keyholder: String, serial: UInt32?)
  /// Learns what people are called on the screens, by their ids.
  func introduce(_ name: @escaping @Sendable (String) -> String)
  /// The card that came last.
  var channel: (any CardChannel)? { get }
  /// Lets the card go.
  func release() throws
}

extension CardSource {
  /// For a source of cards that says nothing to people.
  public func introduce(_ name: @escaping @Sendable (String) -> String) {}
}
