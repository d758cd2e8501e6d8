import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Testing
import UTC

/// A small sound script, for changing one thing at a time.
enum Sample {
  /// The first key of RFC 8032 §7.1, as long as the one in the shipped scripts, which is for rehearsals only.
  static let serviceKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
  static let standIn = "3f3aba7404fe16be2a9bcffcc5fff0bb9c37d49ad72ed147ca0397c32cdabef5"

  static let text = """
    ceremony: 1
    title: Sample
    repository: Example
    administrator: Ann
    witness: Will
    keyholders:
      ada:
        name: Ada
        card: 11
      boris:
        name: Boris
        card: record
    cards:
      model: yubikey-5.7
      attestation: optional
    roles:
      root:
        threshold: 2
        keyholders: [ada, boris]
        expires: 2027-01-01T00:00:00Z
      targets:
        threshold: 1
        keyholders: [ada]
        expires: 2027-01-01T00:00:00Z
      snapshot:
        threshold: 1
        keys: [service]
      timestamp:
        threshold: 1
        keys: [service]
    online-keys:
      service:
        ed25519: d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
    steps:
      - id: hello
        do: say
        say: Hello
      - id: card-ada
        do: provision
        keyholder: ada
        minutes: 7
      - id: card-boris
        do: provision
        keyholder: boris
      - id: build
        do: build
        role: root
      - id: show
        do: show
        role: root
      - id: sign-ada
        do: sign
        role: root
        keyholder: ada
      - id: sign-boris
        do: sign
        role: root
        keyholder: boris
      - id: verify
        do: verify
        role: root
      - id: write
        do: write
        role: root
      - id: close
        do: close

    """

  /// Both of its roles need everybody, and nothing attests its keys: each warning has a test of its own.
  static let accepted: [Finding.Code] = [.quorumWithoutSpare, .attestationOptional]

  static let now = UTCTime("2026-06-01T00:00:00Z") ?? .epoch

  static func lint(_ text: String, _ mode: Mode = .real) throws -> [Finding] {
    let script = try Script(Array(text.utf8))
    var online: [String: PublicKey] = [:]
    for key in script.onlineKeys { online[key.id] = try? key.publicKey(nil) }
    return script.lint(mode, online: online, at: now).filter { !accepted.contains($0.code) }
  }
}

/// One change to the sample, and what it must be refused with.
struct Change: CustomTestStringConvertible, Sendable {
  let from: String
  let to: String
  let code: Finding.Code
  /// `line:column`, where the finding has one.
  let place: String?

  init(_ from: String, _ to: String, _ code: Finding.Code, _ place: String? = nil) {
    self.from = from
    self.to = to
    self.code = code
    self.place = place
  }

  var testDescription: String { "\(from.debugDescription) → \(to.debugDescription)" }

  func applied() throws -> String {
    let range = try #require(Sample.text.range(of: from))
    return Sample.text.replacingCharacters(in: range, with: to)
  }
}

