import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import TUFMetadata
import Testing
import Transcript
import UTC

@Suite struct LintTests {
  static let changes: [Change] = [
    Change("threshold: 2", "threshold: 3", .scriptThreshold),
    Change("threshold: 2", "threshold: 1", .scriptThreshold),
    Change("threshold: 1\n    keys", "threshold: 2\n    keys", .scriptThreshold),
    Change("card: record", "card: 11", .serialRepeated),
    Change("card: record", "card: record\n    spares: [11]", .serialRepeated),
    Change("card: 11", "card: 11\n    spares: [12, 12]", .serialRepeated),
    Change("keyholders: [ada]\n", "keyholders: [ada]\n    slot: 9c\n", .slotConflict),
    Change("expires: 2027-01-01T00:00:00Z", "expires:\n      days: 5", .expiryRelative),
    Change("    expires: 2027-01-01T00:00:00Z\n  targets", "  targets", .expiryMissing),
    Change("expires: 2027-01-01T00:00:00Z", "expires: 2026-06-01T00:00:00Z", .expiryWindow),
    Change("expires: 2027-01-01T00:00:00Z", "expires: 2029-01-01T00:00:00Z", .expiryWindow),
    Change("attestation: optional", "attestation: required", .vendorMissing),
    Change("  - id: card-boris\n    do: provision\n    keyholder: boris\n", "", .stepOrder),
    Change("  - id: show\n    do: show\n    role: root\n", "", .stepOrder),
    Change("  - id: build\n    do: build\n    role: root\n", "", .stepOrder),
    Change("  - id: sign-boris\n    do: sign\n    role: root\n    keyholder: boris\n", "", .stepOrder),
    Change("  - id: verify\n    do: verify\n    role: root\n", "", .stepOrder),
    Change("  - id: write\n    do: write\n    role: root\n", "", .stepMissing),
    Change("  - id: close\n    do: close\n", "", .stepMissing),
    Change("  - id: close", "  - id: early\n    do: close\n  - id: close", .stepOrder),
    Change(
      "  - id: card-boris", "  - id: again\n    do: provision\n    keyholder: ada\n  - id: card-boris", .stepRepeated),
    Change("keyholder: boris\n  - id: verify", "keyholder: ada\n  - id: verify", .stepRepeated),
    Change("  - id: verify", "  - id: twice\n    do: build\n    role: root\n  - id: verify", .stepRepeated),
    Change("  - id: close", "  - id: late\n    do: provision\n    keyholder: boris\n  - id: close", .stepRepeated),
    Change("    do: close\n", "    do: close\n  - id: late\n    do: time\n", .stepOrder),
    Change("    do: close\n", "    do: close\n  - id: late\n    do: head\n", .stepOrder),
    Change("    do: close\n", "    do: close\n  - id: late\n    do: attendance\n", .stepOrder),
    Change("    do: close\n", "    do: close\n  - id: late\n    do: close\n", .stepOrder),
    Change("    do: close\n", "    do: close\n  - {id: a, do: departure}\n  - {id: b, do: departure}\n", .stepRepeated),
    Change(
      "  - id: hello\n", "  - {id: a, do: attendance}\n  - {id: b, do: attendance}\n  - id: hello\n", .stepRepeated),
    Change("  - id: hello\n", "  - {id: a, do: departure}\n  - id: hello\n", .stepOrder),
    Change("model: yubikey-5.7", "model: other\n  payload-limit: 900", .payloadTooLarge),
    Change("witness: Will", "witness: {name: Will, initials: WI, card: record}", .stepMissing),
    Change("witness: Will", "witness: {name: Will, initials: WI, card: 11}", .serialRepeated),
  ]

  @Test(arguments: changes)
  func oneChangeOneCode(change: Change) throws {
    let findings = try Sample.lint(try change.applied())
    #expect(findings.map(\.code).contains(change.code))
    #expect(findings.allSatisfy { !$0.hint.isEmpty })
    #expect(findings.allSatisfy { $0.place?.hasPrefix("script.yaml:") == true })
  }

  /// A step for a kept key, or for one that is made elsewhere, where the script has none: it would end the ceremony.
  @Test(arguments: ["identify", "prove", "enrol"])
  func aStepForAKeyThatNobodyHas(kind: String) throws {
    let text = try Sample.text.editing("ceremony: 1", with: "ceremony: 2")
      .editing("  - id: hello\n", with: "  - {id: odd, do: \(kind), keyholder: ada}\n  - id: hello\n")
    #expect(try Sample.lint(text).map(\.code).contains(.scriptReference))
  }

  /// Keys that no role has are neither made nor used nor wiped: no verifier takes the record of it.
  @Test(arguments: ["do: wipe", "do: make, role: root", "do: use, role: root"])
  func aStepForOneTimeKeysThatNoRoleHas(kind: String) throws {
    let text = try Sample.text.editing("ceremony: 1", with: "ceremony: 2")
      .editing("  - id: hello\n", with: "  - {id: odd, \(kind)}\n  - id: hello\n")
    #expect(try Sample.lint(text).map(\.code).contains(.scriptReference))
  }

