import CanonicalJSON
import CeremonyScript
import Findings
import Judges
import Keys
import TUFMetadata
import Testing

/// What tuf-on-ci and clients need of what is handed over: each breach by itself, at its own line of the script.
@Suite struct ServiceContractTests {
  /// Both take what this one makes.
  private static let script = """
    ceremony: 2
    title: For tuf-on-ci
    repository: Example repository
    administrator: Administrator
    witness: Witness
    keyholders:
      ada:
        name: Ada
        card: record
        fields:
          x-tuf-on-ci-keyowner: "@ada"
      boris:
        name: Boris
        card: record
        fields:
          x-tuf-on-ci-keyowner: "@boris"
    fields:
      x-tuf-on-ci-expiry-period: 365
      x-tuf-on-ci-signing-period: 60
    roles:
      root:
        threshold: 2
        keyholders: [ada, boris]
        algorithm: ecdsa-p256
        expires: 2027-06-01T00:00:00Z
      targets:
        threshold: 1
        keyholders: [ada, boris]
        algorithm: ecdsa-p256
        expires: 2027-06-01T00:00:00Z
        signed-fields:
          x-tuf-on-ci-expiry-period: 365
          x-tuf-on-ci-signing-period: 60
      snapshot:
        threshold: 1
        keys: [service]
        fields: {x-tuf-on-ci-expiry-period: 9, x-tuf-on-ci-signing-period: 4}
      timestamp:
        threshold: 1
        keys: [service]
        fields: {x-tuf-on-ci-expiry-period: 3, x-tuf-on-ci-signing-period: 2}
    online-keys:
      service:
        ed25519: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
        fields:
          x-tuf-on-ci-online-uri: gcpkms:projects/p
      other:
        ed25519: 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c
    hand-over: [tuf-on-ci, repository]
    steps:
      - {id: card-ada, do: provision, keyholder: ada}
      - {id: card-boris, do: provision, keyholder: boris}
      - {id: build, do: build, role: root}
      - {id: show, do: show, role: root}
      - {id: sign-ada, do: sign, role: root, keyholder: ada}
      - {id: sign-boris, do: sign, role: root, keyholder: boris}
      - {id: verify, do: verify, role: root}
      - {id: write, do: write, role: root}
      - {id: build-targets, do: build, role: targets}
      - {id: show-targets, do: show, role: targets}
      - {id: sign-targets, do: sign, role: targets, keyholder: ada}
      - {id: verify-targets, do: verify, role: targets}
      - {id: write-targets, do: write, role: targets}
      - {id: close, do: close}

    """

  private static func findings(_ text: String) throws -> [Finding] {
    let script = try Script(Array(text.utf8))
    var online: [String: PublicKey] = [:]
    for key in script.onlineKeys { online[key.id] = try key.publicKey(nil) }
    return script.lint(.real, online: online, at: Sample.now).filter { $0.code == .handOver }
  }

  struct Breach: CustomTestStringConvertible {
    let old: String
    let new: String
    /// What the line of its place begins with, at its first or last standing.
    let line: String
    let words: String
    let testDescription: String

    init(_ name: String, _ old: String, _ new: String, at line: String, _ words: String) {
      testDescription = name
      (self.old, self.new, self.line, self.words) = (old, new, line, words)
    }
  }

  static let breaches = [
    Breach(
      "a key without an owner", "    fields:\n      x-tuf-on-ci-keyowner: \"@ada\"\n", "", at: "  ada:",
      "does not say whose it is"),
    Breach("an owner in capitals", "@boris", "@Boris", at: "      x-tuf-on-ci-keyowner: \"@Boris\"", "small letters"),
    Breach(
      "an owner without its sign", "\"@boris\"", "boris", at: "      x-tuf-on-ci-keyowner: boris", "small letters"),
    Breach(
      "no period of the root", "  x-tuf-on-ci-signing-period: 60\nroles", "roles", at: "hand-over:", "there is none"),
    Breach(
      "a period that is a text", "expiry-period: 9", "expiry-period: \"9\"",
      at: "    fields: {x-tuf-on-ci-expiry-period: \"9\"", "whole number"),
    Breach(
      "no period of the timestamp", ", x-tuf-on-ci-signing-period: 2", "", at: "  timestamp:", "signing-period"),
    Breach(
      "no periods in targets",
      "    signed-fields:\n      x-tuf-on-ci-expiry-period: 365\n      x-tuf-on-ci-signing-period: 60\n", "",
      at: "  targets:",
      "targets metadata has no"),
    Breach(
      "an online key that nobody finds", "    fields:\n      x-tuf-on-ci-online-uri: gcpkms:projects/p\n", "",
      at: "  service:", "where its private half is"),
    Breach(
      "two online keys", "  snapshot:\n    threshold: 1\n    keys: [service]",
      "  snapshot:\n    threshold: 1\n    keys: [other]", at: "  snapshot:", "one online key"),
  ]

  @Test(arguments: breaches)
  func oneBreachOneFinding(breach: Breach) throws {
    let text = try Self.script.editing(breach.old, with: breach.new)
    let line = try #require(
      text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.hasPrefix(breach.line) })
    let findings = try Self.findings(text)
    #expect(findings.count == 1, "\(findings)")
    #expect(findings.first?.severity == .error && findings.first?.what.contains(breach.words) == true)
    #expect(findings.first?.place?.hasPrefix("script.yaml:\(line + 1):") == true, "\(findings)")
  }

  @Test func theContractsAreKept() throws { #expect(try Self.findings(Self.script) == []) }

  /// Its signer knows no Ed25519 on cards: each keyholder is named, once for both roles.
  @Test func ed25519CardsAreRefusedWithTheReason() throws {
    let findings = try Self.findings(
      Self.script.replacing("        algorithm: ecdsa-p256\n", with: "").replacing(
        "    algorithm: ecdsa-p256\n", with: ""))
    #expect(findings.count == 2, "\(findings)")
    #expect(findings.allSatisfy { $0.what.contains("P-256 and P-384") && $0.what.contains("ed25519") })
    #expect(Set(findings.compactMap(\.place)).count == 2)
  }

  /// Without it there is nothing that tuf-on-ci goes on from, and nothing that a client could find a file by.
  @Test func targetsThatNobodyBuildsAreMissedByBoth() throws {
    let steps = Self.script.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("-targets, do:") }.joined(separator: "\n")
    let findings = try Self.findings(steps)
    #expect(findings.map(\.place) == [findings.first?.place, findings.first?.place], "\(findings)")
    #expect(findings.contains { $0.what.contains("clients find no file") })
    #expect(findings.contains { $0.what.contains("goes on from targets metadata") })
  }

  @Test func fieldsOfSignedTargetsAreInItsPayload() throws {
    let script = try Script(Array(Self.script.utf8))
    let targets = script.targets("targets", ScriptKeys(offline: [:], online: [:]), expires: Sample.now, .rehearsal)
    #expect(targets.json["x-tuf-on-ci-expiry-period"] == 365 && targets.isRehearsal)
    let (none, findings) = Script.read(
      Array(try Self.script.editing("    threshold: 2\n", with: "    threshold: 2\n    signed-fields: {x-a: 1}\n").utf8)
    )
    #expect(none == nil && findings.map(\.code) == [.scriptUnknownKey], "\(findings)")
  }
}
