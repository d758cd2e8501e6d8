import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import PIV
import PIVTypes
import Products
import SmartCard
import Testing
import Transcript

@testable import VirtualCard

/// Keys that are made on a card, sign, and are deleted there before a card signs what names them.
@Suite struct DiscardTests {
  /// The first rehearsal with targets by keys on both cards, which are deleted.
  static func script() throws -> String {
    try Scripts.first.editing("ceremony: 1", with: "ceremony: 2")
      .editing(
        "  targets:\n    threshold: 1\n    keys: [service]\n",
        with: """
            targets:
              threshold: 2
              keyholders: [ada, boris]
              expires: {days: 7}
              discarded: true
              delegations:
                bin: {succinct: 16384}
            bin:
              threshold: 1
              keys: [service]

          """
      )
      .editing(
        "  - id: sign-root-ada\n",
        with: """
            - {id: build-targets, do: build, role: targets}
            - {id: show-targets, do: show, role: targets}
            - {id: sign-targets-ada, do: sign, role: targets, keyholder: ada}
            - {id: sign-targets-boris, do: sign, role: targets, keyholder: boris}
            - {id: discard-ada, do: discard, keyholder: ada}
            - {id: discard-boris, do: discard, keyholder: boris}
            - id: sign-root-ada

          """
      )
      .editing(
        "  - id: close\n",
        with:
          "  - {id: verify-targets, do: verify, role: targets}\n  - {id: write-targets, do: write, role: targets}\n  - id: close\n"
      )
  }

  private static func hold(_ edit: (String) throws -> String = { $0 }) throws -> Room {
    let room = Room(inMemory: true)
    let result = try room.rehearse(Array(try edit(try script()).utf8))
    #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    return room
  }

  /// A card of the rehearsal as its file has it.
  private static func card(_ path: String, in room: Room) throws -> JSONValue {
    try JSONValue(parsing: try room.folder.read("virtual-cards/\(path)"))
  }

  @Test(arguments: [CardRules.ManagementKeyRule.forget, .protected])
  func theySignAndAreDeletedBeforeACardSigns(_ rule: CardRules.ManagementKeyRule) throws {
    let room = try Self.hold {
      try $0.editing("\nroles:\n", with: "\ncards:\n  management-key: \(rule.rawValue)\nroles:\n")
    }
    let replay = room.replay()
    #expect(replay.holds && replay.findings == [], "\(replay.findings)")
    for entry in try room.folder.list() where entry.path.hasPrefix("virtual-cards/2") {
      let card = try Self.card(String(entry.path.dropFirst("virtual-cards/".count)), in: room)
      #expect(card["keys"]?.object?.names == ["9c"], "\(entry.path)")
    }
    let cards = try room.folder.list().map(\.path).filter { $0.hasSuffix("/card.json") }
    #expect(cards.count == 2)
    for path in cards {
      let keys = try JSONValue(parsing: try room.folder.read(path))["keys"]?.array ?? []
      #expect(keys.map { $0["deleted"] == true } == [false, true], "\(path)")
    }
    let records = try room.transcript()
    let deleted = records.indices.filter { CommandRecord(fields: records[$0].body)?.text.hasPrefix("00f6ff9a") == true }
    let made = records.lastIndex { $0.step == "card-boris/set-aside" } ?? 0
    let signed = try #require(records.firstIndex { $0.kind == .signature && $0.body["role"] == "root" })
    #expect(deleted.count { $0 > made && $0 < signed } == 2)
    let whole = try room.products()
    try SecondVerifier.expectAgreement([("discarded", whole)], holding: true, "with discarded keys")
    // What the cards were told: a key that is moved is not called deleted.
    let place = try #require(deleted.last)
    #expect(replay.cards.entries.contains { $0.record == place && $0.what == "delete in 9a" && $0.target == nil })
    var moved = whole
    try moved.rechain { $0[place]["body"] = ["apdu": "00f6829a"] }
    let told = moved.replay().cards.entries.filter { $0.record == place }
    #expect(told.map(\.what) == ["move 9a to 82"])
  }

