import CanonicalJSON
import CeremonyScript
import Findings
import Foundation
import Keys
import PIVTypes
import SampleMetadata
import ScriptDraft
import TUFMetadata
import Testing
import UTC

/// The text of a rotation's script: what each option puts into it, and that nothing stands there which nobody knows.
@Suite struct RotationDraftTests {
  private static let now = UTCTime("2026-11-21T00:00:00Z")

  /// Three people, two of whom must sign, whose names stand in their keys; one online key.
  private static func before(
    names: [String] = ["Ada", "Boris", "Chandra"], keyField: String = "x-rstuf-key-name",
    fields: JSONObject = JSONObject(), roleFields: JSONObject = JSONObject(), mark: Bool = false
  ) throws -> RootBefore {
    let signers = try names.enumerated().map {
      try Signer(UInt8($0.offset + 1), extensions: [keyField: .string($0.element)])
    }
    let service = try Signer(200).key
    let daily = Role(keyIDs: [service.keyID], threshold: 1, fields: roleFields)
    let root = Root(
      version: 4, expires: try #require(UTCTime("2027-01-01T00:00:00Z")), keys: signers.map(\.key) + [service],
      roles: [
        .root: Role(keyIDs: signers.map(\.key.keyID), threshold: 2), .targets: daily, .snapshot: daily,
        .timestamp: daily,
      ], fields: fields, isRehearsal: mark)
    var envelope = Envelope(signed: root.json)
    for signer in signers { envelope = envelope.adding(try signer.signature(over: envelope.signedBytes)) }
    return try RootBefore(envelope.serialized(), named: "root.json")
  }

  private static func errors(of drafted: DraftedScript, _ mode: Mode = .rehearsal) throws -> [Finding.Code] {
    drafted.script.lint(mode, online: drafted.online, at: try #require(now)).filter { $0.severity == .error }.map(
      \.code)
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let what: String
    let lines: [String]
    let lacks: [String]
    let edit: @Sendable (inout RotationDraft) throws -> Void
    var testDescription: String { what }

    init(
      _ what: String, _ lines: [String], lacks: [String] = [],
      _ edit: @escaping @Sendable (inout RotationDraft) throws -> Void
    ) {
      self.what = what
      self.lines = lines
      self.lacks = lacks
      self.edit = edit
    }
  }

  static let changes = [
    Change(
      "nothing but a new expiry",
      [
        "#   - Nobody joins or leaves. It gets a new expiry.", "keyholders: [ada, boris, chandra]", "id: prove-chandra",
        "expires: {days: 365}",
      ],
      lacks: ["leaving:", "do: provision"]
    ) { _ in },
    Change(
      "somebody leaves and signs once more",
      ["  chandra:\n    reason: left\n", "id: sign-root-chandra", "keyholders: [ada, boris]", "id: bag-back-chandra"],
      lacks: ["id: prove-chandra"]
    ) { $0.leaves = [("chandra", .left)] },
    Change(
      "a lost card, which nobody brings", ["    reason: lost\n    name: Chandra\n", "keyholders: [ada, boris]"],
      lacks: ["sign-root-chandra", "  chandra:"]
    ) { $0.leaves = [("chandra", .lost)] },
    Change(
      "a new card for a lost one",
      ["    reason: lost\n", "keyholders: [ada, boris, chandra]", "id: card-chandra", "x-rstuf-key-name: \"Chandra\""],
      lacks: ["chandra-old"]
    ) {
      $0.leaves = [("Chandra", .lost)]
      $0.joins = ["Chandra"]
    },
    Change(
      "a new card beside the old one",
      [
        "name: Ada, old card", "id: sign-root-ada-old", "I am Ada. My old card is in this bag.",
        "algorithm: ecdsa-p256",
      ]
    ) {
      $0.leaves = [("ada", .routine)]
      $0.joins = ["Ada"]
      $0.algorithm = .ecdsaP256
    },
    Change(
      "somebody is not in the room", ["    absent: keep\n", "#   - Chandra is not in the room"],
      lacks: ["prove-chandra", "sign-root-chandra", "bag-chandra"]
    ) { $0.without = ["chandra"] },
    Change(
      "whoever leaves is not in the room, either", ["    reason: left\n    name: Chandra\n"],
      lacks: ["sign-root-chandra"]
    ) {
      $0.leaves = [("chandra", .left)]
      $0.without = ["chandra"]
    },
    Change(
      "the online key is replaced by one that is not there yet",
      [
        "name: the online key service", "reason: suspected", "    ed25519: \(Script.standInKey)",
        "To be filled in: the service's new public key",
      ]
    ) { $0.leaves = [("service", .suspected)] },
    Change(
      "a threshold and a time",
      ["threshold: 3\n", "#   - The threshold goes from 2 to 3.", "expires: 2027-10-01T00:00:00Z"]
    ) {
      $0.threshold = 3
      $0.expires = UTCTime("2027-10-01T00:00:00Z")
    },
    Change(
      "somebody signs elsewhere", ["    absent: pending\n", "#   - Chandra signs elsewhere.", "id: collect-root"],
      lacks: ["prove-chandra", "sign-root-chandra", "bag-chandra", "bag-back-chandra", "do: enrol"]
    ) { $0.elsewhere = ["chandra"] },
    Change(
      "whoever leaves signs elsewhere",
      ["  chandra:\n    reason: left\n", "    absent: pending\n", "id: collect-root"],
      lacks: ["sign-root-chandra", "bag-chandra"]
    ) {
      $0.leaves = [("chandra", .left)]
      $0.elsewhere = ["Chandra"]
    },
    Change(
      "somebody makes their key elsewhere",
      [
        "    enrol: \"05050505050505050505050505050505\"\n", "    absent: pending\n", "id: enrol-dora",
        "id: collect-root",
        "#   - Dora joins with a key that is made elsewhere.",
      ], lacks: ["card-dora", "bag-dora", "sign-root-dora"]
    ) {
      $0.joins = ["Dora"]
      $0.elsewhere = ["Dora"]
      $0.nonces = [Array(repeating: 5, count: 16)]
    },
  ]

