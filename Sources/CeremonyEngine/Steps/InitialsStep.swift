import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Transcript

/// Administrator and witness type their initials, and only then the step counts as done.
struct InitialsStep: StepMachine {
  private let officials: [String]
  private var place = 0

  init(_ officials: [String]) { self.officials = officials }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    guard officials.indices.contains(place) else { return .done() }
    let official = officials[place]
    guard let initials = ceremony.script.initials.of(official) else { return .unexpected }
    let prompt = Prompt(
      "\(ceremony.name(of: official)), as \(official): type your initials to confirm this step.",
      [Prompt.Answer(token: initials, meaning: "the initials: I saw it, and it is as it was shown")],
      unattended: initials)
    var screen = ceremony.asking(
      prompt, "Initials of the \(official)",
      [
        ceremony.hasCard(official)
          ? "Typed here, and signed by the card of the \(official) next."
          : "Typed at one keyboard: the stream shows who typed them, and the record does not."
      ])
    screen.who = ceremony.name(of: official)
    screen.facts = [Screen.Fact(name: "step", value: ceremony.step.scriptID)]
    return .wait(for: .ask(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer(let initials) = event, officials.indices.contains(place) else { return .unexpected }
    let official = officials[place]
    ceremony.room.initials.append(
      RoomFacts.Initialled(
        step: ceremony.step.scriptID, duty: official, name: ceremony.name(of: official), initials: initials))
    place += 1
    let next = begin(&ceremony)
    return Transition(
      effects: [.record(InitialsRecord(person: official, initials: initials))] + next.effects,
      next: next.next)
  }
}
