import CeremonyRecords
import CeremonyScript
import Transcript

/// Both roles type their initials, and only then the step counts as done.
struct InitialsStep: StepMachine {
  private let roles: [String]
  private var place = 0

  init(_ roles: [String]) { self.roles = roles }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    guard roles.indices.contains(place) else { return .done() }
    let role = roles[place]
    guard let initials = ceremony.script.initials.of(role) else { return .unexpected }
    let prompt = Prompt(
      "\(ceremony.name(of: role)), as \(role): type your initials to confirm this step.",
      [Prompt.Answer(token: initials, meaning: "the initials: I saw it, and it is as it was shown")],
      unattended: initials)
    var screen = ceremony.asking(
      prompt, "Initials of the \(role)",
      [
        ceremony.hasCard(role)
          ? "Typed here, and signed by the card of the \(role) next."
          : "Typed at one keyboard: the stream shows who typed them, and the record does not."
      ])
    screen.who = ceremony.name(of: role)
    screen.facts = [Screen.Fact(name: "step", value: ceremony.step.scriptID)]
    return .wait(for: .ask(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer(let initials) = event, roles.indices.contains(place) else { return .unexpected }
    let role = roles[place]
    ceremony.room.initials.append(
      RoomFacts.Initialled(step: ceremony.step.scriptID, role: role, name: ceremony.name(of: role), initials: initials))
    place += 1
    let next = begin(&ceremony)
    return Transition(
      effects: [.record(InitialsRecord(person: role, initials: initials))] + next.effects,
      next: next.next)
  }
}
