import SmartCard

/// Something that goes wrong at one exchange with a virtual card.
public enum Fault {
  /// The command is not carried out and this status comes back.
  case status(StatusWord)
  /// Success, with only the first half of the data.
  case truncated
  /// Success, with other data.
  case garbage([UInt8])
  /// A signature with its last bit changed, where the exchange makes one.
  case wrongSignature
  /// An Ed25519 signature over the first 32 bytes of the message alone.
  case signatureOverFirst32Bytes
  /// The public key of another key, where the exchange generates one.
  case wrongPublicKey
  /// No answer in time; the command was carried out.
  case timeout
  /// The card is pulled before the command reaches it, and stays away until ``VirtualCard/insert()``.
  case removed
  /// The card is pulled before the command reaches it, and this one answers from the next exchange on.
  case replaced(by: VirtualCard)
}
