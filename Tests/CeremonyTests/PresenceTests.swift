import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Testing
import Transcript

/// Each way in which somebody can be absent, leave, return or be stood in for, at each kind of step: what may happen then,
/// as tables that are played.
@Suite struct PresenceTests {
  /// Three keyholders, a root of 2 of 3, everything that happens around cards, and steps in which a keyholder acts.
  static func script(absent: String = "enrolled") throws -> String {
    let three = try ReplacementTests.script(absent: absent, spares: "[]")
    return try Scripts.room(three)
      .editing("    spares: []\n", with: "")
      .editing(
        "  - id: build-root\n",
        with: """
            - {id: ada-says, do: say, who: ada, say: My card is mine.}
            - {id: build-root, do: build, role: root, minutes: 0}

          """
      )
      .editing("    do: build\n    role: root\n    minutes: 0\n", with: "")
      .editing("    do: close\n", with: "    do: close\n    seal: [ada, boris, chandra]\n")
  }

  /// Who leaves while something is asked. `-`: the question stands, for they are not needed, or another one comes that is
  /// named here, where they were counted on. Letters: the step waits for
  /// them, and offers that they return (`r`), that somebody stands in (`s`), that their part is left out (`a`).
  private static let leaving = """
    Say                           | rs | -  | -  | -
    Attendance: Administrator     | rs | rs | -  | -
    Attendance: Chandra           | rs | rs | -  | -
    The time                      | rs | rs | -  | -
    Ada opens a bag               | rs | rs | rs | -
    Bind the card of Ada          | rs | rs | r  | -
    Reset the card of Ada         | rs | rs | r  | -
    Bind the card of Boris        | rs | rs | -  | r
    Reset the card of Boris       | rs | rs | -  | r
    Read the head so far aloud    | rs | rs | -  | -
    Say 2                         | rs | -  | ra | -
    Show root                     | rs | rs | -  | -
    Initials of the administrator | rs | rs | -  | -
    Initials of the witness       | rs | rs | -  | -
    Sign root                     | rs | rs | ra | - Ada signs root
    Ada signs root                | rs | rs | ra | -
    Boris signs root              | rs | rs | -  | ra
    Chandra signs root            | rs | rs | -  | -
    Close the transcript          | rs | rs | -  | -
    The head of the transcript    | rs | rs | -  | -
    Ada signs the transcript seal | rs | rs | ra | -
    Boris signs the transcript    | rs | rs | -  | ra
    Ada closes a bag              | rs | rs | ra | -
    Confirm                       | rs | -  | -  | -
    Everybody leaves              | rs | -  | -  | -
    """

  /// Who left before, and where; who leaves then, and where; what is offered then.
  private static let afterOthers = """
    boris at Show root                               | ada at Ada signs root            | enrolled | r
    boris at Read the head so far aloud              | ada at Say                       | enrolled | ra
    boris at The head of the transcript              | ada at Ada signs the transcript  | enrolled | r
    ada at Ada closes a bag                          | witness at Confirm               | enrolled | -
    ada at Show root                                 | boris at Initials of the witness | enrolled | -
    ada at Show root, boris at Show root             | administrator at Show root       | enrolled | rs
    witness at Say                                   | administrator at Waiting         | enrolled | rs
    ada at Say                                       | ada at Say                       | enrolled | -
                                                     | ada at Ada signs root            | stop     | r
                                                     | ada at Ada signs the transcript  | stop     | r
                                                     | ada at Ada closes a bag          | stop     | r
                                                     | ada at Say 2                     | stop     | r
                                                     | ada at Ada opens a bag           | stop     | rs
    """

  /// The same where administrator and witness have cards; Ada and Boris are not needed for what those do.
  private static let leavingOfficials = """
    Witness opens a bag                     | rs | rs | - | -
    Bind the card of Administrator          | rs | rs | - | -
    Reset the card of Witness               | rs | rs | - | -
    Administrator signs the initials        | rs | rs | - | -
    Witness signs the initials              | rs | rs | - | -
    Administrator signs the transcript seal | rs | rs | - | -
    Witness signs the transcript seal       | rs | rs | - | -
    """

