import CanonicalJSON
import Findings
import Keys
import SampleMetadata
import TUFMetadata
import Testing
import UTC

/// One thing wrong with a root that would be signed, and the one code that says so.
struct ReviewCase: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let code: Finding.Code
  let change: @Sendable (inout Root, inout ReviewRules) throws -> Void

  init(
    _ name: String,
    _ code: Finding.Code,
    _ change: @escaping @Sendable (inout Root, inout ReviewRules) throws -> Void
  ) {
    (testDescription, self.code, self.change) = (name, code, change)
  }
}

private let reviews: [ReviewCase] = [
  ReviewCase("version repeated", .rootVersionStep) { root, _ in root.version = 1 },
  ReviewCase("version skipped", .rootVersionStep) { root, _ in root.version = 3 },
  ReviewCase("version zero", .metadataVersion) { root, _ in root.version = 0 },
  ReviewCase("version beyond all readers", .jsonIntegerRange) { root, _ in root.version = .max },
  ReviewCase("other specification", .specVersion) { root, _ in root.specVersion = "1.0.30" },
  ReviewCase("expires now", .expiryWindow) { root, rules in rules.now = root.expires },
  ReviewCase("expired", .expiryWindow) { root, rules in rules.now = root.expires.adding(seconds: 1) },
  ReviewCase("expires after two years and a second", .expiryWindow) { root, rules in
    rules.now = root.expires.adding(days: -730).adding(seconds: -1)
  },
  ReviewCase("threshold zero", .roleThreshold) { root, _ in root[.root].threshold = 0 },
  ReviewCase("threshold above the keys", .thresholdUnreachable) { root, _ in root[.root].threshold = 4 },
  ReviewCase("role without key", .roleWithoutKey) { root, _ in root[.timestamp].keyIDs = [] },
  ReviewCase("role with an absent key", .roleKeyMissing) { root, _ in root[.snapshot].keyIDs = ["00"] },
  ReviewCase("role with a key twice", .roleKeyRepeated) { root, _ in root[.root].keyIDs += root[.root].keyIDs
  },
  ReviewCase("fifth role", .roleUnknown) { root, _ in
    root.otherRoles["mirrors"] = ["keyids": [], "threshold": 1]
  },
  ReviewCase("consistent snapshot unsaid", .metadataShape) { root, _ in root.consistentSnapshot = nil },
  ReviewCase("key without role", .keyUnused) { root, _ in
    root.keys = KeyRing(root.keys.keys + [try Signer(77).key])
  },
  ReviewCase("one key under two ids", .keyDuplicate) { root, _ in
    let twin = MetadataKey(try #require(root.keys.keys[0].publicKey), extensions: ["x-name": "twin"])
    root.keys = KeyRing(root.keys.keys + [twin])
    root[.root].keyIDs.append(twin.keyID)
  },
  ReviewCase("small-order key", .keyWeak) { root, _ in
    let weak = MetadataKey(try PublicKey(ed25519: [1] + [UInt8](repeating: 0, count: 31)))
    root.keys = KeyRing(root.keys.keys + [weak])
    root[.root].keyIDs.append(weak.keyID)
  },
  ReviewCase("text beyond ASCII", .textNotASCII) { root, _ in root.fields["x-name"] = "Zo\u{EB}" },
  ReviewCase("control character", .textNotASCII) { root, _ in root.fields["x-name"] = "a\u{7}" },
  ReviewCase("line feed outside a key", .textNotASCII) { root, _ in root.fields["x-name"] = ["a\nb"] },
  ReviewCase("name beyond ASCII", .nameCharacters) { root, _ in root.fields["x-\u{EB}"] = 1 },
  ReviewCase("name that tough sorts elsewhere", .nameCharacters) { root, _ in root.fields["x!"] = 1 },
  ReviewCase("custom field with TUF's name", .metadataRoundTrip) { root, _ in root.fields["version"] = 7 },
  ReviewCase("number beyond all readers", .jsonIntegerRange) { root, _ in
    root.fields["x-n"] = 9_007_199_254_740_993
  },
  ReviewCase("one byte too large", .payloadTooLarge) { root, rules in
    rules.payloadLimit = JSONValue.object(root.json).canonical().count - 1
  },
  ReviewCase("mark in a real root", .rehearsalMark) { root, _ in root.fields[Header.rehearsalMark] = true },
  ReviewCase("rehearsal without mark", .rehearsalMark) { _, rules in rules.isRehearsal = true },
  ReviewCase("mark of another value", .rehearsalMark) { root, rules in
    rules.isRehearsal = true
    root.fields[Header.rehearsalMark] = "true"
  },
  ReviewCase("larger than clients take", .rootTooLarge) { root, _ in
    root.fields["x-big"] = .string(String(repeating: "a", count: 512_000))
  },
]

@Test(arguments: reviews)
func refusesToSign(_ review: ReviewCase) throws {
  let previous = try Samples.root()
  var root = try Samples.root(version: 2)
  var rules = ReviewRules(
    now: root.expires.adding(days: -730),
    isRehearsal: false,
    payloadLimit: JSONValue.object(root.json).canonical().count
  )
  let payload = try ReviewedPayload(root, after: previous, rules)
  #expect(payload.canonical == JSONValue.object(root.json).canonical())
  rules.payloadLimit = nil
  try review.change(&root, &rules)
  let refusal = #expect(throws: ReviewRefusal.self) { try ReviewedPayload(root, after: previous, rules) }
  #expect(refusal.map { Set($0.findings.map(\.code)) } == [review.code])
  #expect(refusal?.findings.allSatisfy { $0.severity == .error } == true)
}

@Test func aGenesisIsVersionOne() throws {
  let rules = ReviewRules(
    now: try Samples.time("2026-06-01T00:00:00Z"),
    isRehearsal: false,
    payloadLimit: nil
  )
  #expect(try Samples.root().findings(after: nil, rules) == [])
  #expect(try Samples.root(version: 2).findings(after: nil, rules).map(\.code) == [.rootVersionStep])
}

@Test func aRehearsalIsMarked() throws {
  let rules = ReviewRules(now: try Samples.time("2026-06-01T00:00:00Z"), isRehearsal: true, payloadLimit: nil)
  var root = try Samples.root()
  root.fields[Header.rehearsalMark] = true
  #expect(root.isRehearsal)
  #expect(root.findings(after: nil, rules) == [])
}

@Test func reviewsTargets() throws {
  let rules = ReviewRules(
    now: try Samples.time("2026-06-01T00:00:00Z"),
    isRehearsal: false,
    payloadLimit: 3043
  )
  let expires = try Samples.time("2027-06-01T00:00:00Z")
  let keys = try [Signer(7).key, Signer(8).key]
  let bins = SuccinctRoles(
    bitLength: 14,
    namePrefix: "bin",
    role: Role(keyIDs: keys.map(\.keyID), threshold: 2)
  )
  var targets = Targets(
    version: 1,
    expires: expires,
    delegations: Delegations(keys: keys, roles: .succinct(bins))
  )
  #expect(targets.findings(after: nil, rules) == [])
  #expect(targets.findings(after: targets, rules).map(\.code) == [.targetsVersionStep])
  #expect(try Targets.read(targets.json).targets == targets)
  targets.targets["a"] = ["length": 1, "hashes": ["sha256": "00"]]
  #expect(targets.findings(after: nil, rules).map(\.code) == [.targetsNotEmpty])
  // What was listed before may be signed again.
  let before = targets
  targets.version = 2
  #expect(targets.findings(after: before, rules) == [])
  targets.targets = [:]
  targets.delegations = Delegations(
    keys: keys,
    roles: .succinct(SuccinctRoles(bitLength: 33, namePrefix: "bin", role: bins.role))
  )
  #expect(targets.findings(after: nil, rules).map(\.code) == [.metadataShape])
}

@Test func namesBins() {
  let bins = SuccinctRoles(bitLength: 14, namePrefix: "bin", role: Role(keyIDs: [], threshold: 1))
  for name in ["bin-0000", "bin-3fff"] { #expect(bins.contains(name)) }
  for name in [
    "bin-4000", "bin-000", "bin-00000", "bin-3FFF", "bin0000", "bin-+001", "bin-", "", "bin-\u{660}000",
  ] {
    #expect(!bins.contains(name))
  }
}
