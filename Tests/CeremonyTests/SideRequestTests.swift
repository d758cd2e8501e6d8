import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Keys
import PIV
import Products
import Testing
import Transcript

/// What is possible at every prompt: aside, and back to the question that was interrupted.
@Suite struct SideRequestTests {
  private static let somewhere = ["Say", "Reset the card of Ada", "Show root", "Ada signs root", "The head of the"]

  @Test(arguments: somewhere, ["administrator", "witness"])
  func anExceptionInWords(title: String, speaker: String) throws {
    let room = Room()
    let words = "The lamp fell over; nobody touched a card."
    let result = try room.play(
      try Scripts.first, [(title, "exception"), ("Exception 1", speaker), ("Exception 1", words)])
    #expect(result.outcome.ending == .complete)
    let exception = try #require(try room.records(.exception).first)
    #expect(
      exception.body == [
        "number": 1, "code": "NOTED", "what": .string(words), "on-behalf-of": .string(speaker),
      ])
    // The interrupted screen is asked again, as it was but for the exception that it counts.
    let titles = room.console.screens.map(\.title)
    let place = try #require(titles.firstIndex(of: "Exception 1 is recorded"))
    let interrupted = try #require(titles[..<place].lastIndex { $0.hasPrefix(title) })
    var before = room.console.screens[interrupted]
    #expect(before.standing?.exceptions == 0)
    before.standing?.exceptions = 1
    #expect(room.console.screens[place + 1] == before)
    #expect(room.replay().findings == [])
    #expect(room.replay().facts?.exceptions == 1)
    try SecondVerifier.expectAgreement([(title, try room.products())], holding: true, "with an exception in words")
  }

  @Test func nothingIsRecordedOfWhatWasLeftAgain() throws {
    let room = Room()
    try room.play(
      try Scripts.first,
      [
        ("Say", "exception"), ("Exception 1", "back"), ("Say", "leaves"), ("Somebody leaves", "back"),
        ("Say", "returns"), ("Say", "abort"), ("Give the", "back"), ("Say", "abort"), ("Give the", "abort"),
        ("Give the", "back"),
      ])
    #expect(try room.records(.exception).isEmpty)
    #expect(try room.records(.attendance).allSatisfy { $0.body["state"] == "here" })
    #expect(room.console.screens.contains { $0.title == "Nobody is away" })
    #expect(room.replay().holds)
  }

  @Test func exceptionsAreNumberedAcrossKinds() throws {
    let room = Room()
    try room.play(
      try Scripts.first,
      [
        ("Say", "exception"), ("Exception 1", "administrator"), ("Exception 1", "One."),
        ("Show root", "exception"), ("Exception 2", "witness"), ("Exception 2", "Two."),
      ])
    #expect(try room.records(.exception).map { $0.body["number"] } == [1, 2])
    #expect(try room.transcript().last?.body["exceptions"] == 2)
  }

  @Test(arguments: somewhere)
  func aPause(title: String) throws {
    let room = Room()
    try room.play(try Scripts.first, [(title, "pause"), ("PAUSED since 2026-01-01T00:00:0", "continue")])
    #expect(try room.records(.clock).count == 1)
    #expect(room.replay().holds)
  }

  @Test func peopleLeaveAndReturn() throws {
    let room = Room()
    try room.play(
      try Scripts.first,
      [
        ("Show root", "leaves"), ("Somebody leaves", "boris"), ("Show root", "leaves"), ("Somebody leaves", "witness"),
        ("Waiting for Witness", "returns"), ("Somebody returns", "boris"), ("Waiting for Witness", "leaves"),
        ("Somebody leaves", "back"), ("Waiting for Witness", "returns"), ("Somebody returns", "witness"),
      ])
    let tokens = room.console.screens.filter { $0.title.hasPrefix("Somebody") }
      .map { ($0.prompt?.answers ?? []).map(\.token).joined(separator: " ") }
    #expect(
      tokens == [
        "administrator witness ada boris back", "administrator witness ada back", "witness boris back",
        "administrator ada boris back", "witness back",
      ])
    let moves = try room.records(.attendance).filter { $0.body["state"] != "here" }.map {
      "\($0.body["person"]?.string ?? "") \($0.body["state"]?.string ?? "")"
    }
    #expect(moves == ["boris leaves", "witness leaves", "boris returns", "witness returns"])
    #expect(room.replay().holds)
  }

  @Test(arguments: [
    [("Initials of the witness", "leaves"), ("Somebody leaves", "witness")],
    [("Initials of the administrator", "leaves"), ("Somebody leaves", "witness")],
  ])
  func whoeverLeftConfirmsNothing(leaving: [(String, String)]) throws {
    for back in [[("Waiting for", "returned")], [("Waiting for", "returns"), ("Somebody returns", "witness")]] {
      let room = Room()
      let result = try room.play(
        try Scripts.room, leaving + back + [("Initials of the witness", "WI")])
      #expect(result.outcome.ending == .complete)
      let states = try room.records(.attendance).filter { $0.body["person"] == "witness" }.map { $0.body["state"] }
      #expect(Array(states.prefix(3)) == ["here", "leaves", "returns"])
      #expect(try room.records(.initials).map { $0.body["initials"] } == ["AD", "WI"])
      let asked = try #require(
        room.console.screens.first { $0.title == "Waiting for Witness" })
      #expect(asked.prompt?.answers.map(\.token) == ["returned", "substitute"])
      #expect(room.replay().holds)
    }
  }

  @Test func anAbsentWitnessIsNotSaidToHaveGivenUp() throws {
    let room = Room()
    try room.play(
      try Scripts.first,
      [
        ("Show root", "leaves"), ("Somebody leaves", "witness"), ("Waiting for Witness", "abort"),
        ("Give the", "abort"),
        ("Give the", "abort"),
      ])
    let asked = room.console.screens.filter { $0.title == "Give the ceremony up?" }
    #expect(asked.map { $0.facts.map(\.value) } == [[], ["is not in the room, as was recorded"]])
    #expect(asked.map(\.who) == ["Administrator", "Administrator"])
    #expect(room.replay().findings.map(\.code) == [.aborted])
  }

  @Test(arguments: ["Say", "Show root", "Close the transcript"])
  func bothRolesGiveUp(title: String) throws {
    let room = Room()
    let result = try room.play(try Scripts.first, [(title, "abort"), ("Give the", "abort"), ("Give the", "abort")])
    #expect(result.outcome == Outcome(ending: .aborted, status: .aborted, finding: nil))
    let asked = room.console.screens.filter { $0.title == "Give the ceremony up?" }
    #expect(asked.map(\.who) == ["Administrator", "Witness"])
    #expect(room.replay().findings.map(\.code) == [.aborted])
    let last = try #require(room.console.screens.last { $0.prompt != nil })
    #expect(last.prompt?.always == ["exception", "pause", "leaves", "returns"])
    #expect(room.console.screens.last?.title == "ABORTED: the final head")
  }

  @Test func afterAFailureTheReasonStandsAlsoWhenItIsGivenUp() throws {
    let room = Room()
    let cast = StagedPeople(
      room,
      [
        ("CARD-UNSUPPORTED", "exception"), ("Exception 1", "administrator"), ("Exception 1", "No attestation."),
        ("CARD-UNSUPPORTED", "abort"), ("Give the", "abort"), ("Give the", "abort"),
      ])
    let result = try room.rehearse(Array(try Scripts.first.utf8), isUnattended: false) { $0.makeBare("ada") }
    #expect(cast.isOver)
    #expect(result.outcome.finding?.code == .cardUnsupported)
    #expect(result.outcome.status == .violation)
  }

  /// Every kind of line that is refused, at the words of an exception; nothing of it is anywhere in the folder.
  @Test(arguments: [
    ("24681357", "digits"), ("my PIN: 654321", "digits"), ("bell\u{7}", "characters"), ("a\u{202e}b", "characters"),
    ("", "length"), ("cccccckdvvulethkfjrbtiuncbkglidlhbgvbkvhnvji", "one-time-password"),
    (String(repeating: "z", count: 501), "length"),
  ])
  func whatIsRefusedIsRecordedWithoutItsText(typed: String, why: String) throws {
    let room = Room()
    try room.play(
      try Scripts.first,
      [
        ("Say", "exception"), ("Exception 1", "administrator"), ("Exception 1", typed),
        ("Exception 1", "Now in words."),
      ])
    let rejected = try room.records(.answer).filter { $0.body["rejected"] == true }
    #expect(rejected.map(\.body) == [["rejected": true, "why": .string(why)]])
    if !typed.isEmpty {
      for (path, bytes) in try room.products().files { #expect(!Data(bytes).contains(Array(typed.utf8)), "\(path)") }
    }
    #expect(room.replay().holds)
    try SecondVerifier.expectAgreement([(why, try room.products())], holding: true, "with a refused line")
  }

  @Test(arguments: ["%", "said %.", "%-", "a % b"])
  func aSecretOfTheCeremonyIsRefusedWhateverItLooksLike(shape: String) throws {
    let room = Room()
    var typed: [String] = []
    room.console.answer = { screen in
      if screen.title == "Show root", typed.isEmpty { return "exception" }
      guard screen.prompt?.line != nil, typed.count < 4 else { return screen.prompt?.unattended }
      let paper = try JSONValue(parsing: room.folder.read("virtual-cards/paper.json"))
      let secrets = (paper.object?.members ?? []).compactMap(\.value.string)
      let secret = secrets[typed.count]
      // In two groups, so that it is no run of six digits.
      typed.append(shape.replacing("%", with: "\(secret.prefix(4)) \(secret.dropFirst(4))"))
      return typed.last
    }
    try room.rehearse(Array(try Scripts.first.utf8))
    #expect(typed.count == 4)
    let rejected = try room.records(.answer).filter { $0.body["rejected"] == true }
    #expect(rejected.map { $0.body["why"] } == Array(repeating: "secret", count: 4))
    for (path, bytes) in try room.products().files {
      for line in typed { #expect(!Data(bytes).contains(Array(line.utf8)), "\(path)") }
    }
    #expect(room.replay().holds)
  }

  /// A record that says something was taken which the rules refuse: nobody typed that.
  @Test(
    arguments: [
      ["text": "12345678"], ["text": ""], ["text": "a\u{202e}b"], ["accepted": "words"], ["rejected": true],
      ["rejected": true, "why": "mood"], ["text": "Fine.", "accepted": "back"], ["rejected": false],
    ] as [JSONObject])
  func aReplayHoldsEveryRuleAgain(body: JSONObject) throws {
    let room = Room()
    try room.play(
      try Scripts.first, [("Say", "exception"), ("Exception 1", "administrator"), ("Exception 1", "In words.")])
    var changed = try room.products()
    try changed.rechain { records in
      let place = try #require(records.firstIndex { $0["body"]?["text"] == "In words." })
      records[place]["body"] = .object(body)
    }
    let verdict = changed.replay()
    #expect(verdict.findings.map(\.code) == [.recordMalformed])
  }

  @Test func anExceptionThatWasLeftOutOrReworded() throws {
    let room = Room()
    try room.play(
      try Scripts.first, [("Say", "exception"), ("Exception 1", "administrator"), ("Exception 1", "In words.")])
    for change in ["what", "number", "on-behalf-of"] {
      var changed = try room.products()
      try changed.rechain { records in
        let place = try #require(records.firstIndex { $0["kind"] == "exception" })
        records[place].edit("body", change) { _ in change == "number" ? 2 : "other" }
      }
      #expect(changed.replay().findings.map(\.code) == [.divergence], "\(change)")
    }
  }
}
