import Findings
import SampleMetadata
import TUFMetadata
import Testing
import Watch

/// A whole repository, and what one more or one other file makes of it.
private func repository() throws -> Repository {
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1, expires: "2026-01-01T00:00:00Z"))
  repository.add("2.root.json", try Repository.root(2))
  repository.add("timestamp.json", try Repository.online("timestamp", 9))
  repository.add("8.snapshot.json", try Repository.online("snapshot", 8))
  repository.add("3.targets.json", try Repository.targets(3))
  repository.add("5.bin-0.json", try Repository.bin(5))
  return repository
}

private let whole = [
  "1.root.json superseded", "2.root.json ok", "3.targets.json ok", "5.bin-0.json ok", "8.snapshot.json ok",
  "timestamp.json ok",
]

@Test func judgesAWholeRepository() throws {
  let verdict = try repository().verdict()
  #expect(verdict.lines == whole)
  #expect(verdict.findings == [])
  #expect(verdict.trust == .selfConsistent)
  #expect(verdict.rootVersion == 2)
  #expect(verdict.files.map(\.role) == ["root", "root", "timestamp", "snapshot", "targets", "bin-0"])
}

private struct Addition: CustomTestStringConvertible, Sendable {
  let name: String
  let make: @Sendable () throws -> [UInt8]
  /// The line of the added file; every other file keeps its verdict, but for `changed`.
  let line: String
  var changed: [String: String] = [:]

  init(
    _ name: String,
    _ line: String,
    changed: [String: String] = [:],
    _ make: @escaping @Sendable () throws -> [UInt8]
  ) {
    (self.name, self.line, self.changed, self.make) = (name, line, changed, make)
  }

  var testDescription: String { "\(name) \(line)" }
}

private let additions: [Addition] = [
  Addition("2.targets.json", "superseded") { try Repository.targets(2) },
  Addition("4.targets.json", "ignored META-NEWER") { try Repository.targets(4) },
  Addition("4.targets.json", "invalid ROLE-SIGNATURES-MISSING") { try Repository.targets(4, by: [11]) },
  Addition("4.targets.json", "invalid SIGNATURE-UNKNOWN-KEY ROLE-SIGNATURES-MISSING") {
    try Repository.targets(4, by: [11, 13])
  },
  Addition("4.targets.json", "invalid FILE-VERSION") { try Repository.targets(3) },
  Addition("4.targets.json", "invalid METADATA-TYPE") { try Repository.online("snapshot", 4, by: [11, 12]) },
  Addition("4.targets.json", "invalid JSON-SYNTAX") { try Repository.targets(4).dropLast(5) },
  Addition("4.targets.json", "invalid JSON-EMPTY") { [] },
  Addition("targets.json", "ignored META-NEWER") { try Repository.targets(4) },
  Addition("targets.json", "superseded") { try Repository.targets(2) },
  Addition("targets.json", "duplicate", changed: [:]) { try Repository.targets(3) },
  Addition("5.bin-1.json", "ok") { try Repository.bin(5) },
  Addition("5.bin-1.json", "invalid SIGNATURE-UNKNOWN-KEY ROLE-SIGNATURES-MISSING") {
    try Repository.bin(5, by: [22])
  },
  Addition("5.bin-1.json", "expired METADATA-EXPIRED") {
    try Repository.bin(5, expires: "2026-06-01T00:00:00Z")
  },
  Addition("5.bin-g.json", "ignored NOT-DELEGATED") { try Repository.bin(5) },
  Addition("package.json", "ignored") { Array("{\"name\":1}".utf8) },
  Addition("package.json", "ignored") { Array("{// a comment".utf8) },
  Addition("package.json", "ignored") { Array("{\"a\":1.5}".utf8) },
  Addition("package.json", "ignored") { Array("{\"a\":1,\"a\":2}".utf8) },
  Addition("package.json", "ignored") { Array("{\"signed\":true}".utf8) },
  Addition("._1.root.json", "ignored") { [0, 5, 0x16, 7, 0, 2, 0, 0, 0xff] },
  Addition("5.bin-g.json", "ignored JSON-SYNTAX") { try Repository.bin(5).dropLast(5) },
  Addition("copy of root.json", "duplicate") { try Repository.root(2) },
  Addition("other.json", "ignored ROOT-NAME") {
    try Samples.signed(Samples.root(keys: [51, 52, 53]).json, by: [51, 52]).serialized()
  },
  Addition("root.json", "invalid OTHER-REPOSITORY") {
    try Samples.signed(Samples.root(version: 2, keys: [51, 52, 53]).json, by: [51, 52]).serialized()
  },
  Addition("root.json", "invalid JSON-PAGE", changed: ["2.root.json": "ok"]) { Array("<html>".utf8) },
  Addition("5.1.bin.json", "ignored NOT-DELEGATED") { try Repository.bin(5) },
  Addition("root.json", "duplicate") { try Repository.root(2) },
  Addition("root.json", "invalid VERSION-CONFLICT") {
    try Repository.root(2, expires: "2030-01-01T00:00:00Z")
  },
  Addition("3.root.json", "ok", changed: ["2.root.json": "superseded"]) { try Repository.root(3) },
  Addition("3.root.json", "invalid ROOT-THRESHOLD-OLD ROOT-THRESHOLD-NEW") {
    try Repository.root(3, by: [1])
  },
  Addition("3.root.json", "invalid ROOT-VERSION-STEP") { try Repository.root(4) },
  Addition("4.root.json", "invalid ROOT-VERSION-STEP") { try Repository.root(4) },
  Addition("3.root.json", "invalid JSON-SYNTAX") { Array("x".utf8) },
]

