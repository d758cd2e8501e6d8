import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import FolderAudit
import Judges
import PIV
import Products
import SmartCard
import TUFMetadata
import Testing
import Transcript
import VirtualCard

/// Cards that misbehave at any exchange: the ceremony completes soundly or ends with a named finding, and both replay.
@Suite struct FaultTests {
  private static let faults: [(String, @Sendable () -> Fault)] = [
    ("status 6F00", { .status(StatusWord(0x6f00)) }),
    ("status 6982", { .status(.securityNotSatisfied) }),
    ("truncated", { .truncated }),
    ("garbage", { .garbage([0xde, 0xad, 0xbe, 0xef]) }),
    ("nothing", { .garbage([]) }),
    ("wrong signature", { .wrongSignature }),
    ("first 32 bytes signed", { .signatureOverFirst32Bytes }),
    ("wrong public key", { .wrongPublicKey }),
    ("removed", { .removed }),
    ("no answer", { .timeout }),
    ("dead", { .mute }),
    ("another card", { .replaced(by: VirtualCard(serial: 99, seed: [9])) }),
  ]

  @Test func everyFaultAtEveryExchangeOfOneCard() throws {
    let script = Array(try Scripts.first.utf8)
    let counting = Room()
    var card: VirtualCard?
    try counting.rehearse(script) { card = $0.card(of: "boris") }
    let exchanges = try #require(card).exchanges
    #expect(exchanges > 60)

    var dice = Dice(seed: Sweep.seed)
    var runs = 0
    var completed = 0
    for (name, fault) in Self.faults {
      let places =
        Sweep.isFull ? Array(0..<exchanges) : (0..<2).map { _ in Int.random(in: 0..<exchanges, using: &dice) }
      for place in places {
        let room = Room()
        let result = try room.rehearse(script) { $0.card(of: "boris")?.inject(fault(), at: place) }
        runs += 1
        try expectSound(room, result, "\(name) at exchange \(place)")
        if result.outcome.ending == .complete { completed += 1 }
      }
    }
    print("faults: \(runs) runs, \(completed) completed, \(runs - completed) ended with a named finding")
    #expect(completed > 0)
  }

  /// The same of a card whose key is kept, and of one that gets a new key, while a root follows another.
  @Test(arguments: ["ada", "dora"])
  func everyFaultInARotation(owner: String) throws {
    var history = try History()
    try history.hold(RotationTests.genesis)
    let year = History.Year(holders: ["ada", "boris", "dora"], threshold: 2, leaving: ["chandra": "left"])
    let script = try history.script(year)
    var card: VirtualCard?
    var before = 0
    let sound = try history.rehearse(script, in: Room(inMemory: true)) {
      card = $0.card(of: owner)
      before = card?.exchanges ?? 0
    }
    #expect(sound.outcome.ending == .complete, "\(sound.outcome)")
    let exchanges = try #require(card).exchanges - before
    #expect(exchanges > 10)
    let cases = Self.faults.flatMap { fault in (0..<exchanges).map { (fault, $0) } }
    var completed = 0
    let sample = Sweep.pick(6, of: cases)
    for ((name, fault), place) in sample {
      let room = Room(inMemory: true)
      let what = "\(name) at exchange \(place) of \(owner)"
      let result = try history.rehearse(script, in: room) { $0.card(of: owner)?.inject(fault(), at: before + place) }
      try expectSound(room, result, what, root: 2)
      if result.outcome.ending == .complete { completed += 1 }
    }
    print("faults of a rotation, \(owner): \(sample.count) runs of \(cases.count), \(completed) completed")
    #expect(completed > 0)
  }

