import CeremonyRecords
import CeremonyResults
import CeremonyScript

/// Nothing happens until somebody says that it goes on.
struct PauseRequest: StepMachine {
  mutating func begin(_ ceremony: inout Ceremony) -> Transition { .wait(for: .clock) }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .clock(let now):
      ceremony.room.pauses.append(RoomFacts.Pause(step: ceremony.step.id, since: now))
      let prompt = Prompt.proceed("Is everybody back?", "continue", "the ceremony goes on where it was", always: [])
      return .wait(
        for: .ask(ceremony.beside(prompt, "PAUSED since \(now)", ["Nobody touches a card or the keyboard."])))
    case .answer: return .back
    default: return .unexpected
    }
  }
}