@Test(arguments: additions)
private func judgesOneMoreFile(_ addition: Addition) throws {
  var repository = try repository()
  repository.add(addition.name, try addition.make())
  var expected = whole.map { line in
    let name = line.prefix { $0 != " " }
    return addition.changed[String(name)].map { "\(name) \($0)" } ?? line
  }
  if addition.line == "duplicate", addition.name == "targets.json" {
    // Of two names for the same metadata, the one without a version is looked at first.
    expected = expected.map { $0 == "3.targets.json ok" ? "3.targets.json duplicate" : $0 }
    expected.append("targets.json ok")
  } else {
    expected.append("\(addition.name) \(addition.line)")
  }
  #expect(try repository.verdict().lines == expected.sorted())
}

@Test func aBrokenRootStopsTheChainAndHidesNothing() throws {
  var repository = try repository()
  repository.addUnreadable("3.root.json")
  repository.add("4.root.json", try Repository.root(4, expires: "2029-01-01T00:00:00Z"))
  let verdict = try repository.verdict()
  let after = ["3.root.json invalid NOTED", "4.root.json unreached"]
  #expect(verdict.lines == (whole + after).sorted())
  #expect(verdict.files.first { $0.path == "4.root.json" }?.version == 4)
}

@Test func nothingIsVerifiedWithoutARoot() throws {
  var repository = Repository()
  repository.add("3.targets.json", try Repository.targets(3))
  let verdict = try repository.verdict()
  #expect(verdict.lines == ["3.targets.json invalid NO-DELEGATOR"])
  #expect(verdict.codes == ["NO-ROOT"])
  #expect(verdict.trust == .none)
}

/// Files with names of metadata that are none need no root; where there is nothing else, nothing was verified.
@Test func whatIsNoMetadataNeedsNoRoot() throws {
  var cards = Repository()
  cards.add("card.json", Array("{\"keys\":[]}".utf8))
  let cardsVerdict = try cards.verdict()
  #expect(cardsVerdict.lines == ["card.json ignored"])
  #expect(cardsVerdict.codes == [])
  #expect(!cardsVerdict.hasMetadata)
  for (repositories, codes) in [
    ([try repository().verdict(), cardsVerdict], []), ([cardsVerdict], [Finding.Code.nothingToVerify]),
  ] {
    let verdict = WatchVerdict(
      command: "verify", time: try Samples.time(Repository.early), repositories: repositories, findings: [],
      unreadable: [], isStrict: false)
    #expect(verdict.findings.map(\.code) == codes)
  }
}

@Test func startsFromTheTrustedRoot() throws {
  let verdict = try repository().verdict(trusted: Repository.root(1, expires: "2026-01-01T00:00:00Z"))
  #expect(verdict.trust == .trustedRoot)
  #expect(
    verdict.lines == whole.map { $0.replacing("1.root.json superseded", with: "1.root.json duplicate") }
  )
}

/// A whole chain by other keys is consistent with itself, and not the one that is trusted.
@Test func refusesAForgedChain() throws {
  let other = try Samples.signed(Samples.root(keys: [51, 52, 53]).json, by: [51, 52]).serialized()
  let verdict = try repository().verdict(trusted: other)
  #expect(verdict.lines.contains("1.root.json invalid OTHER-REPOSITORY"))
  #expect(verdict.files.contains { $0.path == "2.root.json" && $0.status == .invalid })
  #expect(verdict.files.contains { $0.path == "3.targets.json" && $0.status == .invalid })
}

@Test func refusesARehearsalUnlessAsked() throws {
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1, isRehearsal: true))
  #expect(try repository.verdict().lines == ["1.root.json invalid REHEARSAL"])
  let asked = try repository.verdict(allowsRehearsal: true)
  #expect(asked.lines == ["1.root.json ok"])
  #expect(asked.isRehearsal)
}

@Test func judgesAgainstADelegator() throws {
  var repository = Repository()
  repository.add("5.bin-0.json", try Repository.bin(5))
  repository.add("5.bin-1.json", try Repository.bin(5, by: [22]))
  repository.add("5.other.json", try Repository.bin(5))
  let judge = RepositoryVerifier(
    time: try Samples.time(Repository.early),
    expiryThresholds: .expiredOnly,
    allowsRehearsal: false,
    trusted: nil
  )
  let files = MetadataRepository(path: "repository", files: repository.files)
  let verdict = judge.verdict(on: files, delegator: try Repository.targets(3), path: "t.json")
  #expect(
    verdict.lines == [
      "5.bin-0.json ok", "5.bin-1.json invalid SIGNATURE-UNKNOWN-KEY ROLE-SIGNATURES-MISSING",
      "5.other.json invalid NOT-DELEGATED", "t.json ok",
    ]
  )
  let none = judge.verdict(
    on: MetadataRepository(path: "repository", files: []),
    delegator: try Repository.targets(3),
    path: "t.json"
  )
  #expect(none.codes == ["NOTHING-TO-VERIFY"])
}

@Test func judgesTargetsAgainstARoot() throws {
  var repository = Repository()
  repository.add("3.targets.json", try Repository.targets(3))
  repository.add("5.bin-0.json", try Repository.bin(5))
  let judge = RepositoryVerifier(
    time: try Samples.time(Repository.early),
    expiryThresholds: .expiredOnly,
    allowsRehearsal: false,
    trusted: nil
  )
  let files = MetadataRepository(path: "repository", files: repository.files)
  let verdict = judge.verdict(on: files, delegator: try Repository.root(2), path: "r.json")
  #expect(verdict.lines == ["3.targets.json ok", "5.bin-0.json ok", "r.json ok"])
  let short = judge.verdict(on: files, delegator: try Repository.root(2, by: [1]), path: "r.json")
  #expect(short.lines == ["r.json invalid ROOT-THRESHOLD-NEW"])
}