@Suite struct ScriptReadingTests {
  @Test func theSampleIsSound() throws {
    for mode in Mode.allCases { #expect(try Sample.lint(Sample.text, mode) == []) }
  }

  static let changes: [Change] = [
    Change("title: Sample", "title: Sample\nsubtitle: x", .scriptUnknownKey, "3:1"),
    Change("    do: build\n", "    do: build\n    keyholder: ada\n", .scriptUnknownKey),
    Change("title: Sample", "title: Sample\ntitle: Again", .scriptDuplicateKey, "2:1"),
    Change("title: Sample\n", "", .scriptMissingKey, "1:1"),
    Change("    threshold: 2\n", "", .scriptMissingKey),
    Change("ceremony: 1", "ceremony: 3", .scriptVersion, "1:11"),
    Change("title: Sample\n", "title: Sample\nseal: 2\n", .scriptUnknownKey, "3:1"),
    Change("ceremony: 1", "ceremony: \"1\"", .scriptValue, "1:11"),
    Change("threshold: 2", "threshold: 0x2", .scriptValue, "18:16"),
    Change("threshold: 2", "threshold: 02", .scriptValue, "18:16"),
    Change("threshold: 2", "threshold: two", .scriptValue, "18:16"),
    Change("threshold: 2", "threshold: 9223372036854775808", .scriptValue, "18:16"),
    Change("expires: 2027-01-01T00:00:00Z", "expires: 2027-01-01", .scriptValue, "20:14"),
    Change("expires: 2027-01-01T00:00:00Z", "expires: 2027-02-30T00:00:00Z", .scriptValue, "20:14"),
    Change("expires: 2027-01-01T00:00:00Z", "expires: 2027-01-01T00:00:00+00:00", .scriptValue, "20:14"),
    Change("card: 11", "card: 4294967296", .scriptValue, "9:11"),
    Change("card: 11", "card: 0", .scriptValue, "9:11"),
    Change("card: 11", "card: 11\n    spares: [12, 0]", .scriptValue),
    Change("card: 11", "card: 11\n    spares: []", .scriptValue),
    Change("card: 11", "card: 11\n    spare: [12]", .scriptUnknownKey),
    Change("title: Sample", "title: Sample\nabsent: forgive", .scriptValue, "3:9"),
    Change("  ada:\n", "  Ada:\n", .scriptValue),
    Change("  ada:\n", "  a\tda:\n", .scriptSyntax),
    Change("  ada:\n    name: Ada", "  \"a\\u202eda\":\n    name: {}", .scriptValue),
    Change("ceremony: 1", "\"\\u202e\": 1\nceremony: 1", .scriptUnknownKey),
    Change("  ada:\n", "  witness:\n", .scriptValue),
    Change("name: Ada", "name: \"Ada\\u202e\"", .scriptValue, "8:11"),
    Change("name: Ada", "name: \"A\\tb\"", .scriptValue, "8:11"),
    Change("name: Ada", "name: ''", .scriptValue, "8:11"),
    Change("[ada, boris]", "[ada, eve]", .scriptReference),
    Change("[ada, boris]", "[ada, ada]", .scriptValue),
    Change("[ada, boris]", "[]", .scriptValue),
    Change("keys: [service]", "keys: [other]", .scriptReference),
    Change("model: yubikey-5.7", "model: yubikey", .scriptValue, "14:10"),
    Change("model: yubikey-5.7", "model: yubikey-5.7\n  payload-limit: 100", .scriptValue),
    Change("model: yubikey-5.7", "model: other\n  payload-limit: 10", .scriptValue),
    Change("ed25519: ", "ed25519: 8", .scriptValue),
    Change("ed25519: ", "file: ../key.pem\n    sha256: ", .scriptValue),
    Change("do: say", "do: sing", .scriptValue),
    Change("do: say\n", "do: attendance\n    role: root\n", .scriptUnknownKey, "37:5"),
    Change("do: say\n", "do: time\n    keyholder: ada\n", .scriptUnknownKey),
    Change("do: say\n", "do: head\n    confirm: x\n", .scriptUnknownKey),
    Change("do: say\n", "do: departure\n    seal: [ada]\n", .scriptUnknownKey),
    Change("do: say\n", "do: say\n    bag: opened\n", .scriptUnknownKey),
    Change("do: say\n", "do: bag\n    bag: opened\n", .scriptMissingKey),
    Change("do: say\n", "do: bag\n    keyholder: witness\n    bag: opened\n", .scriptReference, "37:16"),
    Change("do: say\n", "do: provision\n    keyholder: witness\n", .scriptReference, "37:16"),
    Change("do: say\n", "do: bag\n    keyholder: ada\n", .scriptMissingKey),
    Change("do: say\n", "do: bag\n    keyholder: eve\n    bag: opened\n", .scriptReference, "37:16"),
    Change("do: say\n", "do: bag\n    keyholder: ada\n    bag: sealed\n", .scriptValue, "38:10"),
    Change("administrator: Ann", "administrator:\n  name: Ann", .scriptMissingKey, "5:3"),
    Change("administrator: Ann", "administrator:\n  initials: AN", .scriptMissingKey, "5:3"),
    Change("administrator: Ann", "administrator:\n  name: Ann\n  initials: A", .scriptValue, "6:13"),
    Change("administrator: Ann", "administrator:\n  name: Ann\n  initials: ABORT", .scriptValue),
    Change("administrator: Ann", "administrator:\n  name: Ann\n  initials: A1", .scriptValue),
    Change("administrator: Ann", "administrator:\n  name: Ann\n  initials: ÄN", .scriptValue),
    Change("administrator: Ann", "administrator:\n  name: Ann\n  initials: AN\n  card: five", .scriptValue, "7:9"),
    Change(
      "administrator: Ann", "administrator:\n  name: Ann\n  initials: AN\n  spares: [5]", .scriptUnknownKey, "7:3"),
    Change("administrator: Ann", "administrator:\n  name: Ann\n  card: 5", .scriptMissingKey),
    Change("do: say\n", "do: say\n    initials: both\n", .scriptMissingKey, "37:15"),
    Change("do: say\n", "do: say\n    initials: [witness]\n", .scriptMissingKey),
    Change("do: say\n", "do: say\n    initials: [ada]\n", .scriptReference),
    Change("do: say\n", "do: say\n    initials: all\n", .scriptValue),
    Change("do: say\n", "do: say\n    initials: []\n", .scriptValue),
    Change("  ada:\n", "  back:\n", .scriptValue),
    Change("  ada:\n", "  one-time-1:\n", .scriptValue),
    Change("say: Hello", "who: ada", .scriptMissingKey),
    Change("id: show", "id: build", .scriptValue),
    Change("role: root\n  - id: show", "role: snapshot\n  - id: show", .scriptReference),
    Change("title: Sample", "title: &a Sample", .scriptSyntax, "2:8"),
    Change("title: Sample", "title: !!str Sample", .scriptSyntax, "2:8"),
    Change("title: Sample", "title: *a", .scriptSyntax),
    Change("  ada:\n", "  <<: {}\n  ada:\n", .scriptSyntax),
    Change("ceremony: 1", "\u{feff}ceremony: 1", .scriptSyntax, "1:1"),
    Change("  - id: close\n    do: close\n", "---\nceremony: 1\n", .scriptSyntax),
    Change("title: Sample", "title: [", .scriptSyntax),
    Change("title: Sample", "title:\n\t- x", .scriptSyntax),
  ]

  @Test(arguments: changes)
  func oneChangeOneCode(change: Change) throws {
    let text = try change.applied()
    let finding = #expect(throws: Finding.self) { try Script(Array(text.utf8)) }
    #expect(finding?.code == change.code)
    #expect(finding?.hint.isEmpty == false)
    #expect(finding?.what.unicodeScalars.allSatisfy(isPrintable) == true)
    let place = try #require(finding?.place)
    #expect(place.hasPrefix("script.yaml"))
    if let expected = change.place { #expect(place == "script.yaml:\(expected)") }
  }

  @Test(arguments: [
    ("AN", "WI", "both", ["administrator", "witness"]),
    ("AN", "WI", "[witness, administrator]", ["administrator", "witness"]),
    ("AN", "WI", "[witness]", ["witness"]), ("AN", "AN", "[witness]", ["witness"]),
    ("ANNA", "Wi", "both", ["administrator", "witness"]),
    ("AN", "AN", "both", nil),
  ])
  func initials(administrator: String, witness: String, said: String, roles: [String]?) throws {
    let text = try Sample.text
      .editing("administrator: Ann", with: "administrator: {name: Ann, initials: \(administrator)}")
      .editing("witness: Will", with: "witness: {name: Will, initials: \(witness)}")
      .editing("do: show\n", with: "do: show\n    initials: \(said)\n")
    guard let roles else {
      #expect(throws: Finding.self) { try Script(Array(text.utf8)) }
      return
    }
    let script = try Script(Array(text.utf8))
    #expect(script.administrator == "Ann")
    #expect(script.initials.of("witness") == witness)
    #expect(Plan(script).steps.filter { $0.id.hasSuffix("/initials") }.map(\.action) == [.initials(roles)])
    #expect(try Sample.lint(text) == [])
  }

  @Test(arguments: [[], Array("# nothing\n".utf8), [0xff, 0xfe], Array("- a\n".utf8), Array("just text".utf8)])
  func noScriptAtAll(bytes: [UInt8]) {
    #expect(throws: Finding.self) { try Script(bytes) }
  }

  @Test func aLineEndsWithLFOrWithCRLF() throws {
    let script = try Script(Array(Sample.text.utf8))
    #expect(try Script(Array(Sample.text.replacing("\n", with: "\r\n").utf8)) == script)
    for end in ["\n", "\r\n"] {
      let text = try Sample.text.editing("title: Sample", with: "title: ''").replacing("\n", with: end)
      let finding = #expect(throws: Finding.self) { try Script(Array(text.utf8)) }
      #expect(finding?.place == "script.yaml:2:8")
    }
  }

  /// They end a line in YAML and not in an editor: what looks like a comment would be read.
  @Test(arguments: ["\r", "\u{85}", "\u{2028}", "\u{2029}"], ["# note", "title: 'Sam", "# \u{e9}"])
  func whatElseEndsALineIsRefusedAtItsOwn(end: String, before: String) throws {
    let text = try Sample.text.editing("title: Sample", with: "\(before)\(end)title: Hidden\ntitle: Sample")
    let finding = #expect(throws: Finding.self) { try Script(Array(text.utf8)) }
    #expect(finding?.code == .scriptSyntax)
    #expect(finding?.place == "script.yaml:2:\(before.unicodeScalars.count + 1)")
    #expect(finding?.what.contains("A line ends here") == true)
  }

  @Test func aScriptHasABound() {
    let large = Array((Sample.text + String(repeating: "#", count: 256 * 1024)).utf8)
    #expect(throws: Finding.self) { try Script(large) }
    let just = Array((Sample.text + String(repeating: "#", count: 256 * 1024 - Sample.text.utf8.count)).utf8)
    #expect(throws: Never.self) { try Script(just) }
  }

  /// A card that is another than everybody's signs as much as is said of it; nil where nothing can be said.
  @Test(arguments: [
    ("model: other\n    payload-limit: 900", 900), ("model: other", 1323), ("model: yubikey-5.7", 3043),
    ("fields: {x-a: 1}", 2000), ("payload-limit: 900", nil), ("model: yubikey-5.7\n    payload-limit: 900", nil),
    ("model: other\n    payload-limit: 63", nil),
  ])
  func theLimitOfAKeyholdersCard(said: String, limit: Int?) throws {
    let text = try Sample.text.editing("ceremony: 1", with: "ceremony: 2")
      .editing("model: yubikey-5.7", with: "model: other\n  payload-limit: 2000")
      .editing("    card: 11\n", with: "    card: 11\n    \(said)\n")
    guard let limit else {
      let finding = #expect(throws: Finding.self) { try Script(Array(text.utf8)) }
      #expect(finding?.code == .scriptValue)
      return
    }
    let script = try Script(Array(text.utf8))
    #expect(script.messageLimit(of: "ada") == limit && script.messageLimit(of: "boris") == 2000)
  }

  @Test func theDefaultsAreTheSafeOnes() throws {
    let script = try Script(Array(Sample.text.utf8))
    let root = try #require(script.offlineRole("root"))
    #expect("\(root.slot) \(root.algorithm) \(root.pinPolicy) \(root.touchPolicy)" == "9c ed25519 always always")
    #expect(script.offlineRole("targets").map { "\($0.slot)" } == "9a")
    let bare = try Script(
      Array(Sample.text.editing("cards:\n  model: yubikey-5.7\n  attestation: optional\n", with: "").utf8))
    #expect(bare.cards.attestation == .required)
    #expect(bare.cards.model.messageLimit == 3043)
    let other = try Script(Array(Sample.text.editing("model: yubikey-5.7", with: "model: other").utf8))
    #expect(other.cards.model.messageLimit == 1323)
  }
}
