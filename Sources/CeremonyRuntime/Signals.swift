import Glibc
import Synchronization

/// SIGINT, SIGTERM and SIGHUP, noted and acted on between two records, so that an exchange in flight is recorded first.
public enum Signals {
  private static let pending = Atomic<Int32>(0)

  /// From now on the three signals are noted instead of ending the process. A blocked read is interrupted by them.
  public static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { Signals.pending.store($0, ordering: .relaxed) }
      sigaction(number, &action, nil)
    }
    // A closed pipe and a full disk are errors to report, not reasons to die without a word.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// The name of a signal that arrived.
  static var arrived: String? {
    switch pending.load(ordering: .relaxed) {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    default: nil
    }
  }
}
