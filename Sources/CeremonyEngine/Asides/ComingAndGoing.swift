import CeremonyScript

/// Somebody leaves the room, or comes back to it.
struct ComingAndGoing: StepMachine {
  private let move: Attendance.State

  init(_ move: Attendance.State) { self.move = move }

  mutating func begin(_ ceremony: inout Ceremony) -> Turn {
    let isLeaving = move == .leaves
    let people = ceremony.script.people.filter { ceremony.attendance.isHere($0.id) == isLeaving }
    guard let first = people.first else {
      return .done(
        .show(ceremony.screen(isLeaving ? "Nobody is here" : "Nobody is away", ["Nothing was recorded."])))
    }
    let prompt = Prompt(
      isLeaving ? "Who leaves?" : "Who returns?",
      people.map { Prompt.Answer(token: $0.id, meaning: ceremony.name(of: $0.id)) } + [Prompt.back], always: [],
      unattended: first.id)
    return .wait(
      .ask(ceremony.beside(prompt, isLeaving ? "Somebody leaves the room" : "Somebody returns to the room", [])))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Turn {
    guard case .answer(let token) = event else { return .unexpected }
    guard token != Prompt.back.token, let person = ceremony.script.people.first(where: { $0.id == token }) else {
      return .back
    }
    let noted = ceremony.noting(person, move)
    let name = ceremony.name(of: person.id)
    return .done(
      noted, .show(ceremony.screen(move == .leaves ? "\(name) left the room" : "\(name) is back in the room")))
  }
}
