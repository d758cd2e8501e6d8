import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyRuntime
import CeremonyResults
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

/// Keys that are tried before a card is reset, and what comes in between.
@Suite struct TrialKeyTests {
  private static let reset = "card-ada/reset"
  private static let mayBeOurs = "This ceremony told it to make keys. These may be they."

  /// All that reset; not in full, one that deletes single keys and one that does not.
  private static let models = Sweep.isFull ? CardProfile.all.filter { $0 != .minimal } : [.yubikey, .token]

  /// Which of the exchanges with Ada's card, the first of all, belong to the keys that are tried.
  private static func trial(_ room: Room) throws -> Range<Int> {
    let records = try room.transcript()
    let begun = try #require(records.firstIndex { $0.body["task"] == "try-keys" })
    let over = try #require(records[begun...].firstIndex { $0.body["task"] == "reset" })
    let before = records[..<begun].count { $0.kind == .command }
    return before..<before + records[begun..<over].count { $0.kind == .command }
  }

  /// Whether a trial key is on the card once these commands were carried out.
  private static func isLeft(_ commands: ArraySlice<CommandAPDU>, _ model: CardProfile) -> Bool {
    let deletes = !model.lacks.contains(Instruction.moveKey) && commands.contains { $0.ins == Instruction.moveKey }
    return commands.contains { $0.ins == Instruction.generateKeyPair } && !deletes
  }

  /// Pulled before a command reached it, or after it was carried out, at each exchange.
  @Test(arguments: models) func aCardThatIsPulledIsLookedAtAgain(
    model: CardProfile
  ) throws {
    let ceremony = OneCardCeremony(model: model, start: .fresh)
    let good = try ceremony.hold([])
    let trial = try Self.trial(good.room)
    try #require(Self.isLeft(good.sent[trial].dropLast(), model))
    var folders: [(what: String, folder: MemoryProducts)] = []
    var left = 0
    for place in trial {
      for wrong in [WrongAnswer.gone, .unheard] {
        let (room, result, _, _, sent) = try ceremony.hold([], wrong: (wrong, place))
        let what = "\(model.name): \(wrong.name) at \(sent[place].ins) (\(place - trial.lowerBound) of \(trial.count))"
        #expect(result.outcome.ending == .complete, "\(what): \(String(describing: result.outcome.finding))")
        let isLeft = Self.isLeft(sent[trial.lowerBound..<(wrong.isCarriedOut ? place + 1 : place)], model)
        let asked = room.console.screens.filter { $0.title == "Reset the card of Ada" }
        #expect(asked.count == 2, "\(what)")
        #expect(asked.last?.text.contains(Self.mayBeOurs) == isLeft, "\(what): \(asked.last?.text ?? [])")
        #expect(asked.last?.text.contains("No slot holds a key.") == !isLeft, "\(what)")
        let exceptions = try room.records(.exception)
        #expect(exceptions.count == 1 && exceptions.first?.step == Self.reset, "\(what)")
        left += isLeft ? 1 : 0
        folders.append((what, try room.products()))
      }
    }
    #expect(left > 0 && left < folders.count)
    print(
      "keys that are tried: \(model.name), \(folders.count) cards pulled at \(trial.count) exchanges, \(left) with a key on them"
    )
    try SecondVerifier.expectAgreement(folders, holding: true, "of cards that were pulled while a key was tried")
  }

