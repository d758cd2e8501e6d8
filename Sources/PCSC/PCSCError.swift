import CPCSC
import Findings
import SmartCard

/// Why pcscd, a reader or a card did not do what was asked.
package enum PCSCError: Error, Hashable, Sendable {
  /// pcscd is not running, or went away.
  case daemonGone
  /// pcscd does not let this user in, or is about to end.
  case refused
  /// There is no reader of this name, or it was unplugged.
  case readerGone(String)
  /// No card is in the reader, or it was pulled.
  case removed(reader: String)
  /// Another program holds the card.
  case shared(reader: String)
  /// The card was reset behind our back.
  case reset(reader: String)
  /// A card is there and does not answer to a reset: upside down, dirty or broken.
  case mute(reader: String)
  /// The card was given up because it did not answer in time, and its reader waits for it still.
  case silent(reader: String)
  /// pcscd itself gave the card up after a time limit of its own.
  case timedOut(reader: String)
  /// An exchange with a card that is there broke off.
  case communication(reader: String)
  /// A command or an answer is longer than pcscd carries.
  case tooLong(reader: String)
  /// The program was told to end while a card or pcscd was silent.
  case interrupted
  /// The system gives no thread in which to wait.
  case noThread
  /// Any other answer of pcscd, as it is written in its headers.
  case other(UInt32, reader: String?)

  init(_ status: LONG, reader: String?) {
    let code = UInt32(truncatingIfNeeded: status)
    let name = reader ?? ""
    self =
      switch PCSCStatus(rawValue: code) {
      case .noService, .serviceStopped, .invalidHandle, .communication: .daemonGone
      case .securityViolation: .refused
      case .unknownReader, .readerUnavailable: .readerGone(name)
      case .noCard, .removedCard: .removed(reader: name)
      case .sharingViolation: .shared(reader: name)
      case .resetCard: .reset(reader: name)
      case .timeout: .timedOut(reader: name)
      case .notTransacted: .communication(reader: name)
      case .insufficientBuffer: .tooLong(reader: name)
      case .unresponsiveCard, .unpoweredCard, .unsupportedCard, .protocolMismatch: .mute(reader: name)
      default: .other(code, reader: reader)
      }
  }

  /// What a transcript records of it.
  var failure: CardFailure {
    switch self {
    case .daemonGone: .daemonGone
    case .refused: .refused
    case .readerGone: .readerGone
    case .removed: .removed
    case .shared: .shared
    case .reset: .reset
    case .mute: .mute
    case .silent, .timedOut: .timeout
    case .communication: .communication
    case .tooLong: .tooLong
    case .noThread: .noThread
    case .other(let code, _): .unknown(code)
    case .interrupted: .interrupted
    }
  }

  /// The same for a person: which reader, what it means, what to do next.
  package var finding: Finding {
    let (code, what, hint) = words
    // What a reader calls itself is anybody's text.
    return Finding(code, printable(what), hint: hint)
  }

  private var words: (code: Finding.Code, what: String, hint: String) {
    switch self {
    case .daemonGone:
      (
        .pcscdGone, "pcscd is not running, so no reader can be reached.",
        "Start it: systemctl start pcscd. Where it is not installed: apt-get install pcscd."
      )
    case .refused:
      (
        .pcscdRefused, "pcscd does not let this user use cards.",
        "Run as root, or allow it in polkit (org.debian.pcsc-lite.access_pcsc and access_card)."
      )
    case .readerGone(let reader):
      (.readerGone, "The reader “\(reader)” is not there.", "Plug it in; 'card list' shows what is.")
    case .removed(let reader):
      (.cardRemoved, "No card is in the reader “\(reader)”.", "Insert it again.")
    case .shared(let reader):
      (
        .cardShared, "Another program holds the card in the reader “\(reader)”.",
        """
        End it; the usual one is scdaemon of GnuPG: gpgconf --kill scdaemon. Where none is left, the reader may still \
        wait for a card that fell silent: take the card out and insert it again.
        """
      )
    case .reset(let reader):
      (
        .cardReset, "Another program reset the card in the reader “\(reader)”; it forgot its PIN.",
        "End other programs that use cards and repeat the step."
      )
    case .mute(let reader):
      (
        .cardMute, "The card in the reader “\(reader)” does not answer.",
        "Take it out, look which way up it goes, clean its contacts, and insert it again."
      )
    case .silent(let reader):
      (
        .cardTimeout, "The card in the reader “\(reader)” did not answer in time, and the reader still waits for it.",
        "Take it out and insert it again; where that does not help, unplug the reader and plug it in again."
      )
    case .timedOut(let reader):
      (
        .cardTimeout, "The card in the reader “\(reader)” did not answer in time.",
        "Take it out, insert it again, and try again."
      )
    case .communication(let reader):
      (
        .cardCommunication,
        "The exchange with the card in the reader “\(reader)” broke off: a loose contact, or it was pulled for a moment.",
        "Clean the card's contacts and insert it again; if it stays so, use another reader."
      )
    case .tooLong(let reader):
      (
        .payloadTooLarge, "A command is longer than pcscd carries to the reader “\(reader)”.",
        "Use fewer keys, or ecdsa-p256, which signs a digest."
      )
    case .interrupted:
      (
        .cardTimeout, "The program was stopped while a card was silent.",
        "Take the card out and insert it again before the next command."
      )
    case .noThread:
      (.readerFailed, "The system gives no thread in which to wait for a card.", "End other programs, and try again.")
    case .other(let code, let reader):
      (
        .readerFailed,
        "pcscd answered \(String(code, radix: 16))" + (reader.map { " for the reader “\($0)”." } ?? "."),
        "Unplug the reader and plug it in again; if it stays so, restart pcscd."
      )
    }
  }
}

/// Answers of pcscd that are told apart (pcsclite.h, error codes).
enum PCSCStatus: UInt32 {
  case success = 0
  case cancelled = 0x8010_0002
  case invalidHandle = 0x8010_0003
  case insufficientBuffer = 0x8010_0008
  case unknownReader = 0x8010_0009
  case timeout = 0x8010_000a
  case sharingViolation = 0x8010_000b
  case noCard = 0x8010_000c
  case protocolMismatch = 0x8010_000f
  case communication = 0x8010_0013
  case notTransacted = 0x8010_0016
  case readerUnavailable = 0x8010_0017
  case noService = 0x8010_001d
  case serviceStopped = 0x8010_001e
  case noReaders = 0x8010_002e
  case unsupportedCard = 0x8010_0065
  case unresponsiveCard = 0x8010_0066
  case unpoweredCard = 0x8010_0067
  case resetCard = 0x8010_0068
  case removedCard = 0x8010_0069
  case securityViolation = 0x8010_006a

  init?(_ status: LONG) { self.init(rawValue: UInt32(truncatingIfNeeded: status)) }
}
