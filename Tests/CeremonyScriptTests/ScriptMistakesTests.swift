import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import TUFMetadata
import Testing

/// Mistakes that people make in scripts: each is found by its code, at its own line, with a hint that says what to do.
@Suite struct ScriptMistakesTests {
  static let mistakes: [Mistake] = [
    // Keys.
    Mistake("witness:", "witnes:", .scriptUnknownKey, "5:1", "Did you mean “witness”?", "It takes: ceremony,"),
    Mistake("administrator:", "admnistrator:", .scriptUnknownKey, "4:1", "“administrator”"),
    Mistake("keyholders:\n", "keyholder:\n", .scriptUnknownKey, "6:1", "“keyholders”"),
    Mistake(
      "    name: Ada", "    nmae: Ada", .scriptUnknownKey, "8:5", "“name”",
      "It takes: name, card, spares, key, enrol, algorithm, model, payload-limit, absent, firmware, fields."),
    Mistake("    threshold: 2", "    treshold: 2", .scriptUnknownKey, "18:5", "“threshold”"),
    Mistake("    expires: 2027", "    expiry: 2027", .scriptUnknownKey, "20:5", "“expires”"),
    Mistake("    expires: 2027", "    expire: 2027", .scriptUnknownKey, "20:5", "“expires”"),
    Mistake("  attestation:", "  attest:", .scriptUnknownKey, "15:3", "“attestation”"),
    Mistake("online-keys:", "online_keys:", .scriptUnknownKey, "31:1", "“online-keys”"),
    Mistake("    ed25519:", "    ed2551:", .scriptUnknownKey, "33:5", "“ed25519”"),
    Mistake("    minutes: 7", "    minute: 7", .scriptUnknownKey, "41:5", "“minutes”"),
    Mistake("    keyholder: boris", "    keyholders: boris", .scriptUnknownKey, "44:5", "“keyholder”"),
    Mistake("    say: Hello", "    says: Hello", .scriptUnknownKey, "37:5", "“say”"),
    Mistake("    role: root\n  - id: show", "    role: root\n    seal: [ada]\n  - id: show", .scriptUnknownKey, "48:5"),
    Mistake("title: Sample", "title: Sample\nquorum: 2", .scriptUnknownKey, "3:1", "It takes:"),
    Mistake("title: Sample", "title: Sample\nseal: 2", .scriptUnknownKey, "3:1", "ceremony: 2"),
    Mistake("  attestation:", "  read-back: optional\n  attestation:", .scriptUnknownKey, "15:3", "ceremony: 2"),
    Mistake("  attestation:", "  tries: optional\n  attestation:", .scriptUnknownKey, "15:3", "ceremony: 2"),
    Mistake("repository: Example\n", "", .scriptMissingKey, "1:1", "Add it"),
    Mistake("    card: 11\n", "", .scriptMissingKey, "8:5", "Add it"),
    Mistake("repository: Example", "title: Example", .scriptDuplicateKey, "2:1", "Keep one"),
    // What YAML cannot read.
    Mistake("title: Sample", "title Sample", .scriptSyntax, "2:1", "colon"),
    Mistake("title: Sample", "title:Sample", .scriptSyntax, "2:1", "a space after the colon"),
    Mistake("  ada:\n", "  ada\n", .scriptSyntax, "7:3", "Write “key:”"),
    Mistake("    threshold: 2\n", "    threshold 2\n", .scriptSyntax, "18:5", "Write “key:”"),
    Mistake("roles:\n", "roles\n", .scriptSyntax, "16:1", "colon"),
    Mistake("title: Sample", "title: Sample: one", .scriptSyntax, "2:14", "quotes"),
    Mistake("title: Sample", "title: \"Sample", .scriptSyntax, "2:8", "Close it"),
    Mistake("title: Sample", "title: 'Sample", .scriptSyntax, "2:8", "Close it"),
    Mistake("say: Hello", "say: 'It's here'", .scriptSyntax, "37:10", "apostrophe"),
    Mistake("name: Ada\n", "name: \"Ada\n    card: \"11\"\n", .scriptSyntax, "8:11", "Close it"),
    Mistake("repository:", " repository:", .scriptSyntax, "3:12", "indentation"),
    Mistake("    name: Ada", "\tname: Ada", .scriptSyntax, "8:1", "spaces"),
    Mistake("ceremony: 1", "  ceremony: 1", .scriptSyntax, "2:1", "same column"),
    Mistake("    card: 11", "   card: 11", .scriptSyntax, "9:4", "indentation"),
    Mistake("title: Sample", "title: *one", .scriptSyntax, "2:8"),
    Mistake("title: Sample", "title: Sample # note\u{2028}steps: []", .scriptSyntax, "2:21", "LF"),
    Mistake("ceremony: 1", "%YAML 1.1\n---\nceremony: 1", .scriptSyntax, "1:1", "Remove"),
    Mistake("title: Sample", "title: Sample\u{8}", .scriptSyntax, "2:14", "Remove it"),
    // Text.
    Mistake("name: Ada", "name: ~", .scriptValue, "8:11", "quotes"),
    Mistake("name: Ada", "name: null", .scriptValue, "8:11", "quotes"),
    Mistake("name: Ada", "name: Null", .scriptValue, "8:11", "quotes"),
    Mistake("name: Ada", "name: NULL", .scriptValue, "8:11", "quotes"),
    Mistake("name: Ada", "name:", .scriptValue, "8:10", "Write the text"),
    Mistake("say: Hello", "say: # 4 bags", .scriptValue, "37:9", "comment", "quotes"),
    Mistake("id: hello", "id: ~", .scriptValue, "35:9", "quotes"),
    Mistake("say: Hello", "say: [Hello, ~]", .scriptValue, "37:18", "quotes"),
    Mistake("say: Hello", "say: Bag #4 is here", .scriptComment, "37:14", "whole text in quotes"),
    Mistake("say: Hello", "say: [Hello, Bag #4\n      ]", .scriptComment, "37:22", "quotes"),
    Mistake("say: Hello", "say: Hello and\n      bag #4", .scriptComment, "38:11", "quotes"),
    Mistake("title: Sample", "title: Sample # of a script", .scriptComment, "2:15", "a line of its own"),
    Mistake("name: Ada", "name: \"A\\u200bda\"", .scriptValue, "8:11", "Remove it"),
    Mistake("name: Ada", "name: A\u{2060}da", .scriptValue, "8:11", "Remove it"),
    Mistake("name: Ada", "name: \u{2800}\u{2800}", .scriptValue, "8:11", "Remove it"),
    Mistake("name: Ada", "name: \u{3164}", .scriptValue, "8:11", "Remove it"),
    Mistake("name: Ada", "name: Ada\u{e0041}", .scriptValue, "8:11", "Remove it"),
    Mistake("say: Hello", "say: \"  \"", .scriptValue, "37:10", "Write words"),
    Mistake("name: Ada", "name: Ade\u{300}le", .scriptText, "8:11", "normal form"),
    Mistake("name: Boris", "name: Ada", .scriptNameRepeated, "11:5", "Tell them apart"),
    Mistake("name: Boris", "name: ADA", .scriptNameRepeated, "11:5", "Tell them apart"),
    Mistake("name: Boris", "name: A d\u{a0}a", .scriptNameRepeated, "11:5", "Tell them apart"),
    // Values.
    Mistake("do: provision", "do: provison", .scriptValue, "39:9", "“provision”", "It takes: say,"),
    Mistake("model: yubikey-5.7", "model: yubikey", .scriptValue, "14:10", "“yubikey-5.7”", "other."),
    Mistake("attestation: optional", "attestation: option", .scriptValue, "15:16", "“optional”"),
    Mistake("threshold: 2", "threshold: two", .scriptValue, "18:16", "digits"),
    Mistake("threshold: 2", "threshold: \"2\"", .scriptValue, "18:16", "unquoted"),
    Mistake("expires: 2027-01-01T00:00:00Z", "expires: 2027-01-01", .scriptValue, "20:14", "2027-12-01T00:00:00Z"),
    Mistake("[ada, boris]", "[ada, borris]", .scriptReference, "19:23", "“boris”", "Keyholders are: ada, boris."),
    Mistake("keys: [service]", "keys: [servce]", .scriptReference, "27:12", "“service”", "Online keys are"),
    Mistake("keyholder: boris", "keyholder: borsi", .scriptReference, "44:16", "“boris”"),
    Mistake("role: root", "role: roots", .scriptReference, "47:11", "“root”"),
    Mistake("keyholder: boris", "keyholder: witness", .scriptReference, "44:16", "ada, boris"),
    Mistake("  ada:\n", "  Ada:\n", .scriptValue, "7:3", "small letters"),
    Mistake("  ada:\n", "  back:\n", .scriptValue, "7:3", "another id"),
    Mistake("ceremony: 1", "ceremony: 3", .scriptVersion, "1:11", "ceremony: 2"),
    // A text that begins with a sign, and quotes of typography.
    Mistake("say: Hello", "say: %Hello", .scriptSyntax, "37:10", "whole text in quotes"),
    Mistake("say: Hello", "say: @everyone, hello", .scriptSyntax, "37:10", "whole text in quotes"),
    Mistake("say: Hello", "say: `Hello`", .scriptSyntax, "37:10", "whole text in quotes"),
    Mistake("say: Hello", "say: *Hello*", .scriptSyntax, "37:10", "whole text in quotes"),
    Mistake("say: Hello", "say: |Hello", .scriptSyntax, "37:10", "whole text in quotes"),
    Mistake("say: Hello", "say: {name} is here", .scriptSyntax, "37:10", "whole text in quotes"),
    Mistake("say: Hello", "say: [pause] Hello", .scriptSyntax, "37:10", "whole text in quotes"),
    Mistake("say: Hello", "say: ? what", .scriptSyntax, "37:10", "whole text in quotes"),
    Mistake("say: Hello", "say: - Hello", .scriptSyntax, "37:10", "whole text in quotes"),
    Mistake("say: Hello", "say: &Hello", .scriptSyntax, "37:10", "in quotes"),
    Mistake("say: Hello", "say: !Hello", .scriptSyntax, "37:10", "in quotes"),
    Mistake("say: Hello", "say: “Hello: all”", .scriptSyntax, "37:10", "straight quotes"),
    // Columns and dashes.
    Mistake("  - id: show\n", "  -id: show\n", .scriptSyntax, "48:3", "“- ” before each item"),
    Mistake("say: Hello", "say:\n      - Hello\n      -World", .scriptSyntax, "39:7", "“- ” before each item"),
    Mistake("  - id: show\n", " - id: show\n", .scriptSyntax, "48:2", "one column"),
    Mistake("    do: show\n", "   do: show\n", .scriptSyntax, "49:4", "one column"),
    // Lists, names and numbers as they are written elsewhere.
    Mistake("  root:\n", "  Root:\n", .scriptUnknownKey, "17:3", "“root”"),
    Mistake("[ada, boris]", "ada, boris", .scriptValue, "19:17", "[ada, boris]"),
    Mistake("[ada, boris]", "ada", .scriptValue, "19:17", "[ada]"),
    Mistake("[ada, boris]", "[Ada, boris]", .scriptValue, "19:18", "“ada”"),
    Mistake(
      "keyholder: ada\n  - id: sign-boris", "keyholder: [ada]\n  - id: sign-boris", .scriptValue, "54:16", "one name"),
    Mistake("do: close", "do: close\n    seal: 2", .scriptValue, "67:11", "in brackets"),
    Mistake("card: 11", "card: any", .scriptValue, "9:11", "“record”"),
    Mistake("card: 11", "card: 1 234 567", .scriptValue, "9:11", "without spaces"),
    Mistake("card: 11", "card: 12,345", .scriptValue, "9:11", "commas"),
    Mistake("card: 11", "card: 011", .scriptValue, "9:11", "leading zeros"),
    Mistake("card: 11", "card: \"11\"", .scriptValue, "9:11", "unquoted"),
    Mistake("card: 11", "card: 11\n    spares: 12", .scriptValue, "10:13", "in brackets"),
    Mistake("minutes: 7", "minutes: 7 min", .scriptValue, "41:14", "digits alone"),
    Mistake("threshold: 2", "threshold: 2 of 2", .scriptValue, "18:16", "digits alone"),
    Mistake("expires: 2027-01-01T00:00:00Z", "expires: 365", .scriptValue, "20:14", "{days: 7}"),
    Mistake("expires: 2027-01-01T00:00:00Z", "expires: 2027-02-30T00:00:00Z", .scriptValue, "20:14", "2027-12-01"),
    Mistake("[ada, boris]\n", "[ada, boris]\n    slot: 9C\n", .scriptValue, "20:11", "Did you mean “9c”?"),
    Mistake("[ada, boris]\n", "[ada, boris]\n    slot: 9d\n", .scriptValue, "20:11", "It takes: 9a, 9c."),
    Mistake("[ada, boris]\n", "[ada, boris]\n    algorithm: Ed25519\n", .scriptValue, "20:16", "“ed25519”"),
    Mistake(
      "ed25519: " + Sample.serviceKey, "file: keys/key.pem\n    sha256: " + Sample.serviceKey, .scriptValue, "33:11",
      "without folders"),
    Mistake("do: show\n", "do: show\n    initials: yes\n", .scriptValue, "50:15", "[administrator]"),
    Mistake("ceremony: 1", "ceremony: Genesis", .scriptValue, "1:11", "ceremony: 2"),
    Mistake("ceremony: 1\n", "", .scriptMissingKey, "1:1", "ceremony: 2"),
    Mistake("witness: Will", "witness: Ann", .scriptNameRepeated, "5:1", "two people"),
    // What the parts mean together.
    Mistake("threshold: 2", "threshold: 3", .scriptThreshold, "18:5", "Lower the threshold"),
    Mistake("expires: 2027-01-01T00:00:00Z", "expires: 2031-01-01T00:00:00Z", .expiryWindow, "20:5", "expiry"),
    Mistake("expires: 2027-01-01T00:00:00Z", "expires: {days: 7}", .expiryRelative, "20:5", "rehearsals"),
    Mistake("attestation: optional", "attestation: required", .vendorMissing, "15:3", "vendor-certificates"),
    Mistake(Sample.serviceKey, Sample.standIn, .onlineKeyStandIn, "32:3", "your service"),
    Mistake("model: yubikey-5.7", "model: yubikey-5.7", .attestationOptional, "15:3", "attestation: optional"),
    Mistake(
      "model: yubikey-5.7", "model: yubikey-5.7\n  other-vendors: accepted", .otherVendors, "15:3", "SHA-256"),
    Mistake("[ada, boris]", "[ada, boris]", .quorumWithoutSpare, "18:5", "Add a keyholder"),
    Mistake(
      "  boris:\n", "  chandra: {name: Chandra, card: 9}\n  boris:\n", .keyholderWithoutRole, "10:3", "in a role"),
    Mistake(
      "ceremony: 1", "ceremony: 2", .sealBelowRoot, "3:1", "seal: 2", also: "title: Sample", "title: Sample\nseal: 1"),
    Mistake(
      "ceremony: 1", "ceremony: 2", .readBackOptional, "15:3", "read-back: required",
      also: "  attestation:", "  read-back: optional\n  attestation:"),
    Mistake(
      "ceremony: 1", "ceremony: 2", .triesOptional, "15:3", "tries: required",
      also: "  attestation:", "  tries: optional\n  pin-tries: 4\n  attestation:"),
    // Of a card and its bag.
    Mistake(
      "  - id: show\n", "  - {id: bag, do: bag, keyholder: ada, bag: closed}\n  - id: show\n", .bagState, "52:5",
      "Open the bag"),
    Mistake(
      "    do: close\n",
      """
          do: close
        - {id: b1, do: bag, keyholder: ada, bag: closed}
        - {id: b2, do: bag, keyholder: ada, bag: closed}

      """, .bagState, "68:5", "Keep one"),
    Mistake(
      "  - id: card-ada\n", "  - {id: bag, do: bag, keyholder: ada, bag: opened}\n  - id: card-ada\n", .bagState,
      "38:5",
      "bag: closed"),
    Mistake("  - id: show\n    do: show\n    role: root\n", "", .stepOrder, "48:5", "Show it first"),
    Mistake("witness: Will", "witness: none", .scriptValue, "5:10", "in the room", also: "ceremony: 1", "ceremony: 2"),
    // Who is elsewhere.
    Mistake(rotation, "absent: pending", "absent: pendin", .scriptValue, "“pending”"),
    Mistake(rotation, "ccddeeff\"", "ccddee\"", .scriptValue, "32"),
    Mistake(rotation, "withdrawn: [4813", "withdrawn: [481", .scriptValue, "64"),
    Mistake(
      rotation, "keyholder: fatima\n  - id: build", "keyholder: dora\n  - id: build", .scriptReference, "fatima"),
    Mistake(rotation, "do: enrol", "do: provision", .keptAndMade, "do: enrol"),
    Mistake(
      rotation, "- id: show-root\n    do: show", "- id: show-root\n    do: collect", .stepOrder, "Show it first"),
    // What waits.
    Mistake(collecting, "    payload:", "    payloads:", .scriptUnknownKey, "“payload”"),
    Mistake(collecting, "payload: 4813", "payload: 481", .scriptValue, "64"),
    Mistake(collecting, "key: \"", "algorithm: ed25519, keys: \"", .scriptUnknownKey, "“key”"),
    Mistake(
      collecting, "do: collect\n    role: root", "do: build\n    role: root", .scriptValue, "“build” steps out"),
    Mistake(
      collecting, "- id: write-root", "- {id: again, do: collect, role: root}\n  - id: write-root", .stepOrder,
      "Collect first"),
    // Answers.
    Mistake(answer, "over: stream", "over: phone", .scriptValue, "stream"),
    Mistake(answer, "over: stream", "over: stream\n  initials: WI", .scriptValue, "“initials” out"),
    Mistake(answer, "  file: request.json", "  files: request.json", .scriptUnknownKey, "“file”"),
    Mistake(answer, "card: record, key", "card: record, absent: stop, key", .scriptValue, "“absent”"),
    Mistake(answer, "title: \"Boris", "withdrawn: [\(digest)]\ntitle: \"Boris", .scriptValue, "Leave it out"),
  ]

