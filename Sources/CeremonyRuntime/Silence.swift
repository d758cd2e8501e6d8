import Glibc

/// Keeps a terminal from showing what is typed, for as long as it lives. Somebody types a PIN, or touches a YubiKey,
/// while the program waits for a card and asks nothing.
final class Silence {
  private let terminal: Int32
  private var before = termios()
  private let isTerminal: Bool

  init(_ terminal: Int32) {
    self.terminal = terminal
    isTerminal = tcgetattr(terminal, &before) == 0
    guard isTerminal else { return }
    var silent = before
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(terminal, TCSANOW, &silent)
  }

  deinit {
    // What was typed and never asked for goes to no shell either.
    if isTerminal { tcsetattr(terminal, TCSAFLUSH, &before) }
  }
}
