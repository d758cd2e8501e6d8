import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Judges
import Keys
import Products
import TUFMetadata
import Testing
import Transcript
import VirtualCard

/// Cards that give way to spare ones, keyholders who are not there, and signatures that are left out.
@Suite struct ReplacementTests {
  /// Three keyholders, a root of 2 of 3, and a spare card or two for Ada.
  static func script(absent: String = "stop", spares: String = "[91, 92]", targets: Bool = false) throws -> String {
    var text = try Scripts.first
    text = try text.editing("    card: record\n  boris:", with: "    card: record\n    spares: \(spares)\n  boris:")
    text = try text.editing(
      "\nroles:\n", with: "\n  chandra:\n    name: Chandra\n    card: record\nabsent: \(absent)\nroles:\n")
    text = try text.editing("keyholders: [ada, boris]", with: "keyholders: [ada, boris, chandra]")
    text = try text.editing(
      "  - id: build-root",
      with: "  - id: card-chandra\n    do: provision\n    keyholder: chandra\n  - id: build-root")
    text = try text.editing(
      "  - id: verify-root",
      with: "  - id: sign-root-chandra\n    do: sign\n    role: root\n    keyholder: chandra\n  - id: verify-root")
    return text
  }

  /// A card that is dead from the moment when a screen of this title is shown.
  private static func dead(_ who: String, from title: String, _ room: Room, _ tokens: [String]) -> (StagedCardSource) ->
    Void
  {
    var card: VirtualCard?
    var isDead = false
    room.console.choose(tokens) { screen in
      guard !isDead, screen.title == title, let card else { return }
      isDead = true
      for place in card.exchanges..<(card.exchanges + 400) { card.inject(.timeout, at: place) }
    }
    return { card = $0.card(of: who) }
  }

  private static func codes(_ room: Room) throws -> [String] {
    try room.transcript().filter { $0.kind == .finding && $0.body["severity"] == "error" }
      .compactMap { $0.body["code"]?.string }
  }

  @Test(arguments: Sweep.pick(2, of: [6, 35, 50, 60, 70]))
  func beforeABuildTheSpareCardIsProvisionedFromItsBeginning(exchange: Int) throws {
    let room = Room()
    room.console.choose(["replace"])
    let result = try room.rehearse(Array(try Self.script().utf8)) { cardSource in
      for place in exchange..<(exchange + 400) { cardSource.card(of: "ada")?.inject(.timeout, at: place) }
    }
    #expect(result.outcome.ending == .complete)
    #expect(try Self.codes(room) == ["CARD-TIMEOUT"])
    let verdict = room.replay()
    #expect(verdict.facts?.retired == ["20000001 of Ada"])
    #expect(verdict.facts?.dropped == [])
    #expect(verdict.facts?.cards.first?.name == "91")
    #expect(verdict.facts?.exceptions == 1)
    #expect(room.console.screens.contains { $0.title == "The card 20000001 of Ada is out of this ceremony" })
    try SecondVerifier.expectAgreement(
      [("dead at \(exchange)", try room.products())], holding: true, "with a spare card")
    try PythonTUF.judge(room, "a root with a spare card's key")
  }

