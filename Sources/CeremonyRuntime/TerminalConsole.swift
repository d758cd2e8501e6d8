import CeremonyEngine
import Glibc
import Keys
import Screens

/// A person at a terminal. Keystrokes are not echoed until an answer is accepted, typed-ahead input is thrown away
/// before each prompt, and nothing is a default.
public final class TerminalConsole: Console {
  private let entry: HiddenEntry
  private let layout: ScreenLayout

  /// - Parameters: descriptors of a terminal.
  public init(input: Int32 = 0, output: Int32 = 1, isStyled: Bool) {
    entry = HiddenEntry(input: input, output: output)
    var size = winsize()
    let width = ioctl(output, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    layout = ScreenLayout(width: width, isStyled: isStyled)
  }

  public func show(_ screen: Screen) { put(layout.rows(screen)) }
  public func note(_ line: String) { put(line + "\n") }

  public func answer(to screen: Screen) throws -> String? {
    show(screen)
    put("> ")
    // What is typed may be a PIN: until it is one of the answers it stays in locked memory.
    let typed = try entry.readLine()
    for answer in screen.prompt?.answers ?? [] {
      guard let typed, typed.matches(try Secret(copying: Array(answer.token.utf8))) else { continue }
      put(answer.token + "\n")
      return answer.token
    }
    put(
      typed?.isOneTimePassword == true
        ? "\nA YubiKey was touched and typed a one-time password. It was dropped.\n"
        : "\nThat is none of the answers. What was typed is not shown and not recorded.\n")
    return nil
  }

  private func put(_ text: String) { entry.put(text) }
}
