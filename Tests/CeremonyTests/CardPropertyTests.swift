import CanonicalJSON
import CeremonyEngine
import CeremonyRuntime
import Findings
import PIV
import PIVTypes
import Products
import SmartCard
import Testing
import Transcript
import VirtualCard

/// Whatever a card does not know, and whatever it says wrongly once: nothing is destroyed on a card with which the
/// ceremony could not have been finished, no occupied slot is lost, and no false word is recorded.
@Suite struct CardPropertyTests {
  /// FD, F8, F7, F9 say something; FA, FB, FF, F6 do something.
  private static let optional: [UInt8] = [0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfd, 0xff]

  private static let scripts: [(String, String)] = [
    ("version 1", "ceremony: 1"),
    ("without anything", "ceremony: 2\ncards: {attestation: optional, read-back: optional, tries: optional}"),
    (
      "without anything, of any model",
      "ceremony: 2\ncards: {attestation: optional, read-back: optional, tries: optional, model: other, payload-limit: 3043}"
    ),
  ]

  /// A card that a rehearsal left behind: with a key, and nobody's.
  private static func used() throws -> [UInt8] {
    let room = Room(inMemory: true)
    try room.rehearse(Array(try Scripts.first.utf8))
    return try room.folder.read("virtual-cards/20000001.json")
  }