  /// The same while a card deletes a key, and until its management key is another one.
  @Test func everyFaultWhileAKeyIsDeleted() throws {
    let script = Array(try DiscardTests.script().utf8)
    var card: VirtualCard?
    var range: [Int] = []
    let counting = Room(inMemory: true)
    counting.console.answer = { screen in
      if ["Boris signs targets", "Ada signs root"].contains(screen.title) { range.append(card?.exchanges ?? 0) }
      return screen.prompt?.unattended
    }
    try counting.rehearse(script) { card = $0.card(of: "ada") }
    let (first, last) = (try #require(range.first), try #require(range.last))
    #expect(last - first > 15)
    let cases = Self.faults.flatMap { fault in (first..<last).map { (fault, $0) } }
    var folders: [(what: String, folder: MemoryProducts)] = []
    for ((name, fault), place) in Sweep.sample(cases, oneOf: 12) {
      let room = Room(inMemory: true)
      let what = "\(name) at exchange \(place - first) of \(last - first)"
      let result = try room.rehearse(script) { $0.card(of: "ada")?.inject(fault(), at: place) }
      try expectSound(room, result, what)
      if result.outcome.ending == .complete { folders.append((what, try room.products())) }
    }
    print("faults of a deletion: \(folders.count) completed of \(cases.count) cases, sampled")
    try SecondVerifier.expectAgreement(folders, holding: true, "of cards that failed while they deleted a key")
  }

  /// Complete and accepted, or aborted with a finding and without a root; the transcript replays either way.
  private func expectSound(_ room: Room, _ result: LiveCeremony.Result, _ what: String, root version: Int = 1) throws {
    let verdict = room.replay()
    let root = try? room.folder.read("metadata/\(version).root.json")
    switch result.outcome.ending {
    case .complete:
      // A card that died after the transcript was closed is missing on its seal, and that is all.
      let isSealed = result.outcome.status == .fine
      #expect(isSealed || result.outcome.status == .aborted, "\(what)")
      #expect(verdict.findings.allSatisfy { !isSealed && $0.code.description.hasPrefix("SEAL") }, "\(what)")
      let envelope = try Envelope(parsing: try #require(root), place: what)
      let read = try Root.read(envelope.signed).root
      #expect(envelope.count(read[.root], read.keys).isMet, "\(what)")
    case .pending: Issue.record("\(what): nobody signs elsewhere")
    case .aborted:
      #expect(result.outcome.finding != nil, "\(what)")
      #expect([.violation, .card].contains(result.outcome.status), "\(what)")
      #expect(root == nil, "\(what)")
      #expect(verdict.findings.map(\.code) == [.aborted], "\(what)")
    }
    #expect(verdict.head == result.head, "\(what)")
  }

  @Test func aCardThatSignsTheFirst32BytesOnlyIsNamed() throws {
    let room = Room()
    let result = try room.rehearse(Array(try Scripts.first.utf8)) { cardSource in
      guard let card = cardSource.card(of: "ada") else { return }
      for place in 0..<400 { card.inject(.signatureOverFirst32Bytes, at: place) }
    }
    #expect(result.outcome.finding?.code == .signatureWrong)
    #expect(throws: Finding.self) { try room.folder.read("metadata/1.root.json") }
  }

  @Test func aWrongCardIsRefusedBeforeItsPINIsAskedFor() throws {
    let room = Room()
    let swap = SwappingConsole(room.console)
    try room.rehearse(Array(try Scripts.first.utf8)) { swap.cardSource = $0 }
    let records = try room.transcript()
    let finding = try #require(records.firstIndex { $0.kind == .finding && $0.body["code"] == "WRONG-CARD" })
    let inserted = try #require(records[..<finding].lastIndex { $0.kind == .card })
    #expect(!records[inserted..<finding].contains { $0.kind == .secret })
    #expect(!records[inserted..<finding].contains { $0.body["apdu"]?.string?.contains("redacted") == true })
    #expect(room.replay().findings == [])
  }

  @Test func aCardThatHoldsAKeySurvivesARehearsalThatWasNotToldToSacrificeIt() throws {
    let script = Array(try Scripts.first.utf8)
    let before = Room()
    try before.rehearse(script)
    let state = try before.folder.read("virtual-cards/20000001.json")
    func again(sacrifice: [CardName]) throws -> (Room, LiveCeremony.Result) {
      let room = Room()
      let result = try room.rehearse(script, sacrifice: sacrifice) {
        $0.replaceCard(of: "ada", with: try VirtualCard(state: state))
      }
      return (room, result)
    }
    let (kept, refused) = try again(sacrifice: [])
    #expect(refused.outcome.finding?.code == .cardHoldsKey)
    let log = kept.replay().cards.entries.filter { $0.card == "20000001" }
    #expect(log == [])

    let (given, sacrificed) = try again(sacrifice: [20_000_001])
    #expect(sacrificed.outcome.ending == .complete)
    #expect(given.replay().findings == [])
    let serial = given.console.screens.first { $0.title == "Reset the card of Ada" }?.prompt?.answers.first?.token
    #expect(serial == "20000001")
  }
}

/// Answers as usual, and once puts the other keyholder's card into the reader.
private final class SwappingConsole {
  weak var cardSource: StagedCardSource?
  private var isDone = false

  init(_ console: QuietConsole) {
    console.answer = { [unowned self] screen in
      if !isDone, screen.title == "Show root" {
        isDone = true
        cardSource?.swapNext(to: "boris")
      }
      return screen.prompt?.unattended
    }
  }
}
