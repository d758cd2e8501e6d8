import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Products
import Testing
import Transcript

@testable import CeremonyEngine

/// A ceremony that stopped and goes on, perhaps on another day: who is still here is not known before it is said, and
/// nothing is done before that.
@Suite struct RollCallTests {
  /// Where it stopped, who had left by then, what is answered when it goes on (`e` all of them; each called: `h` here, `a`
  /// not; `-` nobody is asked for), and what is asked next. Of four: administrator, witness, Ada, Boris, then Chandra.
  private static let rows = """
    Say                           |               | -     | Say
    Attendance: Administrator     |               | -     | Attendance: Administrator
    Attendance: Ada               |               | e     | Attendance: Ada
    Attendance: Ada               |               | ha    | Waiting for Witness
    The time                      |               | e     | The time
    The time                      |               | hahhh | Waiting for Witness
    Ada opens a bag               |               | hhahh | Waiting for Ada
    Ada opens a bag               |               | hhhah | Ada opens a bag
    Bind the card of Ada          |               | hhahh | Waiting for Ada
    Reset the card of Ada         |               | ahhhh | Waiting for Administrator
    Reset the card of Boris       | ada           | hhhh  | Reset the card of Boris
    Reset the card of Boris       | boris         | e     | Waiting for Boris
    Read the head so far aloud    |               | hahhh | Waiting for Witness
    Show root                     | witness       | e     | Waiting for Witness
    Show root                     | witness, ada  | hhh   | Waiting for Witness
    Show root                     | administrator | hhhh  | Waiting for Administrator
    Show root                     |               | hhaaa | Show root
    Initials of the witness       |               | hahhh | Waiting for Witness
    Ada signs root                | boris         | e     | Ada signs root
    Ada signs root                |               | hhaah | Waiting for Ada
    Boris signs root              | ada           | hhah  | Waiting for Boris
    Close the transcript          |               | ahhhh | Waiting for Administrator
    The head of the transcript    |               | hahhh | Waiting for Witness
    Ada signs the transcript seal |               | hhahh | Waiting for Ada
    Ada signs the transcript seal |               | e     | Ada signs the transcript seal
    Ada closes a bag              | ada           | e     | Waiting for Ada
    Confirm                       |               | hahhh | Confirm
    Everybody leaves              |               | hhaah | Everybody leaves
    Exception 1                   |               | e     | Show root
    Give the ceremony up?         |               | hahhh | Waiting for Witness
    Somebody leaves the room      |               | e     | Show root
    PAUSED                        |               | hhhhh | Show root
    Who is here now               | ada           | hhhh  | Show root
    """

  struct Row: Sendable, CustomStringConvertible {
    let description: String
    let title: String
    let away: [String]
    let answers: [String]
    let next: String
  }

  static let all = rows.split(separator: "\n").map { line in
    let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    let answers =
      cells[2] == "-" ? [] : cells[2] == "e" ? ["everybody"] : ["call"] + cells[2].map { $0 == "h" ? "here" : "away" }
    return Row(
      description: cells.joined(separator: " | "), title: cells[0],
      away: cells[1].split(separator: ", ").map(String.init), answers: answers, next: cells[3])
  }

  /// What is typed at the root so that this question is asked beside it.
  private static let beside = [
    "Exception 1": ["exception"], "Give the ceremony up?": ["abort"], "Somebody leaves the room": ["leaves"],
    "PAUSED": ["pause"],
  ]

  /// Until the question at which it stops, after whoever is away by then has left there.
  private static func stop(_ room: Room, at row: Row) {
    var moves = row.away.flatMap { ["leaves", $0] } + (beside[row.title] ?? [])
    let place = beside[row.title] == nil && row.title != "Who is here now" ? row.title : "Show root"
    var isThere = false
    room.console.answer = { screen in
      isThere = isThere || screen.title.hasPrefix(place)
      guard isThere else { return screen.prompt?.unattended }
      guard !moves.isEmpty else { throw Interruption(reason: "SIGHUP") }
      return moves.removeFirst()
    }
  }

