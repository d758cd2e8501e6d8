import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
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
import UTC

/// The year after PEP 458's first: nobody has the one-time keys of before, others are made, and targets and bins go on from the
/// metadata that clients have.
@Suite struct RenewalTests {
  static let now = UTCTime("2026-11-21T00:00:00Z") ?? .epoch
  static let first = History.Year(holders: ["ada", "boris"], threshold: 2)

  /// The script of a year with targets and bins by one-time keys.
  static func oneTime(_ text: String) throws -> String {
    let used = ["targets", "bins"].map { role in
      """
        - {id: build-\(role), do: build, role: \(role)}
        - {id: show-\(role), do: show, role: \(role)}
        - {id: use-\(role), do: use, role: \(role)}

      """
    }
    let written = ["targets", "bins"].map {
      "  - {id: verify-\($0), do: verify, role: \($0)}\n  - {id: write-\($0), do: write, role: \($0)}\n"
    }
    return
      try text
      .editing(
        "  targets: {threshold: 1, keys: [service]}\n",
        with: """
            targets:
              threshold: 2
              one-time: 2
              expires: {days: 7}
              delegations:
                bins: {hash-prefixes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", a, b, c, d, e, f]}
            bins:
              threshold: 2
              one-time: 2
              expires: {days: 7}
              delegations:
                bin: {succinct: 16384}
            bin: {threshold: 1, keys: [service]}

          """
      )
      .editing(
        "  - {id: build,",
        with:
          "  - {id: make-targets, do: make, role: targets}\n  - {id: make-bins, do: make, role: bins}\n  - {id: build,"
      )
      .editing("  - {id: sign-ada,", with: used.joined() + "  - {id: wipe, do: wipe}\n  - {id: sign-ada,")
      .editing("  - {id: close,", with: written.joined() + "  - {id: close,")
  }

  /// The same after what was held so far, whose metadata is signed again and whose one-time keys leave.
  private static func script(_ text: String, _ history: History, edit: (String) throws -> String = { $0 }) throws
    -> String
  {
    var script = try oneTime(text)
    guard let before = history.newest else { return try edit(script) }
    let (metadata, root) = try metadata(of: before, history)
    let leaving = root[.targets].keyIDs.map { "  \"\($0.prefix(16))\": {reason: routine, name: A one-time key}\n" }
    script = try script.editing("  head: ", with: "  metadata:\n\(metadata)  head: ")
    script =
      try script.contains("leaving:\n")
      ? script.editing("leaving:\n", with: "leaving:\n" + leaving.joined())
      : script.editing("keyholders:\n", with: "leaving:\n" + leaving.joined() + "keyholders:\n")
    return try edit(script)
  }

  /// The lines that name the metadata of a ceremony, whose files are put beside the next script, and its root.
  static func metadata(of before: Room, _ history: History) throws -> (lines: String, root: Root) {
    let version = history.rooms.count
    var lines = ""
    for role in ["targets", "bins"] {
      let bytes = try before.folder.read("metadata/\(version).\(role).json")
      try Data(bytes).write(to: history.scripts.appending(path: "\(version).\(role).json"))
      lines += "    - {file: \(version).\(role).json, sha256: \(SHA256Digest(of: bytes).hex)}\n"
    }
    return (lines, try Root.read(Envelope(parsing: try history.root(version), place: "root").signed).root)
  }

  private static func held(_ years: [History.Year]) throws -> History {
    var history = try History()
    for year in years {
      let before = history
      try history.hold(year) { try script($0, before) }
    }
    return history
  }

