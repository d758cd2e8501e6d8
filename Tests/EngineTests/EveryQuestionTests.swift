import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Judges
import Keys
import PIV
import Testing

/// What holds at every question of whole ceremonies, whichever step asks it; without `--full`, at a third of them.
@Suite struct EveryQuestionTests {
  private static func films() throws -> [Film] {
    let others = Sweep.sample(
      [{ Films.lenient }, { Films.plain }, { Films.file }, { Films.after }, { Films.collecting }, { Films.enrolling }],
      oneOf: 4)
    return try [Films.whole.get()] + others.map { try $0().get() }
  }

  /// One event of each kind, each with what it answers.
  private static let events: [(words: String, answers: @Sendable (Asked) -> Bool)] = [
    ("begun", { _ in false }),
    ("type no such token", { _ in false }),
    ("line 2026-01-01T00:00", { if case .screen(let screen) = $0 { screen.prompt?.line != nil } else { false } }),
    ("file 1", { if case .read = $0 { true } else { false } }),
    ("wiped 2", { if case .oneTime = $0 { true } else { false } }),
    ("listed", { if case .list = $0 { true } else { false } }),
    ("delivered nothing", { if case .deliveries = $0 { true } else { false } }),
    ("enrolled nothing", { if case .enrolments = $0 { true } else { false } }),
    ("inserted", { if case .awaitCard = $0 { true } else { false } }),
    ("no-card", { if case .awaitCard = $0 { true } else { false } }),
    ("card done", { if case .card = $0 { true } else { false } }),
    ("fails timeout", { if case .card = $0 { true } else { false } }),
    ("random 16", { if case .random = $0 { true } else { false } }),
    ("clock 0", { if case .clock = $0 { true } else { false } }),
    ("host", { if case .host = $0 { true } else { false } }),
    ("head 1", { if case .head = $0 { true } else { false } }),
    ("secret done", { if case .secret = $0 { true } else { false } }),
    ("closed", { if case .close = $0 { true } else { false } }),
  ]

  /// An event that answers nothing ends the ceremony, with one finding; what is asked next is what ends it.
  @Test func whatAnswersNothingEndsTheCeremony() throws {
    var tried = 0
    for film in try Self.films() {
      for moment in Sweep.sample(film.questions, oneOf: 3) {
        let asked = try #require(moment.driver.asks)
        for event in Self.events where !event.answers(asked) {
          var other = moment
          other.driver.take(try other.event(event.words))
          let place: Comment = "\(moment.name): \(event.words)"
          #expect(other.driver.codes == [Finding.Code.unexpectedEvent.description], place)
          tried += 1
          // How it ends is the same for each of them.
          guard event.words == "begun" else { continue }
          while case .close? = other.driver.asks { try other.goOn() }
          while case .screen? = other.driver.asks { try other.goOn() }
          guard case .end(let outcome)? = other.driver.asks else {
            Issue.record("\(place) does not end it: \(other.driver.words)")
            continue
          }
          let isClosed = moment.driver.isClosed
          #expect(outcome.ending == (isClosed ? .complete : .aborted), place)
          #expect(outcome.status == (isClosed ? .aborted : .violation), place)
        }
      }
    }
    print("\(tried) events that answer nothing")
    #expect(tried > 0)
  }

  /// Nothing but the beginning begins, and after the end nothing is answered.
  @Test func beforeAndAfter() throws {
    for film in try Self.films() {
      for words in Self.events.map(\.words) where words != "begun" {
        var first = try #require(film.moments.first)
        first.driver.take(try first.event(words))
        #expect(first.driver.codes == ["UNEXPECTED-EVENT"], "\(words)")
        var last = try #require(film.moments.last)
        let end = last.driver.asks?.words
        last.driver.take(try last.event(words))
        #expect(last.driver.words == [end], "\(words)")
      }
    }
  }

  /// Each side request leads aside and back to the very question.
  @Test(arguments: SideRequest.allCases)
  func everySideRequestLeadsBack(_ request: SideRequest) throws {
    var tried = 0
    for film in try Self.films() {
      for moment in Sweep.sample(film.questions, oneOf: 3) {
        guard case .screen(let screen)? = moment.driver.asks, screen.prompt?.always.contains(request.rawValue) == true
        else { continue }
        var aside = moment
        aside.driver.take(.answer(request.rawValue))
        #expect(aside.driver.codes == [], "\(moment.name)")
        if case .clock? = aside.driver.asks { try aside.goOn() }
        if case .screen(let beside)? = aside.driver.asks, beside != screen {
          let isPause = beside.prompt?.takes("continue") == true
          #expect(beside.prompt?.always == [], "\(moment.name)")
          aside.driver.take(.answer(isPause ? "continue" : "back"))
        }
        guard case .screen(let again)? = aside.driver.asks else {
          Issue.record("\(moment.name) is not asked again")
          continue
        }
        #expect(again == screen, "\(moment.name)")
        #expect(aside.driver.step == moment.driver.step)
        try aside.goOn()
        var straight = moment
        try straight.goOn()
        #expect(aside.driver.words == straight.driver.words, "\(moment.name)")
        tried += 1
      }
    }
    #expect(tried > 0)
  }

  /// After an interruption it is asked who is here, where that was known; then the very question comes again.
  @Test func everyInterruptionLeadsBack() throws {
    for film in try Self.films() {
      for moment in Sweep.sample(film.questions, oneOf: 3) {
        var gone = moment
        gone.driver.take(.wentOn)
        #expect(gone.driver.codes == [], "\(moment.name)")
        if case .screen(let call)? = gone.driver.asks, call.prompt?.takes("everybody") == true { try gone.goOn() }
        #expect(gone.driver.asks?.words == moment.driver.asks?.words, "\(moment.name)")
        #expect(gone.driver.step == moment.driver.step, "\(moment.name)")
      }
    }
  }

  /// Whatever a card is asked, when it fails it is let go, and the step can be done again.
  @Test(arguments: [
    ("removed", "CARD-REMOVED"), ("timeout", "CARD-TIMEOUT"), ("broken off", "CARD-COMMUNICATION"),
    ("malformed", "CARD-ANSWER-MALFORMED"), ("PIN blocked", "PIN-BLOCKED"), ("no secret", "SECRET-UNAVAILABLE"),
  ])
  func everyCardMayFail(_ failure: (words: String, code: String)) throws {
    for film in try Self.films() {
      for moment in Sweep.sample(film.questions, oneOf: 3) {
        guard case .card? = moment.driver.asks else { continue }
        var failed = moment
        failed.driver.take(try failed.event("fails \(failure.words)"))
        let place: Comment = "\(moment.name)"
        #expect(failed.driver.codes == [failure.code], place)
        #expect(failed.driver.tells.filter { $0 == "release" }.count == 1, place)
        guard case .screen(let screen)? = failed.driver.asks else {
          Issue.record(place)
          continue
        }
        #expect(screen.title == failure.code, place)
        #expect(screen.prompt?.answers.first?.token == "retry", place)
        failed.driver.take(.answer("retry"))
        #expect(failed.driver.tells.first == "exception 1 \(failure.code)", place)
        // Where nobody knows what the card took over, its provisioning begins anew.
        let isInDoubt = ["puk", "pin", "management-key"].contains { moment.driver.step.hasSuffix("/\($0)") }
        let reset = moment.driver.step.split(separator: "/").first.map { "\($0)/reset" }
        #expect(failed.driver.step == (isInDoubt ? reset : moment.driver.step), place)
      }
    }
  }
}
