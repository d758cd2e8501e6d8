import CeremonyEngine
import Glibc
import Screens

/// A person at a terminal. Keystrokes are not echoed until an answer is accepted, typed-ahead input is thrown away
/// before each prompt, and nothing is a default.
public final class TerminalConsole: Console {
  private let input: Int32
  private let output: Int32
  private let layout: ScreenLayout

  /// - Parameters: descriptors of a terminal.
  public init(input: Int32 = 0, output: Int32 = 1, isStyled: Bool) {
    self.input = input
    self.output = output
    var size = winsize()
    let width = ioctl(output, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    layout = ScreenLayout(width: width, isStyled: isStyled)
  }

  public func show(_ screen: Screen) { put(layout.rows(screen)) }
  public func note(_ line: String) { put(line + "\n") }

  public func answer(to screen: Screen) throws -> String? {
    show(screen)
    put("> ")
    let typed = try readHidden()
    if let typed, let answer = screen.prompt?.answers.first(where: { $0.token == typed }) {
      put(answer.token + "\n")
      return answer.token
    }
    // What was typed may be a PIN: it is neither shown nor kept.
    let isTouch = typed.map(Self.isOneTimePassword) ?? false
    put(
      isTouch
        ? "\nA YubiKey was touched and typed a one-time password. It was dropped.\n"
        : "\nThat is none of the answers. What was typed is not shown and not recorded.\n")
    return nil
  }

  /// 44 letters of modhex, as an accidental touch types them.
  static func isOneTimePassword(_ text: String) -> Bool {
    text.utf8.count == 44 && text.utf8.allSatisfy { "cbdefghijklnrtuv".utf8.contains($0) }
  }

  private func put(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  /// One line without echo; nil where it is not UTF-8 or longer than 200 bytes.
  private func readHidden() throws -> String? {
    var normal = termios()
    let isTerminal = tcgetattr(input, &normal) == 0
    if isTerminal {
      var hidden = normal
      hidden.c_lflag &= ~tcflag_t(ECHO)
      // TCSAFLUSH throws away what was typed before the prompt.
      tcsetattr(input, TCSAFLUSH, &hidden)
    }
    defer { if isTerminal { tcsetattr(input, TCSANOW, &normal) } }
    var line: [UInt8] = []
    while true {
      if let signal = Signals.arrived { throw Interruption(reason: signal) }
      var byte: UInt8 = 0
      let count = read(input, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { throw Interruption(reason: "end of input") }
      if byte == 0x0a || byte == 0x0d { break }
      line.append(byte)
    }
    guard line.count <= 200 else { return nil }
    return String(validating: line, as: UTF8.self)
  }
}
