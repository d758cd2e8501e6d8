import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Testing
import Transcript

@testable import CeremonyEngine

/// Every rule that a script states and the room can break, how it is broken, and what the ceremony does about it.
@Suite struct RoomRulesTests {
  struct Breach: Sendable, CustomStringConvertible {
    let rule: String
    let how: String
    /// What is typed at screens of these titles.
    let scenes: [(String, String)]
    /// Somebody else's card comes after a screen of this title.
    var swap: (title: String, to: String)?
    /// The codes of the errors that are put on record.
    var codes: [String] = []
    /// How many answers are refused.
    var refused = 0
    /// What is asked, or shown, because of it.
    var asked: String?

    var description: String { "\(rule): \(how)" }
  }

  private static let breaches: [Breach] = [
    Breach(
      rule: "attendance", how: "a keyholder is not here", scenes: [("Attendance: Boris", "absent")],
      codes: ["QUORUM-MISSING"], asked: "Too few people are here"),
    Breach(
      rule: "attendance", how: "the administrator is called absent", scenes: [("Attendance: Admin", "absent")],
      refused: 1),
    Breach(
      rule: "attendance", how: "the witness is called absent", scenes: [("Attendance: Witness", "absent")], refused: 1),
    Breach(
      rule: "attendance", how: "the witness vouches for themselves",
      scenes: [("Attendance: Witness", "here"), ("Attendance: Witness", "witness")], refused: 1),
    Breach(
      rule: "attendance", how: "the administrator acts for the witness",
      scenes: [("Attendance: Witness", "substitute"), ("Attendance: Witness", "Administrator")]),
    Breach(
      rule: "attendance", how: "the witness is gone when people are called",
      scenes: [("Attendance: Ada", "leaves"), ("Somebody leaves", "witness")], asked: "Waiting for Witness"),
    Breach(
      rule: "clocks", how: "the first source differs", scenes: [("The time", "2026-01-01T00:09")],
      codes: ["CLOCK-DIFFERS"]),
    Breach(
      rule: "clocks", how: "the second source differs",
      scenes: [("The time", "2026-01-01T00:00"), ("The time", "2025-12-31T12:00")], codes: ["CLOCK-DIFFERS"]),
    Breach(rule: "clocks", how: "no time is typed", scenes: [("The time", "noon")], refused: 1),
    Breach(
      rule: "clocks", how: "the witness is gone", scenes: [("The time", "leaves"), ("Somebody leaves", "witness")],
      asked: "Waiting for Witness"),
    Breach(
      rule: "bags", how: "two read different numbers", scenes: [("Ada opens", "A-1"), ("Ada opens", "A-2")],
      codes: ["BAG-DIFFERS"]),
    Breach(
      rule: "bags", how: "another bag is opened than was closed here",
      scenes: [("Ada closes", "A-2"), ("Ada closes", "A-2"), ("Ada opens", "A-3"), ("Ada opens", "A-3")],
      codes: ["BAG-DIFFERS"]),
    Breach(
      rule: "bags", how: "an opened bag is closed again",
      scenes: [("Ada opens", "A-1"), ("Ada opens", "A-1"), ("Ada closes", "A-1"), ("Ada closes", "A-1")],
      codes: ["BAG-DIFFERS"]),
    Breach(
      rule: "bags", how: "two people close bags of one number",
      scenes: [("Ada closes", "A-2"), ("Ada closes", "A-2"), ("Boris closes", "A-2"), ("Boris closes", "A-2")],
      codes: ["BAG-DIFFERS"]),
    Breach(
      rule: "bags", how: "somebody's bag is opened by another",
      scenes: [("Ada closes", "A-2"), ("Ada closes", "A-2"), ("Boris opens", "A-2"), ("Boris opens", "A-2")],
      codes: ["BAG-DIFFERS"]),
    Breach(
      rule: "bags", how: "the owner is gone", scenes: [("Ada opens", "leaves"), ("Somebody leaves", "ada")],
      asked: "Waiting for Ada"),
    Breach(
      rule: "initials", how: "the witness types the administrator's", scenes: [("Initials of the witness", "AD")],
      refused: 1),
    Breach(
      rule: "initials", how: "the witness is gone",
      scenes: [("Initials of the witness", "leaves"), ("Somebody leaves", "witness")], asked: "Waiting for Witness"),
    Breach(rule: "head so far", how: "it is not confirmed", scenes: [("Read the head so far", "no")], refused: 1),
    Breach(
      rule: "head so far", how: "the witness is gone",
      scenes: [("Read the head so far", "leaves"), ("Somebody leaves", "witness")], asked: "Waiting for Witness"),
    Breach(
      rule: "witness", how: "is gone when the root is shown",
      scenes: [("Show root", "leaves"), ("Somebody leaves", "witness")], asked: "Waiting for Witness"),
    Breach(
      rule: "witness", how: "is gone when a card is reset",
      scenes: [("Reset the card of Boris", "leaves"), ("Somebody leaves", "witness")], asked: "Waiting for Witness"),
    Breach(
      rule: "order of cards", how: "another's card comes to be provisioned", scenes: [],
      swap: ("The card of Ada is ready", "ada"), codes: ["WRONG-CARD"]),
    Breach(
      rule: "order of signing", how: "another's card comes to sign", scenes: [], swap: ("Ada has signed root", "ada"),
      codes: ["WRONG-CARD"]),
    Breach(
      rule: "order of the seal", how: "another's card comes to seal", scenes: [],
      swap: ("Ada has signed the transcript seal", "ada"), codes: ["WRONG-CARD"]),
    Breach(
      rule: "order of the seal", how: "the keyholder is gone",
      scenes: [("Boris signs the transcript seal", "leaves"), ("Somebody leaves", "boris")], asked: "Waiting for Boris"),
    Breach(rule: "say", how: "it was not said", scenes: [("Say", "no")], refused: 1),
    Breach(
      rule: "who", how: "the keyholder who says it is gone",
      scenes: [("Say", "next"), ("Say", "leaves"), ("Somebody leaves", "ada")], asked: "Waiting for Ada"),
    Breach(rule: "confirm", how: "it is not so", scenes: [("Confirm", "no")], refused: 1),
    Breach(rule: "show", how: "something does not agree", scenes: [("Show root", "no")], refused: 1),
    Breach(rule: "sign", how: "the digest is another one", scenes: [("Ada signs root", "no")], refused: 1),
    Breach(
      rule: "card", how: "the case says another serial", scenes: [("Bind the card of Ada", "differs")],
      codes: ["WRONG-CARD"]),
    Breach(rule: "provision", how: "the reset is not agreed to", scenes: [("Reset the card of Ada", "no")], refused: 1),
    Breach(
      rule: "initials", how: "the administrator types the witness's", scenes: [("Initials of the administrator", "WI")],
      refused: 1),
    Breach(
      rule: "initials", how: "the administrator is gone",
      scenes: [("Initials of the administrator", "leaves"), ("Somebody leaves", "administrator")],
      asked: "Waiting for Administrator"),
    Breach(rule: "close", how: "it is not wanted", scenes: [("Close the transcript", "no")], refused: 1),
    Breach(rule: "head", how: "it is not what was heard", scenes: [("The head of the transcript", "no")], refused: 1),
    Breach(rule: "seal", how: "the head is another one", scenes: [("Ada signs the transcript seal", "no")], refused: 1),
    Breach(rule: "departure", how: "somebody stays", scenes: [("Everybody leaves", "no")], refused: 1),
    Breach(
      rule: "departure", how: "the administrator is gone",
      scenes: [("Everybody leaves", "leaves"), ("Somebody leaves", "administrator")],
      asked: "Waiting for Administrator"),
    Breach(
      rule: "exceptions", how: "the witness says one from outside",
      scenes: [
        ("Say", "leaves"), ("Somebody leaves", "witness"), ("Say", "exception"), ("Exception 1", "witness"),
        ("Exception 1", "back"),
      ], refused: 1),
  ]

