import CanonicalJSON
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import TUFMetadata
import Testing

/// Custom fields: how they are written, where they go, and that key ids count them in.
@Suite struct CustomFieldsTests {
  /// The sample as version 2, with fields in each place where they may stand.
  static var text: String {
    get throws {
      try Sample.text.editing("ceremony: 1", with: "ceremony: 2")
        .editing("    card: 11\n", with: "    card: 11\n    fields: {x-example-of-key: Ada}\n")
        .editing("    threshold: 2\n", with: "    threshold: 2\n    fields: {x-example-of-role: 2}\n")
        .editing("\nroles:\n", with: "\nfields: {x-example-of-root: true}\nroles:\n")
        .editing(
          "    ed25519: \(Sample.serviceKey)\n",
          with: "    ed25519: \(Sample.serviceKey)\n    fields: {x-example-of-service: \"7\"}\n")
    }
  }

  @Test func eachGoesWhereItStands() throws {
    let script = try Script(Array(Self.text.utf8))
    let online = try #require(script.onlineKeys.first)
    let service = try online.publicKey(nil)
    var keys: [String: PublicKey] = [:]
    // Of RFC 8032 §7.1.
    let known = [
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    ]
    for (keyholder, hex) in zip(script.keyholders, known) {
      keys[keyholder.id] = try PublicKey(ed25519: try #require(Hex.decode(hex)))
    }
    let root = script.root(
      ScriptKeys(offline: ["root": keys, "targets": keys], online: [online.id: service]), expires: Sample.now, .real)
    #expect(root.fields == ["x-example-of-root": true])
    #expect(root[.root].fields == ["x-example-of-role": 2])
    #expect(root[.timestamp].fields == [:])
    let served = try #require(root.keys(of: .timestamp).first)
    #expect(served.extensions == ["x-example-of-service": "7"])
    let ada = try #require(root.keys.keys.first { $0.publicKey == keys["ada"] })
    let boris = try #require(root.keys.keys.first { $0.publicKey == keys["boris"] })
    #expect(ada.extensions == ["x-example-of-key": "Ada"] && boris.extensions == [:])
    #expect(ada.keyID == script.metadataKey(try #require(keys["ada"]), of: "ada").keyID)
    #expect(ada.keyID != MetadataKey(try #require(keys["ada"])).keyID && ada.idRule == .wholeObject)
  }

  static let values: [(written: String, value: JSONValue)] = [
    ("7", 7), ("0", 0), ("9007199254740992", 9_007_199_254_740_992), ("\"7\"", "7"), ("'7'", "7"), ("true", true),
    ("false", false), ("\"true\"", "true"), ("True", "True"), ("yes", "yes"), ("fn:service", "fn:service"),
    ("two words", "two words"), ("7 days", "7 days"), ("-7", "-7"), ("1.5", "1.5"), ("\"~\"", "~"), ("é", "é"),
  ]

  @Test(arguments: values)
  func aValueIsWhatItLooksLike(value: (written: String, value: JSONValue)) throws {
    let text = try Self.text.editing("x-example-of-root: true", with: "x-example-of-root: \(value.written)")
    #expect(try Script(Array(text.utf8)).fields["x-example-of-root"] == value.value)
  }

  static let mistakes: [Mistake] = [
    Mistake("x-example-of-root: true", "example: true", "x-vendor-name"),
    Mistake("x-example-of-root: true", "x: true", "x-vendor-name"),
    Mistake("x-example-of-root: true", "x-: true", "x-vendor-name"),
    Mistake("x-example-of-root: true", "x--a: true", "x-vendor-name"),
    Mistake("x-example-of-root: true", "X-example: true", "x-vendor-name"),
    Mistake("x-example-of-root: true", "x-exämple: true", "x-vendor-name"),
    Mistake("x-example-of-root: true", "x-\(String(repeating: "a", count: 59)): true", "60 characters"),
    Mistake("x-example-of-root: true", "x-tuf-ceremony-rehearsal: true", "alone writes it"),
    Mistake("x-example-of-root: true", "x-example: ~", "quotes"),
    Mistake("x-example-of-root: true", "x-example: 07", "digits"),
    Mistake("x-example-of-root: true", "x-example: 9007199254740993", "9007199254740992"),
    Mistake("x-example-of-root: true", "x-example: [1]", "Lists"),
    Mistake("x-example-of-root: true", "x-example: {a: 1}", "Lists"),
    Mistake("{x-example-of-root: true}", "{}", "x-vendor-name"),
    Mistake("{x-example-of-root: true}", "true", "x-vendor-name"),
  ]

  struct Mistake: CustomTestStringConvertible {
    let old: String
    let new: String
    /// In what and hint.
    let words: String

    init(_ old: String, _ new: String, _ words: String) {
      self.old = old
      self.new = new
      self.words = words
    }

    var testDescription: String { new }
  }

  @Test(arguments: mistakes)
  func whatCannotStandIsRefusedAtItsPlace(mistake: Mistake) throws {
    let text = try Self.text.editing(mistake.old, with: mistake.new)
    let (script, findings) = Script.read(Array(text.utf8))
    let line = try #require(
      text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.hasPrefix("fields:") })
    #expect(script == nil && findings.map(\.code) == [.scriptValue])
    #expect(findings.first?.place?.hasPrefix("script.yaml:\(line + 1):") == true)
    #expect(findings.first.map { $0.what + $0.hint }?.contains(mistake.words) == true, "\(findings)")
  }

  @Test func theyAreNamesOfVersionTwo() throws {
    let findings = Script.read(Array(try Self.text.editing("ceremony: 2", with: "ceremony: 1").utf8)).findings
    #expect(
      findings.count == 4 && findings.allSatisfy { $0.code == .scriptUnknownKey && $0.hint.contains("ceremony: 2") })
  }
}
