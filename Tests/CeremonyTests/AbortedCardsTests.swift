import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import Testing
import Transcript
import VirtualCard

/// The last screen of a ceremony that was given up names every card that may hold one of its keys.
@Suite struct AbortedCardsTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    /// A step of Ada's card, and which of its commands has no answer; nil where all have.
    let fault: (step: String, command: Int)?
    let scenes: [(String, String)]
    let reminders: [String]
  }

  private static let held = "card 20000001 of Ada: holds keys of this ceremony: reset it"
  private static let doubtful = "card 20000001 of Ada: may hold keys of this ceremony: reset it"
  private static let both = [("Give the", "abort"), ("Give the", "abort")]

  static var cases: [Case] {
    [
      Case(
        testDescription: "before the card was told to make a key", fault: nil,
        scenes: [("Reset the card of Ada", "abort")] + both, reminders: []),
      Case(
        testDescription: "after it made its key", fault: nil, scenes: [("Bind the card of Boris", "abort")] + both,
        reminders: [held]),
      Case(
        testDescription: "a key was made, and nobody heard of it", fault: ("card-ada/generate-root", 4),
        scenes: [("CARD-TIMEOUT", "abort")] + both, reminders: [doubtful]),
      Case(
        testDescription: "the card is to be provisioned again, and still holds its key",
        fault: ("card-ada/management-key", 4),
        scenes: [("CARD-TIMEOUT", "retry"), ("Reset the card of Ada", "abort")] + both, reminders: [doubtful]),
      Case(
        testDescription: "the card was reset again, and seen to be empty",
        fault: ("card-ada/management-key", 4),
        scenes: [
          ("CARD-TIMEOUT", "retry"), ("Reset the card of Ada", "20000001"), ("CARD-REMOVED", "abort"),
        ] + both, reminders: []),
    ]
  }

  /// How many commands follow the serial with which a card is given up that is provisioned again.
  private static func secondReset(_ commands: [Record]) throws -> Int {
    let room = Room()
    let scenes = StagedPeople(room, [("CARD-TIMEOUT", "retry"), ("Reset the card of Ada", "20000001")])
    let place = try #require(commands.firstIndex { $0.step == "card-ada/management-key" })
    try room.rehearse(Array(try Scripts.first.utf8)) { $0.card(of: "ada")?.inject(.timeout, at: place + 4) }
    #expect(scenes.isOver)
    let serial = try #require(try room.records(.answer).last { $0.body["accepted"] == "20000001" })
    return try room.records(.command).count { $0.seq > serial.seq && $0.step == "card-ada/reset" }
  }

  @Test(arguments: cases) func theyAreListed(of it: Case) throws {
    let whole = Room()
    try whole.rehearse(Array(try Scripts.first.utf8))
    // Ada's card is the first: every command before hers is hers.
    let commands = try whole.records(.command)
    let secondReset = try Self.secondReset(commands)
    let room = Room()
    let cast = StagedPeople(room, it.scenes)
    var card: VirtualCard?
    let play = room.console.answer
    room.console.answer = { screen in
      // The card goes when its second reset is over.
      if screen.title == "Reset the card of Ada", screen.prompt?.answers.first?.token == "20000001" {
        card?.inject(.removed, at: (card?.exchanges ?? 0) + secondReset)
      }
      return try play(screen)
    }
    let place = it.fault.flatMap { fault in
      commands.firstIndex { $0.step == fault.step }.map { $0 + fault.command }
    }
    try room.rehearse(Array(try Scripts.first.utf8)) { cardSource in
      card = cardSource.card(of: "ada")
      if let place { card?.inject(.timeout, at: place) }
    }
    #expect((place == nil) == (it.fault == nil))
    #expect(cast.isOver, "not every scene was played")
    let last = try #require(room.console.screens.last { $0.title == "ABORTED" })
    #expect(last.facts.map { "\($0.name): \($0.value)" } == it.reminders)
    #expect(room.replay().findings.map(\.code) == [.aborted])
  }

  /// What the step would have had said aloud did not come true, and there will be no seal.
  @Test func noWordsOfTheStepAreLeftOnTheScreensOfItsFailure() throws {
    let room = Room()
    let script = try Scripts.first
    try room.play(
      script, [("Bind the card of Ada", "differs"), ("WRONG-CARD", "abort")] + Self.both)
    let failure = try #require(room.console.screens.first { $0.title == "WRONG-CARD" })
    #expect(failure.text.first == "The card in the reader says serial 20000001, and its case says another number.")
    let bound = try #require(room.console.screens.first { $0.title == "Bind the card of Ada" })
    #expect(!bound.say.isEmpty)
    let last = room.console.screens.suffix(2)
    #expect(last.map(\.title) == ["ABORTED: the head of the transcript", "ABORTED: the final head"])
    for screen in [failure] + last {
      #expect(screen.say.isEmpty)
      #expect(screen.standing?.boards.contains { $0.role == Board.seal } == false)
    }
  }
}
