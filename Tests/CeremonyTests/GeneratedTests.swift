import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Products
import SmartCard
import Synchronization
import TUFMetadata
import Testing
import Transcript
import UTC
import VirtualCard

/// Ceremonies drawn from dice, with people who err, cards that fail and power that goes: whatever comes of it replays,
/// and the second verifier says the same.
@Suite struct GeneratedTests {
  /// Each batch is a case of its own, so that all cores play.
  private static let batches = Sweep.isFull ? 10 : 4
  private static let batchSize = Sweep.isFull ? 20 : 5
  private static let tally = Mutex(Tally())

  /// What became of them.
  private struct Tally {
    var batches = 0
    var played = 0
    var complete = 0
    var aborted = 0
    var unfinished = 0
    var resumed = 0
    /// Of them those that went on from a root, and of these those in which a kept key was not proven.
    var rotations = 0
    var unproven = 0
    var exceptions = 0
    var records: Int64 = 0

    /// Whether a kind of ceremony has not come up.
    var lacksOne: Bool {
      min(complete, aborted, resumed, exceptions, rotations) == 0 || Sweep.isFull && unfinished == 0
    }
  }

  @Test(arguments: 0..<batches)
  func whateverHappensReplaysAndBothVerifiersAgree(batch: Int) throws {
    let seed = Sweep.seed
    var cases: [(what: String, folder: MemoryProducts)] = []
    for place in 0..<Self.batchSize {
      let number = UInt64(batch * Self.batchSize + place)
      let what = "ceremony \(number) of seed \(seed)"
      cases += try Self.play(Dice(seed: seed &* 1_000_003 &+ number), what)
    }
    try SecondVerifier.expectAgreement(cases, "of generated ceremonies")
    var tally = Self.tally.withLock { tally in
      tally.batches += 1
      return tally
    }
    guard tally.batches == Self.batches else { return }
    // Of some twenty, none is interrupted and gone on with one time in a thousand: then some more are drawn.
    for number in UInt64(Self.batches * Self.batchSize)..<1000 where tally.lacksOne {
      let what = "ceremony \(number) of seed \(seed)"
      try SecondVerifier.expectAgreement(
        try Self.play(Dice(seed: seed &* 1_000_003 &+ number), what), "of generated ceremonies")
      tally = Self.tally.withLock { $0 }
    }
    print(
      "generated: \(tally.played) ceremonies of seed \(seed), \(tally.complete) complete, \(tally.aborted) given up, "
        + "\(tally.unfinished) not finished; \(tally.rotations) rotations, \(tally.unproven) with unproven keys; "
        + "\(tally.resumed) resumptions, \(tally.exceptions) exceptions, "
        + "\(tally.records) records")
    // Without one of these the generator has gone blind.
    #expect(!tally.lacksOne)
  }

