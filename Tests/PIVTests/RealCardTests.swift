import Foundation
import Keys
@testable import PIV
import PIVTypes
import SmartCard
import Testing

/// The session against what two real cards answered, from `../shared/apdu-traces` where that is present.
@Suite struct RealCardTests {
  /// A situation in a trace: where it starts, what the session does there, and what comes of it.
  struct Situation: CustomTestStringConvertible, Sendable {
    let file: String
    let label: String
    let expected: String
    let call: @Sendable (PIVSession) throws -> String

    init(
      _ file: String,
      _ label: String,
      _ expected: String,
      _ call: @escaping @Sendable (PIVSession) throws -> String
    ) {
      (self.file, self.label, self.expected, self.call) = (file, label, expected, call)
    }
    var testDescription: String { "\(file): \(label)" }
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/apdu-traces").standardizedFileURL

  @Test func comesOutAsTheCardsAnswered() throws {
    guard FileManager.default.fileExists(atPath: Self.folder.path) else {
      print("SKIPPED \(Self.all.count): ../shared/apdu-traces is absent")
      return
    }
    var exact = 0
    for situation in Self.all {
      let trace = try Trace(Self.folder.appending(path: situation.file))
      let channel = try #require(TraceChannel(trace, at: situation.label), "\(situation)")
      let vault = TestVault(
        [
          .pin: Array("123456".utf8), .wrong: Array("000000".utf8), .newPIN: Array("654321".utf8),
          .puk: Array("99999999".utf8),
        ],
        draws: trace.challenges(from: situation.label)
      )
      let session = PIVSession(channel: channel, vault: vault)
      let outcome: String
      do { outcome = try situation.call(session) } catch { outcome = "\(error)" }
      #expect(outcome == situation.expected, "\(situation.testDescription)")
      #expect(channel.strays == [], "\(situation.testDescription)")
      exact += channel.exact
    }
    #expect(exact > 0)
    print(
      "\(Self.all.count) situations on real cards; \(exact) commands sent were byte for byte those of the trace"
    )
  }

  static let all = cardA + cardB + touch + blocked("card-a-blocked.txt") + blocked("card-b-blocked.txt")

  private static func bytes(_ bytes: [UInt8]?) -> String { bytes.map { Hex.encode($0) } ?? "nil" }

  private static let cardA: [Situation] = {
    let file = "card-a-ed25519.txt"
    return [
      Situation(file, "SELECT PIV (5-byte RID)", "selected") {
        try $0.select(); return "selected"
      },
      Situation(file, "GET VERSION", "5.7.0") { "\(try $0.firmwareVersion().map(\.description) ?? "nil")" },
      Situation(file, "GET SERIAL", "65537") { "\(try $0.serial() ?? 0)" },
      Situation(file, "GET METADATA 80", "true 3 3") { tries(try $0.pinMetadata()) },
      Situation(file, "GET METADATA 81", "true 3 3") { tries(try $0.pukMetadata()) },
      Situation(file, "GET METADATA 9B", "true tdea") {
        let found = try $0.managementKeyMetadata()
        return "\(found.isFactory ?? false) \(found.algorithm.map { "\($0)" } ?? "nil")"
      },
      Situation(file, "GET METADATA 9A", "empty") {
        "\(try $0.slotMetadata(.authentication).map { "\($0)" } ?? "empty")"
      },
      Situation(file, "GET METADATA 9C", "17 once never generated 65") {
        slot(try $0.slotMetadata(.signature))
      },
      Situation(file, "GET METADATA F9", "empty") {
        "\(try $0.slotMetadata(.attestation).map { "\($0)" } ?? "empty")"
      },
      Situation(file, "GET DATA discovery object", "4f0ba0000003080000100001005f2f024010") {
        bytes(try $0.readObject(.discovery))
      },
      Situation(file, "GET DATA CHUID", "2999d248741028cd43015a39c6b50c22 20500101") {
        let chuid = try $0.readObject(.chuid).flatMap { CHUID($0) }
        return "\(bytes(chuid?.guid)) \(chuid?.expiration ?? "nil")"
      },
      Situation(file, "GET DATA 9C certificate (empty)", "nil") { bytes(try $0.readCertificate(.signature)) },
      Situation(file, "GET DATA attestation certificate 5FFF01", "nil") {
        bytes(try $0.readCertificate(.attestation))
      },
      Situation(file, "ATTEST 9C", "notSupported(PIV.PIVCommand.attest)") {
        bytes(try $0.attest(.signature))
      },
      Situation(file, "VERIFY, empty (tries left)", "3") { "\(try $0.pinTriesLeft() ?? -1)" },
      Situation(file, "VERIFY right PIN", "verified, nil") {
        try $0.verifyPIN(.pin)
        return "verified, \(try $0.pinTriesLeft().map { "\($0)" } ?? "nil")"
      },
      Situation(file, "GENERATE without management key", "managementNotAuthenticated") {
        bytes(try $0.generate(.signature, .ed25519, pinPolicy: .always, touchPolicy: .never))
      },
      Situation(file, "management key, mutual: ask witness (alg 03)", "authenticated") {
        try $0.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .tdea)
        return "authenticated"
      },
      Situation(
        file,
        "management key with AES-192 (alg 0A)",
        "managementAlgorithmWrong(PIVTypes.ManagementAlgorithm.aes192)"
      ) {
        try $0.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
        return "authenticated"
      },
      Situation(
        file,
        "GENERATE Ed25519 in 9C, PIN policy always, touch never",
        "bb69e22e3eba074bcd6d94bfbeb7ba1d42637f455ef9a5d49db8460194312bbf 224 always never generated 32"
      ) {
        let key = try $0.generate(.signature, .ed25519, pinPolicy: .always, touchPolicy: .never)
        return "\(bytes(key)) \(slot(try $0.slotMetadata(.signature)))"
      },
      Situation(file, "sign, PIN not verified", "pinNotVerified, then 64 bytes, then pinNotVerified") {
        let message = [UInt8](repeating: 0x61, count: 32)
        var said: [String] = []
        do { _ = try $0.sign(message, in: .signature, .ed25519, touch: .never) } catch {
          said.append("\(error)")
        }
        try $0.verifyPIN(.pin)
        said.append("\(try $0.sign(message, in: .signature, .ed25519, touch: .never).count) bytes")
        do { _ = try $0.sign(message, in: .signature, .ed25519, touch: .never) } catch {
          said.append("\(error)")
        }
        return said.joined(separator: ", then ")
      },
      Situation(file, "sign 300 bytes, chained", "64") {
        "\(try $0.sign([UInt8](repeating: 0x7a, count: 300), in: .signature, .ed25519, touch: .never).count)"
      },
    ]
  }()

