import CeremonyRecords
import Findings
import Transcript

/// The administrator puts an exception on record in words, for themselves or on behalf of the witness.
struct ExceptionRequest: StepMachine {
  private var speaker: String?

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    let speakers = [
      Prompt.Answer(token: "administrator", meaning: "\(ceremony.name(of: "administrator")) says it"),
      Prompt.Answer(token: "witness", meaning: "\(ceremony.name(of: "witness")) says it, the administrator types it"),
    ].filter { ceremony.attendance.isHere($0.token) }
    guard let first = speakers.first else {
      return .done(.show(ceremony.screen("Neither administrator nor witness is here", ["Nothing was recorded."])))
    }
    let prompt = Prompt("Who says it?", speakers + [Prompt.back], always: [], unattended: first.token)
    return .wait(
      for: .ask(ceremony.beside(prompt, title(ceremony), ["Something did not go to plan. It gets a number."])))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .answer(Prompt.back.token): return .back
    case .answer(let token):
      speaker = token
      let prompt = Prompt(
        "What happened, and what was done about it?", line: .words, always: [],
        unattended: "An exception of an unattended rehearsal.")
      return .wait(
        for: .ask(ceremony.beside(prompt, title(ceremony), ["\(ceremony.name(of: token)) says it aloud first."])))
    case .text(let words):
      guard let speaker else { return .unexpected }
      let title = title(ceremony)
      ceremony.exceptions += 1
      return .done(
        .record(ExceptionRecord(number: ceremony.exceptions, code: .noted, what: words, speaker: speaker)),
        .show(ceremony.screen("\(title) is recorded", [words])))
    default: return .unexpected
    }
  }

  private func title(_ ceremony: Ceremony) -> String { "Exception \(ceremony.exceptions + 1)" }
}

extension Ceremony {
  /// A screen that interrupts the present step; the administrator is at the keyboard.
  func beside(_ prompt: Prompt, _ title: String, _ text: [String]) -> Screen {
    var screen = screen(title, text)
    screen.who = name(of: "administrator")
    screen.prompt = prompt
    return screen
  }
}
