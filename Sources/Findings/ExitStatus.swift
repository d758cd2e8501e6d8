/// How a command ended, the same in both programs. A usage error, an abort and a violation never look alike.
package enum ExitStatus: Int32, Sendable {
  case fine = 0
  /// Invalid, tampered, expired or malformed.
  case violation = 1
  /// Less than was asked for: inside the warning window of `expiry`, or not re-executed.
  case warning = 3
  /// Given up by the administrator: also SIGINT, SIGTERM, SIGHUP, SIGQUIT and end of input.
  case aborted = 4
  /// A card or a reader failed.
  case card = 5
  case usage = 64
  /// A path named on the command line cannot be read.
  case noInput = 66
  case internalError = 70
  /// The output exists or cannot be written.
  case cannotCreate = 73
}

extension Finding.Code {
  /// How a command ends that stops because of this, where nothing else is said: exit 1 for most.
  package var exitStatus: ExitStatus {
    switch self {
    case .cannotCreate, .recordingFailed: .cannotCreate
    case .unreadablePath: .noInput
    case .secretsTerminal: .usage
    case .expiresSoon: .warning
    case .internalError, .coreDumps, .secretMemory: .internalError
    // A card, a reader or pcscd failed; what a card said is a violation.
    case .cardRemoved, .cardNotHeld, .lastTryKept, .cardReset, .cardShared, .cardTimeout, .cardRefused, .cardNotPIV,
      .cardAnswerMalformed, .cardMute, .cardCommunication, .cardMissing, .cardAmbiguous, .cardIdentityTwice,
      .pinBlocked, .pukBlocked, .touchMissing, .readerGone, .readerFailed, .pcscdGone, .pcscdRefused,
      .virtualReaderMissing:
      .card
    default: .violation
    }
  }
}
