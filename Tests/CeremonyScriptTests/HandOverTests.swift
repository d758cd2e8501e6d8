import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import TUFMetadata
import Testing

/// What RSTUF needs of a root, and what it would lose: each breach by itself, at its own line of the script.
@Suite struct HandOverTests {
  private static let runbook = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Runbook").standardized

  private static func script() throws -> String {
    try String(contentsOf: runbook.appending(path: "root-only-genesis.yaml"), encoding: .utf8)
  }

  private static func findings(_ text: String) throws -> [Finding] {
    let script = try Script(Array(text.utf8))
    var online: [String: PublicKey] = [:]
    for key in script.onlineKeys {
      guard case .file(let file) = key.source else {
        online[key.id] = try key.publicKey(nil)
        continue
      }
      online[key.id] = try key.publicKey(Array(Data(contentsOf: runbook.appending(path: file.name))))
    }
    return script.lint(.real, online: online, at: Sample.now).filter { $0.code == .handOver }
  }

  struct Breach: CustomTestStringConvertible {
    let old: String
    let new: String
    /// Begins the line of its place.
    let line: String
    let words: String

    init(_ old: String, _ new: String, at line: String, _ words: String) {
      self.old = old
      self.new = new
      self.line = line
      self.words = words
    }

    var testDescription: String { new }
  }

  static let breaches: [Breach] = [
    Breach(
      "    fields:\n      x-rstuf-online-key-uri: fn:service\n", "", at: "  service:", "where the worker finds"),
    Breach("fn:service", "file:service", at: "      x-rstuf-online-key-uri", "no private key"),
    Breach("fn:service", "service", at: "      x-rstuf-online-key-uri", "no private key"),
    Breach("fn:service", "\"fn:\"", at: "      x-rstuf-online-key-uri", "no private key"),
    Breach("fn:service", "7", at: "      x-rstuf-online-key-uri", "no private key"),
    Breach("hand-over: [rstuf]", "hand-over: [rstuf]\nfields:\n  x-note: a\n", at: "  x-note", "API refuses"),
    Breach(
      "    name: Ada\n", "    name: Ada\n    fields:\n      x-example-owner: ada\n", at: "      x-example-owner",
      "drops the field"),
    Breach(
      "      x-rstuf-online-key-uri: fn:service\n",
      "      x-rstuf-online-key-uri: fn:service\n      x-example-service: a\n", at: "      x-example-service",
      "drops the field"),
    Breach(
      "  timestamp:\n", "  timestamp:\n    fields:\n      x-example-days: 1\n", at: "      x-example-days",
      "of a role"),
    Breach(
      "  snapshot:\n    threshold: 1\n    keys: [service]", "  snapshot:\n    threshold: 1\n    keys: [other]",
      at: "  snapshot:", "one online key"),
    Breach(
      "  targets:\n    threshold: 1\n    keys: [service]",
      "  targets:\n    threshold: 1\n    slot: 9a\n    keyholders: [ada]", at: "  targets:", "one online key"),
  ]

  @Test(arguments: breaches)
  func oneBreachOneFinding(breach: Breach) throws {
    var text = try Self.script().editing(breach.old, with: breach.new)
    if breach.new.contains("[other]") {
      text += "\n"
      text = try text.editing(
        "\nhand-over:", with: "  other: {ed25519: \(Sample.serviceKey)}\n\nhand-over:")
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // The last of that beginning: role names stand among the steps too.
    let line = try #require(lines.firstIndex { $0.hasPrefix(breach.line) })
    let findings = try Self.findings(text)
    #expect(findings.count == 1, "\(findings)")
    #expect(findings.first?.severity == .error && findings.first?.what.contains(breach.words) == true)
    #expect(findings.first?.place?.hasPrefix("script.yaml:\(line + 1):") == true, "\(findings)")
  }

  @Test func theShippedScriptKeepsTheContract() throws {
    #expect(try Self.findings(Self.script()) == [])
  }

  @Test(arguments: ["fn:a", "awskms:alias/a", "gcpkms:projects/a", "azurekms:a.vault/keys/b"])
  func everySchemeOfItsSigner(uri: String) throws {
    #expect(try Self.findings(Self.script().editing("fn:service", with: uri)) == [])
  }

  @Test func nothingIsAskedOfWhatGoesToNobody() throws {
    #expect(
      try Self.findings(Self.script().editing("hand-over: [rstuf]\n", with: "").editing("fn:service", with: "x")) == [])
  }

  @Test(arguments: ["[]", "rstuf", "[rstuf, rstuf]", "[tuf]", "~"])
  func whatNamesNoServiceIsRefused(value: String) throws {
    let (script, findings) = Script.read(Array(try Self.script().editing("[rstuf]", with: value).utf8))
    #expect(script == nil && findings.map(\.code) == [.scriptValue])
  }
}