  @Test(arguments: [("Ada signs root", "ada", 0), ("Boris signs root", "boris", 1)])
  func afterABuildWhatNamesTheOldKeysIsDroppedAndBuiltAgain(title: String, who: String, signed: Int) throws {
    let room = Room()
    let text = try Self.script().editing(
      "  boris:\n    name: Boris\n    card: record\n",
      with: "  boris:\n    name: Boris\n    card: record\n    spares: [95]\n")
    let result = try room.rehearse(
      Array(text.utf8), prepare: Self.dead(who, from: title, room, ["replace"]))
    #expect(result.outcome.ending == .complete)
    let records = try room.transcript()
    let dropped = records.filter { $0.kind == .dropped }
    #expect(dropped.map { $0.body["role"] } == ["root"])
    #expect(dropped.first?.body["signatures"]?.array?.count == signed)
    let payloads = records.filter { $0.kind == .payload }.map { $0.body["sha256"] }
    #expect(payloads.count == 2)
    #expect(payloads.first == dropped.first?.body["sha256"])
    #expect(payloads.last != payloads.first)
    // What had been done stays done: the other cards are provisioned once, and nobody is asked for their words again.
    let ids = records.filter { $0.kind == .operation && $0.body["task"] == "reset" }.map(\.step)
    #expect(ids.filter { $0 == "card-chandra/reset" }.count == 1)
    #expect(ids.filter { $0 == "card-\(who)/reset" }.count == 2)
    let verdict = room.replay()
    #expect(verdict.facts?.payloads.first?.signers.count == 3)
    #expect(verdict.facts?.dropped.first?.signers.count == signed)
    try SecondVerifier.expectAgreement([(title, try room.products())], holding: true, "with a payload dropped")
    try PythonTUF.judge(room, "a root that was built twice")
  }

  @Test func aPayloadThatReachedItsThresholdIsNotDropped() throws {
    let room = Room()
    let text = try Self.script().editing(
      "name: Chandra\n    card: record\n", with: "name: Chandra\n    card: record\n    spares: [97]\n")
    let result = try room.rehearse(
      Array(text.utf8), prepare: Self.dead("chandra", from: "Chandra signs root", room, ["replace", "without"]))
    #expect(result.outcome.ending == .complete)
    let asked = try #require(room.console.screens.last { $0.title == "CARD-TIMEOUT" }?.prompt)
    #expect(asked.answers.map(\.token).prefix(2) == ["retry", "without"])
    #expect(room.replay().facts?.payloads.first?.signers == ["Ada", "Boris"])
    try SecondVerifier.expectAgreement([("2 of 3", try room.products())], holding: true, "without a third signature")
    try PythonTUF.judge(room, "a root of 2 of 3")
  }