  private static let rotation = WholeScript.rotation
  private static let collecting = WholeScript.collecting
  private static let answer = WholeScript.answer
  private static let digest = String(repeating: "0a", count: 32)

  @Test(arguments: mistakes)
  func eachHasItsCodeItsLineAndItsHint(mistake: Mistake) throws {
    let findings = try mistake.findings()
    let found = findings.first { found in
      found.code == mistake.code && found.place?.hasPrefix("script.yaml:\(mistake.place ?? "")") == true
    }
    let finding = try #require(found, "\(findings)")
    for word in mistake.words { #expect(finding.hint.contains(word), "\(finding.hint)") }
    #expect(finding.what.unicodeScalars.allSatisfy(isPrintable))
    // One mistake is one finding, beside what the sample is warned of.
    #expect(
      findings.filter { !Sample.accepted.contains($0.code) || $0.code == mistake.code }.count == 1 || mistake.spreads)
  }

  /// What is said in words elsewhere is a warning: it keeps nobody from running the script.
  @Test func someAreWarnings() throws {
    for (from, to, code) in [
      ("say: Hello", "say: Bag #4", Finding.Code.scriptComment),
      ("  boris:\n", "  chandra: {name: Chandra, card: 9}\n  boris:\n", .keyholderWithoutRole),
      ("title: Sample", "title: Sample", .quorumWithoutSpare),
    ] {
      let findings = try Mistake(from, to, code, nil).findings()
      #expect(findings.filter { $0.code == code }.map(\.severity).allSatisfy { $0 == .warning })
      #expect(findings.contains { $0.code == code })
    }
  }

