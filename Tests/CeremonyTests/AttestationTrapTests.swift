import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Judges
import PIV
import PIVTypes
import Products
import SmartCard
import Testing
import VirtualCard

/// Attestations that are not what they should be, in a whole ceremony: each is named, and nothing is written.
@Suite struct AttestationTrapTests {
  struct Trap: Sendable {
    let name: String
    let code: String
    var card: @Sendable () -> VirtualCard = { VirtualCard(serial: 20_000_001, seed: [1]) }
    let meddling: @Sendable (CommandAPDU, CardTransport) throws(CardFailure) -> ResponseAPDU
  }

  static let attest: UInt8 = 0xf9

  static let traps = [
    Trap(name: "the F9 of another card", code: "ATTESTATION-SIGNATURE") { command, card throws(CardFailure) in
      guard command.readsF9 else { return try card.send(command) }
      return try answer(of: VirtualCard(serial: 99, seed: [99]), to: command)
    },
    Trap(
      name: "a serial that is not the attested one", code: "ATTESTATION-SERIAL-MISMATCH",
      card: { VirtualCard(serial: 7, seed: [1]) },
      meddling: { command, card throws(CardFailure) in
        guard command.ins == 0xf8 else { return try card.send(command) }
        return ResponseAPDU(data: [0x01, 0x31, 0x2d, 0x01], status: .success)
      }),
    Trap(name: "a touch policy below the script's", code: "ATTESTATION-POLICY") { command, card throws(CardFailure) in
      try card.send(command.replacing([0xab, 0x01, 0x02], by: [0xab, 0x01, 0x01]))
    },
    Trap(name: "a PIN policy below the script's", code: "ATTESTATION-POLICY") { command, card throws(CardFailure) in
      try card.send(command.replacing([0xaa, 0x01, 0x03], by: [0xaa, 0x01, 0x02]))
    },
    Trap(name: "another key than the one that was made", code: "ATTESTATION-KEY-MISMATCH") {
      command, card throws(CardFailure) in
      let made = try card.send(command)
      if command.ins == 0x47 { _ = try card.send(command) }
      return made
    },
    Trap(name: "the key of another slot", code: "ATTESTATION-SLOT") { command, card throws(CardFailure) in
      guard command.ins == attest else {
        if command.ins == 0x47 {
          _ = try card.send(CommandAPDU(0x47, 0, Slot.authentication.reference, data: command.data))
        }
        return try card.send(command)
      }
      return try card.send(CommandAPDU(attest, Slot.authentication.reference, 0))
    },
    Trap(
      name: "firmware older than Ed25519", code: "CARD-MODEL",
      card: { VirtualCard(serial: 20_000_001, seed: [1], version: FirmwareVersion(5, 4, 3)) },
      meddling: { command, card throws(CardFailure) in try card.send(command) }),
    Trap(
      name: "firmware older than Ed25519, which the card denies", code: "ATTESTATION-FIRMWARE",
      card: { VirtualCard(serial: 20_000_001, seed: [1], version: FirmwareVersion(5, 4, 3)) },
      meddling: { command, card throws(CardFailure) in
        command.ins == 0xfd ? ResponseAPDU(data: [5, 7, 4], status: .success) : try card.send(command)
      }),
    Trap(name: "a byte of the signature", code: "ATTESTATION-SIGNATURE") { command, card throws(CardFailure) in
      try card.send(command).changed(if: command.ins == attest) { $0[$0.count - 1] ^= 1 }
    },
    Trap(name: "a byte of F9's signature", code: "ATTESTATION-SIGNATURE") { command, card throws(CardFailure) in
      // Behind the certificate stand the five bytes of the object's other fields.
      try card.send(command).changed(if: command.readsF9) { $0[$0.count - 6] ^= 1 }
    },
    Trap(name: "half a certificate", code: "CARD-ANSWER-MALFORMED") { command, card throws(CardFailure) in
      try card.send(command).changed(if: command.ins == attest) { $0.removeLast($0.count / 2) }
    },
    Trap(name: "no attestation when it comes to it", code: "ATTESTATION-MISSING") { command, card throws(CardFailure) in
      let answer = try card.send(command)
      let isKey = command.ins == attest && answer.status == .success
      return isKey ? ResponseAPDU(status: .instructionNotSupported) : answer
    },
    Trap(name: "no attestation", code: "CARD-UNSUPPORTED") { command, card throws(CardFailure) in
      command.ins == attest ? ResponseAPDU(status: .instructionNotSupported) : try card.send(command)
    },
  ]

