import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import PIV
import PIVTypes
import SmartCard

@testable import VirtualCard

/// What a card answers once instead of what it should, and whether it did what it was told all the same.
struct WrongAnswer: Sendable {
  let name: String
  private let answer: @Sendable (ResponseAPDU) throws(CardFailure) -> ResponseAPDU
  private let isCarriedOut: Bool

  private init(
    _ name: String, isCarriedOut: Bool = true,
    _ answer: @escaping @Sendable (ResponseAPDU) throws(CardFailure) -> ResponseAPDU
  ) {
    (self.name, self.isCarriedOut, self.answer) = (name, isCarriedOut, answer)
  }

  func callAsFunction(_ command: CommandAPDU, _ card: VirtualCard) throws(CardFailure) -> ResponseAPDU {
    try answer(isCarriedOut ? card.transmit(command) : ResponseAPDU(status: .success))
  }

  /// It says that it did something, and did nothing.
  static let pretended = WrongAnswer("9000 and nothing done", isCarriedOut: false) { $0 }
  /// It says that a slot is empty.
  static let empty = refusal(.referenceNotFound)

  private static func refusal(_ status: StatusWord) -> WrongAnswer {
    WrongAnswer("\(status)", isCarriedOut: false) { _ in ResponseAPDU(status: status) }
  }

  /// Status words that mean something to somebody, success that was not, and answers that make no sense or do not come.
  static let all: [WrongAnswer] =
    [
      0x6300, 0x63c0, 0x63c2, 0x6600, 0x6700, 0x6982, 0x6983, 0x6985, 0x6a80, 0x6a81, 0x6a82, 0x6a84, 0x6a86, 0x6a88,
      0x6b00, 0x6d00, 0x6e00, 0x6f00,
    ].map { refusal(StatusWord($0)) } + [
      pretended,
      WrongAnswer("done, and 6F00") { _ in ResponseAPDU(status: .internalError) },
      WrongAnswer("nothing") { _ in ResponseAPDU(status: .success) },
      WrongAnswer("garbage") { _ in ResponseAPDU(data: [0xde, 0xad], status: .success) },
      WrongAnswer("the first half") { ResponseAPDU(data: Array($0.data.prefix($0.data.count / 2)), status: $0.status) },
      WrongAnswer("another last byte") {
        ResponseAPDU(data: $0.data.dropLast() + $0.data.suffix(1).map { $0 ^ 1 }, status: $0.status)
      },
      WrongAnswer("no answer") { _ throws(CardFailure) in throw .timeout },
      WrongAnswer("broken off") { _ throws(CardFailure) in throw .communication },
      WrongAnswer("gone", isCarriedOut: false) { _ throws(CardFailure) in throw .removed },
    ]
}

/// The cards of Ada and Boris. Hers answers wrongly once, at an exchange counted from 0; his is in order.
final class OneCardSource: CardSource, CardChannel {
  private let card: VirtualCard
  private let other: VirtualCard
  private let wrong: (answer: WrongAnswer, place: Int)?
  private(set) var channel: (any CardChannel)?
  private(set) var commands: [CommandAPDU] = []

  init(_ card: VirtualCard, beside other: VirtualCard, wrong: (answer: WrongAnswer, place: Int)? = nil) {
    (self.card, self.other, self.wrong) = (card, other, wrong)
  }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    commands.append(command)
    guard let wrong, wrong.place == commands.count - 1 else { return try card.transmit(command) }
    return try wrong.answer(command, card)
  }

  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    try release()
    card.insert()
    channel = keyholder == "ada" ? self : other
    return CardInReader(reader: "virtual")
  }

  func remember(_ card: CardInReader, keyholder: String, serial: UInt32?) {}

  func release() throws {
    card.pull()
    other.powerCycle()
    channel = nil
  }
}

/// A ceremony in which one card of two is looked at.
struct OneCardCeremony {
  /// How the card comes to the ceremony.
  enum Start: CaseIterable, Sendable {
    /// From its factory.
    case fresh
    /// With a key on it, and nobody gave it up.
    case kept
    /// With a key on it, given up by its name.
    case given
  }