  /// A card that is taken out of its bag before it is used, and put into one afterwards.
  @Test func aBagThatIsOpenedAndClosedInTurn() throws {
    let script = try Sample.text
      .editing("  - id: card-ada\n", with: "  - {id: b1, do: bag, keyholder: ada, bag: opened}\n  - id: card-ada\n")
      .editing("    do: close\n", with: "    do: close\n  - {id: b2, do: bag, keyholder: ada, bag: closed}\n")
    #expect(try Sample.lint(script) == [])
  }

  /// Scalars are the text that is written, whatever YAML makes of them; and a sign inside a word begins no comment.
  @Test(arguments: [
    "yes", "no", "on", "off", "1e3", "0x10", "2027-01-01", "true", "12", "'~'", "\"null\"", "~ ~", "Bag#4", "'Bag #4'",
    "\"Bag #4\"", ">-\n      Bag #4", "'Bag 4' # a comment", "Nul", "nil",
  ])
  func whatIsText(_ text: String) throws {
    let script = try Sample.text.editing("say: Hello", with: "say: \(text)")
    #expect(try Sample.lint(script) == [])
    #expect(try Script(Array(script.utf8)).steps[0].say[0].isEmpty == false)
  }

  @Test func allMistakesAreToldAtOnceInTheOrderOfTheLines() throws {
    let text = try Sample.text.editing("title: Sample", with: "titel: Sample")
      .editing("name: Ada", with: "name: ~").editing("card: 11", with: "card: eleven")
      .editing("threshold: 2", with: "threshold: two").editing("[ada, boris]", with: "[ada, eve, eve]")
      .editing("do: show", with: "do: shew").editing("minutes: 7", with: "minutes: many")
    let (script, findings) = Script.read(Array(text.utf8))
    #expect(script == nil)
    #expect(
      findings.map { "\($0.code) \($0.place?.dropFirst(12) ?? "")" } == [
        "SCRIPT-UNKNOWN-KEY 2:1", "SCRIPT-VALUE 8:11", "SCRIPT-VALUE 9:11", "SCRIPT-VALUE 18:16",
        "SCRIPT-REFERENCE 19:23", "SCRIPT-REFERENCE 19:28", "SCRIPT-VALUE 41:14", "SCRIPT-VALUE 49:9",
      ])
    let first = #expect(throws: Finding.self) { try Script(Array(text.utf8)) }
    #expect(first == findings.first)
  }

  /// Of a version that nobody knows nothing else can be said.
  @Test func anUnknownVersionIsTheOnlyFinding() throws {
    let text = try Sample.text.editing("ceremony: 1", with: "ceremony: 3\nnew: names")
    #expect(Script.read(Array(text.utf8)).findings.map(\.code) == [.scriptVersion])
  }

  @Test func findingsAreBounded() {
    let text = Sample.text + (1...500).map { "key\($0): x\n" }.joined()
    #expect(Script.read(Array(text.utf8)).findings.count == 100)
  }

  @Test func aPlaceNamesTheFileAsItWasGiven() {
    let finding = Finding(.scriptValue, "x", hint: "y", place: "script.yaml:3:4")
    #expect(finding.inScript("in/genesis.yaml").place == "in/genesis.yaml:3:4")
    #expect(finding.inScript("a\u{1b}[31m.yaml").place?.unicodeScalars.allSatisfy(isPrintable) == true)
    #expect(finding.at("record 5").inScript("genesis.yaml").place == "record 5, script.yaml:3:4")
  }

  /// An anchor that doubles itself is refused where it stands, and not written out.
  @Test(.timeLimit(.minutes(1))) func doublingAnchors() {
    var text = "a0: &a0 [x, x]\n"
    for depth in 1...20 { text += "a\(depth): &a\(depth) [*a\(depth - 1), *a\(depth - 1)]\n" }
    #expect(Script.read(Array(text.utf8)).findings.contains { $0.code == .scriptSyntax })
  }

  /// The scripts that come with this program are for rehearsals only, because of their keys.
  @Test func theShippedScriptsHaveStandInKeys() throws {
    let runbook = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Runbook").standardized
    let names = try FileManager.default.contentsOfDirectory(atPath: runbook.path()).filter { $0.hasSuffix(".yaml") }
    #expect(names.count > 2)
    for name in names {
      var script = try Script(Array(Data(contentsOf: runbook.appending(path: name))))
      if let files = script.goesOn {
        script = script.going(
          on: try Baseline(Array(Data(contentsOf: runbook.appending(path: files.root.name))), named: files.root.name))
      }
      var online: [String: PublicKey] = [:]
      for key in script.onlineKeys {
        if case .file(let file) = key.source {
          online[key.id] = try key.publicKey(Array(Data(contentsOf: runbook.appending(path: file.name))))
        } else {
          online[key.id] = try key.publicKey(nil)
        }
      }
      let real = script.lint(.real, online: online, at: Sample.now)
      // What waits is finished as it is, without online keys.
      let code = script.pending == nil ? Finding.Code.onlineKeyStandIn : .scriptOpen
      #expect(real.contains { $0.code == code && $0.isForRehearsalsOnly }, "\(name)")
      #expect(!script.lint(.rehearsal, online: online, at: Sample.now).contains { $0.severity == .error }, "\(name)")
    }
  }
}