  struct Row: Sendable, CustomStringConvertible {
    /// Who left before, at which question.
    var before: [(person: String, title: String)] = []
    let person: String
    let title: String
    /// What the script says of the absent; `cards` where its officials have some.
    var rule = "enrolled"
    let offered: String
    /// Which of what is offered is chosen.
    let choice: Int

    var description: String {
      before.map { "\($0.person) at \($0.title), " }.joined() + "\(person) at \(title), \(rule): \(offered)"
    }
  }

  private static let people = ["administrator", "witness", "ada", "boris"]
  private static let names = [
    "administrator": "Administrator", "witness": "Witness", "ada": "Ada", "boris": "Boris", "chandra": "Chandra",
  ]

  static func cells(_ line: Substring) -> [String] {
    line.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private static func rows(_ table: String, _ rule: String) -> [Row] {
    table.split(separator: "\n").enumerated().flatMap { index, line in
      let cells = cells(line)
      return zip(people, cells.dropFirst()).enumerated().map { column, cell in
        Row(person: cell.0, title: cells[0], rule: rule, offered: cell.1, choice: index + column)
      }
    }
  }

  static let rows: [Row] =
    rows(leaving, "enrolled") + rows(leavingOfficials, "cards")
    + afterOthers.split(separator: "\n").enumerated().map { index, line in
      let cells = cells(line)
      func move(_ text: String) -> (person: String, title: String) {
        let parts = text.components(separatedBy: " at ")
        return (parts[0], parts[1])
      }
      let last = move(cells[1])
      return Row(
        before: cells[0].isEmpty ? [] : cells[0].components(separatedBy: ", ").map(move), person: last.person,
        title: last.title, rule: cells[2], offered: cells[3], choice: index)
    }

  private static let tokens: [Character: String] = ["r": "returned", "s": "substitute", "a": "absent", "h": "here"]

  /// Plays somebody's part: leaves when a question of this title is asked (for the nth time), then chooses.
  private final class Mover {
    private var moves: [(person: String, title: String)]
    private var isNaming = false
    private var count = 0
    private var isLooking = false
    private var isChosen = false
    private let choice: String?
    /// What was asked right after the last of them had left.
    private(set) var after: Screen?

    init(_ row: Row) {
      moves = row.before + [(row.person, row.title)]
      let offered = Array(row.offered)
      choice = row.offered.hasPrefix("-") ? nil : PresenceTests.tokens[offered[row.choice % offered.count]]
    }

    func answer(_ screen: Screen) -> String? {
      if isNaming {
        isNaming = false
        let person = moves.removeFirst().person
        isLooking = moves.isEmpty
        count = 0
        // Nobody leaves twice.
        return screen.prompt?.takes(person) == true ? person : "back"
      }
      if isLooking {
        isLooking = false
        after = screen
        if let choice, screen.prompt?.takes(choice) == true {
          isChosen = true
          return choice
        }
      }
      if isChosen, screen.prompt?.line == .name { return "Zelda" }
      guard let next = moves.first else { return screen.prompt?.unattended }
      var title = next.title
      var nth = 1
      if title.hasSuffix(" 2") { (title, nth) = (String(title.dropLast(2)), 2) }
      if screen.title.hasPrefix(title) { count += 1 }
      guard screen.title.hasPrefix(title), count >= nth else { return screen.prompt?.unattended }
      isNaming = true
      return "leaves"
    }
  }

  @Test func thereAreEnoughRows() { #expect(Self.rows.count >= 140) }

  @Test(arguments: Sweep.sample(rows, oneOf: 8)) func whoeverLeaves(row: Row) throws {
    let room = Room(inMemory: true)
    let mover = Mover(row)
    room.console.answer = mover.answer
    let hasCards = row.rule == "cards"
    let script = try hasCards ? Scripts.officialCards() : Self.script(absent: row.rule)
    let result = try room.rehearse(Array(script.utf8))
    #expect(result.outcome.ending == .complete)
    let after = try #require(mover.after)
    let name = Self.names[row.person] ?? ""
    guard !row.offered.hasPrefix("-") else {
      let next = row.offered == "-" ? row.title.replacing(" 2", with: "") : String(row.offered.dropFirst(2))
      #expect(after.title.hasPrefix(next), "\(after.title)")
      #expect(room.replay().holds)
      return
    }
    // Of several who are away the first whom the step needs is waited for.
    let waited = row.title == "Waiting" ? "Witness" : name
    #expect(after.title == "Waiting for \(waited)")
    #expect(after.standing?.away.contains("\(name) (left)") == true, "\(after.standing?.away ?? [])")
    let offered = row.offered.compactMap { Self.tokens[$0] }
    #expect(after.prompt?.answers.map(\.token) == offered)
    let chosen = offered[row.choice % offered.count]
    let states = try room.records(.attendance).filter { $0.body["person"]?.string == row.person }
    let left = try #require(states.firstIndex { $0.body["state"] == "leaves" })
    let exceptions = try room.records(.exception).map { $0.body["code"] }
    switch (row.title, chosen) {
    case ("Waiting", _): break
    case (_, "returned"): #expect(states[left + 1].body["state"] == "returns")
    case (_, "substitute"):
      #expect(states[left + 1].body["name"] == "Zelda" && states[left + 1].body["seen-by"] != nil)
      #expect(room.console.screens.contains { $0.who == "Zelda for \(name)" })
    default:
      #expect(exceptions.contains("KEYHOLDER-ABSENT"))
      #expect(!room.console.screens.contains { $0.title == row.title && $0.prompt == nil })
    }
    #expect(exceptions.isEmpty || chosen == "absent")
    let verdict = room.replay()
    #expect(verdict.findings.map(\.code).filter { $0 != .sealBelowThreshold } == [])
    // Nobody's card is missing from the root, whoever left.
    #expect(verdict.facts?.payloads.first?.keyholders == (hasCards ? 2 : 3))
    #expect(verdict.facts?.cards.map(\.keys.count) == Array(repeating: 1, count: hasCards ? 4 : 3))
    let signers = verdict.facts?.payloads.first?.signers.count
    #expect(
      hasCards || signers == (chosen == "absent" && row.title.contains("ign") && row.title.contains("root") ? 2 : 3))
  }

  /// Whoever stands in may leave, too; the one whose part it is may come and take it up.
  @Test(arguments: [
    ("returned", "Zelda for Witness"), ("here", "Witness"), ("substitute", "Yvo for Witness"),
  ])
  func aSubstituteWhoLeaves(chosen: String, acting: String) throws {
    let room = Room()
    try room.play(
      try Self.script(),
      [
        ("Attendance: Witness", "substitute"), ("Attendance: Witness", "Zelda"), ("Attendance: Zelda", "administrator"),
        ("Show root", "leaves"), ("Somebody leaves", "witness"), ("Waiting for Zelda for Witness", chosen),
      ] + (chosen == "substitute" ? [("Waiting for", "Yvo")] : [])
        + (chosen == "returned" ? [] : [("Waiting", "known")]))
    let waiting = try #require(room.console.screens.first { $0.title.hasPrefix("Waiting") })
    #expect(waiting.prompt?.answers.map(\.token) == ["returned", "here", "substitute"])
    #expect(room.console.screens.last { $0.title == "Initials of the witness" }?.who == acting)
    #expect(room.replay().holds)
  }

  /// Who has two parts leaves with both, and returns with both.
  @Test(arguments: ["ada", "witness"]) func oneWhoHasTwoParts(named: String) throws {
    let room = Room(inMemory: true)
    try room.play(
      try Self.script(),
      [
        ("Attendance: Witness", "substitute"), ("Attendance: Witness", "Ada"), ("Attendance: Ada", "known"),
        ("Show root", "leaves"), ("Somebody leaves", named), ("Waiting for Ada for Witness", "returned"),
      ])
    let moves = try room.records(.attendance).filter { ["leaves", "returns"].contains($0.body["state"]) }
    #expect(
      moves.prefix(4).compactMap { $0.body["person"]?.string } == ["witness", "ada", "witness", "ada"])
    #expect(room.replay().findings == [])
  }

