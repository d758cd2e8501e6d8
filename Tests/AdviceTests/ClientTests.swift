import Advice
import CanonicalJSON
import Crypto
import Findings
import Foundation
import Judges
import Keys
import SampleMetadata
import TUFMetadata
import Testing
import UTC

/// A root in which one thing was changed, and what is said of the clients that do not just take it.
struct ClientCase: Sendable, CustomTestStringConvertible {
  let name: String
  let expected: [TUFClient: ClientAdvice.Verdict]
  /// Whether the key that was added signs, too.
  var p256Signs: String?
  let change: @Sendable (JSONObject) throws -> JSONObject

  init(
    _ name: String, _ expected: [TUFClient: ClientAdvice.Verdict], p256Signs: String? = nil,
    _ change: @escaping @Sendable (JSONObject) throws -> JSONObject
  ) {
    self.name = name
    self.expected = expected
    self.p256Signs = p256Signs
    self.change = change
  }

  var testDescription: String { name }

  /// Signed anew after the change, so that only the change can be refused.
  func file() throws -> [UInt8] {
    let signed = try change(try Samples.root().json)
    return try Documents.file(signed, by: [1, 2, 3], p256: p256Signs)
  }

  func advice() throws -> RootAdvice {
    RootAdvice(
      on: try RootDocument(try file(), place: "1.root.json"), AdviceTerms(time: Documents.time, messageLimit: 3043))
  }
}

private let p256 = Documents.p256Key
private let p384 = (try? P384.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 9, count: 48))) ?? .init()

private func key(_ type: String, _ scheme: String, _ value: String, _ more: JSONObject = [:]) -> JSONObject {
  var key = more
  key["keytype"] = .string(type)
  key["scheme"] = .string(scheme)
  key["keyval"] = ["public": .string(value)]
  return key
}

private let sphincs = key("sphincs", "x", "00")
private let pemKey = key("ecdsa", "ecdsa-sha2-nistp256", p256.publicKey.pemRepresentation + "\n")
private let hexKey = key("ecdsa", "ecdsa-sha2-nistp256", Hex.encode(Array(p256.publicKey.x963Representation)))
private let mlDSA44 = PublicKey(standIn: 1, .mlDSA44).map { MetadataKey($0).fields } ?? [:]
private let ed25519 = PublicKey(standIn: 77, .ed25519).map { MetadataKey($0).fields } ?? [:]

private func with(_ fields: JSONObject, _ more: JSONObject) -> JSONObject {
  var fields = fields
  for member in more.members { fields[member.name] = member.value }
  return fields
}

