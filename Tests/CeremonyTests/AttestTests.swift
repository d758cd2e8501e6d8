import Attestation
import CanonicalJSON
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import Products
import Testing

/// The attestations of a folder, from its files: one thing changed, one code.
@Suite struct AttestTests {
  private static let sound = Self.rehearsed(try? Scripts.first, seed: 1)

  /// Without the proofs of its keys: whoever writes records anew could not sign them, and they are no attestations.
  private static func rehearsed(_ script: String?, seed: Int) -> MemoryProducts {
    do {
      var folder = try Self.products(script, seed: seed)
      try folder.rechain { $0.removeAll { $0["kind"] == "proof" || $0["body"]?["role"] == "proof" } }
      return folder
    } catch {
      return MemoryProducts(files: [:])
    }
  }

  private static func products(_ script: String?, seed: Int) throws -> MemoryProducts {
    let room = Room()
    try room.rehearse(Array((script ?? "").utf8), seed: seed)
    return try room.products()
  }

  @Test func theSoundFolderIsAttested() throws {
    let sound = try Self.products(try Scripts.first, seed: 1)
    let verdict = AttestVerdict(sound)
    #expect(verdict.findings == [])
    #expect(verdict.holds && verdict.isProven && verdict.isRehearsal)
    #expect(verdict.keys.map(\.keyholder) == ["Ada", "Boris"])
    #expect(verdict.keys.map { $0.facts?.serial } == [20_000_001, 20_000_002])
    // The keys that were tried before the reset are nobody's.
    let log = sound.replay().cards.entries.filter { $0.command == "generate" }
    #expect(
      verdict.keys.map(\.generatedIn) == ["20000001", "20000002"].map { card in log.last { $0.card == card }?.record })
  }

  @Test func everyByteOfAnAttestationIsNoticed() throws {
    var dice = Dice(seed: 52)
    var count = 0
    for (path, bytes) in Self.sound.files.sorted(by: { $0.key < $1.key }) where path.contains("attestation") {
      let places =
        Sweep.isFull ? Array(bytes.indices) : (0..<48).map { _ in Int.random(in: bytes.indices, using: &dice) }
      for (number, place) in places.enumerated() {
        var changed = Self.sound
        changed.files[path]?[place] ^= UInt8.random(in: 1...255, using: &dice)
        let verdict = AttestVerdict(changed)
        #expect(!verdict.holds && verdict.findings.first?.place == path, "byte \(place) of \(path)")
        count += 1
        guard number % 8 == 0 else { continue }
        // Whoever also writes the records anew has the certificates themselves to beat.
        try changed.record(path)
        let again = AttestVerdict(changed)
        #expect(!again.holds, "byte \(place) of \(path), recorded")
        #expect(again.findings.allSatisfy { $0.place?.contains("cards/") == true }, "byte \(place): \(again.findings)")
      }
    }
    #expect(count > 0)
    print("attestations: \(count) single bytes changed, each noticed (seed 52)")
  }

  private static let ada = "cards/20000001/root_attestation.pem"
  private static let boris = "cards/20000002/root_attestation.pem"

  @Test(arguments: [
    ("another card's attestation", [.attestationSignature]),
    ("another card's certificate F9", [.attestationSignature]),
    ("another card's attestation and certificate F9", [.attestationKeyMismatch, .attestationSerialMismatch]),
    ("no attestation", [Finding.Code.attestationMissing]),
    ("a card of another serial", [Finding.Code.cardFiles]),
    ("a card of somebody else", [Finding.Code.cardFiles]),
    ("a root with other keys", [Finding.Code.cardFiles]),
    ("a key that no record made", [Finding.Code.evidenceMissing, .cardFiles]),
    ("no rehearsal", [.attestationTestCA]),
    ("a clock before the vendor", [.attestationNotYetValid]),
    ("a PIN policy below the script's", [.attestationPolicy, .cardFiles]),
    ("another slot than the script's", [.attestationSlot, .cardFiles]),
    ("another script", [Finding.Code.scriptChanged]),
    ("no root", [Finding.Code.nothingToVerify]),
    ("no transcript", [Finding.Code.fileRefused]),
  ])
  func oneThingChanged(what: String, codes: [Finding.Code]) throws {
    var folder = Self.sound
    switch what {
    case "another card's attestation":
      folder.files[Self.ada] = folder.files[Self.boris]
      try folder.record(Self.ada)
    case "another card's attestation and certificate F9":
      for path in [Self.ada, "cards/20000001/attestation_intermediate.pem"] {
        folder.files[path] = folder.files[try path.editing("20000001", with: "20000002")]
        try folder.record(path)
      }
    case "another card's certificate F9":
      let other = Self.rehearsed(try Scripts.first, seed: 2)
      let path = "cards/20000001/attestation_intermediate.pem"
      folder.files[path] = other.files["cards/20000002/attestation_intermediate.pem"]
      try folder.record(path)
    case "no attestation":
      folder.files[Self.ada] = nil
      let intermediate = "cards/20000001/attestation_intermediate.pem"
      folder.files[intermediate] = nil
      try folder.rechain { $0.removeAll { [.string(Self.ada), .string(intermediate)].contains($0["body"]?["path"]) } }
      try folder.rename("cards/20000001/card.json") { card in
        var key = card["keys"]?.array?.first?.object ?? JSONObject()
        key["attested"] = false
        card["keys"] = [.object(key)]
      }
    case "a card of another serial":
      try folder.rename("cards/20000001/card.json") { $0["serial"] = 7 }
    case "a card of somebody else":
      try folder.rename("cards/20000001/card.json") { $0["keyholder"] = "Mallory" }
    case "a root with other keys":
      let path = "metadata/1.root.json"
      folder.files[path] = Self.rehearsed(try Scripts.first, seed: 2).files[path]
      try folder.record(path)
      let root = try JSONValue(parsing: try #require(folder.files[path]))
      let signed = JSONValue.object(try #require(root["signed"]?.object)).canonical()
      try folder.rechain { records in
        let place = try #require(records.firstIndex { $0["kind"] == "payload" })
        records[place].edit("body", "content") { _ in .string(Base64.encode(signed)) }
        records[place].edit("body", "sha256") { _ in .string(SHA256Digest(of: signed).hex) }
        records[place].edit("body", "bytes") { _ in .integer(Int64(signed.count)) }
      }
      #expect(AttestVerdict(folder).findings.filter { $0.code == .evidenceMissing }.count == 2)
      let others = AttestVerdict(folder).findings.map(\.code).filter { $0 != .evidenceMissing }
      #expect(Set(others) == Set(codes))
      return
    case "a key that no record made":
      try folder.rechain { records in
        records.removeAll { ($0["body"]?["apdu"]?.string ?? "").hasPrefix("0047") }
        // Without their commands the answers have no place either.
        var isAnswerable = false
        records.removeAll { record in
          defer { isAnswerable = record["kind"] == "command" }
          return record["kind"] == "response" && !isAnswerable
        }
      }
    case "no rehearsal": try folder.rechain { $0[0].edit("body", "rehearsal") { _ in false } }
    case "a clock before the vendor": try folder.rechain { $0[0].edit("at") { _ in "2024-11-30T00:00:00Z" } }
    case "a PIN policy below the script's", "another slot than the script's":
      let asked = what.hasPrefix("a PIN") ? "pin-policy: always" : "slot: 9c"
      let made = what.hasPrefix("a PIN") ? "pin-policy: once" : "slot: 9a"
      func script(_ line: String) throws -> String {
        try Scripts.first.editing("    threshold: 2\n", with: "    threshold: 2\n    \(line)\n")
      }
      folder = Self.rehearsed(try script(made), seed: 1)
      #expect(AttestVerdict(folder).holds)
      folder.files["script.yaml"] = Array(try script(asked).utf8)
      let digest = SHA256Digest(of: try #require(folder.files["script.yaml"])).hex
      try folder.rechain { $0[0].edit("body", "script", "sha256") { _ in .string(digest) } }
    case "another script": folder.files["script.yaml"]?.append(0x0a)
    case "no root":
      folder.files["metadata/1.root.json"] = nil
      try folder.rechain { $0.removeAll { $0["body"]?["path"] == "metadata/1.root.json" } }
    default: folder.files["transcript.jsonl"] = nil
    }
    let verdict = AttestVerdict(folder)
    #expect(Set(verdict.findings.map(\.code)) == Set(codes), "\(verdict.findings)")
    #expect(!verdict.holds)
  }

  @Test func aKeyThatTheScriptLetsBeUnproven() throws {
    let room = Room()
    let script = try Scripts.first.editing(
      "roles:\n", with: "cards:\n  attestation: optional\nroles:\n")
    try room.rehearse(Array(script.utf8), isUnattended: false) { $0.makeBare("ada") }
    let verdict = AttestVerdict(try room.products())
    #expect(verdict.findings.map(\.code) == [.attestationMissing])
    #expect(verdict.findings.allSatisfy { $0.severity == .warning })
    #expect(verdict.holds && !verdict.isProven)
    #expect(verdict.keys.map { $0.facts != nil } == [false, true])
  }
}

extension MemoryProducts {
  /// Lets the record of a file name what it is now.
  mutating func record(_ path: String) throws {
    let bytes = files[path] ?? []
    try rechain { records in
      let place = try #require(records.firstIndex { $0["kind"] == "write" && $0["body"]?["path"] == .string(path) })
      records[place].edit("body", "sha256") { _ in .string(SHA256Digest(of: bytes).hex) }
      records[place].edit("body", "bytes") { _ in .integer(Int64(bytes.count)) }
    }
  }

  /// Changes a JSON file, and its record with it.
  fileprivate mutating func rename(_ path: String, _ change: (inout JSONObject) -> Void) throws {
    let there = try #require(files[path])
    var object = try #require(try JSONValue(parsing: there).object)
    change(&object)
    files[path] = JSONValue.object(object).pretty()
    try record(path)
  }
}