  /// Chandra's card has no key of the root: it deletes its keys of targets and of bins, to which targets delegates. Boris
  /// deletes his key of papers before targets is signed, which names it.
  static func delegating() throws -> String {
    try Scripts.first.editing("ceremony: 1", with: "ceremony: 2")
      .editing("\nroles:\n", with: "  chandra:\n    name: Chandra\n    card: record\n\nroles:\n")
      .editing(
        "  targets:\n    threshold: 1\n    keys: [service]\n",
        with: """
            targets:
              threshold: 1
              keyholders: [chandra]
              expires: {days: 7}
              discarded: true
              delegations:
                papers: {paths: ["papers/*"]}
                bins: {paths: ["bins/*"]}
            papers:
              threshold: 1
              keyholders: [boris]
              expires: {days: 7}
              discarded: true
            bins:
              threshold: 1
              keyholders: [chandra]
              slot: 9c
              expires: {days: 7}
              discarded: true

          """
      )
      .editing(
        "  - id: head-cards\n",
        with: "  - {id: card-chandra, do: provision, keyholder: chandra}\n  - id: head-cards\n"
      )
      .editing(
        "  - id: sign-root-ada\n",
        with: ["targets", "papers", "bins"].map {
          "  - {id: build-\($0), do: build, role: \($0)}\n  - {id: show-\($0), do: show, role: \($0)}\n"
        }.joined() + """
            - {id: sign-papers, do: sign, role: papers, keyholder: boris}
            - {id: discard-boris, do: discard, keyholder: boris}
            - {id: sign-bins, do: sign, role: bins, keyholder: chandra}
            - {id: sign-targets, do: sign, role: targets, keyholder: chandra}
            - {id: discard-chandra, do: discard, keyholder: chandra}
            - id: sign-root-ada

          """
      )
      .editing(
        "  - id: close\n",
        with: ["targets", "papers", "bins"].map {
          "  - {id: verify-\($0), do: verify, role: \($0)}\n  - {id: write-\($0), do: write, role: \($0)}\n"
        }.joined() + "  - id: close\n")
  }

  @Test func whatTargetsDelegatesToIsDeletedBeforeItSigns() throws {
    let room = Room(inMemory: true)
    let result = try room.rehearse(Array(try Self.delegating().utf8))
    #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    let replay = room.replay()
    #expect(replay.holds && replay.findings == [], "\(replay.findings)")
    #expect(replay.facts?.rootKeys.count { $0.isDiscarded } == 3)
    #expect(replay.proved.contains { $0.hasPrefix("3 keys signed and were deleted before a card signed the root") })
    let whole = try room.products()
    try SecondVerifier.expectAgreement([("delegating", whole)], holding: true, "with discarded keys of delegated roles")
    // What a page of it says of each.
    let page = String(decoding: try room.folder.read("report.html"), as: UTF8.self)
    #expect(page.contains("and deleted there once it had signed"))
    try Self.expectRefusal(of: whole, "with a key that was deleted too late")
  }

  /// The key of papers is deleted before one-time keys sign targets, which names it.
  @Test func whatOneTimeKeysDelegateToIsDeletedBeforeTheySign() throws {
    let room = Room(inMemory: true)
    let text = try Self.delegating()
      .editing(
        "    keyholders: [chandra]\n    expires: {days: 7}\n    discarded: true\n    delegations:\n",
        with: "    one-time: 1\n    expires: {days: 7}\n    delegations:\n"
      )
      .editing("  - id: head-cards\n", with: "  - {id: make, do: make, role: targets}\n  - id: head-cards\n")
      .editing("  - {id: sign-targets, do: sign, role: targets, keyholder: chandra}\n", with: "")
      .editing(
        "  - id: sign-root-ada\n",
        with: "  - {id: use, do: use, role: targets}\n  - {id: wipe, do: wipe}\n  - id: sign-root-ada\n")
    let result = try room.rehearse(Array(text.utf8))
    #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    let replay = room.replay()
    #expect(replay.holds && replay.findings == [], "\(replay.findings)")
    let whole = try room.products()
    try SecondVerifier.expectAgreement([("one-time", whole)], holding: true, "with one-time and discarded keys")
    try Self.expectRefusal(of: whole, "in which one-time keys sign too early")
  }

