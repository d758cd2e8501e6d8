import CanonicalJSON
import Findings
import Keys
import SampleMetadata
import TUFMetadata
import Testing
import Watch

/// A small repository with versions in its names, and one thing in it that is another.
private struct Case: CustomTestStringConvertible, Sendable {
  let name: String
  var timestamp: JSONValue? = ["snapshot.json": ["version": 8]]
  var snapshot: JSONValue? = ["targets.json": ["version": 3], "bin-0.json": ["version": 5]]
  var snapshotSigners: [UInt8] = [200]
  var timestampSigners: [UInt8] = [200]
  var targets: [Int64] = [3]
  var bins: [Int64] = [5]
  /// What is not `ok`, and what was not at hand.
  var lines: [String] = []
  var missing: [String] = []

  var testDescription: String { name }

  func verdict() throws -> RepositoryVerdict {
    var repository = Repository()
    repository.add("1.root.json", try Repository.root(1))
    if let timestamp {
      repository.add(
        "timestamp.json", try Repository.online("timestamp", 9, meta: timestamp, by: timestampSigners))
    }
    if let snapshot {
      repository.add(
        "8.snapshot.json", try Repository.online("snapshot", 8, meta: snapshot, by: snapshotSigners))
    }
    for version in targets { repository.add("\(version).targets.json", try Repository.targets(version)) }
    for version in bins { repository.add("\(version).bin-0.json", try Repository.bin(version)) }
    return try repository.verdict()
  }
}

private let zeros = JSONValue.string(String(repeating: "0", count: 64))

private let cases: [Case] = [
  Case(name: "all fits"),
  Case(
    name: "the snapshot is older than the timestamp says", timestamp: ["snapshot.json": ["version": 9]],
    lines: ["8.snapshot.json invalid META-VERSION"]),
  Case(
    name: "the snapshot is newer than the timestamp says", timestamp: ["snapshot.json": ["version": 7]],
    lines: ["8.snapshot.json invalid META-VERSION"]),
  Case(
    name: "the snapshot's length", timestamp: ["snapshot.json": ["version": 8, "length": 1]],
    lines: ["8.snapshot.json invalid META-LENGTH"]),
  Case(
    name: "the snapshot's digest",
    timestamp: ["snapshot.json": ["version": 8, "hashes": ["sha256": zeros]]],
    lines: ["8.snapshot.json invalid META-HASH"]),
  Case(
    name: "a digest of an unknown algorithm",
    timestamp: ["snapshot.json": ["version": 8, "hashes": ["blake9": zeros]]],
    lines: ["8.snapshot.json invalid META-HASH-UNKNOWN"]),
  Case(
    name: "no digest in hashes", timestamp: ["snapshot.json": ["version": 8, "hashes": [:]]],
    lines: ["timestamp.json invalid METADATA-SHAPE"], missing: ["snapshot"]),
  Case(
    name: "a negative length", timestamp: ["snapshot.json": ["version": 8, "length": -1]],
    lines: ["timestamp.json invalid METADATA-SHAPE"], missing: ["snapshot"]),
  Case(
    name: "version 0", timestamp: ["snapshot.json": ["version": 0]],
    lines: ["timestamp.json invalid METADATA-SHAPE"], missing: ["snapshot"]),
  Case(
    name: "no version", timestamp: ["snapshot.json": [:]], lines: ["timestamp.json invalid METADATA-SHAPE"],
    missing: ["snapshot"]),
  Case(
    name: "two metas", timestamp: ["snapshot.json": ["version": 8], "other.json": ["version": 1]],
    lines: ["timestamp.json invalid METADATA-SHAPE"], missing: ["snapshot"]),
  Case(
    name: "no meta", timestamp: [:], lines: ["timestamp.json invalid METADATA-SHAPE"], missing: ["snapshot"]),
  Case(
    name: "meta is no object", timestamp: 7, lines: ["timestamp.json invalid METADATA-SHAPE"],
    missing: ["snapshot"]),
  Case(
    name: "a timestamp by somebody else", timestampSigners: [199],
    lines: ["timestamp.json invalid SIGNATURE-UNKNOWN-KEY ROLE-SIGNATURES-MISSING"], missing: ["snapshot"]),
  Case(name: "no timestamp", timestamp: nil, lines: ["8.snapshot.json invalid NO-TIMESTAMP"]),
  Case(
    name: "no snapshot", snapshot: nil, lines: ["timestamp.json invalid NO-SNAPSHOT"], missing: ["bin-*"]),
  Case(
    name: "root and timestamp alone", snapshot: nil, targets: [], bins: [],
    missing: ["snapshot 8", "targets"]),
  Case(
    name: "root and targets alone", timestamp: nil, snapshot: nil, missing: ["timestamp", "snapshot", "bin-*"]
  ),
  Case(
    name: "root alone", timestamp: nil, snapshot: nil, targets: [], bins: [],
    missing: ["timestamp", "snapshot", "targets"]),
  Case(name: "no targets", targets: [], bins: [], missing: ["targets 3", "bin-0 5"]),
  Case(
    name: "the targets are older than the snapshot says", snapshot: ["targets.json": ["version": 4]],
    bins: [], lines: ["3.targets.json invalid META-VERSION"]),
  Case(
    name: "older targets beside the ones that are named", targets: [2, 3],
    lines: ["2.targets.json superseded"]),
  Case(
    name: "newer targets beside the ones that are named", targets: [3, 4],
    lines: ["4.targets.json ignored META-NEWER"]),
  Case(
    name: "nothing but newer targets", targets: [4, 5], bins: [],
    lines: ["4.targets.json ignored META-NEWER", "5.targets.json invalid META-VERSION"], missing: ["bin-0 5"]),
  Case(
    name: "the snapshot does not name targets", snapshot: ["bin-0.json": ["version": 5]],
    lines: ["3.targets.json invalid META-ABSENT"]),
  Case(
    name: "the targets' length",
    snapshot: ["targets.json": ["version": 3, "length": 7], "bin-0.json": ["version": 5]],
    lines: ["3.targets.json invalid META-LENGTH"]),
  Case(
    name: "the targets' digest",
    snapshot: ["targets.json": ["version": 3, "hashes": ["sha512": zeros]], "bin-0.json": ["version": 5]],
    lines: ["3.targets.json invalid META-HASH"]),
  Case(
    name: "a delegated file is older",
    snapshot: ["targets.json": ["version": 3], "bin-0.json": ["version": 6]],
    lines: ["5.bin-0.json invalid META-VERSION"]),
  Case(
    name: "a delegated file is not named", snapshot: ["targets.json": ["version": 3]],
    lines: ["5.bin-0.json invalid META-ABSENT"]),
  Case(name: "a delegated file is not at hand", bins: [], missing: ["bin-0 5"]),
  Case(
    name: "a snapshot by somebody else", snapshotSigners: [199],
    lines: ["8.snapshot.json invalid SIGNATURE-UNKNOWN-KEY ROLE-SIGNATURES-MISSING"],
    missing: ["targets", "bin-*"]),
  Case(
    name: "what a snapshot says that no client reaches is a warning",
    timestamp: ["snapshot.json": ["version": 9]], snapshot: ["targets.json": ["version": 9]], bins: [],
    lines: ["3.targets.json ok META-VERSION", "8.snapshot.json invalid META-VERSION"]),
]

