import CeremonyRecords
import Findings
import Glibc
import Keys
import Screens

/// A person at a terminal. Keystrokes are not echoed, also while nothing is asked; an answer is shown once it is accepted.
/// Typed-ahead input is thrown away before each prompt, and nothing is a default.
package final class TerminalConsole: Console {
  private let entry: HiddenEntry
  private let output: Int32
  private let isStyled: Bool

  /// - Parameters: descriptors of a terminal.
  package init(input: Int32 = 0, output: Int32 = 1, isStyled: Bool) {
    entry = HiddenEntry(input: input, output: output)
    self.output = output
    self.isStyled = isStyled
  }

  package func show(_ screen: Screen) { put(layout.rows(screen)) }
  package func note(_ line: String) { put(layout.note(printableLines(line))) }

  /// For the terminal as it is now: people make it larger.
  private var layout: ScreenLayout {
    var size = winsize()
    let width = ioctl(output, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    return ScreenLayout(width: width, isStyled: isStyled)
  }

  package func answer(to screen: Screen) throws -> String? {
    show(screen)
    // What is typed may be a PIN: until it is one of the answers it stays in locked memory.
    let typed = try read(screen)
    if let token = try token(typed, screen.prompt) { return token }
    put(
      typed?.isOneTimePassword == true
        ? "\nA YubiKey was touched and typed a one-time password. It was dropped.\n"
        : "\nThat is not one of the answers. What was typed is not shown and not recorded. Type ? for help.\n")
    return nil
  }

  /// What is typed, `?` apart, which is answered here.
  private func read(_ screen: Screen) throws -> Secret? {
    let room = screen.prompt?.line?.mostBytes ?? 64
    while true {
      let typed = try entry.readLine(after: "> ", atMost: room) { show(screen) }
      guard try Self.matches(typed, PromptHelp.token) else { return typed }
      put("\n\(PromptHelp.words(for: screen.prompt))\n")
    }
  }

  package func reply(to screen: Screen, isSecret: (Secret) throws -> Bool) throws -> Reply {
    guard let rule = screen.prompt?.line else { return try answer(to: screen).map(Reply.token) ?? .refused(nil) }
    show(screen)
    let typed = try read(screen)
    if let token = try token(typed, screen.prompt) { return .token(token) }
    var refusal: LineRule.Refusal? = typed == nil ? .length : nil
    if let typed {
      refusal = typed.withBytes { rule.refusal(of: $0) }
      if refusal == nil, try isSecret(typed) { refusal = .secret }
    }
    guard let typed, refusal == nil else {
      put("\n\(Self.words(for: refusal ?? .length, rule)) What was typed is not shown and not recorded.\n")
      return .refused(refusal ?? .length)
    }
    // Only now is it known that it may be shown.
    let text = typed.withBytes { String(decoding: $0, as: UTF8.self) }
    return try isConfirmed(text) ? .text(text) : .refused(.withdrawn)
  }

  /// Shows what was typed to whoever typed it. Nothing is recorded before they have seen it.
  private func isConfirmed(_ text: String) throws -> Bool {
    put("\n\n  \(text)\n\nIs this what shall be recorded?\n  yes         record it\n  again       type it again\n")
    while true {
      let typed = try entry.readLine(after: "> ")
      for (token, isConfirmed) in [("yes", true), ("again", false)] where try Self.matches(typed, token) {
        put(token + "\n")
        return isConfirmed
      }
      put(
        typed?.isOneTimePassword == true
          ? "\n\(Self.words(for: .oneTimePassword, .words))\n" : "\nType yes or again.\n")
    }
  }

  /// The token of this prompt that was typed, shown from now on; nil for anything else.
  private func token(_ typed: Secret?, _ prompt: Prompt?) throws -> String? {
    for token in prompt?.tokens ?? [] where try Self.matches(typed, token) {
      put(token + "\n")
      return token
    }
    return nil
  }

  private static func matches(_ typed: Secret?, _ token: String) throws -> Bool {
    try typed?.matches(Secret(copying: Array(token.utf8))) ?? false
  }

  private static func words(for refusal: LineRule.Refusal, _ rule: LineRule) -> String {
    switch refusal {
    case .characters: "This is not \(rule.form)."
    case .digits: "Six digits in a row could be a PIN: put it in words, or leave it out."
    case .length: "Too short or too long: \(rule.form)."
    case .oneTimePassword: "A YubiKey was touched and typed a one-time password. It was dropped."
    case .secret: "A secret of this ceremony is in it. Its owner should change it before the day ends."
    case .withdrawn: "It was taken back."
    }
  }

  private func put(_ text: String) { entry.put(text) }
}
