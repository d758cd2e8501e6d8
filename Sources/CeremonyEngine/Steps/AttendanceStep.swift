import CeremonyRecords
import CeremonyScript
import Findings

/// Who is here, one after the other, and who saw that they are who they are. It ends when nobody is missing without whom
/// the ceremony cannot reach its end; until then no card is touched.
struct AttendanceStep: StepMachine {
  /// Who is called: everybody, and when it is taken again whoever was not here.
  private var people: [Person] = []
  private var place = 0
  private var state = Attendance.State.here
  private var substitute: String?

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    people = ceremony.script.people.filter { ceremony.failures == 0 || !ceremony.attendance.isHere($0.id) }
    return next(ceremony)
  }

  private func next(_ ceremony: Ceremony) -> Transition {
    guard let person else { return ceremony.quorum }
    var answers = [Prompt.Answer(token: Attendance.State.here.rawValue, meaning: "\(person.name) is here")]
    // Without administrator or witness nobody could hold the ceremony, or say that it was held.
    if !person.isOfficial {
      answers.append(Prompt.Answer(token: Attendance.State.absent.rawValue, meaning: "\(person.name) is not here"))
    }
    if ceremony.mayBeStoodInFor(person) {
      answers.append(
        Prompt.Answer(token: Attendance.State.substitute.rawValue, meaning: "somebody else acts in this place"))
    }
    let prompt = Prompt("Is \(person.name) here, as \(person.duty)?", answers, unattended: answers[0].token)
    return .wait(for: .ask(screen(prompt, ceremony, person)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard let person else { return .unexpected }
    switch event {
    case .answer(Prompt.back.token):
      state = .here
      return next(ceremony)
    case .answer(let token):
      guard let answered = Attendance.State(rawValue: token) else { return note(person, &ceremony, seenBy: token) }
      state = answered
      switch answered {
      case .absent: return note(person, &ceremony, seenBy: nil)
      case .substitute: return .wait(for: .ask(screen(ceremony.substitutePrompt(for: person), ceremony, person)))
      default: return .wait(for: .ask(screen(identity(of: person, ceremony), ceremony, person)))
      }
    case .text(let name):
      if let refusal = ceremony.refusal(of: name, for: person) {
        var screen = screen(ceremony.substitutePrompt(for: person), ceremony, person)
        screen.text = [refusal]
        return .wait(for: .ask(screen))
      }
      substitute = name
      return .wait(for: .ask(screen(identity(of: person, ceremony), ceremony, person)))
    default: return .unexpected
    }
  }

  private var person: Person? { people.indices.contains(place) ? people[place] : nil }

  private func identity(of person: Person, _ ceremony: Ceremony) -> Prompt {
    ceremony.identity(of: person, named: substitute ?? person.name)
  }

  private mutating func note(_ person: Person, _ ceremony: inout Ceremony, seenBy: String?) -> Transition {
    let noted = ceremony.noting(person, state, name: substitute, seenBy: seenBy)
    place += 1
    state = .here
    substitute = nil
    let next = next(ceremony)
    return Transition(effects: [noted] + next.effects, next: next.next)
  }

  private func screen(_ prompt: Prompt, _ ceremony: Ceremony, _ person: Person) -> Screen {
    var screen = ceremony.asking(prompt, "Attendance: \(substitute ?? person.name)")
    if place > 0 { screen.say = [] }
    screen.facts = people.prefix(place).map { earlier in
      Screen.Fact(name: earlier.duty, value: ceremony.attendance.words(for: earlier, ceremony.name(of: earlier.id)))
    }
    return screen
  }
}

extension Ceremony {
  /// How attendance ends: everybody is here without whom the ceremony cannot reach its end, or it is said who is not.
  fileprivate var quorum: Transition {
    let lacks = lacks
    guard !lacks.isEmpty else { return .done() }
    let names = lacks.map { name(of: $0.person.id) }
    var screen = screen("Too few people are here")
    screen.text = ["No card is touched until the ceremony can reach its end."]
    if lacks.contains(where: { $0.parts.contains(Self.provisioning) }) {
      screen.text.append("Each keyholder's card gets its keys first, even if fewer must sign.")
    }
    screen.facts =
      script.offlineRoles.map { role in
        let here = role.keyholders.count { attendance.isHere($0) }
        return Screen.Fact(
          name: role.name, value: "\(here) of \(role.keyholders.count) keyholders are here; \(role.threshold) must sign"
        )
      } + [sealQuorum].compactMap(\.self)
      + lacks.map {
        Screen.Fact(name: name(of: $0.person.id), value: "missing for: \($0.parts.joined(separator: ", "))")
      }
    return .fail(
      Finding(
        .quorumMissing, "The ceremony cannot reach its end without \(names.joined(separator: " and ")).",
        hint: "Wait for whoever is missing and take attendance again, or give the ceremony up."), [.show(screen)])
  }

  private var sealQuorum: Screen.Fact? {
    let sealers = plan.steps.compactMap { step -> String? in
      if case .seal(let keyholder) = step.action, script.official(keyholder) == nil { keyholder } else { nil }
    }
    guard !sealers.isEmpty else { return nil }
    let here = sealers.count { attendance.isHere($0) }
    return Screen.Fact(
      name: "transcript seal", value: "\(here) of \(sealers.count) who sign it are here; \(script.sealCount) must sign")
  }
}

/// Everybody who is still here leaves.
struct DepartureStep: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    var screen = ceremony.asking(
      .proceed("Has everybody left, or leaves now?", "gone", "all of them"), nil,
      ["Whoever left before is not listed any more; record others with “leaves” first."])
    screen.facts = present(ceremony).map { Screen.Fact(name: $0.duty, value: ceremony.name(of: $0.id)) }
    return .wait(for: .ask(screen))
  }

  mutating func again(_ ceremony: inout Ceremony) -> Transition? { begin(&ceremony) }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer = event else { return .unexpected }
    return .done(present(ceremony).map { ceremony.noting($0, .leaves) })
  }

  private func present(_ ceremony: Ceremony) -> [Person] {
    ceremony.script.people.filter { ceremony.attendance.isHere($0.id) }
  }
}
