import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import FolderAudit
import Foundation
import Keys
import SmartCard
import Testing
import VirtualCard

/// One device that passes as two people's cards: it hides its serial, and its attestations do not.
@Suite struct SharedDeviceTests {
  /// A rehearsal in which Boris's card hides its serial.
  private static func rehearsed(serialOfBoris serial: UInt32) throws -> (room: Room, boris: VirtualCard) {
    let boris = VirtualCard(serial: serial, seed: [2])
    let cards = ["ada": VirtualCard(serial: 20_000_001, seed: [1]), "boris": boris]
    let cardSource = MeddledCardSource(cards, of: "boris") { command, card throws(CardFailure) in
      try command.ins == 0xf8 ? ResponseAPDU(data: [], status: StatusWord(0x6d00)) : card.send(command)
    }
    let room = Room()
    let options = LiveCeremony.Options(
      script: Array(try Scripts.first.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
      seed: 1, programVersion: ProgramVersion.current)
    _ = try LiveCeremony(options, console: room.console, cards: cardSource).run()
    return (room, boris)
  }

  @Test func theRoomRefusesIt() throws {
    let room = try Self.rehearsed(serialOfBoris: 20_000_001).room
    #expect(room.console.screens.contains { $0.title == "SERIAL-REPEATED" })
    #expect(room.replay().outcome?.ending != .complete)
  }

  @Test func aFolderOfItIsRefused() throws {
    let (room, boris) = try Self.rehearsed(serialOfBoris: 20_000_002)
    var folder = try room.products()
    #expect(AttestVerdict(folder).holds)
    // The same key, attested by the device of Ada.
    var state = try #require(try JSONValue(parsing: boris.state).object)
    state["serial"] = 20_000_001
    let device = CardTransport(try VirtualCard(state: JSONValue.object(state).canonical()))
    _ = try device.send(CommandAPDU(0xa4, 4, 0, data: .plain([0xa0, 0, 0, 3, 8])))
    let leaf = try device.send(CommandAPDU(0xf9, 0x9c, 0)).data
    let paths = folder.files.keys.filter { $0.hasPrefix("cards/guid-") && $0.hasSuffix("root_attestation.pem") }
    let path = try #require(paths.first)
    folder.files[path] = Array(PEM.encode("CERTIFICATE", leaf).utf8)
    try folder.record(path)
    let verdict = AttestVerdict(folder)
    #expect(verdict.findings.map(\.code) == [.serialRepeated])
    #expect(verdict.findings.map(\.place) == [path])
    #expect(!verdict.holds)
  }
}