  /// One person does not act for two: with two keyholders' cards they would have two shares.
  @Test(arguments: [
    ("Attendance: Ada", "Boris", false), ("Attendance: Ada", " bo RIS ", false), ("Attendance: Ada", "Witness", true),
    ("Attendance: Witness", "Administrator", false), ("Attendance: Witness", "Chandra", true),
    ("Attendance: Administrator", "witness", false), ("Attendance: Boris", "Ada", false),
  ])
  func nobodyActsForTwo(title: String, name: String, isTaken: Bool) throws {
    let room = Room()
    let person = String(title.dropFirst("Attendance: ".count))
    try room.play(
      try Self.script(), [(title, "substitute"), (title, name)] + (isTaken ? [] : [(title, "Zelda")]))
    let taken = try room.records(.attendance).compactMap { $0.body["name"]?.string }
    #expect(taken == [isTaken ? name : "Zelda"])
    let asked = room.console.screens.filter { $0.prompt?.line == .name }
    #expect(asked.map(\.text.isEmpty) == (isTaken ? [true] : [true, false]), "\(person)")
    #expect(room.replay().holds)
  }

  /// After a failure whoever's card it is need not be there to choose, and cannot do what only they can.
  @Test func aFailureWhileItsKeyholderIsAway() throws {
    let room = Room()
    let cast = StagedPeople(
      room,
      [
        ("WRONG-CARD", "leaves"), ("Somebody leaves", "ada"), ("WRONG-CARD", "retry"), ("Waiting for Ada", "returned"),
      ])
    let usual = room.console.answer
    try room.rehearse(Array(try Self.script(absent: "stop").utf8)) { cardSource in
      room.console.answer = { screen in
        if screen.title == "Initials of the witness" { cardSource.swapNext(to: "boris") }
        return try usual(screen)
      }
    }
    #expect(cast.isOver)
    #expect(room.replay().findings == [])
    let asked = room.console.screens.filter { $0.title == "WRONG-CARD" && $0.prompt != nil }
    #expect(asked.map { $0.standing?.away == ["Ada (left)"] } == [false, true])
  }