@Test(arguments: cases)
private func readsTimestampAndSnapshotAsClients(_ example: Case) throws {
  let verdict = try example.verdict()
  #expect(verdict.lines.filter { !$0.hasSuffix(" ok") } == example.lines)
  #expect(verdict.missing == example.missing)
}

@Test func comparesDigestsAndLengthsThatAreRight() throws {
  let snapshot = try Repository.online("snapshot", 8)
  let digest = JSONValue.string(try #require(FileDigest.hex(of: snapshot, "sha512")))
  let meta: JSONValue = [
    "snapshot.json": ["version": 8, "length": .integer(Int64(snapshot.count)), "hashes": ["sha512": digest]]
  ]
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  repository.add("8.snapshot.json", snapshot)
  repository.add("timestamp.json", try Repository.online("timestamp", 1, meta: meta))
  #expect(try repository.verdict().lines.allSatisfy { $0.hasSuffix(" ok") })
}

/// A root whose other role nobody can sign for is an error, and clients go on.
@Test func goesOnPastARootWithASickRole() throws {
  var sick = try Samples.root(version: 2)
  sick[.targets] = Role(keyIDs: [], threshold: 1)
  var repository = Repository()
  repository.add("1.root.json", try Samples.signed(Samples.root().json, by: [1, 2]).serialized())
  repository.add("2.root.json", try Samples.signed(sick.json, by: [1, 2]).serialized())
  let last = try repository.verdict()
  #expect(last.rootVersion == 2)
  #expect(last.lines == ["1.root.json superseded", "2.root.json invalid ROLE-WITHOUT-KEY"])
  #expect(last.files.last?.client == "goes on to version 2")
  repository.add("3.root.json", try Samples.signed(Samples.root(version: 3).json, by: [1, 2]).serialized())
  let verdict = try repository.verdict()
  #expect(verdict.rootVersion == 3)
  #expect(
    verdict.lines == ["1.root.json superseded", "2.root.json invalid ROLE-WITHOUT-KEY", "3.root.json ok"]
  )
}

/// One delegated role that nobody can sign for does not spoil its siblings.
@Test func oneSickDelegationSpoilsNoSibling() throws {
  let key = try Signer(21).key
  let roles = [("a", 1), ("b", 2)].map { name, threshold in
    DelegatedRole(
      name: name, role: Role(keyIDs: [key.keyID], threshold: threshold), terminating: false, scope: .paths(["*"]))
  }
  let targets = Targets(
    version: 3, expires: try Samples.time("2027-06-01T00:00:00Z"),
    delegations: Delegations(keys: [key], roles: .named(roles)))
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  repository.add("3.targets.json", try Samples.signed(targets.json, by: [11, 12]).serialized())
  repository.add("5.a.json", try Repository.bin(5))
  repository.add("5.b.json", try Repository.bin(5))
  #expect(
    try repository.verdict().lines == [
      "1.root.json ok", "3.targets.json invalid THRESHOLD-UNREACHABLE", "5.a.json ok",
      "5.b.json invalid ROLE-SIGNATURES-MISSING",
    ])
}

/// `1.a.json` is the role `1.a` where somebody delegates to that and nobody to `a`.
@Test(arguments: [(["1.a"], "1.a"), (["a"], "a"), (["1.a", "a"], "a")])
func readsRolesThatLookLikeVersions(names: [String], role: String) throws {
  let key = try Signer(21).key
  let roles = names.map { name in
    DelegatedRole(
      name: name, role: Role(keyIDs: [key.keyID], threshold: 1), terminating: false, scope: .paths(["*"]))
  }
  let targets = Targets(
    version: 3, expires: try Samples.time("2027-06-01T00:00:00Z"),
    delegations: Delegations(keys: [key], roles: .named(roles)))
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  repository.add("3.targets.json", try Samples.signed(targets.json, by: [11, 12]).serialized())
  repository.add("1.a.json", try Repository.bin(1))
  let file = try #require(try repository.verdict().files.first { $0.path == "1.a.json" })
  #expect(file.role == role)
  #expect(file.status == .ok)
}
