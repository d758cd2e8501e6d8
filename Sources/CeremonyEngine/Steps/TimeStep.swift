import CeremonyRecords
import Findings
import UTC

/// The time in UTC, read aloud from two sources, each compared with the machine's clock.
struct TimeStep: StepMachine {
  private static let ordinals = ["first", "second"]
  /// Seconds.
  private static let tolerance: Int64 = 120

  private var source = 0
  private var reading: UTCTime?

  mutating func begin(_ ceremony: inout Ceremony) -> Transition { .wait(for: .clock) }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .text(let text):
      guard let time = UTCTime(minute: text) else { return .unexpected }
      reading = time
      return .wait(for: .clock)
    case .clock(let now):
      if let reading {
        guard Self.agrees(reading, now) else {
          return .fail(
            Finding(
              .clockDiffers, "The \(Self.ordinals[source]) source says \(reading.minute), this machine says \(now).",
              hint:
                "Read it once more, in UTC. If the machine is wrong, give the ceremony up and set its clock: expiry and certificates are judged by it."
            ))
        }
        self.reading = nil
        source += 1
      }
      guard source < Self.ordinals.count else {
        return .done(.show(ceremony.screen(nil, ["Two sources agree with this machine, which says \(now)."])))
      }
      return .wait(for: .ask(question(ceremony, unattended: now.minute)))
    default: return .unexpected
    }
  }

  /// A reading means its whole minute.
  private static func agrees(_ reading: UTCTime, _ now: UTCTime) -> Bool {
    now >= reading.adding(seconds: -tolerance) && now <= reading.adding(seconds: 59 + tolerance)
  }

  private func question(_ ceremony: Ceremony, unattended: String) -> Screen {
    let prompt = Prompt(
      "What time is it in UTC, by the \(Self.ordinals[source]) source?", line: .time, unattended: unattended)
    var screen = ceremony.asking(
      prompt, nil, ["Read it aloud from something that is not this machine, and say what you read it from."])
    if source > 0 { screen.say = [] }
    return screen
  }
}