  /// What is offered follows who is here when it is chosen, not who was when it was asked first.
  @Test func aSignatureThatTheOthersDoNotReplaceAnyMore() throws {
    let room = Room(inMemory: true)
    try room.play(try Self.script(), [("Sign root", "leaves"), ("Somebody leaves", "boris"), ("Waiting", "returned")])
    let asked = room.console.screens.filter { $0.prompt != nil }
    let left = try #require(asked.firstIndex { $0.title == "Somebody leaves the room" })
    #expect(asked[left - 1].prompt?.takes("absent") == true)
    #expect(asked[left + 1].title == "Ada signs root" && asked[left + 1].prompt?.takes("absent") == false)
    #expect(room.replay().findings == [])
  }

  /// Whoever left while everybody was to leave is not said to be here.
  @Test func theLastToLeave() throws {
    let room = Room(inMemory: true)
    try room.play(try Self.script(), [("Everybody leaves", "leaves"), ("Somebody leaves", "ada")])
    let asked = room.console.screens.filter { $0.title == "Everybody leaves" && $0.prompt != nil }
    #expect(asked.map { $0.facts.contains { $0.value == "Ada" } } == [true, false])
    #expect(room.replay().findings == [])
  }

  /// What waits goes on waiting after an interruption.
  @Test(arguments: ["administrator", "witness", "ada"])
  func waitsAlsoAfterAnInterruption(person: String) throws {
    let room = Room()
    var moves = ["leaves", person]
    room.console.answer = { screen in
      if screen.title.hasPrefix("Waiting for") { throw Interruption(reason: "SIGINT") }
      if ["Ada signs root", "Somebody leaves the room"].contains(screen.title), !moves.isEmpty {
        return moves.removeFirst()
      }
      return screen.prompt?.unattended
    }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try Self.script().utf8)) }
    room.console.screens = []
    room.console.answer = { $0.prompt?.unattended }
    let result = try Resumption(room.path, console: room.console, isUnattended: true).run().ceremony
    #expect(result.outcome.ending == .complete)
    // After the question who else is still here.
    let asked = room.console.screens.filter { $0.prompt != nil }
    #expect(asked.first?.title == "Who is here now?")
    #expect(asked.dropFirst().first?.title.hasPrefix("Waiting for") == true)
    #expect(room.replay().findings == [])
    try SecondVerifier.expectAgreement([(person, try room.products())], holding: true, "that waited and went on")
  }
}