  /// The seal names each metadata file; an Ed25519 card that does not sign as many bytes could not seal.
  @Test func aSealThatNoCardOfTheRootSigns() throws {
    let size = TranscriptSeal.size(over: ["metadata/1.root.json"], isRehearsal: false, engine: 9)
    func places(_ limit: Int, _ algorithm: String) throws -> Int {
      let text = try Sample.text
        .editing("model: yubikey-5.7", with: "model: other\n  payload-limit: \(limit)")
        .editing("threshold: 2\n", with: "threshold: 2\n    algorithm: \(algorithm)\n")
      let close = try #require(Script(Array(text.utf8)).steps.last { $0.id == "close" }?.place)
      return try Sample.lint(text).count { $0.code == .payloadTooLarge && $0.place == close }
    }
    #expect(try places(size, "ed25519") == 0)
    #expect(try places(size - 1, "ed25519") == 1)
    #expect(try places(size - 1, "ecdsa-p256") == 0)
  }

  /// A card of the witness gets its key before it signs initials, and before anything is built.
  @Test func theCardOfAnOfficialIsProvisionedFirst() throws {
    let text = try Sample.text.editing("witness: Will", with: "witness: {name: Will, initials: WI, card: record}")
    let provision = "  - {id: card-witness, do: provision, keyholder: witness}\n"
    func lint(_ text: String) throws -> [Finding.Code] { try Sample.lint(text).map(\.code) }
    let sound = try text.editing("  - id: build\n", with: provision + "  - id: build\n")
      .editing("do: show\n", with: "do: show\n    initials: [witness]\n")
    #expect(try lint(sound) == [])
    let steps = Plan(try Script(Array(sound.utf8))).steps
    #expect(
      steps.filter { $0.action.keyholder == "witness" }.map(\.id).suffix(2) == [
        "show/initials-witness", "close/seal-witness",
      ])
    #expect(try lint(sound.editing(provision, with: "")) == [.stepOrder, .stepMissing])
    #expect(try lint(sound.editing("do: say\n", with: "do: say\n    initials: [witness]\n")) == [.stepOrder])
    let late = try sound.editing(provision, with: "").editing("  - id: show\n", with: provision + "  - id: show\n")
    #expect(try lint(late) == [.stepOrder])
  }

  @Test func whatMayFollowTheClose() throws {
    let more = """
          do: close
        - {id: a, do: bag, keyholder: ada, bag: closed}
        - {id: b, do: confirm, confirm: Nothing is left.}
        - {id: c, do: departure}
        - {id: d, do: say, say: Thank you.}

      """
    #expect(try Sample.lint(Sample.text.editing("    do: close\n", with: more)) == [])
  }

  @Test func daysAreForRehearsals() throws {
    let text = try Sample.text.editing("expires: 2027-01-01T00:00:00Z", with: "expires:\n      days: 5", times: 2)
    #expect(try Sample.lint(text, .rehearsal) == [])
    #expect(try Sample.lint(text, .real).contains { $0.code == .expiryRelative })
  }

  @Test func aRehearsalExpiresWithinAWeek() throws {
    let script = try Script(Array(Sample.text.utf8))
    #expect(script.expiry(of: "root", .rehearsal, at: Sample.now) == Sample.now.adding(days: 7))
    #expect(script.expiry(of: "root", .real, at: Sample.now)?.description == "2027-01-01T00:00:00Z")
  }

  /// The table of sizes that a ceremony's planners use: canonical bytes of a root with Ed25519 keys, one online key.
  @Test(arguments: [(3, 1461), (5, 1985), (7, 2509), (9, 3033), (10, 3295)])
  func sizesOfRootsWhoseOtherRolesAreOnline(keys: Int, bytes: Int) throws {
    let ids = (0..<keys).map { "k\($0)" }
    let holders = ids.map { "  \($0):\n    name: \($0)\n    card: record\n" }.joined()
    let provisions = ids.map { "  - id: card-\($0)\n    do: provision\n    keyholder: \($0)\n" }.joined()
    let text = """
      ceremony: 1
      title: Sizes
      repository: Example
      administrator: Ann
      witness: Will
      keyholders:
      \(holders)roles:
        root:
          threshold: 2
          keyholders: [\(ids.joined(separator: ", "))]
          expires: 2027-01-01T00:00:00Z
        targets: {threshold: 1, keys: [service]}
        snapshot: {threshold: 1, keys: [service]}
        timestamp: {threshold: 1, keys: [service]}
      online-keys:
        service:
          ed25519: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
      steps:
      \(provisions)  - {id: build, do: build, role: root}

      """
    var script = try Script(Array(text.utf8))
    var online: [String: PublicKey] = [:]
    for key in script.onlineKeys { online[key.id] = try key.publicKey(nil) }
    let sizes = script.payloadSizes(online: online, at: Sample.now)
    #expect(sizes.map(\.mode) == [.real, .rehearsal])
    #expect(abs(sizes[0].bytes - bytes) <= 1, "\(sizes[0].bytes)")
    #expect(sizes[1].bytes == sizes[0].bytes + 32)
    #expect(sizes[0].fits == (bytes <= 3043))
    #expect(sizes[1].fits == (bytes + 32 <= 3043) && sizes.allSatisfy { $0.besides.isEmpty })
    func isTooLarge(_ mode: Mode) -> Bool {
      script.lint(mode, online: online, at: Sample.now).contains { $0.code == .payloadTooLarge }
    }
    #expect(isTooLarge(.real) == (bytes > 3043) && isTooLarge(.rehearsal) == (bytes + 32 > 3043))
    // Virtual cards sign the mark besides.
    script.isOnVirtualCards = true
    let virtual = script.payloadSizes(online: online, at: Sample.now)
    #expect(virtual.map(\.fits) == [bytes <= 3043, bytes <= 3043] && virtual.map(\.bytes) == sizes.map(\.bytes))
    #expect(isTooLarge(.real) == (bytes > 3043) && isTooLarge(.rehearsal) == (bytes > 3043))
  }
}