  private static func script() throws -> String {
    try Scripts.room.editing(
      "  - id: build-root\n",
      with: """
          - {id: ada-says, do: say, who: ada, say: These are my bags.}
          - {id: bag-ada-closed, do: bag, keyholder: ada, bag: closed}
          - {id: bag-boris-closed, do: bag, keyholder: boris, bag: closed}
          - {id: bag-boris-opened, do: bag, keyholder: boris, bag: opened}
          - {id: bag-ada-opened, do: bag, keyholder: ada, bag: opened}
          - id: build-root

        """)
  }

  @Test(arguments: Sweep.sample(breaches, oneOf: 3)) func isNoticed(breach: Breach) throws {
    let room = Room(inMemory: true)
    let cast = StagedPeople(room, breach.scenes)
    let scripted = room.console.answer
    try room.rehearse(Array(try Self.script().utf8), isUnattended: true) { cardSource in
      room.console.answer = { screen in
        // What a prompt does not take a console does not hand on.
        guard let typed = try scripted(screen) else { return nil }
        guard screen.prompt?.takes(typed) != true, let line = screen.prompt?.line else {
          return screen.prompt?.takes(typed) == true ? typed : nil
        }
        return line.refusal(of: typed.utf8) == nil ? typed : nil
      }
      room.console.shown = { screen in
        if let swap = breach.swap, screen.title.hasPrefix(swap.title) { cardSource.swapNext(to: swap.to) }
      }
    }
    #expect(cast.isOver)
    let found = try room.records(.finding).filter { $0.body["severity"] == "error" }
    #expect(found.compactMap { $0.body["code"]?.string } == breach.codes)
    // Each error is an exception, too, by the choice that followed it.
    #expect(try room.records(.exception).count == breach.codes.count)
    #expect(try room.records(.answer).filter { $0.body["rejected"] == true }.count == breach.refused)
    if let asked = breach.asked { #expect(room.console.screens.contains { $0.title == asked }) }
    let verdict = room.replay()
    #expect(verdict.findings == [])
  }

  /// Records that say of somebody what cannot be, linked anew by somebody: both verifiers name them from the files alone.
  @Test(arguments: [
    "state leaves", "role", "seen-by self", "seen-by nobody", "no seen-by", "name without substitute", "returns twice",
    "the signer left", "the witness left",
  ])
  func recordsThatCannotBe(change: String) throws {
    let room = Room(inMemory: true)
    try room.play(
      try Scripts.room,
      [("Show root", "leaves"), ("Somebody leaves", "boris"), ("Show root", "returns"), ("Somebody returns", "boris")])
    var folder = try room.products()
    try folder.rechain { records in
      func place(_ person: String, _ state: String) throws -> Int {
        try #require(
          records.firstIndex { $0["body"]?["person"]?.string == person && $0["body"]?["state"]?.string == state })
      }
      let ada = try place("ada", "here")
      let left = try place("boris", "leaves")
      let back = try place("boris", "returns")
      func edit(_ place: Int, _ field: String, _ value: JSONValue?) throws {
        var body = try #require(records[place]["body"]?.object)
        body[field] = value
        records[place]["body"] = .object(body)
      }
      switch change {
      case "state leaves":
        try edit(left, "state", "returns")
      case "role": try edit(ada, "role", "witness")
      case "seen-by self":
        try edit(try place("witness", "here"), "seen-by", "witness")
      case "seen-by nobody": try edit(ada, "seen-by", "boris")
      case "no seen-by": try edit(ada, "seen-by", nil)
      case "name without substitute": try edit(ada, "name", "Zelda")
      case "returns twice": try edit(left, "state", "here")
      case "the signer left": try edit(back, "person", "ada")
      default:
        try edit(left, "person", "witness")
        try edit(left, "role", "witness")
      }
    }
    var verdict = ReplayVerdict()
    verdict.judge(folder)
    #expect(verdict.findings.map(\.code).contains(.recordMalformed), "\(verdict.findings)")
    #expect(!folder.replay().holds)
    try SecondVerifier.expectAgreement([(change, folder)], holding: false, "with attendance that cannot be")
  }
}
