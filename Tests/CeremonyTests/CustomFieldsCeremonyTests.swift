import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing
import Transcript

/// A ceremony whose metadata carries custom fields: everybody sees them, both verifiers expect them, clients keep them.
@Suite struct CustomFieldsCeremonyTests {
  private static func script() throws -> [UInt8] {
    let text = try Scripts.first.editing("ceremony: 1", with: "ceremony: 2")
      .editing("    name: Ada\n", with: "    name: Ada\n    fields: {x-example-of-key: Ada's}\n")
      .editing(
        "    keyholders: [ada, boris]\n", with: "    keyholders: [ada, boris]\n    fields: {x-example-of-role: 2}\n"
      )
      .editing("\nroles:\n", with: "\nfields: {x-example-of-root: true, x-example-note: two words}\nroles:\n")
    return Array(text.utf8)
  }

  @Test func theyAreSeenSignedAndVerified() throws {
    let room = Room()
    try room.rehearse(try Self.script())
    let root = try Root.read(
      Envelope(parsing: room.folder.read("metadata/1.root.json"), place: "root").signed
    ).root
    #expect(root.fields["x-example-of-root"] == true && root.fields["x-example-note"] == "two words")
    #expect(root[.root].fields == ["x-example-of-role": 2])
    let keys = root.keys(of: .root)
    #expect(keys.count == 2 && keys.map(\.extensions) == [["x-example-of-key": "Ada's"], [:]])
    #expect(keys.allSatisfy { $0.idRule == .wholeObject })
    // Whoever confirms the root has read each of them, beside what it belongs to.
    let shown = try #require(room.console.screens.first { $0.title == "Show root" })
    let words = shown.facts.map { "\($0.name): \($0.value)" }
    for field in [
      "x-example-of-root: true", "x-example-note: two words", "  x-example-of-role: 2", "    x-example-of-key: Ada's",
    ] {
      #expect(words.contains(field), "\(words)")
    }
    // One id from the proof to the seal.
    let id = keys[0].keyID
    let signed = try room.records(.signature).filter { $0.body["keyid"] == .string(id) }.map { $0.body["role"] }
    #expect(signed == ["proof", "root", "seal"])
    #expect(room.replay().holds)
    try PythonTUF.judge(room, "with custom fields")
    try SecondVerifier.expectAgreement([("fields", try room.products())], holding: true, "with custom fields")
  }

  /// What the script does not say, no root of it has.
  @Test func theyAreWhatTheScriptSays() throws {
    let room = Room()
    try room.rehearse(try Self.script())
    let made = try room.products()
    for (old, new) in [
      ("{x-example-of-root: true, ", "{x-example-of-root: \"true\", "), ("{x-example-of-root: true, ", "{"),
      ("    fields: {x-example-of-key: Ada's}\n", ""), ("{x-example-of-role: 2}", "{x-example-of-role: 3}"),
    ] {
      var folder = made
      let script = try String(decoding: Self.script(), as: UTF8.self).editing(old, with: new)
      folder.files["script.yaml"] = Array(script.utf8)
      let digest = SHA256Digest(of: Array(script.utf8)).hex
      // A proof names the script, and each key has one: what is said of that is of no matter here.
      try folder.rechain { records in
        records.removeAll { $0["kind"] == "proof" || $0["body"]?["role"] == "proof" }
        records[0].edit("body", "script", "sha256") { _ in .string(digest) }
      }
      var byFiles = ReplayVerdict()
      byFiles.judge(folder)
      #expect(
        byFiles.findings.contains { $0.code == .metadataDiffers && $0.place == "metadata/1.root.json" },
        "\(new): \(byFiles.findings)")
    }
  }
}