  /// One ceremony, and sometimes another one that goes on from its root, judged; their folders.
  private static func play(_ first: Dice, _ what: String) throws -> [(what: String, folder: MemoryProducts)] {
    var dice = first
    let seed = Int.random(in: 0..<10, using: &dice) == 0 ? nil : Int.random(in: 0...1_000_000, using: &dice)
    // Without a seed a ceremony has the clock of the machine.
    let now = try #require(
      seed == nil ? UTCTime(seconds: Int64(Date().timeIntervalSince1970)) : UTCTime("2026-01-01T00:00:00Z"))
    let generated = try GeneratedScript(&dice, at: now)
    let room = Room(inMemory: true)
    let (folder, isWhole) = try play(in: room, &dice, what) { dice in
      try room.rehearse(generated.bytes, seed: seed, isUnattended: false) { misbehave($0, generated.script, &dice) }
    }
    guard isWhole, Bool.random(using: &dice),
      let rotation = try GeneratedRotation(after: room, by: generated.script, &dice, at: now)
    else { return [(what, folder)] }
    defer { try? FileManager.default.removeItem(at: rotation.folder) }
    let second = Room(inMemory: true)
    let (next, _) = try play(in: second, &dice, "\(what), rotated") { dice in
      let cards = try rotation.cards(of: room, in: second)
      misbehave(cards, rotation.script, &dice)
      return try LiveCeremony(
        LiveCeremony.Options(
          script: rotation.bytes, scriptFolder: rotation.folder.path(), out: second.path, isUnattended: false,
          seed: seed, programVersion: ProgramVersion.current, after: room.path), console: second.console,
        virtualCards: cards
      ).run()
    }
    return [(what, folder), ("\(what), rotated", next)]
  }

  /// One ceremony in a room, with people who err; its folder, and whether it came to its end and holds.
  private static func play(
    in room: Room, _ dice: inout Dice, _ what: String, _ begin: (inout Dice) throws -> LiveCeremony.Result
  ) throws -> (folder: MemoryProducts, isWhole: Bool) {
    let people = ErringPeople(room, &dice)
    var result: LiveCeremony.Result?
    var resumptions = 0
    do { result = try begin(&dice) } catch is Interruption {}
    while result == nil, Int.random(in: 0..<5, using: &dice) > 0 {
      if Bool.random(using: &dice) { try room.tear(&dice) }
      resumptions += 1
      people.mayBeInterrupted = resumptions < 3
      do {
        result = try Resumption(room.path, console: room.console, isUnattended: false).run().ceremony
      } catch is Interruption {}
    }
    let folder = try room.products()
    let verdict = folder.replay()
    judge(verdict, result, what)
    tally.withLock { tally in
      tally.played += 1
      tally.complete += result?.outcome.ending == .complete ? 1 : 0
      tally.aborted += result?.outcome.ending == .aborted ? 1 : 0
      tally.unfinished += result == nil ? 1 : 0
      tally.resumed += resumptions
      if result?.outcome.ending == .complete, let rotation = verdict.facts?.rotation {
        tally.rotations += 1
        tally.unproven += rotation.unproven.isEmpty ? 0 : 1
      }
      tally.exceptions += verdict.facts?.exceptions ?? 0
      tally.records += verdict.records
    }
    return (folder, result?.outcome.ending == .complete && verdict.holds)
  }

  private static func judge(_ verdict: ReplayVerdict, _ result: LiveCeremony.Result?, _ what: String) {
    let codes = Set(verdict.findings.map(\.code))
    let sealing: Set<Finding.Code> = [
      .sealBelowThreshold, .sealMissing, .sealWithoutOfficial, .sealingGivenUp,
    ]
    switch result?.outcome.ending {
    case .complete:
      // The seal is given up by itself, when the rest is closed.
      let isSealed = !codes.contains(.sealMissing) && !codes.contains(.sealBelowThreshold)
      #expect(verdict.holds == isSealed, "\(what): \(verdict.findings)")
      #expect(isSealed == (result?.account.seal?.shortfall == nil), "\(what): \(verdict.findings)")
      #expect(codes.isSubset(of: sealing.union([.keptKeyUnproven])), "\(what): \(verdict.findings)")
    case .pending: Issue.record("\(what): nobody signs elsewhere")
    case .aborted:
      #expect(!verdict.holds, "\(what)")
      #expect(codes.contains(.aborted), "\(what): \(verdict.findings)")
      #expect(codes.isSubset(of: sealing.union([.aborted])), "\(what): \(verdict.findings)")
    case nil:
      #expect(!verdict.holds, "\(what)")
      #expect(codes.count == 1, "\(what): \(verdict.findings)")
      #expect(codes.isSubset(of: [.incomplete, .transcriptTorn]), "\(what): \(verdict.findings)")
    }
    if let result { #expect(verdict.head == result.head, "\(what)") }
  }

  /// Cards without attestation, and up to three faults.
  private static func misbehave(_ cardSource: StagedCardSource, _ script: Script, _ dice: inout Dice) {
    let people = script.cardholders.map(\.id)
    if Int.random(in: 0..<8, using: &dice) == 0, let one = people.randomElement(using: &dice) {
      cardSource.makeBare(one)
    }
    for _ in 0..<Int.random(in: 0...3, using: &dice) {
      guard let one = people.randomElement(using: &dice), let fault = fault(&dice) else { continue }
      cardSource.card(of: one)?.inject(fault, at: Int.random(in: 0..<120, using: &dice))
    }
  }

  private static func fault(_ dice: inout Dice) -> Fault? {
    let faults: [Fault] = [
      .status(StatusWord(0x6f00)), .status(.securityNotSatisfied), .status(StatusWord(0x63c1)), .truncated,
      .garbage([0xde, 0xad, 0xbe, 0xef]), .garbage([]), .wrongSignature, .signatureOverFirst32Bytes, .wrongPublicKey,
      .removed, .timeout, .replaced(by: VirtualCard(serial: 99, seed: [9])),
    ]
    return faults.randomElement(using: &dice)
  }
}

/// People who mostly do what is asked: now and then they type something else, lead aside, or the power goes.
private final class ErringPeople {
  var mayBeInterrupted = true
  private var dice: Dice
  private var turns = 0

  init(_ room: Room, _ dice: inout Dice) {
    self.dice = Dice(seed: dice.next())
    room.console.answer = { [self] screen in try answer(screen) }
  }

  private func answer(_ screen: Screen) throws -> String? {
    guard let prompt = screen.prompt else { return nil }
    turns += 1
    // After that many turns everybody behaves, so that every ceremony ends.
    guard turns < 300 else { return prompt.unattended }
    if mayBeInterrupted, chance(80) { throw Interruption(reason: "end of input") }
    if prompt.line != nil { return line(prompt) }
    if chance(25) { return nil }
    // What goes aside has no way further aside; there, and after a failure, every answer is as likely.
    let isOpen = prompt.always.isEmpty || prompt.tokens.contains("retry")
    if chance(isOpen ? 2 : 25) { return prompt.tokens.randomElement(using: &dice) }
    return prompt.unattended
  }

  private func line(_ prompt: Prompt) -> String? {
    let lines = [
      "The lamp fell over; nobody touched a card.", "“Ünïcödé” & <b>markup</b> \\ \"quotes\"", "123456", "", "  ",
      "a\u{202e}b", String(repeating: "x", count: 501), "ccccccbdefghijklnrtuvcbdefghijklnrtuvcbdefghi", "BAG-0042",
      "2026-01-01T00:00",
    ]
    return chance(3) ? lines.randomElement(using: &dice) : prompt.unattended
  }

  /// One time in `count`.
  private func chance(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &dice) == 0 }
}

extension Room {
  /// The last line is cut short, as by a power cut in the middle of writing it.
  fileprivate func tear(_ dice: inout Dice) throws {
    let name = (try? folder.read("sealing.jsonl")) != nil ? "sealing.jsonl" : "transcript.jsonl"
    let lines = try folder.read(name).split(separator: 0x0a)
    guard lines.count > 1, let last = lines.last else { return }
    try folder.shorten(name, by: Int.random(in: 1...last.count, using: &dice))
  }
}