  @Test func targetsAndBinsGoOnWithNewOneTimeKeys() throws {
    let next = History.Year(holders: ["ada", "boris", "chandra"], threshold: 2)
    let history = try Self.held([Self.first, next, next])
    for (place, room) in history.rooms.enumerated() {
      let verdict = room.replay()
      #expect(verdict.holds && verdict.findings == [], "year \(place + 1): \(verdict.findings)")
    }
    let room = try #require(history.newest)
    for role in ["targets", "bins"] {
      let screen = try #require(room.console.screens.first { $0.title == "Show \(role)" })
      #expect(screen.text.first == "The \(role) metadata goes from version 2 to version 3.", "\(screen.text)")
    }
    let said = try #require(room.console.screens.first { $0.title == "Show targets" }?.text)
    #expect(said.count { $0.hasPrefix("bins: key ") && $0.hasSuffix(" leaves.") } == 2, "\(said)")
    #expect(said.count { $0.hasPrefix("bins: key ") && $0.hasSuffix(" joins.") } == 2, "\(said)")
    #expect(
      room.console.screens.first { $0.title == "Show bins" }?.text.last
        == "What it lists and delegates stays as it was.")
    try SecondVerifier.expectAgreement(
      try history.rooms.dropFirst().map { ("renewed", try $0.products()) }, holding: true, "with renewed one-time keys")
    try Self.judge(history)
  }

  /// python-tuf goes from the first root on, and through the newest targets and bins.
  private static func judge(_ history: History) throws {
    let newest = try #require(history.newest)
    let files =
      try (1...history.rooms.count).map { try history.root($0) }
      + ["targets", "bins"].map { try newest.folder.read("metadata/\(history.rooms.count).\($0).json") }
    let input = Array(files.map(Base64.encode).joined(separator: "\n").utf8)
    guard let output = try Python.output(of: client, input: input, skipping: 1, "renewed delegations") else { return }
    #expect(output.hasPrefix("bins bin-"), "\(output)")
  }

  private static let client = """
    import base64, sys
    from tuf.api.metadata import Metadata, Root, Targets
    *roots, targets, bins = [base64.b64decode(line) for line in sys.stdin.read().split()]
    roots = [Metadata[Root].from_bytes(one) for one in roots]
    for old, new in zip([roots[0], *roots], roots):
        old.verify_delegate("root", new)
        new.verify_delegate("root", new)
    targets, bins = Metadata[Targets].from_bytes(targets), Metadata[Targets].from_bytes(bins)
    roots[-1].verify_delegate("targets", targets)
    targets.verify_delegate("bins", bins)
    path = "packages/ab/cd/example-1.0.tar.gz"
    print(*[name for part in (targets, bins) for name, _ in part.signed.delegations.get_roles_for_target(path)])
    """

  @Test func theScreenSaysWhatChanges() throws {
    var history = try Self.held([Self.first])
    let before = history
    try history.hold(Self.first) { text in
      try Self.script(text, before)
        .editing(
          ", a, b, c, d, e, f]}", with: "]}\n      late: {hash-prefixes: [a, b, c, d, e, f], search: terminating}"
        )
        .editing(
          "    one-time: 2\n    expires: {days: 7}\n    delegations:\n      bin:",
          with: "    one-time: 3\n    expires: {days: 7}\n    delegations:\n      bin:"
        )
        .editing("succinct: 16384", with: "succinct: 8192")
        .editing(
          "  bin: {threshold: 1, keys: [service]}\n",
          with: "  bin: {threshold: 1, keys: [service]}\n  late: {threshold: 1, keys: [service]}\n")
    }
    let room = try #require(history.newest)
    func said(_ role: String) -> [String] { room.console.screens.first { $0.title == "Show \(role)" }?.text ?? [] }
    #expect(said("targets").contains("It delegates to late, and did not before."), "\(said("targets"))")
    #expect(
      said("targets").contains {
        $0.hasPrefix("bins: it is for hashes that begin with 0, 1") && $0.contains("; before, for hashes")
      })
    #expect(said("targets").count { $0.hasPrefix("bins: key ") && $0.hasSuffix(" joins.") } == 3)
    #expect(
      said("bins") == [
        "The bins metadata goes from version 1 to version 2.", "bin-…: it is for 8192 bins; before, for 16384 bins.",
      ])
    try SecondVerifier.expectAgreement([("changed", try room.products())], holding: true, "with changed delegations")
  }

  /// What a script must say of the metadata before, and of what it delegates.
  @Test func whatIsNotSaidOfTheMetadataBeforeIsRefused() throws {
    let history = try Self.held([Self.first])
    let sound = try Self.script(history.script(Self.first), history)
    let lines = sound.split(separator: "\n", omittingEmptySubsequences: false)
    let bins = try #require(lines.first { $0.contains("file: 1.bins.json") }) + "\n"
    let targets = try #require(lines.first { $0.contains("file: 1.targets.json") }) + "\n"
    let leaving = try #require(lines.first { $0.contains("A one-time key") }) + "\n"
    let delegations = """
          delegations:
            bins: {hash-prefixes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", a, b, c, d, e, f]}

      """
    for (code, place, old, new): (Finding.Code, String, String, String) in [
      (.targetsBaseline, "previous", String(bins), ""), (.baselineInvalid, "1.bins.json", String(targets), ""),
      (.leavingUnstated, "leaving", String(leaving), ""), (.delegationKept, "roles.bins", delegations, ""),
      (.baselineInvalid, "1.targets.json", String(bins), String(targets)),
    ] {
      let text = try sound.editing(old, with: new)
      let findings: [Finding]
      do throws(Finding) {
        let script = try Script(Array(text.utf8)).going(onFilesIn: history.scripts.path())
        let online = script.onlineKeys.reduce(into: [String: PublicKey]()) { $0[$1.id] = try? $1.publicKey(nil) }
        findings = script.lint(.rehearsal, online: online, at: Self.now).filter { $0.severity == .error }
        #expect(findings.first.map { $0.place?.hasPrefix("script.yaml:") } == true, "\(code): \(findings)")
      } catch {
        findings = [error]
        #expect(error.place == place, "\(error)")
      }
      #expect(findings.first?.code == code, "\(old): \(findings)")
    }
  }

  /// Both verifiers make targets and bins anew from the script and what was before.
  @Test func whatIsChangedAfterwardsIsSeen() throws {
    let history = try Self.held([Self.first, Self.first])
    let made = try #require(history.newest).products()
    var forgeries: [(String, MemoryProducts)] = []
    for (what, old, new) in [
      ("other bins", "{succinct: 16384}", "{succinct: 8192}"), ("another delegation", "\"9\", a, b", "a, b"),
      (
        "fewer keys", "threshold: 2\n    one-time: 2\n    expires: {days: 7}\n    delegations:\n      bin:",
        "threshold: 1\n    one-time: 2\n    expires: {days: 7}\n    delegations:\n      bin:"
      ),
    ] {
      var folder = made
      let text = String(decoding: try #require(made.files["script.yaml"]), as: UTF8.self)
      let script = Array(try text.editing(old, with: new).utf8)
      folder.files["script.yaml"] = script
      try folder.rechain { records in
        records.removeAll { $0["kind"] == "proof" || $0["body"]?["role"] == "proof" }
        records[0].edit("body", "script", "sha256") { _ in .string(SHA256Digest(of: script).hex) }
      }
      forgeries.append((what, folder))
    }
    var another = made
    another.files["inputs/1.bins.json"] = made.files["inputs/1.targets.json"]
    forgeries.append(("other bins before", another))
    try SecondVerifier.expectAgreement(forgeries, holding: false, "with other renewed delegations")
    for (what, folder) in forgeries {
      var byFiles = ReplayVerdict()
      byFiles.judge(folder)
      #expect(!byFiles.findings.isEmpty, "\(what)")
    }
  }
}
