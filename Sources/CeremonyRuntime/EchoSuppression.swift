import CProcess
import Glibc
import Synchronization

/// Keeps a terminal from showing what is typed, for as long as it lives. Somebody types a PIN, or touches a YubiKey,
/// while the program waits for a card and asks nothing.
///
/// A program that is stopped leaves its terminal to the shell, which gives it its echo back and does not take it away
/// again when the program goes on (`set_tty_state` and `start_job` in bash's jobs.c). So Ctrl-Z stops nothing here; and
/// after a stop from elsewhere the echo goes with SIGCONT, before anything else happens. What somebody had typed and not
/// ended with Enter before a SIGSTOP is the shell's, as it is after SIGKILL: no program can keep it.
final class EchoSuppression {
  /// How each silenced terminal was when the first of those who silence it came, and how many they are.
  private static let silenced = Mutex<[Int32: (before: termios, users: Int, guardian: Int32)]>([:])
  /// The same descriptors for a signal handler, which may not wait for a lock: a bit each.
  private static let descriptors = Atomic<UInt64>(0)
  /// How often the program went on after it was stopped, as far as SIGCONT tells.
  private static let continuations = Atomic<Int>(0)

  private let terminal: Int32
  private let isTerminal: Bool
  /// The continuations before the last ``begin()``.
  private var known = 0

  /// - Parameter isCleared: whether the screen is cleared when the program ends without giving the terminal back.
  init(_ terminal: Int32, isCleared: Bool = false) {
    self.terminal = terminal
    isTerminal = isatty(terminal) == 1
    guard isTerminal else { return }
    // Whoever begins in the background is stopped here: what the terminal is like then is the shell's affair.
    while tcflush(terminal, TCIFLUSH) != 0, errno == EINTR {}
    var before = termios()
    tcgetattr(terminal, &before)
    Self.silenced.withLock { silenced in
      if let known = silenced[terminal] {
        silenced[terminal] = (known.before, known.users + 1, known.guardian)
      } else {
        // Nobody has typed a secret yet, so none is in the memory that the guardian begins with.
        var silent = Self.silent(before)
        silenced[terminal] = (before, 1, process_guard_terminal(terminal, &before, &silent, isCleared ? 1 : 0))
      }
    }
    if (0..<64).contains(terminal) { Self.descriptors.bitwiseOr(1 << UInt64(terminal), ordering: .relaxed) }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in EchoSuppression.goOn() }
    sigaction(SIGCONT, &action, nil)
    signal(SIGTSTP, SIG_IGN)
    begin()
  }

  deinit {
    guard isTerminal else { return }
    let terminal = terminal
    let last = Self.silenced.withLock { silenced -> (before: termios, users: Int, guardian: Int32)? in
      guard let last = silenced[terminal] else { return nil }
      silenced[terminal] = last.users > 1 ? (last.before, last.users - 1, last.guardian) : nil
      return last.users > 1 ? nil : last
    }
    guard var before = last?.before else { return }
    if (0..<64).contains(terminal) { Self.descriptors.bitwiseAnd(~(1 << UInt64(terminal)), ordering: .relaxed) }
    // What was typed and never asked for goes to no shell either. In the background the terminal is the shell's.
    if Self.isForeground(terminal) { tcsetattr(terminal, TCSAFLUSH, &before) }
    process_release_terminal(last?.guardian ?? -1)
  }

  /// Takes the echo away, whoever gave it back, and throws away what was typed up to now.
  func begin() {
    guard isTerminal else { return }
    // In the background this stops, and goes on with the terminal.
    Self.silence(terminal)
    known = Self.continuations.load(ordering: .relaxed)
  }

  /// Whether the program was stopped, or somebody gave the terminal its echo back, since ``begin()``: then part of what
  /// was typed may be gone.
  var isBroken: Bool {
    guard isTerminal else { return false }
    var now = termios()
    return Self.continuations.load(ordering: .relaxed) != known
      || tcgetattr(terminal, &now) == 0 && now.c_lflag & tcflag_t(ECHO) != 0
  }

  /// How often the program went on after it was stopped.
  static var timesContinued: Int { continuations.load(ordering: .relaxed) }

  /// Whether the shell has the terminal: whoever reads from it then is stopped until it comes back.
  var isInBackground: Bool { isTerminal && !Self.isForeground(terminal) }

  /// Runs inside the handler of SIGCONT.
  private static func goOn() {
    let reason = errno
    continuations.wrappingAdd(1, ordering: .relaxed)
    let descriptors = descriptors.load(ordering: .relaxed)
    for terminal in 0..<Int32(64) where descriptors & 1 << UInt64(terminal) != 0 && isForeground(terminal) {
      silence(terminal)
    }
    errno = reason
  }

  /// True also for a terminal that is not the one that the program was started from: it has no background.
  static func isForeground(_ terminal: Int32) -> Bool {
    let group = tcgetpgrp(terminal)
    return group < 0 || group == getpgrp()
  }

  private static func silence(_ terminal: Int32) {
    var now = termios()
    guard tcgetattr(terminal, &now) == 0 else { return }
    var silent = silent(now)
    while tcsetattr(terminal, TCSANOW, &silent) != 0, errno == EINTR {}
    tcflush(terminal, TCIFLUSH)
  }

  /// A terminal's state without echo.
  private static func silent(_ state: termios) -> termios {
    var silent = state
    silent.c_lflag &= ~tcflag_t(ECHO)
    // No key stops it: Ctrl-Z would stop a script that started the program, too, and after Ctrl-S a screen that cannot be
    // drawn would hold up the ceremony. 0 is _POSIX_VDISABLE.
    withUnsafeMutableBytes(of: &silent.c_cc) { ($0[Int(VSUSP)], $0[Int(VSTOP)]) = (0, 0) }
    return silent
  }
}
