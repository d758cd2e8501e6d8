import CeremonyRecords
import CeremonyScript

/// Somebody leaves the room, or comes back to it.
struct ComingAndGoing: StepMachine {
  private let move: Attendance.State
  /// Who was absent until now, and is asked who they are.
  private var newcomer: Person?

  init(_ move: Attendance.State) { self.move = move }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
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
      for: .ask(ceremony.beside(prompt, isLeaving ? "Somebody leaves the room" : "Somebody returns to the room", [])))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer(let token) = event else { return .unexpected }
    if let newcomer { return noted(newcomer, .here, &ceremony, seenBy: token) }
    guard token != Prompt.back.token, let person = ceremony.script.people.first(where: { $0.id == token }) else {
      return .back
    }
    guard ceremony.attendance.isAbsent(person.id), move == .returns else { return noted(person, move, &ceremony) }
    newcomer = person
    let known = ceremony.identity(of: person, named: person.name)
    let prompt = Prompt(known.question, known.answers, always: [], unattended: known.unattended)
    return .wait(for: .ask(ceremony.beside(prompt, "\(person.name) has come", [])))
  }

  private func noted(
    _ person: Person, _ state: Attendance.State, _ ceremony: inout Ceremony, seenBy: String? = nil
  ) -> Transition {
    let noted =
      state == .here
      ? [ceremony.noting(person, state, seenBy: seenBy)] : ceremony.noting(moving: person, state)
    let name = ceremony.name(of: person.id)
    let title =
      switch state {
      case .leaves: "\(name) left the room"
      case .returns: "\(name) is back in the room"
      default: "\(name) is here now"
      }
    return .done(noted + [.show(ceremony.screen(title))])
  }
}