private let cases: [ClientCase] = [
  ClientCase("nothing", [:]) { $0 },
  ClientCase("a key of an unknown type in no role", [.pythonTUF: .refuses, .tough: .refuses, .phpTUF: .refuses]) {
    try $0.adding(sphincs, to: [])
  },
  ClientCase(
    "a key of an unknown type in the root role",
    [
      .pythonTUF: .refuses, .goTUF: .refuses, .tough: .refuses, .phpTUF: .refuses, .rustTUF: .limited, .tufJS: .limited,
    ]
  ) { try $0.adding(sphincs, to: ["root"]) },
  ClientCase(
    "a key of an unknown type in another role",
    [
      .pythonTUF: .refuses, .goTUF: .limited, .tough: .refuses, .phpTUF: .refuses, .rustTUF: .limited, .tufJS: .limited,
    ]
  ) { try $0.adding(sphincs, to: ["timestamp"]) },
  ClientCase("a role beside the four", [.pythonTUF: .refuses, .tough: .refuses, .phpTUF: .refuses]) {
    try $0.changing("roles.mirrors", to: $0["roles"]?["timestamp"])
  },
  ClientCase(
    "expires with a fraction", [.pythonTUF: .refuses, .phpTUF: .refuses, .goTUF: .unknown, .tough: .unknown]
  ) { try $0.changing("expires", to: "2027-01-01T00:00:00.5Z") },
  ClientCase(
    "expires with an offset", [.pythonTUF: .refuses, .phpTUF: .unknown, .goTUF: .unknown, .tough: .unknown]
  ) { try $0.changing("expires", to: "2027-01-01T00:00:00+00:00") },
  ClientCase(
    "no consistent_snapshot",
    [.goTUF: .refuses, .tough: .refuses, .phpTUF: .refuses, .rustTUF: .refuses, .tufJS: .refuses]
  ) { try $0.changing("consistent_snapshot", to: nil) },
  ClientCase("spec_version in two parts", [.phpTUF: .refuses]) { try $0.changing("spec_version", to: "1.0") },
  ClientCase("spec_version of another minor", [.rustTUF: .refuses]) { try $0.changing("spec_version", to: "1.1.0") },
  ClientCase("custom fields in a role", [.phpTUF: .depends]) {
    try $0.changing("roles.timestamp.x-tuf-on-ci-signing-period", to: 4)
  },
  ClientCase("a custom field at the top", [:]) { try $0.changing("x-note", to: "plain") },
  ClientCase("text that is not in NFC", [.tough: .refuses, .phpTUF: .refuses]) {
    try $0.changing("x-note", to: "e\u{301}")
  },
  ClientCase("text beyond ASCII in NFC", [.phpTUF: .refuses]) { try $0.changing("x-note", to: "\u{e9}") },
  ClientCase("a name and the same with a mark", [.tough: .refuses]) {
    try $0.changing("x-note", to: ["a": 1, "a!": 2])
  },
  ClientCase("names above U+FFFF", [.tufJS: .refuses, .phpTUF: .refuses]) {
    try $0.changing("x-note", to: ["\u{ff5e}": 1, "\u{1f600}": 2])
  },
  ClientCase(
    "a large file", [.pythonTUF: .refuses, .goTUF: .refuses, .tufJS: .refuses, .phpTUF: .refuses]
  ) { try $0.changing("x-note", to: .string(String(repeating: "a", count: RootChain.largestRoot))) },
  ClientCase("a file of 200,000 bytes", [.phpTUF: .refuses]) {
    try $0.changing("x-note", to: .string(String(repeating: "a", count: 200_000)))
  },
  ClientCase("a key id by type, scheme and value", [.tough: .depends, .phpTUF: .depends]) {
    try $0.adding(with(ed25519, ["x-name": "n"]), id: ed25519.keyID, to: ["root"])
  },
  ClientCase("a key id by the whole of a key with a name", [.phpTUF: .refuses, .rustTUF: .limited]) {
    try $0.adding(with(ed25519, ["x-name": "n"]), to: ["root"])
  },
  ClientCase(
    "a key id with keyid_hash_algorithms", [.tough: .depends, .phpTUF: .depends, .rustTUF: .limited]
  ) {
    try $0.adding(ed25519, id: with(ed25519, ["keyid_hash_algorithms": ["sha256", "sha512"]]).keyID, to: ["root"])
  },
  ClientCase(
    "a key id by no rule", [.tough: .refuses, .phpTUF: .refuses, .rustTUF: .refuses]
  ) { try $0.adding(ed25519, id: "key-of-ada", to: ["root"]) },
  ClientCase("a P-256 key", [.phpTUF: .refuses, .rustTUF: .limited], p256Signs: pemKey.keyID) {
    try $0.adding(pemKey, to: ["root"])
  },
  ClientCase(
    "a P-384 key",
    [.goTUF: .limited, .tough: .refuses, .phpTUF: .refuses, .rustTUF: .limited, .tufJS: .unknown]
  ) {
    try $0.adding(key("ecdsa", "ecdsa-sha2-nistp384", p384.publicKey.pemRepresentation + "\n"), to: ["root"])
  },
  ClientCase(
    "a P-256 point in hexadecimal",
    [.pythonTUF: .limited, .goTUF: .refuses, .phpTUF: .refuses, .rustTUF: .limited], p256Signs: hexKey.keyID
  ) { try $0.adding(hexKey, to: ["root"]) },
  ClientCase(
    "a P-256 point in hexadecimal that is needed",
    [.pythonTUF: .refuses, .goTUF: .refuses, .phpTUF: .refuses, .rustTUF: .refuses], p256Signs: hexKey.keyID
  ) { try $0.adding(hexKey, to: ["root"]).changing("roles.root.threshold", to: 4) },
  ClientCase(
    "a damaged Ed25519 key",
    [
      .pythonTUF: .limited, .goTUF: .unknown, .tough: .unknown, .phpTUF: .unknown, .rustTUF: .unknown,
      .tufJS: .unknown,
    ]
  ) { try $0.adding(key("ed25519", "ed25519", "00"), to: ["root"]) },
  ClientCase(
    "an ML-DSA-44 key",
    [
      .pythonTUF: .depends, .goTUF: .depends, .tough: .refuses, .phpTUF: .refuses, .rustTUF: .limited,
      .tufJS: .limited,
    ]
  ) { try $0.adding(mlDSA44, to: ["root"]) },
]

