import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import PIV
import SmartCard
import Testing
import Transcript

/// A card that cannot be had is on the record, and the ceremony goes on or ends by it.
@Suite struct MissingCardTests {
  private static let codes: [Finding.Code] = [
    .cardMissing, .cardAmbiguous, .cardIdentityTwice, .cardMute, .readerFailed, .pcscdRefused,
    Finding.Code.pcscdGone, Finding.Code.cardShared, Finding.Code.readerGone,
  ]

  @Test(arguments: codes) func onceIsAnException(_ code: Finding.Code) throws {
    let (room, result) = try rehearsal(code, failing: [2])
    #expect(result.outcome.ending == .complete)
    let verdict = room.replay()
    #expect(verdict.holds, "\(verdict.findings)")
    let records = try room.transcript()
    let failed = records.filter { $0.kind == .card && $0.body["failure"] != nil }
    #expect(failed.map { $0.body["failure"]?["code"]?.string } == [code.description])
    let exceptions = records.filter { $0.kind == .exception }
    #expect(exceptions.map { $0.body["code"]?.string } == [code.description])
    try SecondVerifier.expectAgreement([(code.description, try room.products())], holding: true, "without a card once")
  }

  @Test(arguments: codes) func alwaysEndsTheCeremonyAsCardTrouble(_ code: Finding.Code) throws {
    let (room, result) = try rehearsal(code, failing: Set(0..<1000))
    #expect(result.outcome.ending == .aborted)
    #expect(result.outcome.status == .card)
    #expect(result.outcome.finding?.code == code)
    let codes = room.replay().findings.map(\.code)
    #expect(codes == [.aborted], "\(codes)")
  }

  /// A word that is taken at every prompt is taken while a card is awaited, too, and the card is awaited again.
  @Test(arguments: SideRequest.allCases) func aWordLeadsAside(_ request: SideRequest) throws {
    let (room, result) = try rehearsal(Aside(word: request.rawValue), failing: [2])
    #expect(result.outcome.ending == (request == .abort ? .aborted : .complete))
    let records = try room.transcript()
    let aside = try #require(records.firstIndex { $0.kind == .card && $0.body["aside"]?.string == request.rawValue })
    if request != .abort {
      #expect(records[aside...].contains { $0.kind == .card && $0.body["reader"] != nil })
      #expect(room.replay().findings == [])
    }
    try SecondVerifier.expectAgreement(
      [(request.rawValue, try room.products())], holding: request != .abort, "with a word while a card is awaited")
    guard request == .pause else { return }
    // Another word that was never typed is one that the engine never asked about.
    for (word, expected) in [("exception", Finding.Code.divergence), ("next", .recordMalformed)] {
      var products = try room.products()
      try products.rechain { $0[aside].edit("body", "aside") { _ in .string(word) } }
      #expect(products.replay().findings.first?.code == expected)
    }
  }

  /// What a reader calls itself may hold anything.
  @Test func controlCharactersInWordsAreWrittenOut() throws {
    let (room, result) = try rehearsal(.cardMute, failing: [0], what: "The reader \u{1b}[2J\u{202e} is mute.")
    #expect(result.outcome.ending == .complete)
    let failure = try #require(try room.transcript().first { $0.body["failure"] != nil }?.body["failure"])
    #expect(failure["what"]?.string == "The reader \\u{1b}[2J\\u{202e} is mute.")
    #expect(room.replay().holds)
  }

  /// One changed field of the record of the failure: the replay names it. A code that nobody raises is none.
  @Test(arguments: [
    ("code", Finding.Code.cardAmbiguous.rawValue, Finding.Code.divergence), ("code", "changed", .recordMalformed),
    ("what", "changed", .divergence), ("hint", "changed", .divergence), ("more", "changed", .recordMalformed),
  ])
  func aChangedFailureDiverges(_ field: String, _ value: String, _ expected: Finding.Code) throws {
    let (room, _) = try rehearsal(.cardMissing, failing: [0])
    var products = try room.products()
    try products.rechain { records in
      let place = try #require(records.firstIndex { $0["body"]?["failure"] != nil })
      records[place].edit("body", "failure", field) { _ in .string(value) }
    }
    let codes = products.replay().findings.map(\.code)
    #expect(codes == [expected])
  }

  private func rehearsal(
    _ code: Finding.Code, failing: Set<Int>, what: String = "No card today."
  ) throws -> (Room, LiveCeremony.Result) {
    try rehearsal(Finding(code, what, hint: "Come back tomorrow."), failing: failing)
  }

  private func rehearsal(_ reason: any Error, failing: Set<Int>) throws -> (Room, LiveCeremony.Result) {
    let room = Room()
    let bytes = Array(try Scripts.first.utf8)
    let cardSource = FailingCardSource(
      VirtualCardSource(try Script(bytes), room.folder, seed: 1), failing, reason)
    let result = try LiveCeremony(
      LiveCeremony.Options(
        script: bytes, scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true, seed: 1,
        programVersion: ProgramVersion.current), console: room.console, cards: cardSource
    ).run()
    return (room, result)
  }
}

/// A source of cards that says why there is no card, at chosen times.
private final class FailingCardSource: CardSource {
  private let cardSource: VirtualCardSource
  private let failing: Set<Int>
  private let reason: any Error
  private var times = 0

  init(_ cardSource: VirtualCardSource, _ failing: Set<Int>, _ reason: any Error) {
    self.cardSource = cardSource
    self.failing = failing
    self.reason = reason
  }

  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    defer { times += 1 }
    if failing.contains(times) { throw reason }
    return try cardSource.awaitCard(keyholder: keyholder, serial: serial)
  }

  func remember(_ card: CardInReader, keyholder: String, serial: UInt32?) {}
  var channel: (any CardChannel)? { cardSource.channel }
  func release() throws { try cardSource.release() }
}
