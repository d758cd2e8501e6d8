import CeremonyRecords
import CeremonyScript
import Findings

/// A step needs somebody who is not here, and nobody else does it for them: it waits until they are back, until somebody
/// stands in for them where that may be, or leaves their part out where the script allows it.
struct Waiting: StepMachine {
  let person: Person
  /// What was asked when they left; nil where the step has not begun.
  let interrupted: Question?
  private var substitute: String?

  private static let here = "here"
  private static let returned = "returned"
  private static let absent = "absent"
  private static let substituted = "substitute"

  init(for person: Person, interrupted: Question?) {
    self.person = person
    self.interrupted = interrupted
  }

  /// The first question.
  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    let name = ceremony.name(of: person.id)
    var answers: [Prompt.Answer] = []
    if ceremony.attendance.isAbsent(person.id) {
      answers.append(Prompt.Answer(token: Self.here, meaning: "\(person.name) has come"))
    } else {
      answers.append(Prompt.Answer(token: Self.returned, meaning: "\(name) is here again"))
      if ceremony.attendance.substitute(of: person.id) != nil, ceremony.mayBeStoodInFor(person) {
        answers.append(Prompt.Answer(token: Self.here, meaning: "\(person.name) is here, and acts from now on"))
      }
    }
    if ceremony.mayBeStoodInFor(person) {
      answers.append(Prompt.Answer(token: Self.substituted, meaning: "somebody else acts in this place from now on"))
    }
    if ceremony.mayLeaveOut(ceremony.step, without: person) {
      answers.append(Prompt.Answer(token: Self.absent, meaning: loss(ceremony)))
    }
    let prompt = Prompt("Is \(name) here now?", answers, unattended: answers[0].token)
    return .wait(
      for: .ask(
        screen(
          prompt, ceremony,
          [
            ceremony.attendance.isAbsent(person.id)
              ? "\(name) was not here when attendance was taken."
              : "It is on record that \(name) is not in the room.",
            "This step waits. Nobody else does it, or confirms it, for them.",
          ]
            + (ceremony.present == person.id ? ["Their card is still in the reader. Nobody touches it."] : []))))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .answer(Self.returned): return .done(ceremony.noting(moving: person, .returns))
    case .answer(Self.here):
      return .wait(for: .ask(screen(ceremony.identity(of: person, named: person.name), ceremony)))
    case .answer(Prompt.back.token): return begin(&ceremony)
    case .answer(Self.substituted): return .wait(for: .ask(screen(ceremony.substitutePrompt(for: person), ceremony)))
    case .text(let name):
      if let refusal = ceremony.refusal(of: name, for: person) {
        return .wait(for: .ask(screen(ceremony.substitutePrompt(for: person), ceremony, [refusal])))
      }
      substitute = name
      return .wait(
        for: .ask(
          screen(
            ceremony.identity(of: person, named: name), ceremony,
            ["\(name) acts in the place of \(person.name) from now on, as \(person.duty)."])))
    case .answer(Self.absent):
      ceremony.leaveOutTheRest(of: person)
      return .done(
        ceremony.exception(.keyholderAbsent, "\(ceremony.name(of: person.id)) was absent. \(leftOut(ceremony))"))
    case .answer(let seenBy):
      let state = substitute == nil ? Attendance.State.here : .substitute
      return .done(ceremony.noting(person, state, name: substitute, seenBy: seenBy))
    default: return .unexpected
    }
  }

  private func loss(_ ceremony: Ceremony) -> String {
    switch ceremony.step.action {
    case .sign, .seal: "leave this signature out; the others reach the threshold"
    case .destroy: "leave the card as it is now"
    default: "leave this step out"
    }
  }

  private func leftOut(_ ceremony: Ceremony) -> String {
    switch ceremony.step.action {
    case .sign(let role, _): "No signature on \(role) was asked for."
    case .seal: "No signature on the transcript seal was asked for."
    case .destroy(let keyholder):
      ceremony.toldToWipe[keyholder] == nil
        ? "Their card was not wiped." : "RESET was sent to their card, and nobody saw what came of it."
    default: "The step \(ceremony.step.scriptID) was left out."
    }
  }

  private func screen(_ prompt: Prompt, _ ceremony: Ceremony, _ text: [String] = []) -> Screen {
    var screen = ceremony.screen("Waiting for \(ceremony.name(of: person.id))", text)
    let present = Keyholder.officials.first { ceremony.attendance.isHere($0) }
    screen.who = present.map { ceremony.name(of: $0) } ?? "Whoever is here"
    screen.facts = [Screen.Fact(name: "step", value: ceremony.step.action.title)]
    screen.prompt = prompt
    return screen
  }
}