  /// What is on the disk when the program is killed before a command reaches the card, or before its answer is on record.
  @Test func aCeremonyThatIsKilledGoesOn() throws {
    let room = Room(inMemory: true)
    let script = Array(try Scripts.first.utf8)
    let cards = KilledCardSource(VirtualCardSource(try Script(script), room.folder, seed: 1), room)
    let result = try LiveCeremony(
      LiveCeremony.Options(
        script: script, scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true, seed: 1,
        programVersion: ProgramVersion.current), console: room.console, virtualCards: cards
    ).run()
    #expect(result.outcome.ending == .complete)
    let trial = try Self.trial(room)
    var folders: [(what: String, folder: MemoryProducts)] = []
    var left = 0
    for place in trial {
      for (when, folder) in zip(["before", "after"], cards.folders[2 * place..<2 * place + 2]) {
        let what = "killed \(when) exchange \(place)"
        let again = Room(inMemory: true)
        try folder.write(to: URL(filePath: again.path))
        let result = try Resumption(again.path, console: again.console, isUnattended: true).run()
        #expect(
          result.ceremony.outcome.ending == .complete, "\(what): \(String(describing: result.ceremony.outcome.finding))"
        )
        left += again.console.screens.contains { $0.text.contains(Self.mayBeOurs) } ? 1 : 0
        folders.append((what, try again.products()))
      }
    }
    // From GENERATE's end to the beginning of the deletion.
    #expect(left > 0 && left < folders.count)
    try SecondVerifier.expectAgreement(folders, holding: true, "of ceremonies that were killed while a key was tried")
  }

  /// Whose card without a serial is exchanged for somebody's while the room looks for what went wrong.
  @Test func aCardThatWasPutInItsPlaceIsNotGivenUp() throws {
    let script = try Scripts.first.editing("ceremony: 1", with: "ceremony: 2")
      .editing("\nroles:\n", with: "\ncards: {attestation: optional}\nroles:\n")
    func card(_ serial: UInt32) -> VirtualCard {
      let card = VirtualCard(serial: serial, model: .bare, seed: [UInt8(serial)])
      card.unknown = [Instruction.getSerial]
      return card
    }
    let strangers = card(3)
    let session = PIVSession(channel: strangers, vault: EnteredVault())
    try session.select()
    try session.authenticateFactory()
    _ = try session.generate(.signature, .ed25519, pinPolicy: .once, touchPolicy: .never)
    let before = OneCardCeremony.holdings(of: strangers)

    for isExchanged in [true, false] {
      let room = Room(inMemory: true)
      let mine = card(1)
      // Its serial is what nobody hears; the number on its case is.
      var isRetried = false
      room.console.answer = { screen in
        let offered = screen.prompt?.answers.map(\.token) ?? []
        guard offered.contains("retry") else { return offered.first ?? screen.prompt?.unattended }
        defer { isRetried = true }
        return isRetried ? Prompt.abort : "retry"
      }
      var isPulled = false
      let cards = MeddledCardSource(["ada": mine, "boris": card(2)], of: "ada") {
        command, transport throws(CardFailure) in
        if isPulled, isExchanged { return try CardTransport(strangers).send(command) }
        let answer = try transport.send(command)
        guard command.ins == Instruction.generateKeyPair, !isPulled else { return answer }
        isPulled = true
        throw .removed
      }
      let result = try LiveCeremony(
        LiveCeremony.Options(
          script: Array(script.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: false,
          programVersion: ProgramVersion.current), console: room.console, cards: cards
      ).run()
      #expect(isPulled)
      // Its own card is not told from the other one either, and has a key on it now.
      #expect(result.outcome.ending == .aborted && result.outcome.finding?.code == .cardHoldsKey)
      #expect(room.replay().findings.map(\.code) == [.aborted])
      #expect(!room.console.screens.contains { $0.text.contains(Self.mayBeOurs) })
    }
    #expect(OneCardCeremony.holdings(of: strangers) == before)
  }

  /// The look inside the trial finds what the first look did not: a key of somebody.
  @Test(arguments: [false, true]) func aStrangersKeyEndsIt(isAttended: Bool) throws {
    let used = try OneCardCeremony.used(.yubikey)
    let card = try VirtualCard(state: used)
    let before = OneCardCeremony.holdings(of: card)
    var looks = 0
    let room = Room(inMemory: true)
    if isAttended { room.console.choose(["abort"]) }
    let cards = MeddledCardSource(
      ["ada": card, "boris": VirtualCard(serial: 20_000_002, isMarked: true, seed: [2])], of: "ada"
    ) { command, card throws(CardFailure) in
      guard command.ins == Instruction.getMetadata, command.p2 == Slot.signature.reference else {
        return try card.send(command)
      }
      looks += 1
      // At identification, once among its slots and once among its abilities.
      return looks <= 2 ? ResponseAPDU(status: .referenceNotFound) : try card.send(command)
    }
    let result = try LiveCeremony(
      LiveCeremony.Options(
        script: Array(try Scripts.first.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
        seed: 1, programVersion: ProgramVersion.current), console: room.console, cards: cards
    ).run()
    #expect(looks > 2)
    #expect(result.outcome.finding?.code == .cardHoldsKey)
    #expect(result.outcome.finding?.what.contains("said that slot 9c is empty, and now it holds a key") == true)
    #expect(OneCardCeremony.holdings(of: card) == before)
    // Nothing on it is this ceremony's.
    let last = try #require(room.console.screens.last { $0.title == "ABORTED" })
    #expect(last.facts.isEmpty)
    #expect(room.replay().findings.map(\.code) == [.aborted])
  }
}

/// Cards whose folder is kept as it is before and after each command.
final class KilledCardSource: CardSource, CardChannel {
  private let cardSource: VirtualCardSource
  private let room: Room
  private(set) var folders: [MemoryProducts] = []

  /// Whether what is on the disk now is of interest.
  private let isWanted: () -> Bool

  init(_ cardSource: VirtualCardSource, _ room: Room, when isWanted: @escaping () -> Bool = { true }) {
    (self.cardSource, self.room, self.isWanted) = (cardSource, room, isWanted)
  }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    guard let card = cardSource.channel else { throw .removed }
    keep()
    defer { keep() }
    return try card.transmit(command)
  }

  private func keep() {
    guard isWanted() else { return }
    folders.append((try? room.products()) ?? MemoryProducts(files: [:]))
  }

  var channel: (any CardChannel)? { cardSource.channel == nil ? nil : self }
  func awaitCard(keyholder: String, serial: UInt32?) throws -> CardInReader {
    try cardSource.awaitCard(keyholder: keyholder, serial: serial)
  }
  func remember(_ card: CardInReader, keyholder: String, serial: UInt32?) {}
  func release() throws { try cardSource.release() }
}