  @Test func whateverACardDoesNotKnow() throws {
    var dice = Dice(seed: 31)
    let all = (0..<256).map { bits in
      Set(Self.optional.enumerated().filter { bits >> $0.offset & 1 == 1 }.map(\.element))
    }
    let subsets =
      Sweep.isFull ? all : [[], [0xf7], [0xfb]] + (0..<5).compactMap { _ in all.randomElement(using: &dice) }
    let used = try Self.used()
    var (runs, completed) = (0, 0)
    for unknown in subsets {
      for (name, head) in Self.scripts {
        for (isUsed, isGiven) in [(false, true), (true, false)] {
          let what = "\(unknown.sorted().map { String($0, radix: 16) }), \(name), used: \(isUsed)"
          let room = Room(inMemory: true)
          let card = isUsed ? try VirtualCard(state: used) : VirtualCard(serial: 20_000_001, seed: [1])
          card.unknown = unknown
          let before = card.state
          let script = try Scripts.first.replacing("ceremony: 1", with: head)
          // An empty card without serial and GUID has no name to give it up by.
          let result = try room.rehearse(
            Array(script.utf8), sacrifice: isGiven ? [20_000_001] : []
          ) { $0.replaceCard(of: "ada", with: card) }
          runs += 1
          try Self.expectTruth(room, unknown, what)
          if result.outcome.ending == .complete {
            completed += 1
            #expect(!isUsed, "\(what): a key was lost")
            #expect(room.replay().findings.isEmpty, "\(what)")
          } else {
            #expect(
              card.state == before, "\(what): changed, and then \(result.outcome.finding?.code.description ?? "")")
            #expect(room.replay().findings.map(\.code) == [.aborted], "\(what)")
          }
        }
      }
    }
    print(
      "cards that know less: \(runs) ceremonies, \(completed) completed, \(runs - completed) refused untouched (seed 31)"
    )
    #expect(completed > 0 && completed < runs)
  }

  /// What no answer of the card bears out is on no screen.
  private static func expectTruth(_ room: Room, _ unknown: Set<UInt8>, _ what: String) throws {
    let words = room.console.screens.filter { $0.who == "Ada" }.flatMap { [$0.title] + $0.text }
    if unknown.contains(0xf7) {
      #expect(!words.contains { $0.contains("holds the key that was made") || $0 == "No slot holds a key." }, "\(what)")
    }
    if unknown.contains(0xf9) { #expect(!words.contains { $0.hasSuffix("is attested") }, "\(what)") }
  }

  private static let wrong: [(String, @Sendable () -> Fault)] = [
    ("6F00", { .status(StatusWord(0x6f00)) }), ("6982", { .status(StatusWord(0x6982)) }),
    ("6D00", { .status(StatusWord(0x6d00)) }),
    ("6A80", { .status(StatusWord(0x6a80)) }), ("6985", { .status(StatusWord(0x6985)) }),
    ("63C0", { .status(StatusWord(0x63c0)) }),
    ("6A82", { .status(StatusWord(0x6a82)) }), ("nothing", { .garbage([]) }), ("garbage", { .garbage([0xde, 0xad]) }),
    ("truncated", { .truncated }), ("no answer", { .timeout }),
  ]

  /// One wrong answer to a card with a key, at every exchange up to where it is refused.
  ///
  /// Not among them is 6A88 or 6A82 from exactly the slot that holds the key: a card that says "empty" of it once, plainly,
  /// is not found out.
  @Test func noWrongAnswerCostsAKey() throws {
    let used = try Self.used()
    let script = Array(try Scripts.first.utf8)
    let counting = Room(inMemory: true)
    let counted = try VirtualCard(state: used)
    try counting.rehearse(script) { $0.replaceCard(of: "ada", with: counted) }
    let commands = try counting.records(.command).compactMap { $0.body["apdu"]?.string }
    var dice = Dice(seed: 33)
    var runs = 0
    for (name, fault) in Self.wrong {
      let exchanges = commands.count
      let places =
        Sweep.isFull ? Array(0..<exchanges) : (0..<3).map { _ in Int.random(in: 0..<exchanges, using: &dice) }
      for place in places where name != "6A82" || !commands[place].hasPrefix("00f7009c") {
        let room = Room(inMemory: true)
        let card = try VirtualCard(state: used)
        card.inject(fault(), at: place)
        let result = try room.rehearse(script) { $0.replaceCard(of: "ada", with: card) }
        runs += 1
        #expect(result.outcome.ending == .aborted, "\(name) at \(place)")
        #expect(card.state == used, "\(name) at \(place): the card was changed")
        #expect(!room.console.screens.contains { $0.who == "Ada" && $0.text.contains("No slot holds a key.") })
      }
    }
    print("wrong answers of a card with a key: \(runs), and the key is there (seed 33)")
  }

  /// One wrong answer while an empty card is provisioned and signs: what is recorded is so, or the ceremony ends.
  @Test func noWrongAnswerBecomesAFalseWord() throws {
    let script = Array(try Scripts.first.utf8)
    let counting = Room(inMemory: true)
    var counted: VirtualCard?
    try counting.rehearse(script) { counted = $0.card(of: "ada") }
    let exchanges = try #require(counted).exchanges
    var dice = Dice(seed: 35)
    var (runs, completed) = (0, 0)
    for (name, fault) in Self.wrong {
      let places =
        Sweep.isFull ? Array(0..<exchanges) : (0..<2).map { _ in Int.random(in: 0..<exchanges, using: &dice) }
      for place in places {
        let room = Room(inMemory: true)
        var card: VirtualCard?
        let result = try room.rehearse(script) {
          card = $0.card(of: "ada")
          card?.inject(fault(), at: place)
        }
        runs += 1
        let verdict = room.replay()
        guard result.outcome.ending == .complete else {
          #expect(verdict.findings.map(\.code) == [.aborted], "\(name) at \(place)")
          continue
        }
        completed += 1
        #expect(verdict.holds, "\(name) at \(place): \(verdict.findings)")
        // What is said of the card is what it is.
        let session = PIVSession(channel: try #require(card), vault: NoSecrets())
        card?.mend()
        card?.insert()
        try session.select()
        let words = room.console.screens.flatMap(\.text)
        if words.contains("Slot 9c of the card of Ada holds the key that was made, with the policies asked for.") {
          let metadata = try #require(try session.slotMetadata(.signature))
          #expect(metadata.pinPolicy == .always && metadata.touchPolicy == .always, "\(name) at \(place)")
        }
        #expect(try session.managementKeyMetadata().isFactory == false, "\(name) at \(place)")
        #expect(try session.pinMetadata().isFactory == false, "\(name) at \(place)")
        #expect(try session.pukMetadata().isFactory == false, "\(name) at \(place)")
      }
    }
    print("wrong answers of an empty card: \(runs) of \(exchanges) exchanges, \(completed) completed (seed 35)")
    #expect(completed > 0)
  }
}