  @Test func acceptedWhereNobodyMeddles() throws {
    let (room, result) = try hold { command, card throws(CardFailure) in try card.send(command) }
    #expect(result.outcome.ending == .complete)
    #expect(room.replay().findings == [])
  }

  @Test(arguments: traps.indices) func eachTrapIsNamedAndNothingIsWritten(_ place: Int) throws {
    let trap = Self.traps[place]
    let (room, result) = try hold(card: trap.card(), trap.meddling)
    try expectRefused(room, result, trap.name) { $0 == trap.code }
  }

  @Test func everyByteOfTheAttestationMatters() throws {
    var dice = Dice(seed: 9)
    var changes = 0
    for part in [UInt8(0xf9), 0xcb] {
      let places = Sweep.isFull ? Array(0..<300) : (0..<6).map { _ in Int.random(in: 0..<300, using: &dice) }
      for place in places {
        let (room, result) = try hold { command, card throws(CardFailure) in
          let isIt = command.ins == part && (part == Self.attest || command.readsF9)
          return try card.send(command).changed(if: isIt) { if $0.indices.contains(place) { $0[place] ^= 0x10 } }
        }
        try expectRefused(room, result, "byte \(place) of the answer to \(part)") {
          $0.hasPrefix("ATTESTATION-") || $0 == "CARD-ANSWER-MALFORMED"
        }
        changes += 1
      }
    }
    print("attestations with a byte changed, each in a ceremony: \(changes), all refused")
  }

  private func hold(
    card: VirtualCard = VirtualCard(serial: 20_000_001, seed: [1]), _ meddling: @escaping Meddling
  ) throws -> (Room, LiveCeremony.Result) {
    let room = Room()
    let boris = VirtualCard(serial: 20_000_002, seed: [2])
    let cardSource = MeddledCardSource(["ada": card, "boris": boris], meddling)
    let options = LiveCeremony.Options(
      script: Array(try Scripts.first.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true,
      seed: 1, programVersion: ProgramVersion.current)
    return (room, try LiveCeremony(options, console: room.console, cards: cardSource).run())
  }

  private func expectRefused(
    _ room: Room, _ result: LiveCeremony.Result, _ what: String, _ isNamed: (String) -> Bool
  ) throws {
    let code = result.outcome.finding?.code.description ?? ""
    #expect(result.outcome.ending == .aborted && isNamed(code), "\(what): \(code)")
    #expect(room.console.screens.contains { $0.title == code }, "\(what): the room did not see \(code)")
    #expect(throws: Finding.self) { try room.folder.read("metadata/1.root.json") }
    let files = try room.folder.list().map(\.path)
    #expect(!files.contains { $0.hasPrefix("cards/20000001") }, "\(what)")
    #expect(room.replay().findings.map(\.code) == [.aborted], "\(what)")
  }

  private static func answer(of other: VirtualCard, to command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    let transport = CardTransport(other)
    _ = try transport.send(CommandAPDU(0xa4, 0x04, 0, data: .plain([0xa0, 0x00, 0x00, 0x03, 0x08])))
    return try transport.send(command)
  }
}

extension CommandAPDU {
  fileprivate var plain: [UInt8] { if case .plain(let bytes) = data { bytes } else { [] } }

  /// Whether it reads the certificate of F9.
  fileprivate var readsF9: Bool { ins == 0xcb && plain == [0x5c, 0x03, 0x5f, 0xff, 0x01] }

  /// The same with one run of bytes in its data exchanged, where that is there.
  fileprivate func replacing(_ old: [UInt8], by new: [UInt8]) -> CommandAPDU {
    let bytes = plain
    guard ins == 0x47, let start = bytes.indices.first(where: { bytes[$0...].starts(with: old) }) else { return self }
    let changed = Array(bytes[..<start]) + new + Array(bytes[(start + old.count)...])
    return CommandAPDU(cla: cla, ins, p1, p2, data: .plain(changed), le: le)
  }
}

extension ResponseAPDU {
  fileprivate func changed(if isWanted: Bool, _ change: (inout [UInt8]) -> Void) -> ResponseAPDU {
    guard isWanted, status == .success, data.count > 8 else { return self }
    var bytes = data
    change(&bytes)
    return ResponseAPDU(data: bytes, status: status)
  }
}
