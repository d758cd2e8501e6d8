import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Crypto
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing
import Transcript
import UTC

/// Delegated roles on cards in the years after: whose keys are kept, what they list, and what no client could follow.
@Suite struct KeptDelegationTests {
  /// A year in which Ada's card signs targets, and Boris's bins, each with a key of its own beside that of the root.
  private static func onCards(_ text: String) throws -> String {
    try text
      .editing(
        "  targets: {threshold: 1, keys: [service]}\n",
        with: """
            targets:
              threshold: 1
              keyholders: [ada]
              expires: {days: 7}
              delegations:
                bins: {hash-prefixes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", a, b, c, d, e, f]}
            bins:
              threshold: 1
              keyholders: [boris]
              expires: {days: 7}
              delegations:
                bin: {succinct: 16384}
            bin: {threshold: 1, keys: [service]}

          """
      )
      .editing(
        "  - {id: close,",
        with: DelegationTests.steps("targets", "ada") + DelegationTests.steps("bins", "boris") + "  - {id: close,")
  }

  private static func onCards(_ text: String, _ history: History) throws -> String {
    let script = try onCards(text)
    guard let before = history.newest else { return script }
    let (lines, root) = try RenewalTests.metadata(of: before, history)
    let targets = try Targets.read(
      Envelope(parsing: before.folder.read("metadata/\(history.rooms.count).targets.json"), place: "").signed
    ).targets
    let ids = [
      "ada": ("targets", root[.targets].keyIDs[0]),
      "boris": ("bins", targets.delegations?.role(named: "bins")?.keyIDs[0] ?? ""),
    ]
    return try ids.keys.sorted().reduce(script.editing("  head: ", with: "  metadata:\n\(lines)  head: ")) {
      script, who in
      let (role, id) = ids[who] ?? ("", "")
      let pattern = try Regex(
        "name: \(who.capitalized), card: record, key: (\"[0-9a-f]+\")", as: (Substring, Substring).self)
      let digits = try #require(script.firstMatch(of: pattern)?.output.1)
      return script.replacing(
        "record, key: \(digits)", with: "record, key: {root: \(digits), \(role): \"\(id.prefix(16))\"}")
    }
  }

  @Test func aCardKeepsItsKeyOfADelegatedRole() throws {
    var history = try History()
    for _ in 0..<2 {
      let before = history
      try history.hold(RenewalTests.first) { try Self.onCards($0, before) }
    }
    let room = try #require(history.newest)
    let verdict = room.replay()
    #expect(verdict.holds && verdict.findings == [], "\(verdict.findings)")
    let keys = try #require(try room.records(.close).first.flatMap { CloseRecord(fields: $0.body) }?.keys)
    #expect(keys.contains { $0.roles == ["bins"] && $0.origin == .kept }, "\(keys)")
    #expect(try room.folder.read("metadata/2.bins.json").count > 0)
    try SecondVerifier.expectAgreement(
      [("kept", try room.products())], holding: true, "with a kept key of a delegated role")
    // An engine that did not know it cannot have followed such a script.
    var folder = try room.products()
    try folder.rechain { records in
      records[0].edit("body", "engine") { _ in 8 }
      records[0].edit("body", "program", "version") { _ in "0.8.0" }
    }
    try SecondVerifier.expectAgreement([("engine 8", folder)], holding: false, "that say it of an engine before")
  }