  let model: CardProfile
  let start: Start
  /// Commands that it does not know, beyond those of its kind.
  var unknown: Set<UInt8> = []
  var mayLack = true

  /// Asks for what this kind of card makes.
  var script: String {
    let without = "attestation: optional, read-back: optional, tries: optional"
    let cards = model == .yubikey ? without : without + ", model: other, payload-limit: 1323"
    let touch = model.touchPolicies.contains(.always) ? "always" : "never"
    return """
      ceremony: 2
      title: Two cards
      repository: Example repository
      administrator: Administrator
      witness: Witness
      cards: {\(mayLack ? cards : "attestation: required")}
      keyholders:
        ada: {name: Ada, card: record}
        boris: {name: Boris, card: record}
      roles:
        root:
          threshold: 2
          keyholders: [ada, boris]
          algorithm: \(model.algorithms[0])
          touch-policy: \(touch)
          expires: {days: 7}
        targets: {threshold: 1, keys: [service]}
        snapshot: {threshold: 1, keys: [service]}
        timestamp: {threshold: 1, keys: [service]}
      online-keys:
        service: {ed25519: \(Scripts.standIn)}
      steps:
        - {id: card-ada, do: provision, keyholder: ada}
        - {id: card-boris, do: provision, keyholder: boris}
        - {id: build-root, do: build, role: root}
        - {id: show-root, do: show, role: root}
        - {id: sign-root-ada, do: sign, role: root, keyholder: ada}
        - {id: sign-root-boris, do: sign, role: root, keyholder: boris}
        - {id: verify-root, do: verify, role: root}
        - {id: write-root, do: write, role: root}
        - {id: close, do: close}

      """
  }

  /// Whether it could be finished with this card, if the card always said the truth.
  var canBeFinished: Bool {
    let lacks = model.lacks.union(unknown)
    let needed: Set<UInt8> = mayLack ? [0xfb, 0xff] : [0xf7, 0xf9, 0xfa, 0xfb, 0xff]
    return lacks.isDisjoint(with: needed)
  }

  /// What of a card is lost when it is lost.
  static func holdings(of card: VirtualCard) -> CardState {
    var state = card.memory
    state.randomness = Randomness(seed: nil)
    return state
  }

  func hold(
    _ used: [UInt8], wrong: (answer: WrongAnswer, place: Int)? = nil
  ) throws -> (room: Room, result: LiveCeremony.Result, card: VirtualCard, before: CardState, sent: [CommandAPDU]) {
    let card =
      start == .fresh
      ? VirtualCard(serial: 20_000_001, model: model, isMarked: true, seed: [1]) : try VirtualCard(state: used)
    card.unknown = unknown
    // What has no command to set them has the tries that it was made with.
    if unknown.contains(0xfa) {
      card.memory.pin.triesTotal = model.pinTries
      card.memory.puk.triesTotal = model.pukTries
    }
    let before = Self.holdings(of: card)
    let room = Room(inMemory: true)
    let other = VirtualCard(serial: 20_000_002, model: model, isMarked: true, seed: [2])
    let cardSource = OneCardSource(card, beside: other, wrong: wrong)
    let guid = before.objects[.chuid].flatMap { CHUID($0) }.map { CardName.guid($0.guid) }
    let result = try LiveCeremony(
      LiveCeremony.Options(
        script: Array(script.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
        seed: 1, sacrifice: start == .given ? [20_000_001] + (guid.map { [$0] } ?? []) : [],
        programVersion: ProgramVersion.current), console: room.console, cards: cardSource
    ).run()
    return (room, result, card, before, cardSource.commands)
  }

  /// A card of this kind with a key on it, as a ceremony left it; or as somebody did, where none can be held with it.
  static func used(_ model: CardProfile) throws -> [UInt8] {
    let (_, result, card, _, _) = try OneCardCeremony(model: model, start: .fresh).hold([])
    if result.outcome.ending == .complete { return card.state }
    card.insert()
    let session = PIVSession(channel: card, vault: EnteredVault())
    try session.select()
    try session.authenticateFactory()
    _ = try session.generate(.signature, model.algorithms[0], pinPolicy: .once, touchPolicy: .never)
    return card.state
  }
}
