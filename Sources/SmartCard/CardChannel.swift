/// Where one physical APDU goes and one answer comes back: a card in a reader, a card in software,
/// the recorder in front of either, or the record itself.
package protocol CardChannel: AnyObject {
  /// Sends one physical APDU and waits for its answer.
  ///
  /// Throws where no answer came; a status word that means failure is an answer.
  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU
}

/// Why no answer came from a card. A transcript records its ``word``, but for ``interrupted``.
package enum CardFailure: Error, Hashable, Sendable {
  /// Pulled from its reader.
  case removed
  /// No card is held: the program that held it ended, and another goes on.
  case notHeld
  /// Another program holds it.
  case shared
  /// Reset behind our back: PIN and management state are gone.
  case reset
  /// The card does not answer to a reset: upside down, dirty or broken.
  case mute
  /// The exchange broke off while the card was there: a loose contact, or a card that was pulled and inserted again
  /// before pcscd noticed.
  case communication
  /// The reader was unplugged.
  case readerGone
  /// pcscd is not running or went away.
  case daemonGone
  /// pcscd does not let this user use cards.
  case refused
  /// A time limit elapsed without an answer, or without the end of one that came in parts. Nothing else is called that.
  case timeout
  /// The system gave no thread in which to wait for the card.
  case noThread
  /// The program was told to end while the card was silent. Never recorded: the command stays without an answer,
  /// as it does when the program is killed.
  case interrupted
  /// Fewer than two bytes came back, or an answer in more parts than a card needs.
  case garbled
  /// More bytes than one command, or pcscd, can carry.
  case tooLong
  /// A secret that this command carries could not be had.
  case secretUnavailable
  /// Another answer of pcscd, as it is written in its headers.
  case unknown(UInt32)

  /// What a transcript holds: lower-case words, and for another answer of pcscd `unknown-` with eight digits.
  package var word: String {
    if case .unknown(let code) = self {
      let digits = String(code, radix: 16)
      return "unknown-" + String(repeating: "0", count: 8 - digits.count) + digits
    }
    return Self.words.first { $0.failure == self }?.word ?? "interrupted"
  }

  /// nil for a word that no transcript holds.
  package init?(word: String) {
    if let found = Self.words.first(where: { $0.word == word }) {
      self = found.failure
      return
    }
    guard word.hasPrefix("unknown-"), let code = UInt32(word.dropFirst("unknown-".count), radix: 16) else { return nil }
    self = .unknown(code)
    guard self.word == word else { return nil }
  }

  private static let words: [(failure: CardFailure, word: String)] = [
    (.removed, "removed"), (.notHeld, "not-held"), (.shared, "shared"), (.reset, "reset"), (.mute, "mute"),
    (.communication, "communication"), (.readerGone, "reader-gone"), (.daemonGone, "daemon-gone"),
    (.refused, "refused"), (.timeout, "timeout"), (.noThread, "no-thread"), (.garbled, "garbled"),
    (.tooLong, "too-long"), (.secretUnavailable, "secret-unavailable"),
  ]
}