  /// Where the script names a folder, what a role lists is what lies there now; else it stays.
  @Test func aRoleListsWhatLiesThereNow() throws {
    var history = try History()
    let folder = history.scripts.appending(path: "listed")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in [("a.txt", "one"), ("b.txt", "two")] {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    func hold(_ edit: (String) throws -> String) throws -> [String] {
      let before = history
      try history.hold(RenewalTests.first) { try edit(Self.onCards($0, before)) }
      return try #require(history.newest).console.screens.first { $0.title == "Show targets" }?.text ?? []
    }
    func listing(_ script: String) throws -> String {
      try script.editing("keyholders: [ada]\n", with: "keyholders: [ada]\n    files: listed\n")
    }
    #expect(try hold(listing) == [])
    try Data("three".utf8).write(to: folder.appending(path: "a.txt"))
    try FileManager.default.moveItem(at: folder.appending(path: "b.txt"), to: folder.appending(path: "c.txt"))
    let said = try hold(listing)
    #expect(
      ["b.txt is not listed any more.", "a.txt is another file now.", "c.txt is listed now."].allSatisfy { word in
        said.contains { $0.replacing("\"", with: "").replacing("“", with: "").replacing("”", with: "") == word }
      }, "\(said)")
    // Nothing is said of files, and they stay.
    _ = try hold { $0 }
    let third = try Targets.read(
      Envelope(parsing: #require(history.newest).folder.read("metadata/3.targets.json"), place: "").signed
    ).targets
    #expect(third.targets.names == ["a.txt", "c.txt"])
    for room in history.rooms { #expect(room.replay().holds, "\(room.replay().findings)") }
    try SecondVerifier.expectAgreement(
      try history.rooms.dropFirst().map { ("listed", try $0.products()) }, holding: true, "with renewed files")
  }

  /// A real root with targets and bins on cards is rehearsed on its twin: Boris's card makes a stand-in for his key of bins, too.
  @Test func onTheTwinADelegatedRoleHasAStandIn() throws {
    let real = try RealRoot()
    let room = try Self.rehearse(
      real, try real.script(Self.onCards(History().script(RenewalTests.first)), keeping: true))
    let record = try #require(try room.transcript().first { $0.kind == .twin }.flatMap { TwinRecord(fields: $0.body) })
    let standIn = try #require(record.keys.first { $0.original == real.ids["bins"] }?.standIn)
    let targets = try Targets.read(Envelope(parsing: room.folder.read("metadata/2.targets.json"), place: "").signed)
      .targets
    #expect(targets.delegations?.role(named: "bins")?.keyIDs == [standIn])
    let twin = try Root.readAsClient(Envelope(parsing: room.folder.read("twin/1.root.json"), place: "").signed).root
    #expect(twin.keys[standIn] == nil && record.keys.count == 4)
  }

  /// The same where targets and bins have one-time keys from now on: those that leave have stand-ins on nobody's cards.
  @Test func onTheTwinOneTimeKeysTakeTheirPlace() throws {
    let real = try RealRoot()
    let text = try real.script(RenewalTests.oneTime(History().script(RenewalTests.first)), keeping: false)
      .editing(
        "keyholders:\n",
        with: "leaving: {\"\((real.ids["targets"] ?? "").prefix(16))\": {reason: routine}}\nkeyholders:\n")
    let room = try Self.rehearse(real, text)
    let targets = try Targets.read(Envelope(parsing: room.folder.read("metadata/2.targets.json"), place: "").signed)
      .targets
    #expect(targets.version == 2 && targets.delegations?.role(named: "bins")?.keyIDs.count == 2)
  }

  private static func rehearse(_ real: RealRoot, _ text: String) throws -> Room {
    let folder = FileManager.default.temporaryDirectory.appending(path: "real-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, bytes) in real.files { try Data(bytes).write(to: folder.appending(path: name)) }
    let room = Room(inMemory: true)
    let result = try LiveCeremony(
      LiveCeremony.Options(
        script: Array(text.utf8), scriptFolder: folder.path(), out: room.path, isUnattended: true, seed: 1,
        programVersion: ProgramVersion.current), console: room.console
    ).run()
    #expect(result.outcome.ending == .complete, "\(result.outcome)")
    let verdict = room.replay()
    #expect(verdict.holds && verdict.findings.filter { $0.severity == .error } == [], "\(verdict.findings)")
    try SecondVerifier.expectAgreement([("twin", try room.products())], holding: true, "whose twin has delegated roles")
    return room
  }

  /// What no client could follow, or would trust although it leaves: `check` refuses it, and both verifiers do.
  @Test func whatClientsCouldNotFollowIsRefused() throws {
    var history = try History()
    for _ in 0..<2 {
      let before = history
      try history.hold(RenewalTests.first) { try Self.onCards($0, before) }
    }
    let made = try #require(history.newest).products()
    let sound = String(decoding: try #require(made.files["script.yaml"]), as: UTF8.self)
    let bins = try #require(sound.firstMatch(of: /bins: "([0-9a-f]+)"\}/)?.output.1)
    let service = MetadataKey(try PublicKey(ed25519: Array(History.online(1).publicKey.rawRepresentation))).keyID
    let (old, new) = try (1...2).map { try Hex.encode(Array(History.online($0).publicKey.rawRepresentation)) }.reduce(
      into: ("", "")
    ) { $0 = ($0.1, $1) }
    func leaving(_ text: String) throws -> String {
      try text.editing(
        "keyholders:\n  ada", with: "leaving: {\"\(service.prefix(16))\": {reason: suspected}}\nkeyholders:\n  ada")
    }
    var forgeries: [(String, MemoryProducts)] = []
    for (code, edit): (Finding.Code, (String) throws -> String) in [
      (
        .targetsOrphaned,
        { text in
          try text.replacing(/(?m)^  - \{id: [a-z]+-bins.*\n/, with: "")
            .editing("    threshold: 1\n    keyholders: [boris]", with: "    threshold: 1\n    one-time: 1")
        }
      ),
      (.keptKeyUnknown, { try $0.editing("targets: \"", with: "bins: \"\(bins)\", targets: \"") }),
      (.leavingStays, leaving),
      (
        .leavingStays,
        {
          try leaving($0).editing(old, with: new).editing("    delegations:\n      bin: {succinct: 16384}\n", with: "")
            .editing("  bin: {threshold: 1, keys: [service]}\n", with: "")
        }
      ),
    ] {
      let text = try edit(sound)
      let script = try Script(Array(text.utf8)).going(onFilesIn: history.scripts.path())
      let online = script.onlineKeys.reduce(into: [String: PublicKey]()) { $0[$1.id] = try? $1.publicKey(nil) }
      let findings = script.lint(.rehearsal, online: online, at: RenewalTests.now)
      #expect(findings.contains { $0.code == code && $0.severity == .error }, "\(code): \(findings)")
      var folder = made
      folder.files["script.yaml"] = Array(text.utf8)
      try folder.rechain { records in
        records.removeAll { $0["kind"] == "proof" || $0["body"]?["role"] == "proof" }
        records[0].edit("body", "script", "sha256") { _ in .string(SHA256Digest(of: Array(text.utf8)).hex) }
      }
      forgeries.append(("\(code)", folder))
    }
    try SecondVerifier.expectAgreement(forgeries, holding: false, "that no client could follow")
    let same = try sound.editing("keyholders: [boris]\n", with: "keyholders: [boris]\n    slot: 9c\n")
    let script = try Script(Array(same.utf8)).going(onFilesIn: history.scripts.path())
    #expect(script.lint(.rehearsal, online: [:], at: RenewalTests.now).contains { $0.code == .slotConflict })
  }
}