  @Test(arguments: Sweep.pick(5, of: all)) func nothingGoesOnBeforeItIsSaidWhoIsHere(row: Row) throws {
    let room = Room()
    Self.stop(room, at: row)
    #expect(throws: Interruption.self) { try room.rehearse(Array(try PresenceTests.script().utf8)) }
    if row.title == "Who is here now" {
      room.console.answer = { _ in throw Interruption(reason: "SIGHUP") }
      #expect(throws: Interruption.self) {
        try Resumption(room.path, console: room.console, isUnattended: true).run()
      }
    }
    room.console.screens = []
    var answers = row.answers
    room.console.answer = { screen in answers.isEmpty ? screen.prompt?.unattended : answers.removeFirst() }
    let result = try Resumption(room.path, console: room.console, isUnattended: true).run().ceremony
    #expect(result.outcome.ending == .complete)
    let asked = room.console.screens.filter { $0.prompt != nil }
    #expect(asked.map(\.title).dropFirst(row.answers.count).first?.hasPrefix(row.next) == true)
    if let first = asked.first, !row.answers.isEmpty {
      #expect(first.title == "Who is here now?" && first.prompt?.takes(Prompt.abort) == false)
      // Whoever had left is not called, and is not said to be here.
      let called = row.answers.count > 1 ? row.answers.count - 1 : first.facts.count
      #expect(first.facts.count == called)
      #expect(first.standing?.away.contains { $0.contains("(left)") } == !row.away.isEmpty)
    }
    // No card is asked anything in between.
    let records = try room.transcript()
    if let resumed = records.lastIndex(where: { $0.kind == .resume }), !row.answers.isEmpty {
      let until = records[resumed...].firstIndex { $0.kind == .attendance } ?? resumed
      #expect(!records[resumed..<until].contains { [.card, .operation, .command, .secret].contains($0.kind) })
    }
    let remaining = try room.records(.attendance).filter { $0.body["state"] == "remains" }
    #expect(remaining.isEmpty == row.answers.isEmpty)
    #expect(room.replay().findings == [])
    try SecondVerifier.expectAgreement([(row.description, try room.products())], holding: true, "that went on")
  }

  /// It stopped after the close, before the head was shown: that is shown before anybody is called.
  @Test func whatFollowsTheCloseBeginsWithTheHead() throws {
    let room = Room()
    try room.rehearse(Array(try PresenceTests.script().utf8))
    for name in ["sealing.jsonl", "seal.dsse.json", "report.html", "SHA256SUMS"] {
      try FileManager.default.removeItem(atPath: "\(room.path)/\(name)")
    }
    try Data().write(to: URL(filePath: "\(room.path)/sealing.jsonl"))
    room.console.screens = []
    _ = try Resumption(room.path, console: room.console, isUnattended: true).run()
    let titles = room.console.screens.map(\.title)
    #expect(titles.prefix(3) == ["The head of the transcript", "Who is here now?", "The head of the transcript"])
    #expect(room.replay().findings == [])
    var verdict = ReplayVerdict()
    verdict.judge(room.folder)
    #expect(verdict.findings == [])
    try SecondVerifier.expectAgreement([("closed", try room.products())], holding: true, "that went on")
  }

  /// Whoever stood in before the interruption does so after it, where it is said that they are here.
  @Test func aSubstituteRemains() throws {
    let room = Room()
    var scenes = ["Attendance: Witness": ["substitute", "Zelda"], "Attendance: Zelda": ["administrator"]]
    room.console.answer = { screen in
      if screen.title == "Initials of the witness" { throw Interruption(reason: "SIGTERM") }
      guard let next = scenes[screen.title]?.first else { return screen.prompt?.unattended }
      scenes[screen.title]?.removeFirst()
      return next
    }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try PresenceTests.script().utf8)) }
    room.console.screens = []
    room.console.answer = { $0.prompt?.unattended }
    _ = try Resumption(room.path, console: room.console, isUnattended: true).run()
    #expect(room.console.screens.first { $0.prompt != nil }?.facts.map(\.value).contains("Zelda for Witness") == true)
    #expect(room.console.screens.last { $0.title == "Initials of the witness" }?.who == "Zelda for Witness")
    let page = String(decoding: try room.folder.read("report.html"), as: UTF8.self)
    #expect(page.contains("here after the interruption"))
    #expect(room.replay().findings == [])
  }

  /// Records that say nothing of who is here after an interruption, linked anew by somebody: both verifiers name them.
  @Test(arguments: ["taken out", "of nobody who was here", "somebody else remains"])
  func recordsOfARollThatWasNotCalled(change: String) throws {
    let room = Room()
    room.console.answer = { screen in
      if screen.title == "Initials of the administrator" { throw Interruption(reason: "SIGTERM") }
      return screen.prompt?.unattended
    }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try Scripts.room.utf8)) }
    room.console.answer = { $0.prompt?.unattended }
    _ = try Resumption(room.path, console: room.console, isUnattended: true).run()
    var folder = try room.products()
    try folder.rechain { records in
      let isRemaining = { (record: JSONObject) in record["body"]?["state"] == "remains" }
      switch change {
      case "taken out": records.removeAll(where: isRemaining)
      case "of nobody who was here":
        let place = try #require(records.firstIndex(where: isRemaining))
        records.insert(records[place], at: place + 1)
      default:
        let place = try #require(records.firstIndex { $0["body"]?["person"] == "witness" && isRemaining($0) })
        records[place].edit("body", "person") { _ in "ada" }
        records[place].edit("body", "role") { _ in "keyholder" }
      }
    }
    var verdict = ReplayVerdict()
    verdict.judge(folder)
    #expect(verdict.findings.map(\.code).contains(.recordMalformed), "\(verdict.findings)")
    try SecondVerifier.expectAgreement([(change, folder)], holding: false, "with a roll that was not called")
  }
}