  private static let cardB: [Situation] = {
    let file = "card-b-attestation.txt"
    return [
      Situation(file, "SELECT PIV (5-byte RID)", "selected") {
        try $0.select(); return "selected"
      },
      Situation(file, "SERIAL", "0") { "\(try $0.serial().map { "\($0)" } ?? "nil")" },
      Situation(file, "METADATA 80", "false 3 3") { tries(try $0.pinMetadata()) },
      Situation(file, "GET DATA attestation certificate 5FFF01", "563 bytes") {
        "\(try $0.readCertificate(.attestation)?.count ?? 0) bytes"
      },
      Situation(file, "AES-192 mutual: witness", "authenticated") {
        try $0.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
        return "authenticated"
      },
      Situation(
        file,
        "GENERATE Ed25519",
        "algorithmNotSupported(ed25519, 9c)"
      ) {
        bytes(try $0.generate(.signature, .ed25519, pinPolicy: .always, touchPolicy: .never))
      },
      Situation(file, "GENERATE P-256 PIN always touch never", "65 17 always never generated 65") {
        let key = try $0.generate(.signature, .ecdsaP256, pinPolicy: .always, touchPolicy: .never)
        return "\(key.count) \(slot(try $0.slotMetadata(.signature)))"
      },
      Situation(file, "ATTEST 9C", "609 bytes") { "\(try $0.attest(.signature).count) bytes" },
      Situation(file, "sign without PIN", "pinNotVerified") {
        bytes(try $0.sign([1], in: .signature, .ecdsaP256, touch: .never))
      },
      Situation(file, "sign", "72 bytes") {
        "\(try $0.sign([1], in: .signature, .ecdsaP256, touch: .never).count) bytes"
      },
      Situation(file, "ATTEST empty slot 9A", "noKey(9a)") {
        do { return bytes(try $0.attest(.authentication)) } catch PIVError.noKey(let slot) {
          return "noKey(\(slot))"
        }
      },
      Situation(file, "sign empty slot 9A", "noKey(9a)") {
        do { return bytes(try $0.sign([1], in: .authentication, .ecdsaP256)) } catch PIVError.noKey(let slot) {
          return "noKey(\(slot))"
        }
      },
    ]
  }()

  private static let touch = [
    Situation("card-a-touch.txt", "sign, nobody touches", "notTouched, then 64 bytes") {
      let message = [UInt8](repeating: 0x74, count: 32)
      var said: [String] = []
      do { _ = try $0.sign(message, in: .signature, .ed25519, touch: .always) } catch {
        said.append("\(error)")
      }
      said.append("\(try $0.sign(message, in: .signature, .ed25519, touch: .always).count) bytes")
      return said.joined(separator: ", then ")
    }
  ]

  private static func blocked(_ file: String) -> [Situation] {
    [
      Situation(file, "VERIFY wrong PIN #1", "2, 1, blocked, blocked, left 0") { session in
        var said: [String] = []
        for _ in 0..<4 {
          do { try session.verifyPIN(.wrong) } catch PIVError.wrongPIN(let left) {
            said.append("\(left)")
          } catch PIVError.pinBlocked {
            said.append("blocked")
          }
        }
        return (said + ["left \(try session.pinTriesLeft() ?? -1)"]).joined(separator: ", ")
      },
      Situation(file, "RESET RETRY with the right PUK, PIN becomes 654321", "changed") {
        try $0.unblockPIN(puk: FactorySecret.puk.handle, newPIN: .newPIN)
        try $0.verifyPIN(.newPIN)
        try $0.changePIN(from: .newPIN, to: .pin)
        return "changed"
      },
      Situation(
        file,
        "SET PIN RETRIES 3/3 (INS FA)",
        file.contains("-a-") ? "notSupported(PIV.PIVCommand.setTries)" : "set"
      ) {
        try $0.setTries(pin: 3, puk: 3)
        return "set"
      },
      Situation(file, "RESET with PIN and PUK blocked", "reset") {
        // The blocking before it was recorded in another order; the last command is what counts.
        try $0.resetApplication()
        return "reset"
      },
    ]
  }

  private static func tries(_ found: CredentialMetadata) -> String {
    "\(found.isFactory ?? false) \(found.triesTotal ?? -1) \(found.triesLeft ?? -1)"
  }

  private static func slot(_ found: SlotMetadata?) -> String {
    guard let found else { return "empty" }
    let policies = "\(found.pinPolicy?.description ?? "-") \(found.touchPolicy?.description ?? "-")"
    return "\(found.algorithm) \(policies) \(found.origin.map { "\($0)" } ?? "-") \(found.publicKey.count)"
  }
}
