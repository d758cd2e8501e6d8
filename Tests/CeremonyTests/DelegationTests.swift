import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing
import Transcript

/// Targets metadata that delegates: roles on cards, bins that a service signs, and what clients make of them.
@Suite struct DelegationTests {
  /// The first rehearsal, whose targets is on a card and delegates everything to bins, which has 16,384 of them.
  static func script() throws -> String {
    try Scripts.first.editing("ceremony: 1", with: "ceremony: 2")
      .editing(
        "  targets:\n    threshold: 1\n    keys: [service]\n",
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
            bin:
              threshold: 1
              keys: [service]

          """
      )
      .editing("  - id: close\n", with: steps("targets", "ada") + steps("bins", "boris") + "  - id: close\n")
  }

  static func steps(_ role: String, _ signers: String...) -> String {
    """
      - {id: build-\(role), do: build, role: \(role)}
      - {id: show-\(role), do: show, role: \(role)}

    """
      + signers.map { "  - {id: sign-\(role)-\($0), do: sign, role: \(role), keyholder: \($0)}\n" }.joined()
        + """
          - {id: verify-\(role), do: verify, role: \(role)}
          - {id: write-\(role), do: write, role: \(role)}

        """
  }

  @Test func targetsDelegatesToBinsAndTheseToTheService() throws {
    let room = Room()
    try room.rehearse(Array(try Self.script().utf8))
    #expect(room.replay().holds)
    let bytes = try room.folder.read("metadata/1.bins.json")
    let bins = try Targets.read(Envelope(parsing: bytes, place: "bins").signed).targets
    guard case .succinct(let succinct)? = bins.delegations?.roles else {
      Issue.record("bins delegates to no bins")
      return
    }
    #expect(succinct.bitLength == 14 && succinct.namePrefix == "bin" && succinct.contains("bin-3fff"))
    // Everybody saw what is delegated before it was signed.
    let shown = room.console.screens.filter { $0.title.hasPrefix("Show ") }.flatMap(\.facts).map {
      "\($0.name): \($0.value.prefix(30))"
    }
    #expect(shown.contains("delegates to bin-…: 1 of 1 keys, 16384 bins"), "\(shown)")
    // Of each key the close record says where it comes from.
    let keys = try #require(try room.records(.close).first.flatMap { CloseRecord(fields: $0.body) }?.keys)
    #expect(
      keys.map { "\($0.roles.joined(separator: "+")) \($0.origin.rawValue)" }.suffix(2) == [
        "targets made", "bins made",
      ] || keys.contains { $0.roles == ["bins"] && $0.origin == .made })
    #expect(keys.contains { $0.roles == ["snapshot", "timestamp", "bin"] && $0.origin == .online })
    try Self.judge(room, "bin-3fff")
    try SecondVerifier.expectAgreement([("delegations", try room.products())], holding: true, "with delegations")
  }

  /// What the script does not say, no metadata of it says.
  @Test func whatIsDelegatedIsWhatTheScriptSays() throws {
    let room = Room()
    try room.rehearse(Array(try Self.script().utf8))
    let made = try room.products()
    for (old, new, role) in [
      ("{succinct: 16384}", "{succinct: 8192}", "bins"), ("\"9\", a, b", "a, b", "targets"),
      ("d, e, f]}", "d, e, f], search: terminating}", "targets"), ("bins: {hash-", "bin: {hash-", "targets"),
    ] {
      var folder = made
      let script = Array(try Self.script().editing(old, with: new).utf8)
      folder.files["script.yaml"] = script
      // A proof names the script, and each key has one: what is said of that is of no matter here.
      try folder.rechain { records in
        records.removeAll { $0["kind"] == "proof" || $0["body"]?["role"] == "proof" }
        records[0].edit("body", "script", "sha256") { _ in .string(SHA256Digest(of: script).hex) }
      }
      var byFiles = ReplayVerdict()
      byFiles.judge(folder)
      #expect(
        byFiles.findings.contains { $0.code == .metadataDiffers && $0.place == "metadata/1.\(role).json" },
        "\(new): \(byFiles.findings)")
    }
  }

  /// python-tuf goes the way of a client from the root on.
  static func judge(_ room: Room, _ bin: String) throws {
    let files = try ["root", "targets", "bins"].map { Base64.encode(try room.folder.read("metadata/1.\($0).json")) }
    let input = Array(files.joined(separator: "\n").utf8)
    guard let output = try Python.output(of: client, input: input, skipping: 1, "the delegations") else { return }
    let names = output.split(separator: "\n").map(String.init)
    #expect(names.first == "bins" && names.count == 2 && names[1].hasPrefix("bin-"), "\(output)")
  }

  private static let client = """
    import base64, sys
    from tuf.api.metadata import Metadata, Root, Targets
    root, targets, bins = [base64.b64decode(line) for line in sys.stdin.read().split()]
    root = Metadata[Root].from_bytes(root)
    targets, bins = Metadata[Targets].from_bytes(targets), Metadata[Targets].from_bytes(bins)
    root.verify_delegate("root", root)
    root.verify_delegate("targets", targets)
    targets.verify_delegate("bins", bins)
    path = "packages/ab/cd/example-1.0.tar.gz"
    print(*[name for name, _ in targets.signed.delegations.get_roles_for_target(path)])
    print(*[name for name, _ in bins.signed.delegations.get_roles_for_target(path)])
    """
}