@Suite struct ClientTests {
  @Test(arguments: cases) func says(what each: ClientCase) throws {
    let clients = try each.advice().clients
    #expect(clients.map(\.client) == TUFClient.allCases)
    let found = clients.filter { $0.verdict != .nothingKnown }
    #expect(Dictionary(uniqueKeysWithValues: found.map { ($0.client, $0.verdict) }) == each.expected)
    for client in clients {
      #expect(client.reasons.isEmpty == (client.verdict == .nothingKnown))
      #expect(client.sentence.hasPrefix(client.client.rawValue))
    }
  }

  /// python-tuf refuses what we say that it refuses, takes the rest, and counts no signature that we say it does not count.
  @Test func agreesWithPythonTUF() throws {
    let files = try cases.map { String(decoding: Data(try $0.file()).base64EncodedData(), as: UTF8.self) }
    guard
      let output = try Python.output(
        of: judge, input: Array(files.joined(separator: "\n").utf8), skipping: cases.count, "clients by python-tuf")
    else { return }
    let answers = output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    try #require(answers.count >= cases.count)
    for (each, answer) in zip(cases, answers) {
      let python = try #require(try each.advice().clients.first { $0.client == .pythonTUF })
      #expect((python.verdict == .refuses) == (answer == "refuses"), "\(each.name): \(answer)")
      if let signer = each.p256Signs, answer != "refuses" {
        #expect((python.verdict != .limited) == answer.contains(signer), "\(each.name)")
      }
    }
  }

  /// A client that counts no signature of a role's keys cannot verify that role.
  @Test func saysWhichRolesCannotBeVerified() throws {
    let advice = try ClientCase("P-256 online", [:]) { root in
      try root.adding(pemKey, to: []).changing("roles.timestamp.keyids", to: [.string(pemKey.keyID)])
    }.advice()
    let rust = try #require(advice.clients.first { $0.client == .rustTUF })
    #expect(rust.verdict == .limited)
    #expect(rust.reasons.contains("timestamp cannot reach its threshold of 1: it counts 0 of its 1 key"))
  }

  @Test func namesWhatWasNotRun() throws {
    #expect(TUFClient.allCases.filter { $0.basis == .run } == [.pythonTUF])
    let sections = Documents.advice(try Samples.root()).sections
    let clients = try #require(sections.first { $0.title == "Clients" })
    #expect(
      clients.sentences == [
        "Nothing is known here that python-tuf, go-tuf, tough, php-tuf, rust-tuf and tuf-js would refuse.",
        "Tests of this project run python-tuf. The rules of the others were read in their sources, and none was run.",
      ])
  }

  /// The roots of real repositories: whatever python-tuf refuses is known, and the other way round.
  @Test func agreesOnRealRoots() throws {
    let names = (1...15).map { "\($0).root.json" }
    guard let files = try RealData.files("roots/sigstore-root-signing", names, "clients on roots of sigstore") else {
      return
    }
    let verdicts = try files.map { bytes in
      let document = try RootDocument(bytes, place: "root.json")
      let advice = RootAdvice(on: document, AdviceTerms(time: Documents.time, messageLimit: 3043))
      return try #require(advice.clients.first { $0.client == .pythonTUF }).verdict
    }
    // Fractions in expires until version 3, points in hexadecimal in version 4.
    #expect(verdicts.map { $0 == .refuses } == (1...15).map { $0 <= 4 })
    let lines = files.map { String(decoding: Data($0).base64EncodedData(), as: UTF8.self) }.joined(separator: "\n")
    guard let output = try Python.output(of: judge, input: Array(lines.utf8), skipping: 15, "python-tuf on sigstore")
    else {
      return
    }
    let answers = output.split(separator: "\n", omittingEmptySubsequences: false).map { $0 == "refuses" }
    #expect(Array(answers.prefix(15)) == verdicts.map { $0 == .refuses })
  }
}

/// For each file, a line: that it is refused, or the ids of the keys whose signatures count.
private let judge = """
  import base64, sys
  from tuf.api.metadata import Metadata, Root
  from tuf.ngclient.config import UpdaterConfig
  for line in sys.stdin.read().split("\\n"):
      data = base64.b64decode(line)
      try:
          assert len(data) <= UpdaterConfig().root_max_length
          root = Metadata[Root].from_bytes(data)
          result = root.signed.get_verification_result("root", root.signed_bytes, root.signatures)
          assert result.verified
          print(" ".join(result.signed))
      except Exception:
          print("refuses")
  """
