import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Judges
import Keys
import PIVTypes
import Products
import SmartCard
import TUFMetadata
import Testing
import Transcript

@testable import VirtualCard

extension CardProfile: CustomTestStringConvertible {
  public var testDescription: String { name }
}

/// Whatever a card of any kind does not know, and whatever it says wrongly once, at whichever exchange: nothing is destroyed
/// on a card with which the ceremony could not have been finished, no occupied slot is lost, and no false word is recorded.
@Suite struct CardPropertyTests {
  /// FD, F8, F7, F9 say something; FA, FB, FF, F6 do something.
  private static let optional: [UInt8] = [0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfd, 0xff]

  private static func subsets(of model: CardProfile) -> [Set<UInt8>] {
    optional.filter { !model.lacks.contains($0) }.reduce([[]]) { sets, command in
      sets + sets.map { $0.union([command]) }
    }
  }

  /// How many ceremonies there were, and how they ended.
  private struct Count {
    var runs = 0
    var completed = 0

    mutating func note(_ result: LiveCeremony.Result) {
      runs += 1
      if result.outcome.ending == .complete { completed += 1 }
    }
  }

  @Test(arguments: CardProfile.all) func whateverACardDoesNotKnow(model: CardProfile) throws {
    var dice = Dice(seed: Sweep.seed)
    let all = Self.subsets(of: model)
    let used = try OneCardCeremony.used(model)
    var count = Count()
    for unknown in Sweep.isFull ? all : [[]] + (0..<2).compactMap({ _ in all.randomElement(using: &dice) }) {
      for start in OneCardCeremony.Start.allCases {
        // Who vouches for a card that attests by itself is judged only by the attestation of its new key.
        for mayLack in model.authority == .itself ? [true] : [true, false] {
          let ceremony = OneCardCeremony(model: model, start: start, unknown: unknown, mayLack: mayLack)
          let what = "\(model.name) without \(unknown.sorted().map { String($0, radix: 16) }), \(start), \(mayLack)"
          count.note(try Self.play(ceremony, used, what: what, isReplayed: true))
        }
      }
    }
    print(
      "cards that know less: \(model.name), \(count.runs) ceremonies, \(count.completed) completed, seed \(Sweep.seed)")
    #expect((count.completed > 0) == (model != .minimal) && count.completed < count.runs)
  }

  @Test(arguments: CardProfile.all) func whateverACardSaysWronglyOnce(model: CardProfile) throws {
    var dice = Dice(seed: Sweep.seed)
    let used = try OneCardCeremony.used(model)
    let subsets = Self.subsets(of: model)
    var count = Count()
    var exchanges = 0
    for start in OneCardCeremony.Start.allCases {
      let good = try OneCardCeremony(model: model, start: start).hold(used).sent
      exchanges += good.count
      let cases = good.indices.flatMap { place in WrongAnswer.all.map { (place, $0) } }
      for (place, answer) in Sweep.isFull ? cases : (0..<5).compactMap({ _ in cases.randomElement(using: &dice) }) {
        // Every case with a card that knows all that its kind does, and now and then with one that knows less.
        let lesser = Int.random(in: 0..<8, using: &dice) == 0 ? subsets.randomElement(using: &dice) : nil
        for unknown in [[]] + (lesser.map { [$0] } ?? []) {
          let ceremony = OneCardCeremony(model: model, start: start, unknown: unknown)
          let what = "\(model.name) \(start) without \(unknown.sorted()): “\(answer.name)” at \(place)"
          let isReplayed = Int.random(in: 0..<8, using: &dice) == 0
          count.note(try Self.play(ceremony, used, (answer, place), what: what, isReplayed: isReplayed))
        }
      }
    }
    print(
      "wrong answers: \(model.name), \(WrongAnswer.all.count) at \(exchanges) exchanges: \(count.runs) ceremonies, \(count.completed) completed, seed \(Sweep.seed)"
    )
  }

