import SmartCard

/// Something that goes wrong at one exchange with a virtual card.
package enum Fault {
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
  /// The exchange breaks off; the command was carried out.
  case looseContact
  /// From here on the card answers one byte at a time and says each time that there is more, until ``VirtualCard/mend()``.
  case drip
  /// The command was carried out, and no answer ever comes: the reader waits until the card is taken out.
  case never
  /// The card is dead: nothing is carried out or answered from here on, until ``VirtualCard/mend()``.
  case mute
  /// The card is pulled before the command reaches it, and stays away until ``VirtualCard/insert()``.
  case removed
  /// The card is pulled before the command reaches it, and this one answers from the next exchange on.
  case replaced(by: VirtualCard)
}

extension Fault {
  /// The faults that one line can tell a served card to have, as it is written.
  static let written = [
    "status XXXX", "truncated", "garbage", "nothing", "wrong-signature", "first-32-bytes", "wrong-key", "no-answer",
    "never", "drip", "mute", "pull",
  ]

  /// A fault as it is written; nil for anything else.
  init?(_ words: [Substring]) {
    switch (words.first, words.count) {
    case ("status", 2):
      guard words[1].count == 4, let status = UInt16(words[1], radix: 16) else { return nil }
      self = .status(StatusWord(status))
    case ("truncated", 1): self = .truncated
    case ("garbage", 1): self = .garbage([0xde, 0xad, 0xbe, 0xef])
    case ("nothing", 1): self = .garbage([])
    case ("wrong-signature", 1): self = .wrongSignature
    case ("first-32-bytes", 1): self = .signatureOverFirst32Bytes
    case ("wrong-key", 1): self = .wrongPublicKey
    case ("no-answer", 1): self = .looseContact
    case ("drip", 1): self = .drip
    case ("never", 1): self = .never
    case ("mute", 1): self = .mute
    case ("pull", 1): self = .removed
    default: return nil
    }
  }
}
