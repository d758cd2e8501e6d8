import CeremonyRecords
import CeremonyScript

/// The ceremony stopped and goes on, perhaps on another day: whoever was here before is so again only when it is said.
struct RollCall: StepMachine {
  private static let everybody = "everybody"
  private static let call = "call"
  private static let here = "here"

  /// Who was here before.
  private let people: [Person]
  private var place = 0
  private var isCalling = false

  /// nil where nobody had been said to be here.
  init?(_ ceremony: Ceremony) {
    people = ceremony.script.people.filter { ceremony.attendance.isUnknown($0.id) }
    guard !people.isEmpty else { return nil }
  }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    let prompt = Prompt(
      "Are all of them here now?",
      [
        Prompt.Answer(token: Self.everybody, meaning: "all who are listed here"),
        Prompt.Answer(token: Self.call, meaning: "somebody is not: each of them is asked about"),
      ], always: [], unattended: Self.everybody)
    var screen = screen(prompt, ceremony, "Who is here now?")
    screen.text = [
      "The ceremony was interrupted. It is not known who is still here. Say it before anything goes on."
    ]
    screen.facts = people.map { Screen.Fact(name: $0.duty, value: ceremony.name(of: $0.id)) }
    return .wait(for: .ask(screen))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer(let token) = event else { return .unexpected }
    switch token {
    case Self.everybody: return .done(people.map { ceremony.noting($0, .remains) })
    case Self.call:
      isCalling = true
      return .wait(for: .ask(question(ceremony)))
    default:
      guard isCalling, people.indices.contains(place) else { return .unexpected }
      let noted = ceremony.noting(people[place], token == Self.here ? .remains : .leaves)
      place += 1
      return place == people.count ? .done(noted) : .wait(noted, for: .ask(question(ceremony)))
    }
  }

  private func question(_ ceremony: Ceremony) -> Screen {
    let name = ceremony.name(of: people[place].id)
    let prompt = Prompt(
      "Is \(name) here now, as \(people[place].duty)?",
      [
        Prompt.Answer(token: Self.here, meaning: "\(name) is here"),
        Prompt.Answer(token: "away", meaning: "\(name) is not here; what needs them waits"),
      ], always: [], unattended: Self.here)
    return screen(prompt, ceremony, "Who is here now: \(name)")
  }

  private func screen(_ prompt: Prompt, _ ceremony: Ceremony, _ title: String) -> Screen {
    var screen = ceremony.screen(title)
    screen.who = "Whoever is at the keyboard"
    screen.prompt = prompt
    return screen
  }
}
