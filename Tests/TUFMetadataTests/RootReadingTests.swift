import CanonicalJSON
import Findings
import Keys
import SampleMetadata
import TUFMetadata
import Testing

/// One field of a good root changed: the code that refuses it.
struct FieldCase: CustomTestStringConvertible, Sendable {
  let path: String
  let value: JSONValue?
  let code: Finding.Code

  init(_ path: String, _ value: JSONValue?, _ code: Finding.Code) {
    (self.path, self.value, self.code) = (path, value, code)
  }

  var testDescription: String {
    "\(path) = \(value.map { String(decoding: $0.canonical(), as: UTF8.self) } ?? "absent")"
  }
}

private let refusedFields: [FieldCase] = [
  FieldCase("_type", "targets", .metadataType),
  FieldCase("_type", nil, .metadataShape),
  FieldCase("spec_version", "2.0.0", .specVersion),
  FieldCase("spec_version", "1.", .specVersion),
  FieldCase("spec_version", "1", .specVersion),
  FieldCase("spec_version", 1, .metadataShape),
  FieldCase("version", 0, .metadataVersion),
  FieldCase("version", -1, .metadataVersion),
  FieldCase("version", true, .metadataShape),
  FieldCase("version", "1", .metadataShape),
  FieldCase("version", nil, .metadataShape),
  FieldCase("expires", "2027-02-30T00:00:00Z", .expiresForm),
  FieldCase("expires", "2027-01-01", .expiresForm),
  FieldCase("expires", "2027-01-01T00:00:00.Z", .expiresForm),
  FieldCase("expires", "2027-01-01T00:00:00+25:00", .expiresForm),
  FieldCase("expires", "", .expiresForm),
  FieldCase("expires", 0, .metadataShape),
  FieldCase("consistent_snapshot", "true", .metadataShape),
  FieldCase("keys", [], .metadataShape),
  FieldCase("keys", nil, .metadataShape),
  FieldCase("keys", [:], .roleKeyMissing),
  FieldCase("roles", nil, .metadataShape),
  FieldCase("roles.timestamp", nil, .roleMissing),
  FieldCase("roles.root", nil, .roleMissing),
  FieldCase("roles.root.threshold", 0, .roleThreshold),
  FieldCase("roles.root.threshold", -2, .roleThreshold),
  FieldCase("roles.root.threshold", 4, .thresholdUnreachable),
  FieldCase("roles.root.threshold", 9_007_199_254_740_992, .thresholdUnreachable),
  FieldCase("roles.root.threshold", "2", .metadataShape),
  FieldCase("roles.targets.keyids", [], .roleWithoutKey),
  FieldCase("roles.targets.keyids", ["00"], .roleKeyMissing),
  FieldCase("roles.targets.keyids", ["\u{E9}"], .metadataShape),
  FieldCase("roles.targets.keyids", "00", .metadataShape),
]

@Test(arguments: refusedFields)
func refusesRoot(_ change: FieldCase) throws {
  let signed = try Samples.root().json
  #expect(throws: Never.self) { try Root.read(signed) }
  let finding = #expect(throws: Finding.self) {
    try Root.read(signed.changing(change.path, to: change.value))
  }
  #expect(finding?.code == change.code)
}

private let oddFields: [FieldCase] = [
  FieldCase("expires", "2027-01-01T00:00:00.663975009Z", .expiresForm),
  FieldCase("expires", "2026-12-31T18:00:00.99008-06:00", .expiresForm),
  FieldCase("roles.mirrors", ["keyids": [], "threshold": 1], .roleUnknown),
]

@Test(arguments: oddFields)
func readsRootWithWarning(_ change: FieldCase) throws {
  let (root, oddities) = try Root.read(Samples.root().json.changing(change.path, to: change.value))
  #expect(oddities.map(\.code) == [change.code])
  #expect(oddities.allSatisfy { $0.severity == .warning })
  #expect(root.expires == (try Samples.time("2027-01-01T00:00:00Z")))
}

@Test func refusesRepeatedKeyID() throws {
  let root = try Samples.root()
  var repeated = root
  repeated[.root].keyIDs.append(root[.root].keyIDs[0])
  let finding = #expect(throws: Finding.self) { try Root.read(repeated.json) }
  #expect(finding?.code == .roleKeyRepeated)
}

/// Two ids of one key do not make a threshold of two reachable.
@Test func countsOneKeyOnceTowardReachability() throws {
  let key = try Signer(1).key
  let twin = MetadataKey(try #require(key.publicKey), extensions: ["x-name": "another id"])
  var root = try Samples.root()
  root.keys = KeyRing(root.keys.keys + [twin])
  root[.root] = Role(keyIDs: [key.keyID, twin.keyID], threshold: 1)
  #expect(try Root.read(root.json).oddities.map(\.code) == [.keyDuplicate])
  root[.root].threshold = 2
  let finding = #expect(throws: Finding.self) { try Root.read(root.json) }
  #expect(finding?.code == .thresholdUnreachable)
}

@Test func keepsUnknownFields() throws {
  var signed = try Samples.root().json
  signed["x-custom"] = ["a": [1, "\u{E9}\n"]]
  let keyID = try Signer(200).key.keyID
  for path in ["keys.\(keyID).x-more", "roles.root.x-more", "roles.mirrors.x-more"] {
    signed = try signed.changing(path, to: ["b": true])
  }
  #expect(try Root.read(signed).root.json == signed)
  let file: JSONValue = [
    "signed": .object(signed), "x-beside": 1,
    "signatures": [["keyid": "ab", "sig": "00", "x-in": "signature"], ["keyid": "cd", "sig": ""]],
  ]
  let envelope = try Envelope(parsing: file.pretty(), place: "1.root.json")
  let again = try Envelope(parsing: envelope.serialized(), place: "1.root.json")
  #expect(again.signedBytes == JSONValue.object(signed).canonical())
  #expect(again.json == file.changing(["signatures", "1"][...], to: nil))
}

private let refusedEnvelopes: [(String, Finding.Code)] = [
  ("[]", .metadataShape),
  ("{\"signed\":{}}", .metadataShape),
  ("{\"signatures\":[]}", .metadataShape),
  ("{\"signed\":{},\"signatures\":{}}", .metadataShape),
  ("{\"signed\":{},\"signatures\":[{\"keyid\":\"a\"}]}", .metadataShape),
  ("{\"signed\":{},\"signatures\":[{\"sig\":\"\"}]}", .metadataShape),
  ("{\"signed\":{},\"signatures\":[{\"keyid\":\"a\",\"sig\":\"xy\"}]}", .signatureForm),
  ("{\"signed\":{},\"signatures\":[{\"keyid\":\"a\",\"sig\":\"abc\"}]}", .signatureForm),
  (
    "{\"signed\":{},\"signatures\":[{\"keyid\":\"a\",\"sig\":\"\"},{\"keyid\":\"a\",\"sig\":\"00\"}]}",
    .signatureRepeated
  ),
  ("{\"signed\":{},\"signed\":{},\"signatures\":[]}", .jsonDuplicateName),
]

@Test(arguments: refusedEnvelopes)
func refusesEnvelope(text: String, code: Finding.Code) {
  let finding = #expect(throws: Finding.self) { try Envelope(parsing: Array(text.utf8), place: "x") }
  #expect(finding?.code == code)
}

@Test func showsForeignTextSafely() {
  #expect(shown("a\u{1B}[2J\u{202E}é") == "a\\u{1b}[2J\\u{202e}\\u{e9}")
}
