import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyScript
import Findings
import Judges
import Keys
import Testing
import UTC

/// The engine without loop, journal and ports: what it makes of events that answer nothing.
@Suite struct EngineEventTests {
  private static func events(_ time: UTCTime) -> [(what: String, event: Event)] {
    [
      ("begun", .begun), ("an answer that is not listed", .answer("no such answer")), ("a line", .text("a line")),
      ("a file", .input([1])), ("a card", .cardPresent), ("no answer of a card", .card(.success(.done))),
      ("random bytes", .random([1])), ("a moment", .clock(time)),
      ("a head", .head(number: 1, digest: .zero)), ("a secret", .secret(isDone: true)),
      ("the close", .closed(head: .zero, transcript: .zero)),
    ]
  }

  /// What comes of a question where everybody does as they should, until a card is asked for.
  private static func answer(to question: Question, at time: UTCTime) -> Event? {
    switch question {
    case .ask(let screen):
      screen.prompt.map { $0.line == nil ? .answer($0.unattended) : .text($0.unattended) }
    case .clock: .clock(time)
    case .head: .head(number: 1, digest: .zero)
    default: nil
    }
  }

  @Test func whatAnswersNothingEndsTheCeremony() throws {
    let folder = try MemoryProducts.golden(EngineVersion.current)
    let first = try #require(folder.records("transcript.jsonl").first)
    let configuration = try CeremonyConfiguration(recorded: try #require(first["body"]?.object))
    let time = try #require(first["at"]?.string.flatMap(UTCTime.init(_:)))
    var engine = CeremonyEngine(
      script: try Script(folder.read("script.yaml")), configuration: configuration, time: time)
    var event = Event.begun
    var tried = 0
    while true {
      guard case .ask(let question, let step) = engine.handle(event).next else { break }
      for (what, wrong) in Self.events(time) where !Self.isKind(wrong, of: question) {
        var copy = engine
        let codes = copy.handle(wrong).told.compactMap { stepEffect -> String? in
          if case .record(let finding as FindingRecord) = stepEffect.effect { finding.code } else { nil }
        }
        #expect(codes == [Finding.Code.unexpectedEvent.description], "\(step): \(what)")
        tried += 1
      }
      guard let next = Self.answer(to: question, at: time) else { break }
      event = next
    }
    #expect(tried > 50)
  }

  /// Whether the event is of the kind that is asked for.
  private static func isKind(_ event: Event, of question: Question) -> Bool {
    switch (question, event) {
    case (.ask(let screen), .text): screen.prompt?.line != nil
    case (.clock, .clock), (.head, .head), (.awaitCard, .cardPresent): true
    default: false
    }
  }
}