  private static func play(
    _ ceremony: OneCardCeremony, _ used: [UInt8], _ wrong: (answer: WrongAnswer, place: Int)? = nil, what: String,
    isReplayed: Bool
  ) throws -> LiveCeremony.Result {
    let (room, result, card, before, sent) = try ceremony.hold(used, wrong: wrong)
    let after = OneCardCeremony.holdings(of: card)
    let place = wrong.map(\.place) ?? -1
    let told = sent.indices.contains(place) ? sent[place] : nil
    // A plain “empty” of exactly the slot that holds the key is believed, until something is put there.
    let saidEmpty = wrong?.answer.name == WrongAnswer.empty.name && told?.ins == 0xf7 && told?.p2 == 0x9c
    let isComplete = result.outcome.ending == .complete

    if ceremony.start == .kept {
      #expect(after == before, "\(what): a card that nobody gave up was changed")
      #expect(!isComplete, "\(what)")
    }
    let lacks = ceremony.model.lacks.union(ceremony.unknown)
    // One wrong word about the very command that it lacks; RESET is asked twice.
    let isDeceived = told.map { lacks.contains($0.ins) && $0.ins != 0xfb } ?? false
    if !ceremony.canBeFinished, !isDeceived {
      #expect(after == before, "\(what): it could not have been finished, and was changed")
      #expect(!isComplete, "\(what)")
    }
    if !isComplete, wrong == nil {
      #expect(after == before, "\(what): changed, and then \(result.outcome.finding?.code.description ?? "")")
    }
    try expectTruth(room, card, lacks, before, isComplete: isComplete, saidEmpty: saidEmpty, isDeceived, what)
    let isPretended = wrong?.answer.name == WrongAnswer.pretended.name
    if isComplete {
      #expect(!after.hasFactoryManagementKey && !after.hasFactoryPIN, "\(what): a factory secret is in place")
      // Only a second change would show whether the first one was made.
      let isPUK = told.map { $0.ins == 0x24 && $0.p2 == 0x81 } ?? false
      #expect(!after.hasFactoryPUK || isPretended && isPUK, "\(what): the factory's PUK is in place")
    }
    if isComplete || isReplayed {
      let verdict = room.replay()
      if isComplete {
        #expect(verdict.holds, "\(what): \(verdict.findings)")
      } else {
        #expect(verdict.findings.map(\.code) == [.aborted], "\(what): \(verdict.findings)")
      }
    }
    return result
  }

  /// What was shown and written is so.
  private static func expectTruth(
    _ room: Room, _ card: VirtualCard, _ lacks: Set<UInt8>, _ before: CardState, isComplete: Bool, saidEmpty: Bool,
    _ isDeceived: Bool, _ what: String
  ) throws {
    let words = room.console.screens.filter { $0.who == "Ada" }.flatMap { [$0.title] + $0.text }
    let held = card.memory.keys[.signature]
    if !before.keys.isEmpty, !saidEmpty {
      let beforeReset = room.console.screens.prefix { $0.title != "The card of Ada is reset" }
      #expect(!beforeReset.contains { $0.text.contains("No slot holds a key.") }, "\(what): it was said to be empty")
    }
    if lacks.contains(0xf7), !isDeceived {
      #expect(!words.contains { $0.contains("holds the key that was made") || $0 == "No slot holds a key." }, "\(what)")
    }
    if lacks.contains(0xf9), !isDeceived { #expect(!words.contains { $0.hasSuffix("is attested") }, "\(what)") }
    // It does not blink, or signs a digest, which is short.
    if !card.model.touchPolicies.contains(.always) { #expect(!words.contains { $0.contains("blinks") }, "\(what)") }
    if card.model.algorithms[0] != .ed25519 { #expect(!words.contains { $0.contains("as many as") }, "\(what)") }
    guard isComplete else { return }
    if words.contains("Slot 9c of the card of Ada holds the key that was made, with the policies asked for.") {
      let touch = card.model.touchPolicies.contains(.always) ? TouchPolicy.always : .never
      #expect(held?.pinPolicy == .always && held?.touchPolicy == touch, "\(what)")
    }
    let envelope = try Envelope(parsing: try room.folder.read("metadata/1.root.json"), place: "root")
    let keys = try Root.read(envelope.signed).root.keys(of: .root).map { $0.publicKey?.bytes }
    #expect(keys.count == 2 && keys.contains(held?.key.publicKey), "\(what): the root has another key than the card")
  }
}