  @Test func spareAfterSpareUntilNoneIsLeft() throws {
    let room = Room()
    room.console.choose(["replace"])
    let result = try room.rehearse(Array(try Self.script().utf8)) { cardSource in
      for card in [cardSource.card(of: "ada"), cardSource.spare(91), cardSource.spare(92)] {
        for place in 0..<400 { card?.inject(.wrongPublicKey, at: place) }
      }
    }
    #expect(result.outcome.ending == .aborted)
    let offers = room.console.screens.filter { $0.title == "ATTESTATION-KEY" || $0.title.hasPrefix("ATTESTATION-") }
    #expect(
      offers.map { $0.prompt?.answers.contains { $0.token == "replace" } ?? false }.prefix(3) == [true, true, false])
    #expect(room.replay().findings.map(\.code) == [.aborted])
  }

  @Test func aCardThatLeftIsNotTakenAgain() throws {
    let room = Room()
    room.console.choose(["replace"])
    let result = try room.rehearse(Array(try Self.script(spares: "[20000002]").utf8)) { cardSource in
      for place in 0..<400 { cardSource.card(of: "ada")?.inject(.wrongPublicKey, at: place) }
    }
    // The source of cards makes Boris's card with the serial of Ada's spare card: as the script says, it is not his.
    #expect(result.outcome.ending == .aborted)
    #expect(try Self.codes(room).contains("WRONG-CARD"))
  }

  @Test(arguments: [
    ("enrolled", "Ada", ["Boris", "Chandra"]), ("enrolled", "Chandra", ["Ada", "Boris"]),
  ])
  func anAbsentKeyholderStaysEnrolledWhereTheOthersReachTheThreshold(rule: String, who: String, signers: [String])
    throws
  {
    let room = Room()
    room.console.answer = { screen in
      screen.prompt?.question == "Is \(who) here to sign?" && screen.title == "Sign root"
        ? "absent" : screen.prompt?.unattended
    }
    let result = try room.rehearse(Array(try Self.script(absent: rule).utf8))
    #expect(result.outcome.ending == .complete)
    let verdict = room.replay()
    #expect(verdict.facts?.payloads.first?.signers == signers)
    #expect(verdict.facts?.payloads.first?.keyholders == 3)
    let exceptions = try room.transcript().filter { $0.kind == .exception }
    #expect(exceptions.map { $0.body["code"] } == ["KEYHOLDER-ABSENT"])
    try SecondVerifier.expectAgreement([(who, try room.products())], holding: true, "with somebody absent")
  }

  @Test func nobodyIsAskedWhereEverySignatureIsNeededOrTheScriptSaysStop() throws {
    func questions(_ script: String, absent: [String]) throws -> Int {
      let room = Room()
      room.console.answer = { screen in
        screen.title == "Sign root" && absent.contains { screen.prompt?.question == "Is \($0) here to sign?" }
          ? "absent" : screen.prompt?.unattended
      }
      try room.rehearse(Array(script.utf8))
      return room.console.screens.filter {
        $0.title == "Sign root" && $0.prompt?.question.hasSuffix("here to sign?") == true
      }
      .count
    }
    #expect(try questions(Self.script(absent: "stop"), absent: ["Ada"]) == 0)
    #expect(try questions(Self.script(absent: "enrolled"), absent: []) == 3)
    // After the first is absent the other two are needed.
    #expect(try questions(Self.script(absent: "enrolled"), absent: ["Ada"]) == 1)
  }

  @Test func aSealSignatureMayBeLeftOutWhereTheOthersAreEnough() throws {
    let room = Room()
    let script = try Self.script().editing(
      "    do: close\n", with: "    do: close\n    seal: [ada, boris, chandra]\n")
    let result = try room.rehearse(
      Array(script.utf8), prepare: Self.dead("boris", from: "Boris signs the transcript seal", room, ["without"]))
    #expect(result.outcome.ending == .complete && result.outcome.status == .fine)
    let verdict = room.replay()
    #expect(verdict.findings == [])
    #expect(verdict.facts?.sealers == ["Ada", "Chandra"])
    try SecondVerifier.expectAgreement(
      [("seal of 2", try room.products())], holding: true, "with a seal signature left out")

    // A line of the sealing's end that is missing is noticed by both.
    var cut = try room.products()
    let lines = try #require(cut.files["sealing.jsonl"]).split(separator: 0x0a)
    cut.files["sealing.jsonl"] = Array(lines.dropLast().joined(separator: [0x0a])) + [0x0a]
    cut.sum()
    try SecondVerifier.expectAgreement([("cut", cut)], holding: false, "with the last exception missing")
  }

  private static let lies: [(String, @Sendable () -> Fault, String?)] = [
    ("wrong signature", { .wrongSignature }, "SIGNATURE-WRONG"),
    ("first 32 bytes signed", { .signatureOverFirst32Bytes }, "SIGNATURE-WRONG"),
    ("wrong public key", { .wrongPublicKey }, nil), ("garbage", { .garbage([0xde, 0xad]) }, nil),
    ("nothing", { .garbage([]) }, nil), ("truncated", { .truncated }, nil),
  ]

  /// A card that lies: a named finding, nothing written, and the next card goes on.
  @Test func aCardThatLiesGivesWayToTheNext() throws {
    for (name, fault, code) in Self.lies {
      let room = Room()
      room.console.choose(["replace"])
      let result = try room.rehearse(Array(try Self.script().utf8)) { cardSource in
        for place in 0..<600 { cardSource.card(of: "ada")?.inject(fault(), at: place) }
      }
      #expect(result.outcome.ending == .complete, "\(name)")
      let found = try Self.codes(room)
      #expect(found.count == 1 && (code == nil || found == [code]), "\(name): \(found)")
      let verdict = room.replay()
      #expect(verdict.holds, "\(name): \(verdict.findings)")
      #expect(verdict.facts?.cards.first?.name == "91", "\(name)")
      // Where the lie came out before the end of its provisioning, nothing was written for the card.
      let files = try room.products().files
      #expect(files["cards/20000001/card.json"] == nil || code != nil, "\(name)")
      #expect(files["cards/91/card.json"] != nil, "\(name)")
    }
  }
}
