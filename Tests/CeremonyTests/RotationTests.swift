import CanonicalJSON
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
import TUFMetadata
import Testing
import Transcript
import VirtualCard

/// A root that follows another: who signs for which side, what is refused, and what both verifiers say of it.
@Suite struct RotationTests {
  static let genesis = History.Year(holders: ["ada", "boris", "chandra"], threshold: 2)

  @Test func oneJoinsAndOneLeaves() throws {
    var history = try History()
    try history.hold(Self.genesis)
    let year = History.Year(holders: ["ada", "boris", "dora"], threshold: 2, leaving: ["chandra": "left"])
    let result = try history.hold(year)
    #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    let room = try #require(history.newest)
    let verdict = room.replay()
    #expect(verdict.findings == [] && verdict.holds)
    try SecondVerifier.expectAgreement([("one joins, one leaves", try room.products())], holding: true, "that rotate")
    var chain = RootChain()
    chain.trust(try history.root(1), place: "1")
    chain.update(try history.root(2), place: "2")
    #expect(chain.steps.map(\.outcome) == [.trusted, .updated])
    #expect(chain.steps[1].byOldKeys?.counted.count == 3 && chain.steps[1].byNewKeys?.counted.count == 3)
    let boards = room.console.screens.compactMap { $0.standing?.boards.first?.words }.filter { $0.hasPrefix("root 2:") }
    #expect(boards.first?.hasPrefix("root 2: old 0 of 2, new 0 of 2; Ada key (old, new) · ") == true, "\(boards)")
    #expect(
      boards.last?.hasPrefix("root 2: old 2 of 2 (3 signed), new 2 of 2 (3 signed); Ada ✓ (old, new) · ") == true,
      "\(boards)")
    func said(to name: String) -> [String] {
      room.console.screens.first { $0.title == "\(name) signs root" && $0.prompt != nil }?.text ?? []
    }
    #expect(said(to: "Ada").contains("This signature counts for both: the root before, and this one."))
    #expect(said(to: "Chandra").contains("This signature counts for the root before alone. Chandra leaves (left)."))
    #expect(said(to: "Dora").contains("This signature counts for this root alone."))
    let changes = try #require(room.console.screens.first { $0.title == "Show root" }).text
    #expect(changes.contains { $0.hasPrefix("root: Chandra, key ") && $0.hasSuffix(" leaves (left).") }, "\(changes)")
    #expect(changes.contains { $0.hasPrefix("root: Dora, key ") && $0.hasSuffix(" joins.") }, "\(changes)")
    #expect(changes.contains { $0.hasPrefix("root: Ada, key ") && $0.hasSuffix(" stays.") }, "\(changes)")
  }

  /// One edit of a sound script each, and the code by which `check` refuses it.
  struct WrongMove: Sendable, CustomTestStringConvertible {
    let what: String
    let code: Finding.Code
    let edit: @Sendable (String) throws -> String
    var testDescription: String { what }

    init(_ what: String, _ code: Finding.Code, _ edit: @escaping @Sendable (String) throws -> String) {
      self.what = what
      self.code = code
      self.edit = edit
    }
  }

  static let wrongMoves = [
    WrongMove("another file than the pinned one", .inputChanged) { script in
      script.replacing(/sha256: [0-9a-f]{64}/, with: "sha256: \(String(repeating: "0", count: 64))", maxReplacements: 1)
    },
    WrongMove("one signature short on the old side", .oldQuorum) { script in
      try script.editing("  - {id: sign-boris, do: sign, role: root, keyholder: boris}\n", with: "")
        .editing("  - {id: sign-chandra, do: sign, role: root, keyholder: chandra}\n", with: "")
    },
    WrongMove("one signature short on the new side", .stepOrder) { script in
      try script.editing("  - {id: sign-boris, do: sign, role: root, keyholder: boris}\n", with: "")
        .editing("  - {id: sign-dora, do: sign, role: root, keyholder: dora}\n", with: "")
    },
    WrongMove("a threshold above the keys", .scriptThreshold) {
      try $0.editing("root: {threshold: 2", with: "root: {threshold: 4")
    },
    WrongMove("a leaver who stays", .leavingStays) {
      try $0.editing("keyholders: [ada, boris, dora]", with: "keyholders: [ada, boris, chandra, dora]")
    },
    WrongMove("nobody says why a key is gone", .leavingUnstated) {
      try $0.editing("leaving:\n  chandra: {reason: left}\n", with: "")
    },
    WrongMove("a suspected key that is kept", .leavingStays) { script in
      let digits = try #require(script.firstMatch(of: /name: Ada, card: record, key: "([0-9a-f]+)"/)?.output.1)
      return try script.editing("leaving:\n", with: "leaving:\n  \"\(digits)\": {reason: suspected}\n")
    },
    WrongMove("a key that the root before does not have", .keptKeyUnknown) { script in
      let digits = try #require(script.firstMatch(of: /name: Ada, card: record, key: "([0-9a-f]+)"/)?.output.1)
      return try script.editing(
        "name: Ada, card: record, key: \"\(digits)\"", with: "name: Ada, card: record, key: \"00000000\"")
    },
    WrongMove("one key for two people", .keyRepeated) { script in
      let digits = try #require(script.firstMatch(of: /name: Ada, card: record, key: "([0-9a-f]+)"/)?.output.1)
      let other = try #require(script.firstMatch(of: /name: Boris, card: record, key: "([0-9a-f]+)"/)?.output.1)
      return try script.editing(String(other), with: String(digits))
    },
    WrongMove("an expiry in the past", .expiryWindow) {
      try $0.editing("expires: {days: 7}", with: "expires: 2020-01-01T00:00:00Z")
    },
    WrongMove("a kept card that is provisioned", .keptAndMade) {
      try $0.editing("do: prove, keyholder: ada", with: "do: provision, keyholder: ada")
    },
    WrongMove("a spare for a kept key", .keptAndMade) {
      try $0.editing("name: Ada, card: record", with: "name: Ada, card: record, spares: [77]")
    },
    WrongMove("a kept card that nobody proves", .stepOrder) {
      try $0.editing("  - {id: prove-ada, do: prove, keyholder: ada}\n", with: "")
    },
    WrongMove("too few made or proven", .quorumUnproven) { script in
      try script.editing("  - {id: prove-ada, do: prove, keyholder: ada}\n", with: "")
        .editing("  - {id: prove-boris, do: prove, keyholder: boris}\n", with: "")
        .editing("\nroles:\n", with: "\nabsent: keep\nroles:\n")
    },
    WrongMove("a stranger signs", .scriptReference) { script in
      try script.editing(
        "name: Dora, card: record}", with: "name: Dora, card: record}\n  eve: {name: Eve, card: record}"
      )
      .editing(
        "sign-dora, do: sign, role: root, keyholder: dora", with: "sign-dora, do: sign, role: root, keyholder: eve")
    },
    WrongMove("nobody to seal for the root before", .scriptThreshold) {
      try $0.editing("do: close}", with: "do: close, seal: [dora, ada]}")
    },
    WrongMove("a card that stays is wiped", .wipeStays) { Self.wiping("ada", $0) },
    WrongMove("a new card is wiped", .scriptReference) { Self.wiping("dora", $0) },
    WrongMove("a card is wiped twice", .stepRepeated) {
      Self.wiping("chandra", $0, "  - {id: again, do: destroy, keyholder: chandra}\n")
    },
    WrongMove("a card is wiped after everybody left", .stepOrder) {
      try $0.editing(
        "do: close}\n",
        with: "do: close}\n  - {id: departure, do: departure}\n  - {id: wipe, do: destroy, keyholder: chandra}\n")
    },
    WrongMove("a card is wiped before the close", .stepOrder) {
      try $0.editing("  - {id: close", with: "  - {id: wipe, do: destroy, keyholder: chandra}\n  - {id: close")
    },
    WrongMove("a card is wiped that did not seal", .stepOrder) {
      try Self.wiping("chandra", $0.editing("do: close}", with: "do: close, seal: [ada, boris, dora]}"))
    },
    WrongMove("a card is wiped of somebody elsewhere", .stepOrder) {
      try Self.wiping(
        "chandra",
        $0.replacing(/(chandra: \{name: Chandra, card: record, key: "[0-9a-f]+")/) { "\($0.output.1), absent: pending" }
          .editing("do: close}", with: "do: close, seal: [ada, boris, chandra]}"))
    },
    WrongMove("targets without what clients have", .scriptReference) {
      try $0.editing(
        "{id: write, do: write, role: root}",
        with: "{id: write, do: write, role: root}\n  - {id: build-targets, do: build, role: targets}")
    },
  ]

  private static func wiping(_ who: String, _ script: String, _ more: String = "") -> String {
    script + "  - {id: wipe, do: destroy, keyholder: \(who)}\n" + more
  }

  @Test(arguments: wrongMoves)
  func whatIsRefusedBeforeItBegins(_ move: WrongMove) throws {
    var history = try History()
    try history.hold(Self.genesis, seed: 1)
    let year = History.Year(holders: ["ada", "boris", "dora"], threshold: 2, leaving: ["chandra": "left"])
    let script = try move.edit(try history.script(year))
    let room = Room()
    let error = #expect(throws: Finding.self) { try history.rehearse(script, in: room) }
    #expect(error?.code == move.code, "\(error?.what ?? "")")
    #expect(!FileManager.default.fileExists(atPath: room.path))
  }

  /// Somebody is not there when their card should show that it still signs: the script lets the key stay, and says so.
  @Test func whoIsAbsentKeepsAKeyUnproven() throws {
    var history = try History()
    try history.hold(Self.genesis)
    let script = try history.script(Self.genesis).editing("\nroles:\n", with: "\nabsent: keep\nroles:\n")
    let room = Room(inMemory: true)
    let result = try history.rehearse(script, in: room) { screen in
      let isAda = screen.title.hasSuffix("Ada") || screen.prompt?.question.contains("Ada") == true
      return isAda && screen.prompt?.takes("absent") == true ? "absent" : screen.prompt?.unattended
    } prepare: { _ in
    }
    #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    #expect(room.console.screens.contains { $0.banners.contains("KEPT WITHOUT PROOF: Ada") })
    let verdict = room.replay()
    #expect(verdict.holds && verdict.findings.map(\.code) == [.keptKeyUnproven], "\(verdict.findings)")
    #expect(verdict.banners.contains("A KEPT KEY DID NOT SHOW THAT IT STILL SIGNS"))
    let page = String(decoding: try room.folder.read("report.html"), as: UTF8.self)
    #expect(page.contains("A KEPT KEY DID NOT SHOW THAT IT STILL SIGNS"))
    try SecondVerifier.expectAgreement([("absent", try room.products())], holding: true, "where somebody was absent")
  }

  /// Whoever was not there when the card was to be known by its keys proves none of them, however soon they come.
  @Test(arguments: [1, 2]) func aPartOfAProofProvesNobody(absences: Int) throws {
    var left = absences
    let (_, room) = try RotationScripts.hold(
      edit: { script in
        try script.editing("ada: {name: Ada, card: record,", with: "ada: {name: Ada, card: record, absent: keep,")
          .editing("targets: {threshold: 2", with: "targets: {threshold: 1")
      },
      prepare: { room in
        room.console.answer = { screen in
          if screen.title == "Attendance: Ada" {
            return screen.prompt?.takes("absent") == true ? "absent" : screen.prompt?.unattended
          }
          guard screen.title == "Waiting for Ada", left > 0 else { return screen.prompt?.unattended }
          left -= 1
          return "absent"
        }
      })
    #expect(left == 0)
    let verdict = room.replay()
    #expect(verdict.holds, "\(verdict.findings)")
    #expect(verdict.findings.map(\.code) == [.keptKeyUnproven, .keptKeyUnproven])
    #expect(verdict.facts?.rotation?.unproven == ["Ada", "Edna"])
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    #expect(byFiles.facts?.rotation?.unproven == ["Ada", "Edna"])
    #expect(try !room.transcript().contains { $0.kind == .command && $0.step.hasPrefix("prove-ada/") })
    try SecondVerifier.expectAgreement(
      [("absent \(absences) times", try room.products())], holding: true, "where somebody came late")
  }

  /// Nine Ed25519 keys are as many as a card can list. On virtual cards the rehearsal's mark keeps nobody from trying it.
  @Test func nineKeysAreRehearsedOnVirtualCards() throws {
    let holders = ["ada", "boris", "chandra", "dora", "edna", "farid", "gita", "hugo", "ines"]
    var history = try History()
    let year = History.Year(holders: holders, threshold: 2)
    let result = try history.hold(year, seed: 1)
    #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    let room = try #require(history.newest)
    let size = try Envelope(parsing: try history.root(1), place: "1").signedBytes.count
    #expect(size > 3043 && size - Header.rehearsalMarkSize <= 3043, "\(size)")
    let words =
      "\(size) bytes, \(size - Header.rehearsalMarkSize) without the rehearsal's mark; the card signs up to 3043"
    #expect(room.console.screens.contains { $0.facts.contains { $0.name == "root" && $0.value == words } })
    try SecondVerifier.expectAgreement([("nine", try room.products())], holding: true, "with nine keys")
    // One more is too much for a card, and so for a rehearsal.
    var more = year
    more.holders.append("jan")
    let error = #expect(throws: Finding.self) {
      var other = try History()
      try other.hold(more)
    }
    #expect(error?.code == .payloadTooLarge && error?.what.contains("without the rehearsal's mark") == true)
    // Cards that people bring sign the mark with the rest.
    let script = try history.script(year)
    let brought = LiveCeremony(
      LiveCeremony.Options(
        script: Array(script.utf8), scriptFolder: history.scripts.path(), out: Room().path, isUnattended: true,
        programVersion: ProgramVersion.current, after: room.path), console: QuietConsole(),
      cards: StagedCardSource(try Script(Array(script.utf8)), room.folder, seed: 1))
    #expect(#expect(throws: Finding.self) { try brought.run() }?.code == .payloadTooLarge)
  }

  /// The words of a comparison say why, where the script is at hand.
  @Test func aComparisonSaysWhyAKeyLeft() throws {
    var history = try History()
    try history.hold(Self.genesis)
    let year = History.Year(holders: ["ada", "boris", "dora"], threshold: 2, leaving: ["chandra": "suspected"])
    try history.hold(year)
    let before = try history.root(1)
    let script = try Script(try #require(history.newest).folder.read("script.yaml"))
    let reasons = script.going(on: try Baseline(before, named: "1")).reasons
    let difference = try MetadataDifference(old: (before, "1"), new: (try history.root(2), "2"), reasons: reasons)
    let leaving = difference.changes.filter { $0.kind == .key && $0.new == nil }
    #expect(leaving.map(\.reason) == ["suspected"])
    #expect(leaving.first?.words.hasSuffix("leaves (suspected)") == true)
  }

  /// An ECDSA key on firmware below 5.7 may sign and leave. It stays only where the script says so.
  @Test(arguments: [
    ("stays", "", Finding.Code.firmwareCopyable, false), ("is accepted", ", firmware: accepted", nil, true),
    ("leaves", "", nil, false),
  ])
  func aKeyThatCanBeCopied(_ what: String, _ words: String, _ code: Finding.Code?, _ isSaid: Bool) throws {
    var history = try History()
    try history.hold(History.Year(holders: ["ada", "boris", "chandra"], threshold: 2, algorithm: "ecdsa-p256"))
    let leaves = what == "leaves"
    let year = History.Year(
      holders: leaves ? ["boris", "chandra"] : ["ada", "boris", "chandra"], threshold: 2,
      leaving: leaves ? ["ada": "firmware"] : [:])
    let script = try history.script(year).editing("name: Ada, card: record", with: "name: Ada, card: record\(words)")
    let room = Room(inMemory: true)
    let before = try #require(history.newest).folder
    let result = try history.rehearse(script, in: room) { cards in
      var state = try #require(try JSONValue(parsing: before.read("virtual-cards/20000001.json")).object)
      state["version"] = .string("050403")
      cards.replaceCard(of: "ada", with: try VirtualCard(state: JSONValue.object(state).canonical()))
    }
    #expect(result.outcome.finding?.code == code, "\(what)")
    guard code == nil else { return }
    #expect(result.outcome.ending == .complete, "\(what)")
    let verdict = room.replay()
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    for one in [verdict, byFiles] {
      #expect(one.findings.contains { $0.code == .firmwareCopyable } == isSaid, "\(what): \(one.findings)")
      #expect(one.banners.contains { $0.contains("COPIED") } == isSaid)
    }
    let second = try #require(
      try SecondVerifier.verdicts(on: [try room.products()], "with keys that can be copied")?.first)
    #expect(second.holds && second.text.contains("FIRMWARE-COPYABLE") == isSaid, "\(what): \(second.text)")
  }
}