  @Test(arguments: changes)
  func whatEachOptionPutsIntoIt(_ change: Change) throws {
    var draft = RotationDraft(after: try Self.before())
    try change.edit(&draft)
    let drafted = try draft.drafted()
    let text = String(decoding: drafted.bytes, as: UTF8.self)
    for line in change.lines { #expect(text.contains(line), "\(line) is not in\n\(text)") }
    for word in change.lacks { #expect(!text.contains(word), "\(word) is in\n\(text)") }
    #expect(try Self.errors(of: drafted) == [])
    #expect(try Self.errors(of: drafted, .real).contains(.scriptOpen))
    #expect(drafted.files.map(\.name) == ["4.root.json"])
    #expect(text.contains("previous:\n  root:\n    file: 4.root.json\n"))
  }

  @Test func fieldsAreRepeatedAndTheMarkIsNot() throws {
    let fields: JSONObject = [
      "x-tuf-on-ci-expiry-period": 365, "x-list": ["a: #", 2, ["deep": true]], "x-quote": "\"\\",
    ]
    let before = try Self.before(fields: fields, roleFields: ["x-tuf-on-ci-signing-period": 60], mark: true)
    let drafted = try RotationDraft(after: before).drafted()
    #expect(drafted.script.fields == fields)
    #expect(drafted.script.onlineRoles.allSatisfy { $0.fields["x-tuf-on-ci-signing-period"] == 60 })
    #expect(try Self.errors(of: drafted) == [])
    #expect(try Self.errors(of: drafted, .real).contains(.baselineRehearsal))
  }

  /// Names of others stand in comments and in quotes, and end neither.
  @Test(arguments: ["Ada\nceremony: 1", "\"}\n#", "Ada\u{2028}x", "\u{202e}Ada", "", "TO BE FILLED IN: x", "Ada\\"])
  func aNameCannotBecomeAnythingElse(_ name: String) throws {
    var draft = RotationDraft(after: try Self.before(names: [name, "Boris", "Chandra"]))
    draft.without = [try #require(draft.names.first)]
    let drafted = try draft.drafted()
    #expect(drafted.script.keyholders.count == 3)
    let isKept = drafted.script.keyholders[0].name == name
    #expect(isKept != ScriptText.isOpen(drafted.script.keyholders[0].name))
    #expect(isKept == (name == "Ada\\"))
    // What cannot be seen keeps the whole root from being signed here, and nothing is written.
    let isSeen = name.unicodeScalars.allSatisfy(ScriptText.isSeen)
    let errors = try Self.errors(of: drafted)
    #expect(errors.isEmpty == isSeen, "\(errors)")
  }

  @Test func namesComeFromTheFieldsOfEachForm() throws {
    let account = try RotationDraft(
      after: Self.before(names: ["@ada", "@boris", "@chandra"], keyField: "x-tuf-on-ci-keyowner"))
    #expect(try account.drafted().script.keyholders.map(\.name) == ["@ada", "@boris", "@chandra"])
    #expect(account.names.dropLast() == ["ada", "boris", "chandra"])
    var joined = account
    joined.joins = ["@Dora"]
    #expect(try joined.drafted().script.keyholder("dora")?.fields["x-tuf-on-ci-keyowner"] == "@dora")
    joined.joins = ["Dora"]
    #expect(try joined.drafted().open.contains { $0.contains("x-tuf-on-ci-keyowner") })
    // Whose key it is stands nowhere.
    let bare = RotationDraft(after: try Self.before(keyField: "x-other"))
    let drafted = try bare.drafted()
    #expect(drafted.script.keyholders.allSatisfy { ScriptText.isOpen($0.name) })
    #expect(bare.names.dropLast().allSatisfy { $0.hasPrefix("key-") })
    #expect(drafted.open.count { $0.hasPrefix("the name of the keyholder key-") } == 3)
  }

  /// Nobody has keys that were wiped: what clients have of their roles must be at hand.
  @Test func afterOneTimeKeysTheirMetadataIsWanted() throws {
    let first = try RotationDraft(after: Self.before()).drafted()
    let text = String(decoding: first.bytes, as: UTF8.self)
      .replacing(#/(?<role>  targets:\n    threshold: 1\n)    keys: .*/#) { "\($0.role)    one-time: 2" }
    let before = try RootBefore(Self.before().file.bytes, named: "root", script: Script(Array(text.utf8)))
    let finding = #expect(throws: Finding.self) { try RotationDraft(after: before).drafted() }
    #expect(finding?.code == .targetsBaseline && finding?.hint.contains("--after DIR") == true)
  }

  /// Nobody has keys that their cards deleted: no draft asks who brings them.
  @Test func afterDiscardedKeysNothingIsDrafted() throws {
    let first = try RotationDraft(after: Self.before()).drafted()
    let holder = try #require(first.script.keyholders.first?.id)
    let text = String(decoding: first.bytes, as: UTF8.self)
      .replacing(#/(?<role>  targets:\n    threshold: 1\n)    keys: .*/#) {
        "\($0.role)    keyholders: [\(holder)]\n    discarded: true"
      }
    let before = try RootBefore(Self.before().file.bytes, named: "root", script: Script(Array(text.utf8)))
    let finding = #expect(throws: Finding.self) { try RotationDraft(after: before).drafted() }
    #expect(finding?.code == .delegationKept && finding?.hint.contains("ROTATION.md") == true)
  }

  /// What somebody decided about a card that stays holds again.
  @Test func whatTheScriptBeforeSaysOfCards() throws {
    let first = try RotationDraft(after: Self.before()).drafted()
    let text = String(decoding: first.bytes, as: UTF8.self)
      .replacing(
        "    key: ", with: "    firmware: accepted\n    model: other\n    payload-limit: 2500\n    key: ",
        maxReplacements: 1
      )
      .replacing("expires: {days: 365}", with: "expires: {days: 365}\n    slot: 9a")
    let root = try Self.before().file.bytes
    let drafted = try RotationDraft(after: RootBefore(root, named: "root", script: Script(Array(text.utf8)))).drafted()
      .script
    #expect(drafted.keyholders.map(\.acceptsFirmware) == [true, false, false])
    #expect(drafted.keyholders.map(\.model) == [.other(limit: 2500), nil, nil])
    #expect(drafted.offlineRole("root")?.slot == .authentication)
  }

  @Test func whomTheRootBeforeDoesNotKnow() throws {
    var draft = RotationDraft(after: try Self.before())
    for who in ["dora", "00000000", ""] {
      draft.leaves = [(who, .left)]
      let error = #expect(throws: Finding.self) { try draft.drafted() }
      #expect(error?.code == .leavingUnknown && error?.hint.contains("ada, boris, chandra, service") == true)
    }
    draft.leaves = [("ada", .left), ("Ada", .lost)]
    #expect(throws: Finding.self) { try draft.drafted() }
    draft.leaves = []
    draft.without = ["service"]
    #expect(throws: Finding.self) { try draft.drafted() }
  }

  @Test func theNewOnlineKeyIsAnother() throws {
    var draft = RotationDraft(after: try Self.before())
    draft.serviceKey = ServiceKey(try #require(try Signer(200).key.publicKey), file: nil)
    #expect(throws: Finding.self) { try draft.drafted() }
    draft.serviceKey = ServiceKey(try #require(try Signer(201).key.publicKey), file: nil)
    let drafted = try draft.drafted()
    #expect(try Self.errors(of: drafted) == [])
    #expect(drafted.script.leaving.map(\.reason) == [.routine])
  }

  /// A whole quorum that is suspected leaves nothing to rotate with.
  @Test(arguments: [(1, false), (2, true), (3, true)])
  func aSuspectedQuorum(_ count: Int, _ isTooMany: Bool) throws {
    var draft = RotationDraft(after: try Self.before())
    let names = ["Ada", "Boris", "Chandra"].prefix(count)
    draft.leaves = names.map { ($0, .suspected) }
    draft.joins = Array(names)
    let words = try draft.drafted().script.suspectedQuorum
    #expect((words != nil) == isTooMany)
    #expect(words?.contains("clients need a new root out of band") != false)
    draft.leaves = names.map { ($0, .routine) }
    #expect(try draft.drafted().script.suspectedQuorum == nil)
  }
}