/// One change to the sample or another sound script, and what is to be said of it.
struct Mistake: CustomTestStringConvertible, Sendable {
  private let base: String
  let changes: [(from: String, to: String)]
  let code: Finding.Code
  /// `line:column`; nil where any will do.
  let place: String?
  /// In the hint.
  let words: [String]

  init(_ from: String, _ to: String, _ code: Finding.Code, _ place: String?, _ words: String...) {
    base = Sample.text
    changes = [(from, to)]
    self.code = code
    self.place = place
    self.words = words
  }

  init(_ base: String, _ from: String, _ to: String, _ code: Finding.Code, _ words: String...) {
    self.base = base
    changes = [(from, to)]
    self.code = code
    place = nil
    self.words = words
  }

  init(
    _ from: String, _ to: String, _ code: Finding.Code, _ place: String?, _ word: String, also more: String,
    _ other: String
  ) {
    base = Sample.text
    changes = [(from, to), (more, other)]
    self.code = code
    self.place = place
    words = [word]
  }

  var testDescription: String { "\(changes[0].to.debugDescription) \(code)" }

  /// Whether one mistake makes others: without an id or a step, whatever needs it is wrong too.
  var spreads: Bool {
    [.stepOrder, .expiryWindow, .quorumWithoutSpare, .scriptThreshold].contains(code)
      || words == ["small letters"] || words == ["another id"]
  }

  func text() throws -> String {
    var text = base
    for (from, to) in changes {
      text.replaceSubrange(try #require(text.range(of: from)), with: to)
    }
    return text
  }

  func findings() throws -> [Finding] {
    let text = try text()
    let (script, findings) = Script.read(Array(text.utf8))
    guard var script else { return findings }
    if script.isRotation { script = script.going(on: try WholeScript.baseline()) }
    var online: [String: PublicKey] = [:]
    for key in script.onlineKeys { online[key.id] = try? key.publicKey(nil) }
    return script.lint(.real, online: online, at: Sample.now)
  }
}
