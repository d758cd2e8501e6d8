import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing
import Transcript

/// A real root is rehearsed on its twin: the same root with stand-in keys.
@Suite struct TwinTests {
  private static let change = ForeignRoot.Change(leaves: 2, lost: 3, joins: true)
  private static let complete = Outcome(ending: .complete, status: .fine, finding: nil)

  @Test(arguments: ForeignRoot.Form.allCases) func aRootInTheFormOfOthers(_ form: ForeignRoot.Form) throws {
    let root = try ForeignRoot(form)
    let room = Room(inMemory: true)
    #expect(try root.rehearse(Self.change, in: room).outcome == Self.complete)
    let verdict = room.replay()
    #expect(verdict.findings.filter { $0.severity == .error } == [] && verdict.holds)
    try SecondVerifier.expectAgreement([(form.rawValue, try room.products())], holding: true, "that play on a twin")
    try Self.judge(room, root)
  }

  /// The twin is the real root but for the stand-ins, its mark and its expiry, and the new root follows it.
  private static func judge(_ room: Room, _ root: ForeignRoot) throws {
    let twinBytes = try room.folder.read("twin/\(root.fileName)")
    let twin = try Envelope(parsing: twinBytes, place: "twin").signed
    let record = try #require(try room.transcript().first { $0.kind == .twin }.flatMap { TwinRecord(fields: $0.body) })
    let ids = Dictionary(record.keys.map { ($0.original, $0.standIn) }, uniquingKeysWith: { first, _ in first })
    let before = try Root.readAsClient(root.signed).root
    let onCards = root.rootIDs.filter { before.keys[$0]?.publicKey?.algorithm != .rsa }
    #expect(Set(onCards).isSubset(of: ids.keys) && Set(ids.values).isDisjoint(with: ids.keys))
    var expected = root.signed
    expected["x-tuf-ceremony-rehearsal"] = true
    expected["expires"] = twin["expires"]
    var keys = JSONObject()
    for member in root.signed["keys"]?.object?.members ?? [] {
      if !root.rootIDs.contains(member.name) || root.ids("timestamp").contains(member.name) {
        keys[member.name] = member.value
      }
      guard let standIn = ids[member.name] else { continue }
      var object = try #require(member.value.object)
      let own = try #require(twin["keys"]?[standIn]?["keyval"]?["public"])
      #expect(own != object["keyval"]?["public"])
      object.edit("keyval", "public") { _ in own }
      keys[standIn] = .object(object)
    }
    expected["keys"] = .object(keys)
    let isOnCards = Set(root.ids("targets")).isSubset(of: root.rootIDs)
    for role in isOnCards ? ["root", "targets"] : ["root"] {
      expected.edit("roles", role, "keyids") { named in
        .array((named?.array ?? []).compactMap { $0.string.flatMap { ids[$0] }.map { .string($0) } })
      }
    }
    #expect(twin == expected)
    // Each stand-in has its id by the rule by which the original has its own.
    let after = try Root.readAsClient(twin).root
    for (original, standIn) in ids {
      #expect(
        before.keys[original]?.idRule == after.keys[standIn]?.idRule
          && after.keys[standIn]?.idRule != MetadataKey.IDRule.none)
      #expect(before.keys[original]?.extensions == after.keys[standIn]?.extensions)
    }
    let next = try room.folder.read("metadata/\(root.version + 1).root.json")
    var chain = RootChain()
    chain.trust(twinBytes, place: "twin")
    chain.update(next, place: "next")
    #expect(chain.steps.map(\.outcome) == [.trusted, .updated])
    let new = try Root.readAsClient(try Envelope(parsing: next, place: "next").signed).root
    try PythonTUF.judge(twinBytes, followedBy: next, "a twin and the root that follows it")
    // What is kept stands there as it does in the twin.
    for key in new.keys.keys where after.keys[key.keyID] != nil { #expect(after.keys[key.keyID]?.fields == key.fields) }
    #expect(new.keys(of: .root).filter { after.keys[$0.keyID] != nil }.count >= 2)
    for real in before.keys(of: .root) { #expect(!new.keys(of: .root).contains { $0.material == real.material }) }
  }

  @Test func peopleAreToldWhatAStandInIs() throws {
    let room = Room(inMemory: true)
    try ForeignRoot(.ours).rehearse(Self.change, in: room)
    let screens = room.console.screens.filter { $0.title.hasPrefix("A stand-in for the key of ") }
    #expect(
      screens.map(\.title).map { $0.dropFirst("A stand-in for the key of ".count).prefix(8) } == [
        "Keeper 0", "Keeper 1", "Keeper 2", "nobody, ",
      ])
    #expect(
      screens.allSatisfy { $0.text.contains { $0.contains("No real key is used") } && $0.banners == ["REHEARSAL"] })
    let changes = try #require(room.console.screens.first { $0.title == "Show root" }).text
    for (name, what) in [
      ("Keeper 2", "leaves (left)."), ("Gone", "leaves (lost)."), ("Dora", "joins."), ("Keeper 0", "stays."),
    ] {
      #expect(changes.contains { $0.hasPrefix("root: \(name), key ") && $0.hasSuffix(what) }, "\(changes)")
    }
  }

  /// What somebody changes who writes everything anew that needs no card.
  private static let mutations: [(what: String, edit: @Sendable (inout MemoryProducts) throws -> Void)] = [
    ("no record of the twin", { try $0.rechain { $0.removeAll { $0["kind"] == "twin" } } }),
    (
      "another root is named",
      { folder in
        try folder.editTwinRecord { $0.edit("body", "root") { _ in .string(SHA256Digest.zero.hex) } }
      }
    ),
    (
      "another stand-in is named",
      { folder in
        try folder.editTwinRecord { record in
          let keys = record["body"]?["keys"]?.array ?? []
          record.edit("body", "keys") { _ in
            .array([["keyid": keys[0]["keyid"] ?? .null, "stand-in": keys[1]["stand-in"] ?? .null]] + keys.dropFirst())
          }
        }
      }
    ),
    (
      "one key less is named",
      { folder in
        try folder.editTwinRecord { record in
          record.edit("body", "keys") { .array(($0?.array ?? []).dropLast()) }
        }
      }
    ),
    (
      "named in another order",
      { folder in
        try folder.editTwinRecord { record in
          record.edit("body", "keys") { .array(($0?.array ?? []).reversed()) }
        }
      }
    ),
    (
      "said twice",
      { folder in
        try folder.rechain { records in
          guard let place = records.firstIndex(where: { $0["kind"] == "twin" }) else { return }
          records.insert(records[place], at: place)
        }
      }
    ),
    (
      "a stand-in that was not made",
      { folder in
        try folder.rechain { records in
          for place in records.indices
          where records[place]["kind"] == "command" && records[place]["step"]?.string?.hasPrefix("twin/") == true {
            records[place].edit("body", "apdu") { apdu in
              .string((apdu?.string ?? "").replacingOccurrences(of: "00470", with: "00480"))
            }
          }
        }
      }
    ),
    (
      "a stand-in with another touch policy",
      { folder in
        try folder.rechain { records in
          for place in records.indices where records[place]["step"]?.string?.hasPrefix("twin/") == true {
            records[place].edit("body", "apdu") { apdu in
              apdu.map { .string(($0.string ?? "").replacingOccurrences(of: "ab0102", with: "ab0101")) }
            }
          }
        }
      }
    ),
    (
      "another payload of the twin",
      { folder in
        try folder.rechain { records in
          guard let place = records.firstIndex(where: { $0["kind"] == "payload" && $0["body"]?["role"] == "twin" })
          else { return }
          records[place].edit("body", "role") { _ in "root" }
        }
      }
    ),
    (
      "a signature that is not on record",
      { folder in
        try folder.rechain { records in
          records.removeAll { $0["kind"] == "signature" && $0["body"]?["role"] == "twin" }
        }
      }
    ),
    ("another field of the twin", { try $0.editTwin { $0.edit("signed", "x-note") { _ in 1 } } }),
    ("another expiry", { try $0.editTwin { $0.edit("signed", "expires") { _ in "2032-02-03T04:05:06Z" } } }),
    ("no mark", { try $0.editTwin { $0.edit("signed", "x-tuf-ceremony-rehearsal") { _ in nil } } }),
    ("another threshold", { try $0.editTwin { $0.edit("signed", "roles", "root", "threshold") { _ in 1 } } }),
    ("one signature less", { try $0.editTwin { $0.edit("signatures") { .array(($0?.array ?? []).dropLast()) } } }),
    (
      "the real root",
      { folder in
        let real = try #require(folder.files["inputs/4.root.json"])
        try folder.put(real, at: "twin/4.root.json")
      }
    ),
    (
      "no twin",
      { folder in
        folder.files["twin/4.root.json"] = nil
        try folder.rechain { $0.removeAll { $0["kind"] == "write" && $0["body"]?["path"] == "twin/4.root.json" } }
      }
    ),
  ]

  @Test func changedTwinsAreRefusedByBoth() throws {
    let room = Room(inMemory: true)
    try ForeignRoot(.ours).rehearse(Self.change, in: room)
    let sound = try room.products()
    let cases = try Self.mutations.map { what, edit in
      var changed = sound
      try edit(&changed)
      #expect(changed.files != sound.files, "\(what)")
      return (what: what, folder: changed)
    }
    try SecondVerifier.expectAgreement(cases, holding: false, "with a twin that was changed")
    for one in cases {
      var byFiles = ReplayVerdict()
      byFiles.judge(one.folder)
      let codes: Set<Finding.Code> = [.twinDiffers, .evidenceMissing, .recordMalformed, .productChanged, .fileRefused]
      #expect(byFiles.findings.contains { codes.contains($0.code) }, "\(one.what): \(byFiles.findings)")
    }
  }

  /// A key that no card makes is left out where the others are enough, and otherwise nothing is rehearsed.
  @Test func aKeyWithoutStandInIsNeeded() throws {
    let root = try ForeignRoot(.rsa, threshold: 4)
    let script = try Script(Array(try root.script(Self.change).text.utf8))
      .going(on: Baseline(root.bytes, named: root.fileName))
    let error = #expect(throws: Finding.self) { try script.withStandIns() }
    #expect(error?.code == .twinUnreachable && error?.what.contains(root.rootIDs[3].prefix(8)) == true)
  }

  /// On virtual cards the twin of the largest root is not too large for its mark alone.
  @Test func theTwinOfNineKeys() throws {
    let root = try ForeignRoot(.ours, holders: 9)
    let room = Room(inMemory: true)
    #expect(try root.rehearse(in: room).outcome == Self.complete)
    let twin = try Envelope(parsing: try room.folder.read("twin/\(root.fileName)"), place: "twin")
    #expect(twin.signedBytes.count > 3043)
    try SecondVerifier.expectAgreement([("nine", try room.products())], holding: true, "on the twin of nine keys")
  }

  // MARK: - Around it

  /// The next rehearsal goes on from what the first one made, with its cards.
  @Test func aRehearsalAfterARehearsalOnATwin() throws {
    let first = Room(inMemory: true)
    try ForeignRoot(.tufOnCI).rehearse(Self.change, in: first)
    let made = try first.folder.read("metadata/5.root.json")
    var next = try ForeignRoot(bytes: made)
    #expect(next.signed["x-tuf-ceremony-rehearsal"] == true)
    // Without the folder nobody has the keys.
    let refused = Room()
    let error = #expect(throws: Finding.self) { try next.rehearse(in: refused) }
    #expect(error?.code == .keptCardsMissing && error?.hint.contains("--after") == true)
    #expect(!FileManager.default.fileExists(atPath: refused.path))
    let second = Room(inMemory: true)
    #expect(try next.rehearse(in: second, after: first.path).outcome == Self.complete)
    let both = Replay(second.folder, after: first.folder).verdict()
    #expect(both.holds && both.isEarlierVerified, "\(both.findings)")
    #expect(second.replay().holds && (try? second.folder.read("twin/5.root.json")) == nil)
    try SecondVerifier.expectAgreement(
      [("after a twin", try second.products())], holding: true, "that go on from a rehearsal")
    next = try ForeignRoot(bytes: second.folder.read("metadata/6.root.json"))
    #expect(next.version == 6)
  }

  /// A real ceremony has no virtual cards, and needs none to be followed by a rehearsal.
  @Test func aRehearsalAfterARealCeremony() throws {
    let real = RealRoom()
    _ = try real.hold()
    let root = try ForeignRoot(bytes: real.folder.read("metadata/1.root.json"))
    let room = Room(inMemory: true)
    let result = try root.rehearse(in: room, after: real.folder.path)
    #expect(result.outcome == Self.complete && result.roots == ["metadata/2.root.json"])
    #expect(room.replay().holds)
    let both = Replay(room.folder, after: real.folder).verdict()
    #expect(both.holds && both.isEarlierVerified, "\(both.findings)")
    try SecondVerifier.expectAgreement(
      [("after a real ceremony", try room.products())], holding: true, "that rehearse what follows it")
    try Self.judge(room, root)
  }

  /// Stopped at any of its questions, the twin is made to its end by whoever goes on.
  @Test func itGoesOn() throws {
    let whole = Room(inMemory: true)
    var prompts = 0
    whole.console.answer = { screen in
      prompts += 1
      return screen.prompt?.unattended
    }
    let root = try ForeignRoot(.ours)
    try root.rehearse(Self.change, in: whole, seed: nil)
    for stop in Sweep.sample(Array(0..<prompts / 2), oneOf: 6) {
      let room = Room(inMemory: true)
      var count = 0
      room.console.answer = { screen in
        defer { count += 1 }
        if count == stop { throw Interruption(reason: "end of input") }
        return screen.prompt?.unattended
      }
      #expect(throws: Interruption.self) { try root.rehearse(Self.change, in: room, seed: nil) }
      let result = try Resumption(room.path, console: room.console, isUnattended: true).run()
      #expect(result.ceremony.outcome.ending == .complete, "stopped at prompt \(stop)")
      let verdict = room.replay()
      #expect(verdict.holds, "stopped at prompt \(stop): \(verdict.findings)")
      try SecondVerifier.expectAgreement([("stopped at \(stop)", try room.products())], holding: true, "that went on")
    }
  }

  // MARK: - What others published

  /// Which are refused, and why; each of the others is rehearsed.
  private static let refused = [
    // RSA keys, which no card here makes.
    "rstuf-cli-payload/2.root.json": "KEPT-KEY-KIND",
    // One key, which would decide alone.
    "python-tuf-repository_data/1.root.json": "SCRIPT-THRESHOLD",
    "python-tuf-repository_data/root.json": "SCRIPT-THRESHOLD",
    "tough--rotated-root/1.root.json": "SCRIPT-THRESHOLD",
    "tough--rotated-root/2.root.json": "SCRIPT-THRESHOLD",
    // Points in hexadecimal, for which no client of today counts a signature.
    "sigstore-root-signing/1.root.json": "KEPT-KEY-KIND",
    "sigstore-root-signing/2.root.json": "KEPT-KEY-KIND",
    "sigstore-root-signing/3.root.json": "KEPT-KEY-KIND",
    "sigstore-root-signing/4.root.json": "KEPT-KEY-KIND",
    // A key id that is no digest of its key.
    "sigstore-root-signing/11.root.json": "KEYID-MISMATCH",
    // What no client starts from.
    "tough--duplicate-keyid/root.json": "JSON-DUPLICATE-NAME",
    "tough--duplicate-sigs/root.json": "SIGNATURE-REPEATED",
    "tough--mismatched-root-json-keyids/root.json": "BASELINE-INVALID",
  ]

  /// Each root with all of its keys kept: rehearsed, or refused by name before anything is created.
  @Test func realRoots() throws {
    guard let folder = RealData.folder("roots", skipping: 1, "rotations of roots that others published") else { return }
    let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix("root.json") }
    let names = Sweep.sample(all.sorted(), oneOf: 3)
    var outcomes: [String: String] = [:]
    var held: [(what: String, folder: MemoryProducts)] = []
    for name in names {
      let room = Room(inMemory: true)
      do {
        let root = try ForeignRoot(bytes: Array(try Data(contentsOf: folder.appending(path: name))))
        let result = try root.rehearse(in: room)
        outcomes[name] = result.outcome.finding?.code.description ?? "complete"
        guard result.outcome == Self.complete else { continue }
        held.append((name, try room.products()))
        try Self.judge(room, root)
      } catch let finding as Finding {
        outcomes[name] = finding.code.description
        #expect(!FileManager.default.fileExists(atPath: room.path), "\(name)")
      }
    }
    if !held.isEmpty { try SecondVerifier.expectAgreement(held, holding: true, "that rehearse a published root") }
    for name in names { #expect(outcomes[name] == Self.refused[name] ?? "complete", "\(name)") }
  }
}

extension MemoryProducts {
  /// Changes the record of the twin.
  fileprivate mutating func editTwinRecord(_ edit: (inout JSONObject) throws -> Void) throws {
    try rechain { records in
      let place = try #require(records.firstIndex { $0["kind"] == "twin" })
      try edit(&records[place])
    }
  }

  /// Changes the twin, and what the records say of its file.
  fileprivate mutating func editTwin(_ edit: (inout JSONObject) throws -> Void) throws {
    var twin = try object("twin/4.root.json")
    try edit(&twin)
    try put(JSONValue.object(twin).pretty(), at: "twin/4.root.json")
  }

  /// Another file, with the record of it.
  fileprivate mutating func put(_ bytes: [UInt8], at path: String) throws {
    files[path] = bytes
    try rechain { records in
      let place = try #require(records.firstIndex { $0["kind"] == "write" && $0["body"]?["path"] == .string(path) })
      records[place].edit("body", "sha256") { _ in .string(SHA256Digest(of: bytes).hex) }
      records[place].edit("body", "bytes") { _ in .integer(Int64(bytes.count)) }
    }
  }
}
