import CanonicalJSON
import Findings
import SampleMetadata
import TUFMetadata
import Testing
import Watch

extension RepositoryVerdict {
  /// What a watch would fetch next.
  fileprivate var asked: [String] { notJudged.compactMap(\.file) }
}

@Test func namesWhatClientsAskForNext() throws {
  var repository = Repository()
  for (name, bytes, asked) in [
    ("1.root.json", try Repository.root(1), ["timestamp.json"]),
    ("timestamp.json", try Repository.online("timestamp", 9), ["8.snapshot.json"]),
    ("8.snapshot.json", try Repository.online("snapshot", 8), ["3.targets.json"]),
    ("3.targets.json", try Repository.targets(3), ["5.bin-0.json", "5.bin-1.json"]),
    ("5.bin-0.json", try Repository.bin(5), ["5.bin-1.json"]),
    ("5.bin-1.json", try Repository.bin(5), []),
  ] {
    repository.add(name, bytes)
    #expect(try repository.verdict().asked == asked)
    let complete = try repository.verdict(isComplete: true)
    #expect(complete.codes == asked.map { _ in "FILE-MISSING" })
    #expect(complete.asked == [])
    for (finding, file) in zip(complete.findings, asked) { #expect(finding.what.contains(" \(file),")) }
  }
}

@Test func asksForNoVersionsWhereNamesHaveNone() throws {
  var root = try Samples.root(version: 1)
  root.consistentSnapshot = false
  var repository = Repository()
  repository.add("1.root.json", try Samples.signed(root.json, by: [1, 2]).serialized())
  repository.add("timestamp.json", try Repository.online("timestamp", 9))
  #expect(try repository.verdict().asked == ["snapshot.json"])
  repository.add("snapshot.json", try Repository.online("snapshot", 8))
  #expect(try repository.verdict().asked == ["targets.json"])
}

/// There may be thousands, and they are made every day.
@Test(arguments: [(UInt8(200), [String]()), (UInt8(21), ["5.nightly.json"])])
func asksForNoDelegatedRolesThatAreSignedOnline(signer: UInt8, asked: [String]) throws {
  let key = try Signer(signer).key
  let role = DelegatedRole(
    name: "nightly", role: Role(keyIDs: [key.keyID], threshold: 1), terminating: false, scope: .paths(["*"]))
  let targets = Targets(
    version: 3,
    expires: try Samples.time("2027-06-01T00:00:00Z"),
    delegations: Delegations(keys: [key], roles: .named([role]))
  )
  let meta: JSONValue = [
    "targets.json": ["version": 3], "nightly.json": ["version": 5], "strange.json": ["version": 1],
  ]
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  repository.add("timestamp.json", try Repository.online("timestamp", 9))
  repository.add("8.snapshot.json", try Repository.online("snapshot", 8, meta: meta))
  repository.add("3.targets.json", try Samples.signed(targets.json, by: [11, 12]).serialized())
  let verdict = try repository.verdict()
  #expect(verdict.asked == asked)
  #expect(verdict.missing == ["nightly 5", "strange 1"])
}

@Test(arguments: [
  (3, "team", "3.team.json"), (nil, "team", "team.json"), (3, "a/b", "3.a%2Fb.json"), (3, "ä", "3.%C3%A4.json"),
  (3, "%41", "3.%2541.json"), (3, "-x y~", "3.-x%20y~.json"), (3, "../1.root", "3...%2F1.root.json"),
  // These would be read as version 5 of another role.
  (nil, "5.root", nil), (3, "5.root", "3.5.root.json"),
])
func writesNamesAsClientsAskForThem(version: Int64?, role: String, file: String?) {
  #expect(MetadataName(version: version, role: role).requested == file)
}
