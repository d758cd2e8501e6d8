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
import Keys
import Products
import Testing
import Transcript

/// What happens around the cards, step by step.
@Suite struct RoomTests {
  /// What is left of a room in which all went well; nil where it did not, which ``aWholeRoom()`` says.
  private static let held: MemoryProducts? = {
    let room = Room()
    _ = try? room.rehearse(Array(Scripts.room.utf8))
    return try? room.products()
  }()

  @Test func aWholeRoom() throws {
    let room = Room()
    let result = try room.play(try Scripts.room, [])
    #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    #expect(room.replay().findings == [])
    let bags = try room.records(.bag).map(\.body)
    #expect(
      bags == [
        ["number": "BAG-100", "keyholder": "ada", "state": "opened"],
        ["number": "BAG-101", "keyholder": "ada", "state": "closed", "card": "20000001"],
      ])
    #expect(
      try room.records(.initials).map(\.body) == [
        ["person": "administrator", "initials": "AD"], ["person": "witness", "initials": "WI"],
      ])
    let facts = try #require(room.replay().facts?.room)
    #expect(facts.attendance.map { "\($0.person.id) \($0.state)" }.count == 8)
    #expect(
      facts.initials.map { "\($0.step) \($0.duty) \($0.initials)" } == [
        "show-root administrator AD", "show-root witness WI",
      ])
    #expect(facts.bags.map { "\($0.number) \($0.state)" } == ["BAG-100 opened", "BAG-101 closed"])
    try SecondVerifier.expectAgreement([("a whole room", try room.products())], holding: true, "of a whole room")
  }

  @Test func whatFollowsTheCloseStandsInTheSealingAlone() throws {
    let products = try #require(Self.held)
    let transcript = try products.records("transcript.jsonl").compactMap { $0["step"]?.string }
    let sealing = try products.records("sealing.jsonl")
    for step in ["bag-back", "farewell", "departure"] {
      #expect(!transcript.contains(step))
      #expect(sealing.contains { $0["step"]?.string == step })
    }
    #expect(sealing.suffix(5).map { $0["kind"] } == Array(repeating: "attendance", count: 4) + ["end"])
    #expect(sealing.last?["body"] == ["ending": "complete", "exceptions": 0, "signatures": 2])
    // Every record of it counts: without any of the last ones the ceremony did not end.
    var cases: [(what: String, folder: MemoryProducts)] = []
    for count in 1..<sealing.count {
      var short = products
      let head = try #require(products.digests("transcript.jsonl").last)
      short.chain("sealing.jsonl", Array(sealing.prefix(count)), after: head)
      short.sum()
      cases.append(("the first \(count) records", short))
    }
    try SecondVerifier.expectAgreement(cases, holding: false, "whose sealing was cut short")
  }

  @Test func attendance() throws {
    let room = Room()
    try room.play(
      try Scripts.first,
      [
        ("Attendance: Administrator", "substitute"), ("Attendance: Administrator", "Åsa Lind"),
        ("Attendance: Åsa Lind", "witness"), ("Attendance: Witness", "here"), ("Attendance: Witness", "known"),
        ("Attendance: Ada", "absent"), ("Attendance: Boris", "here"), ("Attendance: Boris", "administrator"),
        ("QUORUM-MISSING", "retry"), ("Attendance: Ada", "here"), ("Attendance: Ada", "known"),
      ])
    #expect(
      try room.records(.attendance).map(\.body) == [
        [
          "person": "administrator", "role": "administrator", "state": "substitute", "name": "Åsa Lind",
          "seen-by": "witness",
        ], ["person": "witness", "role": "witness", "state": "here", "seen-by": "known"],
        ["person": "ada", "role": "keyholder", "state": "absent"],
        ["person": "boris", "role": "keyholder", "state": "here", "seen-by": "administrator"],
        ["person": "ada", "role": "keyholder", "state": "here", "seen-by": "known"],
      ])
    let asked = room.console.screens.filter { $0.title.hasPrefix("Attendance:") }.compactMap(\.prompt)
    // Nobody vouches for themselves, and nobody holds a ceremony alone.
    #expect(asked[0].answers.map(\.token) == ["here", "substitute"])
    #expect(asked[2].answers.map(\.token) == ["witness", "known"])
    #expect(asked[3].answers.map(\.token) == ["here", "substitute"])
    #expect(asked[4].answers.map(\.token) == ["administrator", "known"])
    #expect(asked[5].answers.map(\.token) == ["here", "absent", "substitute"])
    #expect(room.console.screens.contains { $0.who == "Åsa Lind for Administrator" })
    #expect(room.replay().holds)
  }

  @Test func whoeverWasAbsentMayStillCome() throws {
    let room = Room()
    try room.play(
      try Scripts.first,
      [
        ("Attendance: Ada", "absent"), ("QUORUM-MISSING", "returns"), ("Somebody returns", "ada"),
        ("Ada has come", "witness"), ("QUORUM-MISSING", "retry"),
      ])
    // Nobody has seen yet who this is, so somebody says so now.
    #expect(
      try room.records(.attendance).last?.body == [
        "person": "ada", "role": "keyholder", "state": "here", "seen-by": "witness",
      ])
    #expect(room.replay().holds)
  }

  @Test(
    arguments: Sweep.pick(
      3,
      of: [
        ("2026-01-01T00:00", true), ("2026-01-01T00:02", true), ("2026-01-01T00:03", false), ("2025-12-31T23:58", true),
        ("2025-12-31T23:57", false), ("2026-01-02T00:00", false), ("1970-01-01T00:00", false),
        ("9999-12-31T23:59", false),
      ]))
  func theTimeFromTwoSources(reading: String, agrees: Bool) throws {
    for title in ["The time", "By the second"] {
      let room = Room()
      var isTyped = false
      var asked = 0
      room.console.answer = { screen in
        guard screen.prompt?.line == .time else { return screen.prompt?.unattended }
        asked += 1
        guard !isTyped, title == "The time" || asked == 2 else { return screen.prompt?.unattended }
        isTyped = true
        return reading
      }
      let result = try room.rehearse(Array(try Scripts.room.utf8))
      #expect(isTyped)
      #expect(result.outcome.ending == .complete)
      let codes = try room.records(.finding).map { $0.body["code"]?.string }
      #expect(codes == (agrees ? [] : ["CLOCK-DIFFERS"]))
      #expect(try room.records(.exception).count == (agrees ? 0 : 1))
      #expect(room.replay().holds)
    }
  }

  @Test(arguments: [
    ("A-1", "A-2", ["BAG-DIFFERS"]), ("A-1", "a-1", ["BAG-DIFFERS"]), ("A-1", "A-1", []),
  ])
  func aBagIsReadByTwo(keyholder: String, witness: String, codes: [String]) throws {
    let room = Room()
    try room.play(try Scripts.room, [("Ada opens a bag", keyholder), ("Ada opens a bag", witness)])
    #expect(try room.records(.finding).map { $0.body["code"]?.string } == codes)
    #expect(try room.records(.bag).count == 2)
    #expect(room.replay().holds)
  }

  @Test(arguments: [("X-1", true), ("X-2", false)])
  func aBagThatWasClosedHereIsOpenedAgain(number: String, isSame: Bool) throws {
    let script = try Scripts.room.editing(
      "  - id: card-ada\n",
      with: """
          - {id: bag-close, do: bag, keyholder: ada, bag: closed}
          - {id: bag-again, do: bag, keyholder: ada, bag: opened}
          - id: card-ada

        """)
    let room = Room()
    try room.play(
      script,
      [
        ("Ada opens a bag", "W-1"), ("Ada opens a bag", "W-1"), ("Ada closes a bag", "X-1"),
        ("Ada closes a bag", "X-1"),
        ("Ada opens a bag", number), ("Ada opens a bag", number), ("Ada opens a bag", "X-1"),
        ("Ada opens a bag", "X-1"),
      ].prefix(isSame ? 6 : 8).map(\.self))
    let codes = try room.records(.finding).map { $0.body["code"]?.string }
    #expect(codes == (isSame ? [] : ["BAG-DIFFERS"]))
  }

  @Test func theHeadSoFarIsTheDigestOfTheLastRecord() throws {
    let room = Room()
    try room.play(try Scripts.first, [])
    let shown = try #require(room.console.screens.first { $0.title == "Read the head so far aloud" })
    let digest = try #require(shown.digests.first)
    let number = try #require(Int64(digest.label.split(separator: " ").last ?? ""))
    let record = try #require(try room.transcript().first { $0.seq == number })
    #expect(SHA256Digest(of: try record.line()) == digest.digest)
    #expect(shown.text.contains { $0.hasPrefix("sed -n \(number + 1)p transcript.jsonl") })
    #expect(shown.who == "Witness")
    // The next record is that screen.
    #expect(try room.transcript().first { $0.seq == number + 1 }?.body["title"]?.string == shown.title)
  }

  @Test(
    arguments: Sweep.pick(
      2,
      of: [
        "Read the head so far aloud", "The time", "Attendance: Boris", "Initials of the witness", "Everybody leaves",
        "Ada closes a bag",
      ]))
  func goesOnAfterAnInterruption(title: String) throws {
    let room = Room()
    room.console.answer = { screen in
      if screen.title == title { throw Interruption(reason: "SIGINT") }
      return screen.prompt?.unattended
    }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try Scripts.room.utf8)) }
    room.console.answer = { $0.prompt?.unattended }
    let result = try Resumption(room.path, console: room.console, isUnattended: true).run().ceremony
    #expect(result.outcome.ending == .complete)
    #expect(room.replay().findings == [])
    try SecondVerifier.expectAgreement([(title, try room.products())], holding: true, "that went on in the room")
  }

  @Test(arguments: Sweep.pick(2, of: ["wi", "AD", "WI ", "W", "yes"]))
  func onlyTheInitialsOfTheScriptAreTaken(typed: String) throws {
    let room = Room()
    var refused = 0
    room.console.answer = { screen in
      guard screen.title == "Initials of the witness", refused == 0 else { return screen.prompt?.unattended }
      refused += 1
      // As a console does with what the prompt does not take.
      return screen.prompt?.takes(typed) == true ? typed : nil
    }
    try room.rehearse(Array(try Scripts.room.utf8))
    #expect(try room.records(.answer).filter { $0.body["rejected"] == true }.count == 1)
    #expect(try room.records(.initials).map { $0.body["initials"] } == ["AD", "WI"])
  }

  /// Each field of what the room put on record, changed by somebody who links everything anew.
  @Test(arguments: [
    ("attendance", "person"), ("attendance", "role"), ("attendance", "state"), ("attendance", "seen-by"),
    ("bag", "number"), ("bag", "keyholder"), ("bag", "state"), ("initials", "person"), ("initials", "initials"),
  ])
  func aChangedFieldIsNoticed(kind: String, field: String) throws {
    for file in ["transcript.jsonl", "sealing.jsonl"] {
      var changed = try #require(Self.held)
      var records = try changed.records(file)
      guard let place = records.firstIndex(where: { $0["kind"]?.string == kind && $0["body"]?[field] != nil }) else {
        #expect(file == "sealing.jsonl")
        continue
      }
      records[place].edit("body", field) { _ in "other" }
      if file == "sealing.jsonl" {
        changed.chain(file, records, after: try #require(changed.digests("transcript.jsonl").last))
        changed.sum()
      } else {
        try changed.rechain { $0 = records }
      }
      #expect(changed.replay().findings.map(\.code) == [.divergence], "\(file)")
    }
  }

  @Test(arguments: [["at": "soon"], ["at": "2026-01-01T00:00:00Z", "by": "radio"], [:]] as [JSONObject])
  func aClockThatIsNone(body: JSONObject) throws {
    var changed = try #require(Self.held)
    try changed.rechain { records in
      let place = try #require(records.firstIndex { $0["kind"] == "clock" })
      records[place]["body"] = .object(body)
    }
    #expect(changed.replay().findings.map(\.code) == [.recordMalformed])
  }

  /// A PIN typed where a name, a bag's number or the time is asked for.
  @Test func aSecretAtEveryLine() throws {
    let script = try Scripts.room.editing(
      "- id: attendance\n    do: attendance\n    say: I call everybody by name.\n  ", with: ""
    )
    .editing(
      "  - id: build-root\n",
      with: """
          - {id: attendance, do: attendance}
          - {id: time-again, do: time}
          - {id: bag-again, do: bag, keyholder: boris, bag: closed}
          - id: build-root

        """)
    let room = Room()
    var typed: [String: String] = [:]
    var rules: [String] = []
    room.console.answer = { screen in
      if screen.title.hasPrefix("Attendance: "), typed["name"] == nil, screen.prompt?.line == nil,
        screen.prompt?.takes("substitute") == true
      {
        return "substitute"
      }
      guard let rule = screen.prompt?.line, typed[rule.rawValue] == nil,
        let paper = try? JSONValue(parsing: room.folder.read("virtual-cards/paper.json")),
        let pin = paper["boris/pin"]?.string
      else { return screen.prompt?.unattended }
      typed[rule.rawValue] = pin
      rules.append(rule.rawValue)
      return pin
    }
    let result = try room.rehearse(Array(script.utf8))
    #expect(result.outcome.ending == .complete)
    #expect(rules == ["name", "time", "bag"])
    let whys = try room.records(.answer).compactMap { $0.body["why"]?.string }
    #expect(whys == ["digits", "length", "secret"])
    let pin = try #require(typed["bag"])
    for (path, bytes) in try room.products().files where !path.hasPrefix("virtual-cards/") {
      #expect(!Data(bytes).contains(Array(pin.utf8)), "\(path)")
    }
    #expect(room.replay().holds)
  }
}
