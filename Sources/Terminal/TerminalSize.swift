import Glibc

/// A text between screens, ending with a newline: broken between its words where the descriptor is a terminal that says how
/// wide it is, and as it is elsewhere.
///
/// - Parameter continued: stands before what is continued, after the row's own indent.
package func wrapped(_ text: String, for output: Int32, continued: String = "  ") -> String {
  guard let size = TerminalSize(of: output) else { return "\(text)\n" }
  return TextFlow(width: size.columns).note(text, continued: continued)
}

/// How large a terminal is.
package struct TerminalSize: Equatable {
  package let columns: Int
  package let rows: Int

  /// nil where the descriptor is of no terminal, or of one that does not say it.
  package init?(of terminal: Int32) {
    var size = winsize()
    guard ioctl(terminal, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return nil }
    (columns, rows) = (Int(size.ws_col), Int(size.ws_row))
  }
}
