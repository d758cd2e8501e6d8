/// Where one physical APDU goes and one answer comes back: a card in a reader, a card in software,
/// the recorder in front of either, or the record itself.
public protocol CardChannel: AnyObject {
  /// Sends one physical APDU and waits for its answer.
  ///
  /// Throws where no answer came; a status word that means failure is an answer.
  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU
}

/// Why no answer came from a card. The raw value is what a transcript records, but for ``interrupted``.
public enum CardFailure: String, Error, Sendable {
  /// Pulled from its reader.
  case removed
  /// No card is held: the program that held it ended, and another goes on.
  case notHeld = "not-held"
  /// Another program holds it.
  case shared
  /// Reset behind our back: PIN and management state are gone.
  case reset
  /// The reader was unplugged.
  case readerGone = "reader-gone"
  /// pcscd is not running or went away.
  case daemonGone = "daemon-gone"
  /// No answer in time.
  case timeout
  /// The program was told to end while the card was silent. Never recorded: the command stays without an answer,
  /// as it does when the program is killed.
  case interrupted
  /// Fewer than two bytes came back, or an answer in parts that never ends.
  case garbled
  /// A secret that this command carries could not be had.
  case secretUnavailable = "secret-unavailable"
}
