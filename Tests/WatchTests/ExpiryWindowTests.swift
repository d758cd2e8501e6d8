import Findings
import SampleMetadata
import TUFMetadata
import Testing
import UTC
import Watch

/// 90 days before 2027-06-01 is 2027-03-03, 30 days before it 2027-05-02.
@Test(arguments: [
  ("2027-03-02T23:59:59Z", "ok"), ("2027-03-03T00:00:00Z", "warning EXPIRES-SOON"),
  ("2027-05-01T23:59:59Z", "warning EXPIRES-SOON"), ("2027-05-02T00:00:00Z", "critical EXPIRES-CRITICAL"),
  ("2027-05-31T23:59:59Z", "critical EXPIRES-CRITICAL"), ("2027-06-01T00:00:00Z", "expired ROOT-EXPIRED"),
])
func warnsBeforeExpiry(time: String, line: String) throws {
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  #expect(try repository.verdict(at: time).lines == ["1.root.json \(line)"])
}

/// Online roles are reported only when expired, or where they are named.
@Test func knowsOnlineRoles() throws {
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  repository.add("timestamp.json", try Repository.online("timestamp", 1))
  #expect(try repository.verdict().lines == ["1.root.json ok", "timestamp.json ok"])
  let named = ExpiryThresholds(warn: try #require(ExpiryThresholds.Days("timestamp=2")))
  #expect(
    try repository.verdict(named).lines == ["1.root.json ok", "timestamp.json warning EXPIRES-SOON"]
  )
  let both = ExpiryThresholds(
    warn: try #require(ExpiryThresholds.Days("timestamp=2")),
    critical: try #require(ExpiryThresholds.Days("timestamp=1"))
  )
  #expect(
    try repository.verdict(both).lines == ["1.root.json ok", "timestamp.json critical EXPIRES-CRITICAL"]
  )
  let expired = try repository.verdict(at: "2026-06-02T00:00:00Z")
  #expect(expired.lines == ["1.root.json ok", "timestamp.json expired METADATA-EXPIRED"])
}

@Test(
  arguments: [
    (nil, nil, "root", false, 90, 30), (nil, nil, "timestamp", true, 0, 0),
    ("10", nil, "root", false, 10, 10),
    ("120", "45", "root", false, 120, 45), ("120,root=200", "45", "root", false, 200, 45),
    ("120,root=200", "45", "targets", false, 120, 45), ("120", nil, "timestamp", true, 0, 0),
    ("bin-*=7,bin-0*=8,bin-00=9", nil, "bin-00", false, 9, 9),
    ("bin-*=7,bin-0*=8", nil, "bin-00", false, 8, 8),
    ("bin-*=7,bin-0*=8", nil, "bin-10", false, 7, 7), ("timestamp=1", "timestamp=0", "timestamp", true, 1, 0),
  ] as [(String?, String?, String, Bool, Int64, Int64)]
)
func readsExpiryThresholds(
  warn: String?,
  critical: String?,
  role: String,
  isOnline: Bool,
  warnDays: Int64,
  criticalDays: Int64
) throws {
  let expiryThresholds = ExpiryThresholds(
    warn: try warn.map { try #require(ExpiryThresholds.Days($0)) } ?? .none,
    critical: try critical.map { try #require(ExpiryThresholds.Days($0)) } ?? .none
  )
  #expect(expiryThresholds.days(for: role, isOnline: isOnline) == (warnDays, criticalDays))
}

@Test(arguments: [
  "", "x", "-1", "+1", "1.5", "90,", ",90", "90,91", "root=", "=5", "root", "root=1,root=2", "root=1d",
  "36526", " 90",
  "99999999999999999999",
])
func refusesExpiryThresholds(text: String) { #expect(ExpiryThresholds.Days(text) == nil) }

@Test(
  arguments: [
    ("1.root.json", 1, "root"), ("root.json", nil, "root"), ("12.bin-0a.json", 12, "bin-0a"),
    ("2.a.b.json", 2, "a.b"),
    ("a.b.json", nil, "a.b"), ("7.json", nil, "7"), ("1.a%2Fb.json", 1, "a/b"), ("a%zz.json", nil, "a%zz"),
    ("99999999999999999999.root.json", nil, "99999999999999999999.root"),
  ] as [(String, Int64?, String)]
)
func readsFileNames(name: String, version: Int64?, role: String) {
  #expect(MetadataName(name) == MetadataName(version: version, role: role))
}

@Test(arguments: ["", ".json", "root.jso", "root", "1.root.JSON"])
func isNoMetadataName(name: String) { #expect(MetadataName(name) == nil) }

@Test func doubtsTheClock() throws {
  let newest = try Samples.time("2027-01-01T00:00:00Z")
  func codes(_ time: String, isAsked: Bool) throws -> [Finding.Severity] {
    let findings = ClockCheck.findings(at: try Samples.time(time), isAsked: isAsked, newestExpiry: newest)
    #expect(findings.allSatisfy { $0.code == .clockDoubtful })
    return findings.map(\.severity)
  }
  #expect(try codes("2019-12-31T23:59:59Z", isAsked: false) == [.error])
  #expect(try codes("2019-12-31T23:59:59Z", isAsked: true) == [.warning])
  #expect(try codes("2020-01-01T00:00:00Z", isAsked: false) == [])
  #expect(try codes("2028-01-01T00:00:00Z", isAsked: false) == [])
  #expect(try codes("2050-01-01T00:00:00Z", isAsked: false) == [.warning])
}

private func verdict(
  _ repositories: [RepositoryVerdict],
  findings: [Finding] = [],
  unreadable: [Finding] = [],
  isStrict: Bool = false
) throws -> WatchVerdict {
  WatchVerdict(
    command: "expiry",
    time: try Samples.time(Repository.early),
    repositories: repositories,
    findings: findings,
    unreadable: unreadable,
    isStrict: isStrict
  )
}

/// A violation goes before an unreadable path, and that before a warning window; a warning counts only when strict.
@Test func choosesTheExitStatus() throws {
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  let fine = try repository.verdict()
  let soon = try repository.verdict(at: "2027-04-01T00:00:00Z")
  let expired = try repository.verdict(at: "2028-01-01T00:00:00Z")
  let unreadable = Finding(Finding.Code.noted, "x", hint: "x")
  let warning = Finding(Finding.Code.noted, .warning, "x", hint: "x")
  #expect(try verdict([fine]).exitStatus == .fine)
  #expect(try verdict([soon]).exitStatus == .warning)
  #expect(try verdict([soon], isStrict: true).exitStatus == .warning)
  #expect(try verdict([soon], unreadable: [unreadable]).exitStatus == .noInput)
  #expect(try verdict([expired], unreadable: [unreadable]).exitStatus == .violation)
  #expect(try verdict([fine, soon, expired]).exitStatus == .violation)
  #expect(try verdict([fine], findings: [warning]).exitStatus == .fine)
  #expect(try verdict([fine], findings: [warning], isStrict: true).exitStatus == .violation)
  #expect(try verdict([]).exitStatus == .violation)
  #expect(try verdict([]).findings.map(\.code) == [.nothingToVerify])
  #expect(try verdict([], unreadable: [unreadable]).exitStatus == .noInput)
  #expect(
    try [verdict([fine]), verdict([soon]), verdict([expired]), verdict([], unreadable: [unreadable])].map(
      \.nagiosExit
    ) == [0, 1, 2, 3]
  )
}
