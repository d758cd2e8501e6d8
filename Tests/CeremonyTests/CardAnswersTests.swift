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
import PIV
import PIVTypes
import Products
import SmartCard
import Testing
import Transcript

@testable import VirtualCard

/// What a ceremony asks of a card before it changes anything, and what it believes.
@Suite struct CardAnswersTests {
  /// The first rehearsal with rules for its cards.
  private static func script(_ rules: String, version: Int = 2) throws -> String {
    try Scripts.first.editing("ceremony: 1", with: "ceremony: \(version)")
      .editing("\nroles:\n", with: "\ncards: {\(rules)}\nroles:\n")
  }

  private static var fresh: VirtualCard { VirtualCard(serial: 20_000_001, seed: [1]) }

  /// A rehearsal in which Ada's card is in other hands.
  private static func hold(
    _ script: String, _ card: VirtualCard = fresh, sacrifice: [CardName] = [],
    choosing tokens: [String] = [],
    _ meddling: @escaping Meddling = { command, card throws(CardFailure) in
      try card.send(command)
    }
  ) throws -> (Room, LiveCeremony.Result) {
    let room = Room()
    room.console.choose(tokens)
    let mine = MeddledCardSource(
      ["ada": card, "boris": VirtualCard(serial: 20_000_002, seed: [2])], of: "ada", meddling)
    let options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true, seed: 1,
      sacrifice: sacrifice, programVersion: ProgramVersion.current)
    return (room, try LiveCeremony(options, console: room.console, cards: mine).run())
  }

  struct Lack: CustomTestStringConvertible, Sendable {
    let unknown: Set<UInt8>
    let rules: String
    let version: Int
    /// The code that ends it; nil where it completes.
    let code: String?
    /// Codes of the warnings that it records.
    let warnings: [String]
    var testDescription: String { "\(unknown.sorted().map { String($0, radix: 16) }) \(rules)" }

    init(
      _ unknown: Set<UInt8>, _ rules: String = "", _ version: Int = 2, ends code: String? = nil, warns: [String] = []
    ) {
      (self.unknown, self.rules, self.version, self.code, warnings) = (unknown, rules, version, code, warns)
    }
  }

  static let lacks = [
    Lack([]),
    Lack([0xfb], ends: "CARD-UNSUPPORTED"), Lack([0xff], ends: "CARD-UNSUPPORTED"),
    Lack([0xfa], ends: "CARD-UNSUPPORTED"), Lack([0xf9], ends: "CARD-UNSUPPORTED"),
    Lack([0xfa], "tries: optional", warns: ["TRIES-NOT-SET"]),
    Lack([0xfa], "pin-tries: 3, puk-tries: 3"),
    Lack([0xf9], "attestation: optional", warns: ["ATTESTATION-MISSING"]),
    // Nobody can say whether it is empty.
    Lack([0xf7], "read-back: optional", ends: "CARD-HOLDS-KEY"),
    Lack([0xfd], ends: "CARD-MODEL"),
    Lack([0xfd], "model: other, payload-limit: 3043"),
  ]

  @Test(arguments: lacks) func whatACardLacksIsFoundBeforeItIsTouched(_ lack: Lack) throws {
    let card = VirtualCard(serial: 20_000_001, seed: [1])
    card.unknown = lack.unknown
    let before = card.state
    let (room, result) = try Self.hold(try Self.script(lack.rules, version: lack.version), card)
    #expect(result.outcome.finding?.code.description == lack.code)
    let warnings = try room.records(.finding).filter { $0.body["severity"] == "warning" }
    #expect(Set(warnings.compactMap { $0.body["code"]?.string }) == Set(lack.warnings))
    if lack.code != nil { #expect(card.state == before, "it was changed") }
    let isToldSo = room.console.screens.contains { $0.text == ["The card keeps the numbers that it has."] }
    #expect(isToldSo == lack.warnings.contains("TRIES-NOT-SET"))
    #expect(room.replay().findings.map(\.code) == (lack.code == nil ? [] : [.aborted]))
  }

  /// 0047009C… -> 6984, 6A80 or 6A81 before anything is blocked; PIN and PUK lose no try.
  @Test(arguments: [
    (CardProfile.attesting, KeyAlgorithm.ed25519, "never", Finding.Code.algorithmUnsupported),
    (.applet, .ecdsaP384, "never", .algorithmUnsupported), (.applet, .ecdsaP256, "always", .policyUnsupported),
  ])
  func aKeyThatACardDoesNotMakeIsTriedFirst(
    model: CardProfile, algorithm: KeyAlgorithm, touch: String, code: Finding.Code
  ) throws {
    let rules = "attestation: optional, tries: optional, model: other, payload-limit: 3043"
    let script = try Self.script(rules).editing(
      "    threshold: 2\n", with: "    threshold: 2\n    algorithm: \(algorithm)\n    touch-policy: \(touch)\n")
    let card = VirtualCard(serial: 20_000_001, model: model, seed: [1])
    let before = OneCardCeremony.holdings(of: card)
    let (room, result) = try Self.hold(script, card)
    #expect(result.outcome.finding?.code == code)
    #expect(OneCardCeremony.holdings(of: card) == before)
    #expect(room.replay().findings.map(\.code) == [.aborted])
  }

  /// Made and deleted before the reset where the factory's management key opens an empty card, and else not at all.
  @Test(arguments: [true, false])
  func aTrialKeyIsDeletedAgain(isFactory: Bool) throws {
    let card = Self.fresh
    if !isFactory { card.memory.managementKey = [UInt8](repeating: 7, count: 24) }
    let (room, result) = try Self.hold(try Scripts.first, card)
    #expect(result.outcome.ending == .complete)
    let sent = try room.records(.command).filter { $0.step == "card-ada/reset" }.compactMap { $0.body["apdu"]?.string }
    // Until the PIN is blocked.
    let before = sent.prefix { !$0.hasPrefix("00200080") }.map { String($0.prefix(8)) }
    let told = before.filter { ["00fb", "0047", "00f6"].contains($0.prefix(4)) }
    #expect(told == (isFactory ? ["00fb0000", "0047009c", "00f6ff9c", "00fb0000"] : ["00fb0000", "00fb0000"]))
    #expect(room.replay().findings == [])
  }

  /// 00FB0000 -> 6D00: neither PIN nor PUK loses a try.
  @Test func aCardWithoutResetIsNeverBlocked() throws {
    let card = VirtualCard(serial: 20_000_001, seed: [1])
    var isKnown = true
    let (room, result) = try Self.hold(try Scripts.first, card) { command, card throws(CardFailure) in
      // It lies when it is asked, and says the truth when it is told.
      if command.ins == 0xfb {
        defer { isKnown = false }
        return ResponseAPDU(status: isKnown ? .conditionsNotSatisfied : .instructionNotSupported)
      }
      return try card.send(command)
    }
    #expect(result.outcome.finding?.code == .cardUnsupported)
    #expect(try room.records(.command).allSatisfy { !($0.body["apdu"]?.string ?? "").hasPrefix("0024") })
    let session = PIVSession(channel: card, vault: NoSecrets())
    card.insert()
    try session.select()
    #expect(try session.pinTriesLeft() == 3)
  }

  /// 00F7009A00 -> 6D00 for every slot, and F9 and certificates say no more.
  @Test func aCardThatDoesNotSayWhatItHoldsCountsAsOccupied() throws {
    func card() -> VirtualCard {
      let card = VirtualCard(serial: 20_000_001, seed: [1])
      card.unknown = [0xf7]
      return card
    }
    let (kept, refused) = try Self.hold(try Self.script("read-back: optional"), card())
    #expect(refused.outcome.finding?.code == .cardHoldsKey)
    #expect(refused.outcome.finding?.what.contains("does not say which slots hold keys") == true)
    #expect(try kept.records(.command).allSatisfy { !($0.body["apdu"]?.string ?? "").hasPrefix("0024") })

    for (rules, version, code) in [
      ("read-back: optional", 2, nil), ("pin-tries: 5", 1, nil), ("read-back: required", 2, "CARD-UNSUPPORTED"),
    ] {
      let (room, result) = try Self.hold(
        try Self.script(rules, version: version), card(), sacrifice: [20_000_001])
      #expect(result.outcome.finding?.code.description == code)
      let warned = try room.records(.finding).contains { $0.body["code"] == "NOT-READ-BACK" }
      #expect(warned == (code == nil))
      #expect(room.replay().findings.map(\.code) == (code == nil ? [] : [.aborted]))
    }
  }

  /// The answer to F7 of the new key's slot, after GENERATE and before signing.
  @Test(arguments: [
    ("6A88", "SLOT-MISMATCH"), ("9000", "SLOT-MISMATCH"), ("02020201030100 9000", "SLOT-MISMATCH"),
    ("6D00", nil),
  ])
  func emptyAfterGenerateIsNoKey(answer: String, code: String?) throws {
    var isMade = false
    var isRead = false
    for beforeSigning in [false, true] {
      (isMade, isRead) = (false, false)
      let (room, result) = try Self.hold(try Scripts.first) { command, card throws(CardFailure) in
        if command.ins == 0x47 { isMade = true }
        guard command.ins == 0xf7, command.p2 == 0x9c, isMade else { return try card.send(command) }
        defer { isRead = true }
        guard isRead || !beforeSigning else { return try card.send(command) }
        return ResponseAPDU(Hex.decode(answer.replacing(" ", with: "")) ?? []) ?? ResponseAPDU(status: .success)
      }
      #expect(result.outcome.finding?.code.description == code, "before signing: \(beforeSigning)")
      let warned = try room.records(.finding).contains { $0.body["code"] == "NOT-READ-BACK" }
      #expect(warned == (code == nil))
    }
  }

  /// 00FFFFFF -> 9000 and nothing done; F7 of 9B says "not the factory's".
  @Test func theFactoryManagementKeyMustBeRefused() throws {
    let (room, result) = try Self.hold(try Scripts.first) { command, card throws(CardFailure) in
      if command.ins == 0xff, command.dataCount > 0 { return ResponseAPDU(status: .success) }
      let answer = try card.send(command)
      guard command.ins == 0xf7, command.p2 == 0x9b else { return answer }
      return ResponseAPDU(data: Array(answer.data.dropLast()) + [0], status: answer.status)
    }
    #expect(result.outcome.finding?.code == .factorySecret)
    #expect(room.replay().findings.map(\.code) == [.aborted])

    // A card that calls all its secrets the factory's is believed as little.
    let (_, other) = try Self.hold(try Scripts.first) { command, card throws(CardFailure) in
      let answer = try card.send(command)
      guard command.ins == 0xf7, command.p2 == 0x9b else { return answer }
      return ResponseAPDU(data: Array(answer.data.dropLast()) + [1], status: answer.status)
    }
    #expect(other.outcome.ending == .complete)
  }

  @Test(arguments: [ManagementAlgorithm.tdea, .aes192])
  func whereTheManagementAlgorithmCannotBeReadTheOthersAreTried(algorithm: ManagementAlgorithm) throws {
    let card = VirtualCard(serial: 20_000_001, seed: [1], factoryAlgorithm: algorithm)
    let (room, result) = try Self.hold(try Scripts.first, card) { command, card throws(CardFailure) in
      guard command.ins == 0xf7, command.p2 == 0x9b else { return try card.send(command) }
      return ResponseAPDU(status: .instructionNotSupported)
    }
    #expect(result.outcome.ending == .complete)
    #expect(room.replay().findings == [])
  }

  /// A key proves that it signs a whole message, as long as the payload, before anything depends on it.
  @Test func eachNewKeySignsOnceWhileItsCardIsProvisioned() throws {
    let (room, result) = try Self.hold(try Scripts.first)
    #expect(result.outcome.ending == .complete)
    let proofs = try room.records(.proof)
    #expect(proofs.map(\.step) == ["card-ada/prove-root", "card-boris/prove-root"])
    let payload = try #require(try room.records(.payload).first?.body["bytes"]?.integer)
    for record in proofs {
      let proof = try #require(KeyProof(record.body))
      #expect(Int64(proof.preAuthenticationEncoding.count) == payload)
      let nonces = try room.records(.random).filter { $0.body["purpose"] == "proof of a key" }
      #expect(nonces.contains { $0.seq == proof.record && $0.body["bytes"]?.string == Hex.encode(proof.nonce) })
    }
    #expect(try room.records(.signature).filter { $0.body["role"] == "proof" }.count == 2)

    // 00877C… -> a signature over the first 32 bytes; then one that takes 100 at most.
    let card = VirtualCard(serial: 20_000_001, seed: [1])
    for place in 0..<400 { card.inject(.signatureOverFirst32Bytes, at: place) }
    for (card, code) in [
      (card, Finding.Code.signatureWrong),
      (VirtualCard(serial: 20_000_001, seed: [1], messageLimit: 100), .payloadTooLarge),
    ] {
      let (stopped, ended) = try Self.hold(try Scripts.first, card)
      #expect(ended.outcome.finding?.code == code)
      #expect(try stopped.records(.payload).isEmpty)
      #expect(try stopped.transcript().last { $0.kind == .operation }?.step == "card-ada/prove-root")
    }
  }

  @Test func theNumbersOfTriesAreLeftAloneWhereTheyAreRight() throws {
    let (room, result) = try Self.hold(try Self.script("pin-tries: 3, puk-tries: 3"))
    #expect(result.outcome.ending == .complete)
    let told = try room.records(.command).filter { ($0.body["apdu"]?.string ?? "").hasPrefix("00fa") }
    // Asked at identification, without PIN and management key.
    #expect(told.map(\.step) == ["card-ada/identify", "card-boris/identify"])
  }

  @Test(arguments: ["optional", "required"])
  func anAttestationThatDoesNotHoldIsAWarningWhereItIsOptional(rule: String) throws {
    let bent: [(String, Meddling)] = [
      (
        "ATTESTATION-SIGNATURE",
        { command, card throws(CardFailure) in
          let answer = try card.send(command)
          guard command.ins == 0xf9, let last = answer.data.last else { return answer }
          return ResponseAPDU(data: answer.data.dropLast() + [last ^ 1], status: answer.status)
        }
      ),
      (
        "CARD-ANSWER-MALFORMED",
        { command, card throws(CardFailure) in
          let answer = try card.send(command)
          return command.ins == 0xf9 && answer.status == .success
            ? ResponseAPDU(data: [1, 2, 3], status: .success) : answer
        }
      ),
      // The outer length in one byte more than it needs.
      (
        "ATTESTATION-MALFORMED",
        { command, card throws(CardFailure) in
          let answer = try card.send(command)
          guard command.ins == 0xf9, answer.data.starts(with: [0x30, 0x82]) else { return answer }
          return ResponseAPDU(data: [0x30, 0x83, 0] + answer.data.dropFirst(2), status: answer.status)
        }
      ),
      (
        "SLOT-EMPTY",
        { command, card throws(CardFailure) in
          command.ins == 0xf9 ? ResponseAPDU(status: .referenceNotFound) : try card.send(command)
        }
      ),
    ]
    for (code, meddling) in bent {
      let (room, result) = try Self.hold(try Self.script("attestation: \(rule)"), Self.fresh, meddling)
      if rule == "required" {
        #expect(result.outcome.finding?.code.description == code)
      } else {
        #expect(result.outcome.ending == .complete, "\(code)")
        let warned = try room.records(.finding).filter { $0.body["severity"] == "warning" }
        #expect(warned.contains { $0.body["code"]?.string == code }, "\(code)")
        let verdict = room.replay()
        #expect(verdict.isUnproven)
      }
      guard code.hasPrefix("ATTESTATION-") else { continue }
      #expect(
        room.console.screens.contains { $0.text.contains { $0.contains("SHA-256 ") } }, "\(code): no digest on a screen"
      )
    }
  }

  /// A card of another kind, whose slots are empty in its own words.
  @Test func anEmptySlotInACardsOwnWordsIsEmpty() throws {
    for answer in ["", "02020201030100"] {
      let (room, result) = try Self.hold(try Scripts.first) { command, card throws(CardFailure) in
        let real = try card.send(command)
        guard command.ins == 0xf7, real.status == .referenceNotFound else { return real }
        return ResponseAPDU(data: Hex.decode(answer) ?? [], status: .success)
      }
      #expect(result.outcome.ending == .complete, "\(answer)")
      #expect(room.replay().findings == [])
    }
    // Success without a word is no proof: what the card attests or shows there counts.
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let used = try VirtualCard(state: try room.folder.read("virtual-cards/20000001.json"))
    let (_, refused) = try Self.hold(try Scripts.first, used) { command, card throws(CardFailure) in
      command.ins == 0xf7 && command.p2 != 0x9b ? ResponseAPDU(status: .success) : try card.send(command)
    }
    #expect(refused.outcome.finding?.code == .cardHoldsKey)
  }

  /// A card without a serial is given up by its GUID, and the first record says so.
  @Test func aCardWithoutASerialIsNamedByItsGUID() throws {
    func card() throws -> (VirtualCard, CardName) {
      let room = Room()
      try room.rehearse(Array(try Scripts.first.utf8))
      let used = try VirtualCard(state: try room.folder.read("virtual-cards/20000001.json"))
      used.unknown = [0xf8]
      used.insert()
      let session = PIVSession(channel: used, vault: NoSecrets())
      try session.select()
      let chuid = try #require(try session.readObject(.chuid).flatMap(CHUID.init(_:)))
      return (used, .guid(chuid.guid))
    }
    let (kept, name) = try card()
    let script = try Self.script("attestation: optional")
    let (_, refused) = try Self.hold(script, kept)
    #expect(refused.outcome.finding?.hint.contains("--sacrifice \(name)") == true)
    let (given, same) = try card()
    let (room, result) = try Self.hold(script, given, sacrifice: [same, 20_000_002])
    #expect(result.outcome.ending == .complete)
    #expect(try room.transcript().first?.body["sacrifice"] == [.string("\(same)"), 20_000_002])
    #expect(room.replay().configuration?.sacrifice == [same, 20_000_002])
    #expect(CardName("\(same)") == same && CardName("guid-00") == nil && CardName("0") == nil)
  }
}
