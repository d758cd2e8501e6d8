import CardOperations
import CeremonyRecords
import Findings
import Glibc
import Keys
import Screens
import Terminal

/// A person at a terminal: on a stage, or line by line. Keystrokes are not echoed, also while nothing is asked; an answer is
/// shown once it is accepted. Typed-ahead input is thrown away before each prompt, and nothing is a default.
package final class TerminalConsole: Console {
  /// Where people type, also what nobody may see.
  let entry: HiddenEntry
  private let output: Int32
  private let isStyled: Bool
  /// A second terminal that nobody streams: what was typed in words is shown there before it is recorded.
  package var apart: HiddenEntry?
  private var stage: Stage?
  private var records: (() -> RecordedSoFar)?

  /// - Parameters:
  ///   - input, output: descriptors of a terminal.
  ///   - isStage: whether each screen is drawn in place of the one before.
  package init(input: Int32 = 0, output: Int32 = 1, isStyled: Bool, isStage: Bool = false) {
    let stage = isStage ? Stage(output: output, isStyled: isStyled) : nil
    entry = HiddenEntry(input: input, output: output, stage: stage)
    self.stage = stage
    self.output = output
    self.isStyled = isStyled
  }

  deinit { stage?.leave() }

  package func follow(_ records: @escaping () -> RecordedSoFar) { self.records = records }

  package func show(_ screen: Screen) {
    guard let stage else { return put(layout.rows(screen)) }
    let soFar = records?()
    stage.show(
      screen.printable, head: soFar?.head, seconds: soFar.map { Int(clamping: $0.nanoseconds / 1_000_000_000) })
  }

  package func note(_ line: String) {
    let line = printableLines(line)
    if let stage { stage.note(line) } else { put(layout.note(line)) }
  }

  package func leave() {
    stage?.leave()
    stage = nil
  }

  /// For the terminal as it is now: people make it larger.
  private var layout: ScreenLayout {
    ScreenLayout(width: TerminalSize(of: output)?.columns ?? StageLayout.leastColumns, isStyled: isStyled)
  }

  // MARK: - Waiting

  package func wait(for what: Waited) {
    switch what {
    case .card(let owner):
      // What was typed before is no word for this.
      entry.dropTyped()
      stage?.wait(for: "Waiting for the card of \(owner). Meanwhile: \(Self.aside)", limit: nil)
    case .answer(let owner, let limit):
      stage?.wait(for: "Waiting for the card of \(owner). Touch it where it blinks", limit: limit)
    case .person(let words):
      if let stage { stage.wait(for: words, limit: nil) } else { note("\(words).") }
    }
  }

  package func endWaiting() { stage?.endWaiting() }

  private static let aside = SideRequest.allCases.map(\.rawValue).joined(separator: ", ")

  package var meanwhile: TypedMeanwhile? {
    TypedMeanwhile(input: { [entry] in entry.awaited }) { [weak self] in try self?.wordMeanwhile() ?? nil }
  }

  private func wordMeanwhile() throws -> String? {
    let typed = try entry.readTyped()
    for request in SideRequest.allCases where try Self.matches(typed, request.rawValue) { return request.rawValue }
    guard try !Self.matches(typed, PromptHelp.token) else {
      note(PromptHelp.meanwhile)
      return nil
    }
    note(
      typed?.isOneTimePassword == true
        ? Self.touched : "Now only these are taken: \(Self.aside). What was typed is not shown and not recorded.")
    return nil
  }

  // MARK: - Answers

  package func answer(to screen: Screen) throws -> String? {
    show(screen)
    guard let typed = try read(screen) else { return nil }
    if let token = try token(typed, screen.prompt) { return token }
    refuse(
      typed?.isOneTimePassword == true
        ? Self.touched : "That is not one of the answers, and is not kept. Type ? for help.")
    return nil
  }

  private static let touched = "A YubiKey was touched and typed a one-time password. It was dropped."

  /// What is typed may be a PIN: until it is one of the answers it stays in locked memory. Before the last page only the
  /// words that lead aside are answers, and nothing is one on a terminal that is too small.
  ///
  /// Returns nil where something else was typed before the last page, which was refused; what is too long is nil in turn.
  private func read(_ screen: Screen) throws -> Secret?? {
    let room = screen.prompt?.line?.mostBytes ?? 64
    while true {
      stage?.endLine()
      let typed = try entry.readLine(after: "> ", atMost: room) { show(screen) }
      if try Self.matches(typed, PromptHelp.token) {
        try explain(screen)
        continue
      }
      guard let stage else { return .some(typed) }
      if stage.isTooSmall { continue }
      let isTurned = stage.hasPages && (stage.hasMore || screen.prompt?.line == nil)
      if isTurned, try Self.matches(typed, StageLayout.more) {
        stage.turn()
        continue
      }
      guard stage.hasMore else { return .some(typed) }
      for token in screen.prompt?.always ?? [] where try Self.matches(typed, token) { return .some(typed) }
      refuse(
        typed?.isOneTimePassword == true
          ? Self.touched : "There is more to see first. What was typed is not shown and not recorded.")
      return nil
    }
  }

  /// Says what can be typed, and goes back to the question. Nothing of it is recorded.
  private func explain(_ screen: Screen) throws {
    guard let stage else { return put("\n" + layout.note(PromptHelp.lines(for: screen))) }
    let place = stage.place
    let help = PromptHelp.screen(for: screen, hasMore: stage.hasMore)
    show(help)
    while true {
      if let typed = try read(help), try token(typed, help.prompt) != nil { break }
      refuse("Type back.")
    }
    show(screen)
    stage.goBack(to: place)
  }

  package func reply(to screen: Screen, isSecret: (Secret) throws -> Bool) throws -> Reply {
    guard let rule = screen.prompt?.line else { return try answer(to: screen).map(Reply.token) ?? .refused(nil) }
    show(screen)
    guard let typed = try read(screen) else { return .refused(.withdrawn) }
    if let token = try token(typed, screen.prompt) { return .token(token) }
    var refusal: LineRule.Refusal? = typed == nil ? .length : nil
    if let typed {
      refusal = typed.withBytes { rule.refusal(of: $0) }
      if refusal == nil, try isSecret(typed) { refusal = .secret }
    }
    guard let typed, refusal == nil else {
      let isEmpty = typed?.count == 0
      refuse(
        "\(isEmpty ? "Nothing was typed: \(rule.form)." : Self.words(for: refusal ?? .length, rule)) What was typed is not shown and not recorded."
      )
      return .refused(refusal ?? .length)
    }
    // Only now is it known that it may be shown.
    let text = typed.withBytes { String(decoding: $0, as: UTF8.self) }
    let place = stage?.place
    guard try isConfirmed(text, screen) else {
      show(screen)
      stage?.goBack(to: place)
      return .refused(.withdrawn)
    }
    return .text(text)
  }

  /// Shows what was typed to whoever typed it. Nothing is recorded before they have seen it.
  private func isConfirmed(_ text: String, _ screen: Screen) throws -> Bool {
    apart?.showApart("\(text)\n\nIs this what shall be recorded? The answer is typed at the other terminal.")
    defer { apart?.lookAway() }
    let shown = apart == nil ? text : "What you typed stands on the second terminal."
    let prompt = Prompt(
      "Is this what shall be recorded?",
      [Prompt.Answer(token: "yes", meaning: "record it"), Prompt.Answer(token: "again", meaning: "type it again")],
      always: [], unattended: "again")
    var asked = Screen(step: screen.step, steps: screen.steps, title: screen.title, who: screen.who)
    (asked.text, asked.banners, asked.standing, asked.prompt) = ([shown], screen.banners, screen.standing, prompt)
    if stage == nil {
      put("\n\n  \(shown)\n\n\(prompt.question)\n  yes         record it\n  again       type it again\n")
    } else {
      show(asked)
    }
    while true {
      // Nobody confirms what stands on a page that they have not seen.
      guard let typed = try read(asked) else { continue }
      if let token = try token(typed, prompt) { return token == "yes" }
      refuse(typed?.isOneTimePassword == true ? Self.touched : "Type yes or again.")
    }
  }

  /// The token of this prompt that was typed, shown from now on; nil for anything else.
  private func token(_ typed: Secret?, _ prompt: Prompt?) throws -> String? {
    for token in prompt?.tokens ?? [] where try Self.matches(typed, token) {
      stage?.accept()
      put(token + "\n")
      return token
    }
    return nil
  }

  private func refuse(_ words: String) {
    if let stage { stage.refuse(words) } else { put("\n\(words)\n") }
  }

  private static func matches(_ typed: Secret?, _ token: String) throws -> Bool {
    try typed?.matches(Secret(copying: Array(token.utf8))) ?? false
  }

  private static func words(for refusal: LineRule.Refusal, _ rule: LineRule) -> String {
    switch refusal {
    case .characters: "That has another form. Expected: \(rule.form)."
    case .digits: "Six digits in a row could be a PIN: put it in words, or leave it out."
    case .length: "Too short or too long: \(rule.form)."
    case .oneTimePassword: touched
    case .secret: "A secret of this ceremony is in it. Its owner should change it before the day ends."
    case .withdrawn: "It was taken back."
    }
  }

  private func put(_ text: String) { entry.put(text) }
}
