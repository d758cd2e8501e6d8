import Glibc
import Synchronization

/// SIGINT, SIGTERM, SIGHUP and SIGQUIT, noted and acted on between two records, so that an exchange in flight is recorded first.
/// A card that does not answer it within five seconds is given up, and its command stays without an answer.
public enum Signals {
  private static let pending = Atomic<Int32>(0)
  private static let bellEnd = Atomic<Int32>(-1)
  private static let ringEnd = Atomic<Int32>(-1)

  /// A descriptor that becomes readable when a signal arrives, and stays so; -1 before ``watch()``.
  /// What blocks for longer than an exchange waits for it too.
  public static var bell: Int32 { bellEnd.load(ordering: .relaxed) }

  /// From now on the four signals are noted instead of ending the process. A blocked read is interrupted by them.
  public static func watch() {
    var ends: [Int32] = [-1, -1]
    if bell < 0, pipe(&ends) == 0 {
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      bellEnd.store(ends[0], ordering: .relaxed)
      ringEnd.store(ends[1], ordering: .relaxed)
    }
    pending.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { Signals.note($0) }
      sigaction(number, &action, nil)
    }
    // A closed pipe and a full disk are errors to report, not reasons to die without a word.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Runs inside the signal handler.
  private static func note(_ number: Int32) {
    let reason = errno
    pending.store(number, ordering: .relaxed)
    var byte: UInt8 = 0
    _ = write(ringEnd.load(ordering: .relaxed), &byte, 1)
    errno = reason
  }

  /// The name of a signal that arrived.
  public static var arrived: String? {
    switch pending.load(ordering: .relaxed) {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    case SIGQUIT: "SIGQUIT"
    default: nil
    }
  }
}