  /// Boris' key is deleted after targets was signed: both verifiers say so of that signature.
  private static func expectRefusal(of whole: MemoryProducts, _ what: String) throws {
    var late = whole
    var place = 0
    try late.rechain { records in
      let taken = records.filter { $0["step"] == "discard-boris" }
      records.removeAll { $0["step"] == "discard-boris" }
      let signs = records.firstIndex { record in
        record["kind"]?.string == "signature" && record["body"]?["role"]?.string == "targets"
      }
      let signed = try #require(signs, "\(records.count) records, \(taken.count) taken")
      records.insert(contentsOf: taken, at: signed + 1)
      place = signed
      var mono: Int64 = 0
      for index in records.indices {
        mono = max(mono, records[index]["mono"]?.integer ?? 0)
        records[index]["mono"] = .integer(mono)
      }
    }
    var verdict = ReplayVerdict()
    verdict.judge(late)
    #expect(verdict.findings.contains { $0.code == .keyNotDiscarded && $0.place == "transcript.jsonl record \(place)" })
    try SecondVerifier.expectAgreement([("late", late)], holding: false, what)
  }

  @Test func everyForgeryIsRefusedAtItsPlace() throws {
    let room = Room(inMemory: true)
    var before: [String: [UInt8]] = [:]
    room.console.answer = { screen in
      // The forger signs with what was deleted since.
      if screen.title == "Boris signs targets" {
        before = try room.products().files.filter { $0.key.hasPrefix("virtual-cards/2") }
      }
      return screen.prompt?.unattended
    }
    try room.rehearse(Array(try Self.script().utf8))
    try #require(before.count == 2)
    for (path, bytes) in before {
      try room.folder.replace(path.replacing("virtual-cards/2", with: "virtual-cards/1"), bytes)
    }
    try ForgerTests.judge("discards.py", of: room, [], "with forged deletions")
  }

