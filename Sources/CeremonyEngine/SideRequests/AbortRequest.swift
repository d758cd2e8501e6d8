import CeremonyRecords
import CeremonyScript

/// The ceremony is given up when administrator and witness say so.
struct AbortRequest: StepMachine {
  private var isConfirmed = false

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    var text =
      ceremony.head == nil
      ? "The folder is closed as ABORTED, and nothing in it may be used. The cards that hold keys are listed then."
      : "The transcript is closed and stays so. Only what is still missing after it is given up."
    if ceremony.head != nil, ceremony.rootSealCount == 0 {
      text +=
        ceremony.isLeftUnsealed
        ? " No root key has signed the seal: a second request has to ask for it."
        : " No root key has signed the seal: as it is, no verifier accepts this folder."
    }
    return .wait(for: .ask(question(ceremony, of: "administrator", text)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .answer(let token) = event else { return .unexpected }
    guard token == Prompt.abort else { return .back }
    guard isConfirmed else {
      isConfirmed = true
      return .wait(
        for: .ask(question(ceremony, of: "witness", "\(ceremony.name(of: "administrator")) gives the ceremony up.")))
    }
    return Transition(effects: [], next: .giveUp)
  }

  private func question(_ ceremony: Ceremony, of duty: String, _ text: String) -> Screen {
    let isHere = ceremony.attendance.isHere(duty)
    let prompt = Prompt(
      isHere
        ? "\(ceremony.name(of: duty)), as \(duty): is the ceremony given up?"
        : "Is the ceremony given up without the word of the \(duty), who is not here?",
      [Prompt.Answer(token: Prompt.abort, meaning: "give the ceremony up"), Prompt.back], always: [],
      unattended: Prompt.abort)
    var screen = ceremony.beside(prompt, "Give the ceremony up?", [text])
    let present = ([duty] + Keyholder.officials).first { ceremony.attendance.isHere($0) }
    screen.who = present.map { ceremony.name(of: $0) } ?? "Whoever is here"
    if !isHere {
      screen.facts = [Screen.Fact(name: duty, value: "is not in the room, as was recorded")]
    }
    return screen
  }
}
