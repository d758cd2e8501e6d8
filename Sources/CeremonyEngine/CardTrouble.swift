import Findings
import PIV

extension Finding {
  /// Whether a card, a reader or pcscd failed, and not what it said: a command that ends because of it ends with exit 5.
  public var isCardTrouble: Bool { Self.cardTroubles.contains(code) }

  private static let cardTroubles: Set<Code> = [
    .cardRemoved, .cardNotHeld, .lastTryKept, .cardReset, .cardShared, .cardTimeout, .cardRefused, .cardNotPIV,
    .cardAnswerMalformed, .cardMute, .cardCommunication,
    .cardMissing, .cardAmbiguous, .cardIdentityTwice, .pinBlocked, .pukBlocked, .touchMissing, .readerGone,
    .readerFailed, .pcscdGone, .pcscdRefused,
  ]
}

extension Finding.Code {
  /// No card came, or not the right one.
  public static let cardMissing = Finding.Code("CARD-MISSING")
  /// Several cards are present, and none was chosen by serial.
  public static let cardAmbiguous = Finding.Code("CARD-AMBIGUOUS")
  /// Two inserted cards have one identity.
  public static let cardIdentityTwice = Finding.Code("CARD-IDENTITY-TWICE")
}
