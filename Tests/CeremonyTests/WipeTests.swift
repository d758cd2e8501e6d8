import CanonicalJSON
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
import Testing
import Transcript

/// The card of somebody who leaves: wiped at the end, or left as it is, and what both verifiers say of either.
@Suite struct WipeTests {
  private static let year = History.Year(
    holders: ["ada", "boris", "dora"], threshold: 2, leaving: ["chandra": "left"])
  private static let wiping = "  - {id: wipe-chandra, do: destroy, keyholder: chandra}\n"

  /// A rotation in which Chandra leaves and the card is to be wiped.
  private static func hold(_ answer: @escaping (Screen) throws -> String? = { $0.prompt?.unattended }) throws -> Room {
    var history = try History()
    try history.hold(RotationTests.genesis)
    let room = Room(inMemory: true)
    room.console.answer = answer
    let result = try history.rehearse(try history.script(year) + wiping, in: room)
    #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    return room
  }

  /// The slots of the card with this serial that hold a key, by its file.
  private static func slots(of serial: String, in room: Room) throws -> [String] {
    let file = try room.folder.read("virtual-cards/\(serial).json")
    return try #require(try JSONValue(parsing: file)["keys"]?.object).names
  }

  private static func serial(of keyholder: String, in room: Room) throws -> String {
    try #require(room.replay().facts?.cards.first { $0.keyholder == keyholder }?.name)
  }

  @Test func itIsWipedAndEverybodySeesIt() throws {
    let room = try Self.hold()
    let serial = try Self.serial(of: "Chandra", in: room)
    #expect(try Self.slots(of: serial, in: room) == [])
    let words = "each of its 24 slots is empty, as it says itself"
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    for verdict in [room.replay(), byFiles] {
      #expect(verdict.isSound && verdict.facts?.wipes == room.replay().facts?.wipes)
      #expect(
        verdict.proved.contains("The card \(serial) of Chandra, whose key left, was wiped by RESET: \(words)."))
      #expect(!verdict.banners.contains { $0.contains("WIPED") })
    }
    #expect(room.replay().findings == [])
    #expect(
      room.console.screens.contains { $0.title == "Wipe the card of Chandra" && $0.prompt?.takes(serial) == true })
    let page = String(decoding: try room.folder.read("report.html"), as: UTF8.self)
    #expect(page.contains("\(serial), wiped: \(words)"))
    try SecondVerifier.expectAgreement([("wiped", try room.products())], holding: true, "with a wiped card")
  }

  /// Left as it is at either question: the root is made all the same, and nobody can overlook the card.
  @Test(arguments: ["The card of Chandra is to be wiped", "Wipe the card of Chandra"])
  func itIsLeftAsItIs(at title: String) throws {
    let room = try Self.hold { $0.title == title ? "keep" : $0.prompt?.unattended }
    #expect(try Self.slots(of: Self.serial(of: "Chandra", in: room), in: room) == ["9c"])
    #expect(room.replay().facts?.room.exceptions.map(\.code) == [Finding.Code.cardNotWiped.rawValue])
    let verdict = room.replay()
    #expect(verdict.holds && verdict.findings.map(\.code) == [.cardNotWiped], "\(verdict.findings)")
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    for banners in [verdict.banners, byFiles.banners] {
      #expect(banners.contains("NOT WIPED, and its key left: the card of Chandra"))
    }
    let folder = try room.products()
    try SecondVerifier.expectAgreement([(title, folder)], holding: true, "with a card that was not wiped")
    guard let second = try SecondVerifier.verdicts(on: [folder], "with a card that was not wiped") else { return }
    #expect(second.allSatisfy { $0.text.contains("warning CARD-NOT-WIPED: the card of chandra") })
  }

  /// What is on the disk when the program is killed before a command reaches the card, or before its answer is on record.
  @Test func aCeremonyThatIsKilledLooksAtTheCardAgain() throws {
    let room = Room(inMemory: true)
    let script = try Package.script("retire-card.yaml")
    let cards = KilledCardSource(
      VirtualCardSource(try Script(script), room.folder, seed: 1), room,
      when: { room.console.screens.contains { $0.title == "The card of Emeka is to be wiped" } })
    let result = try LiveCeremony(
      LiveCeremony.Options(
        script: script, scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true, seed: 1,
        programVersion: ProgramVersion.current), console: room.console, virtualCards: cards
    ).run()
    #expect(result.outcome.ending == .complete)
    try #require(cards.folders.count > 60)
    var folders: [(what: String, folder: MemoryProducts)] = []
    var wasEmpty = 0
    for (place, folder) in Sweep.sample(Array(cards.folders.enumerated()), oneOf: 9) {
      let what = "killed at moment \(place) of \(cards.folders.count)"
      let again = Room(inMemory: true)
      try folder.write(to: URL(filePath: again.path))
      let result = try Resumption(again.path, console: again.console, isUnattended: true).run()
      #expect(result.ceremony.outcome.ending == .complete && result.ceremony.isSealed, "\(what)")
      #expect(
        again.console.screens.contains { $0.title == "The card of Emeka is wiped" && $0.prompt == nil }, "\(what)")
      wasEmpty += again.console.screens.contains { $0.text.contains(Self.wasReset) } ? 1 : 0
      let verdict = again.replay()
      #expect(verdict.holds && verdict.findings == [], "\(what): \(verdict.findings)")
      folders.append((what, try again.products()))
    }
    print("wiping: \(folders.count) ceremonies killed, \(wasEmpty) of them after the card was reset")
    #expect(wasEmpty > 0 && wasEmpty < folders.count)
    try SecondVerifier.expectAgreement(folders, holding: true, "of ceremonies that were killed while a card was wiped")
  }

  private static let wasReset = "No slot holds a key: it was reset before, and is reset once more."

  @Test func everyForgeryIsRefusedAtItsPlace() throws {
    try ForgerTests.judge("wipes.py", of: try Self.hold(), [], "with forged wiping")
  }
}