  /// What is on the disk when the program is killed before a command reaches a card, or before its answer is on record:
  /// from the first record of the step to the first after it.
  @Test func aCeremonyThatIsKilledGoesOn() throws {
    let room = Room(inMemory: true)
    let script = try Script(Array(Self.script().utf8))
    let cards = KilledCardSource(
      VirtualCardSource(script, room.folder, seed: 1), room,
      when: {
        room.console.screens.contains { $0.title == "Boris signs targets" }
          && !room.console.screens.contains { $0.title == "Ada signs root" }
      })
    let result = try LiveCeremony(
      LiveCeremony.Options(
        script: Array(try Self.script().utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
        seed: 1, programVersion: ProgramVersion.current), console: room.console, virtualCards: cards
    ).run()
    #expect(result.outcome.ending == .complete)
    let moments = cards.folders.filter { folder in
      (try? folder.records("transcript.jsonl"))?.last?["step"]?.string?.hasPrefix("discard-") == true
    }
    try #require(moments.count > 30)
    var folders: [(what: String, folder: MemoryProducts)] = []
    var wasUnheard = 0
    let all = Array(moments.enumerated())
    // The card has deleted the key, or was not told yet, and the command alone is on record.
    let unheard = try all.filter { _, folder in
      let last = try folder.records("transcript.jsonl").last
      return last?["body"]?["apdu"]?.string?.hasPrefix("00f6ff9a") == true
    }
    #expect(unheard.count == 4)
    for (place, folder) in Sweep.sample(all, oneOf: 4) + unheard {
      let what = "killed at moment \(place) of \(moments.count)"
      let again = Room(inMemory: true)
      try folder.write(to: URL(filePath: again.path))
      let result = try Resumption(again.path, console: again.console, isUnattended: true).run()
      #expect(result.ceremony.outcome.ending == .complete && result.ceremony.isSealed, "\(what)")
      let verdict = again.replay()
      #expect(verdict.holds && verdict.findings == [], "\(what): \(verdict.findings)")
      let records = try again.transcript()
      let told = records.indices.filter { CommandRecord(fields: records[$0].body)?.text.hasPrefix("00f6ff9a") == true }
      wasUnheard += told.contains { records[$0 + 1].body["sw"] == nil } ? 1 : 0
      folders.append((what, try again.products()))
    }
    print("discarding: \(folders.count) of \(moments.count) moments killed, \(wasUnheard) before the card was heard")
    #expect(wasUnheard >= unheard.count)
    try SecondVerifier.expectAgreement(
      folders, holding: true, "of ceremonies that were killed while a card deleted a key")
  }

  /// What Ada's card answers to the deletion, or says of the slot afterwards: the ceremony goes on once it is mended, or is
  /// given up with a name.
  @Test(arguments: [
    ("6982", Finding.Code.managementNeeded, true), ("6a88", .slotEmpty, true), ("6d00", .keyNotDiscarded, true),
    ("still full", .keyNotDiscarded, true), ("no answer", .cardCommunication, true),
    ("unheard", .cardCommunication, true),
    ("6d00 always", .keyNotDiscarded, false),
  ])
  func whatACardAnswers(_ what: String, _ code: Finding.Code, _ isMended: Bool) throws {
    let room = Room(inMemory: true)
    let ada = VirtualCard(serial: 20_000_001, seed: [1])
    var isDone = false
    let cards = MeddledCardSource(["ada": ada, "boris": VirtualCard(serial: 20_000_002, seed: [2])], of: "ada") {
      command, card throws(CardFailure) in
      let isOurs = room.console.screens.contains { $0.title.contains("signs targets") }
      guard isOurs, command.ins == 0xf6, !isDone || !isMended else { return try card.send(command) }
      isDone = true
      switch what {
      case "6982": return ResponseAPDU(status: .securityNotSatisfied)
      case "6a88": return ResponseAPDU(status: .referenceNotFound)
      case "still full": return ResponseAPDU(status: .success)
      case "no answer": throw .communication
      case "unheard":
        _ = try card.send(command)
        throw .communication
      default: return ResponseAPDU(status: .instructionNotSupported)
      }
    }
    let result = try LiveCeremony(
      LiveCeremony.Options(
        script: Array(try Self.script().utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
        seed: 1, programVersion: ProgramVersion.current), console: room.console, cards: cards
    ).run()
    let codes = try room.records(.finding).compactMap { $0.body["code"]?.string }
    #expect(codes.contains(code.description), "\(codes)")
    #expect(result.outcome.ending == (isMended ? .complete : .aborted))
    #expect(room.replay().findings.map(\.code) == (isMended ? [] : [.aborted]))
    if isMended { try SecondVerifier.expectAgreement([(what, try room.products())], holding: true, "of wrong answers") }
  }

  /// A card of older firmware is refused before anything is made on it.
  @Test func aCardThatCannotDeleteIsRefusedFirst() throws {
    let room = Room(inMemory: true)
    let ada = VirtualCard(serial: 20_000_001, seed: [1])
    ada.unknown = [0xf6]
    let before = ada.state
    let cards = MeddledCardSource(["ada": ada, "boris": VirtualCard(serial: 20_000_002, seed: [2])]) {
      command, card throws(CardFailure) in try card.send(command)
    }
    let result = try LiveCeremony(
      LiveCeremony.Options(
        script: Array(try Self.script().utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
        seed: 1, programVersion: ProgramVersion.current), console: room.console, cards: cards
    ).run()
    #expect(result.outcome.finding?.code == .cardUnsupported)
    #expect(ada.state == before)
  }
}
