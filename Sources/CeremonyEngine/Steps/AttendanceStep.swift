import CeremonyScript

/// Who is here, one after the other, and who saw that they are who they are.
struct AttendanceStep: StepMachine {
  private var place = 0
  private var state = Attendance.State.here
  private var substitute: String?

  mutating func begin(_ ceremony: inout Ceremony) -> Turn {
    guard let person = person(ceremony) else { return .done() }
    var answers = [
      Prompt.Answer(token: Attendance.State.here.rawValue, meaning: "\(person.name) is here"),
      Prompt.Answer(token: Attendance.State.substitute.rawValue, meaning: "somebody else acts in this place"),
    ]
    // Without administrator or witness nobody could hold the ceremony, or say that it was held.
    if person.role == "keyholder" {
      answers.insert(
        Prompt.Answer(token: Attendance.State.absent.rawValue, meaning: "\(person.name) is not here"), at: 1)
    }
    let prompt = Prompt("Is \(person.name) here, as \(person.role)?", answers, unattended: answers[0].token)
    return .wait(.ask(screen(prompt, ceremony, person)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Turn {
    guard let person = person(ceremony) else { return .unexpected }
    switch event {
    case .answer(let token):
      guard let answered = Attendance.State(rawValue: token) else { return note(person, &ceremony, seenBy: token) }
      state = answered
      switch answered {
      case .absent: return note(person, &ceremony, seenBy: nil)
      case .substitute:
        let prompt = Prompt("Who acts in the place of \(person.name)?", line: .name, unattended: "A substitute")
        return .wait(.ask(screen(prompt, ceremony, person)))
      default: return .wait(.ask(screen(identity(person), ceremony, person)))
      }
    case .text(let name):
      substitute = name
      return .wait(.ask(screen(identity(person), ceremony, person)))
    default: return .unexpected
    }
  }

  private func person(_ ceremony: Ceremony) -> Person? {
    let people = ceremony.script.people
    return people.indices.contains(place) ? people[place] : nil
  }

  private func identity(_ person: Person) -> Prompt {
    let answers = [
      Prompt.Answer(token: "administrator", meaning: "the administrator saw a document that says so"),
      Prompt.Answer(token: "witness", meaning: "the witness saw a document that says so"),
      Prompt.Answer(token: "known", meaning: "known to everybody here; no document was shown"),
    ].filter { $0.token != person.id }
    return Prompt(
      "Who saw that this is \(substitute ?? person.name)?", answers, unattended: answers[0].token)
  }

  private mutating func note(_ person: Person, _ ceremony: inout Ceremony, seenBy: String?) -> Turn {
    let noted = ceremony.noting(person, state, name: substitute, seenBy: seenBy)
    place += 1
    state = .here
    substitute = nil
    let next = begin(&ceremony)
    return Turn(effects: [noted] + next.effects, next: next.next)
  }

  private func screen(_ prompt: Prompt, _ ceremony: Ceremony, _ person: Person) -> Screen {
    var screen = ceremony.asking(prompt, "Attendance: \(substitute ?? person.name)")
    if place > 0 { screen.say = [] }
    screen.facts = ceremony.script.people.prefix(place).map { earlier in
      Screen.Fact(name: earlier.role, value: ceremony.attendance.words(for: earlier, ceremony.name(of: earlier.id)))
    }
    return screen
  }
}

/// Everybody who is still here leaves.
struct DepartureStep: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Turn {
    var screen = ceremony.asking(
      .proceed("Has everybody left, or leaves now?", "gone", "all of them"), nil,
      ["Whoever left before is not listed any more; record others with “leaves” first."])
    screen.facts = present(ceremony).map { Screen.Fact(name: $0.role, value: ceremony.name(of: $0.id)) }
    return .wait(.ask(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Turn {
    guard case .answer = event else { return .unexpected }
    return .done(present(ceremony).map { ceremony.noting($0, .leaves) })
  }

  private func present(_ ceremony: Ceremony) -> [Person] {
    ceremony.script.people.filter { ceremony.attendance.isHere($0.id) }
  }
}
