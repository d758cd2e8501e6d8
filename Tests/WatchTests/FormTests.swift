import CanonicalJSON
import Findings
import SampleMetadata
import TUFMetadata
import Testing
import Watch

private func verdict() throws -> WatchVerdict {
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  repository.add("timestamp.json", try Repository.online("timestamp", 4))
  return WatchVerdict(
    command: "expiry",
    time: try Samples.time("2027-04-01T00:00:00Z"),
    repositories: [try repository.verdict(at: "2027-04-01T00:00:00Z")],
    findings: [],
    unreadable: [],
    isStrict: false
  )
}

/// The words and columns that people see, pinned.
@Test func writesText() throws {
  #expect(
    try verdict().text == """
      repository, judged at 2027-04-01T00:00:00Z
        root version 1, only self-consistent: no --trusted was given
        STATUS   ROLE       VERSION  EXPIRES               DAYS  SIGNED  FILE
        warning  root       1        2027-06-01T00:00:00Z  61    2 of 2  1.root.json
        expired  timestamp  4        2026-06-02T00:00:00Z  -303  1 of 1  timestamp.json
        not judged: snapshot version 8, targets: not at hand

      error METADATA-EXPIRED (timestamp.json): The metadata of timestamp version 4 expired at 2026-06-02T00:00:00Z; \
      clients refuse to update.
        → Sign and publish a new version now.
      warning EXPIRES-SOON (1.root.json): Root version 1 expires at 2027-06-01T00:00:00Z, within 90 days.
        → Plan the next signing.

      expiry: failed (2 files, 1 error, 1 warning)

      """
  )
}

@Test func writesNagiosLine() throws {
  #expect(
    try verdict().nagios(ExpiryThresholds()) == """
      TUF CRITICAL - METADATA-EXPIRED timestamp.json: The metadata of timestamp version 4 expired at \
      2026-06-02T00:00:00Z; clients refuse to update. (and 1 more) | 'repository timestamp'=-303;0:;0: \
      'repository root'=61;90:;30:

      """
  )
}

@Test func writesGitHubCommands() throws {
  let lines = try verdict().github.split(separator: "\n")
  #expect(lines.count == 4)
  #expect(lines[0].hasPrefix("::error file=timestamp.json,title=METADATA-EXPIRED::"))
  #expect(lines[1].hasPrefix("::warning file=1.root.json,title=EXPIRES-SOON::"))
  #expect(
    lines[2]
      == "::notice title=tuf-audit expiry::repository: not judged: snapshot version 8, targets: not at hand"
  )
  #expect(lines[3].hasPrefix("::notice title=tuf-audit expiry::failed, 2 files"))
  #expect(
    try verdict().markdown.contains(
      "| expired | timestamp | 4 | 2026-06-02T00:00:00Z | -303 | timestamp.json |"
    )
  )
}

/// Names from outside can neither move a cursor, nor end an element, nor begin a command.
@Test func showsHostileNamesSafely() throws {
  let name = "a\u{1B}[2J\n::error::\u{202E}<b>\"|'`%0A.json"
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  repository.add(name, Array("x".utf8))
  let verdict = WatchVerdict(
    command: "expiry",
    time: try Samples.time(Repository.early),
    repositories: [try repository.verdict()],
    findings: [],
    unreadable: [],
    isStrict: false
  )
  let forms = [
    verdict.text, verdict.github, verdict.junit, verdict.prometheus, verdict.nagios(ExpiryThresholds()),
    verdict.markdown,
  ]
  for form in forms {
    #expect(form.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    #expect(!form.unicodeScalars.contains("\u{202E}"))
    #expect(!form.contains("\n::error::"))
  }
  #expect(!verdict.junit.contains("<b>"))
  #expect(!verdict.markdown.contains("<b>"))
  #expect(verdict.nagios(ExpiryThresholds()).count { $0 == "|" } == 1)
  #expect(verdict.json["repositories"]?.array?.first?["files"]?.array?.count == 2)
}

@Test func tellsWhatChanged() throws {
  var old = try Samples.root()
  let new = try Samples.root(version: 2, keys: [1, 2, 4], threshold: 3, expires: "2027-09-01T00:00:00Z")
  old.fields["x-name"] = "a"
  let difference = try MetadataDifference(
    old: (try Samples.signed(old.json, by: [1, 2]).serialized(), "1"),
    new: (try Samples.signed(new.json, by: [1]).serialized(), "2")
  )
  let ids = try [UInt8(2), 3, 4].map { shortened(try Signer($0).key.keyID) }
  #expect(
    difference.text == """
      root: the threshold goes from 2 to 3
      root: key \(ids[1]) leaves
      root: key \(ids[2]) joins
      signed.expires goes from "2027-01-01T00:00:00Z" to "2027-09-01T00:00:00Z"
      signed.version goes from 1 to 2
      signed.x-name is gone, it was "a"
      the signature by key \(shortened(try Signer(1).key.keyID)) is another one
      the signature by key \(ids[0]) is gone

      """
  )
  let file = (bytes: try Samples.signed(old.json, by: [1]).serialized(), path: "1")
  let same = try MetadataDifference(old: file, new: file)
  #expect(same.changes.isEmpty && same.isSameSigned)
  let finding = #expect(throws: Finding.self) {
    try MetadataDifference(old: file, new: (try Repository.targets(1), "2"))
  }
  #expect(finding?.code == .metadataType)
}

/// Foreign text in every place that a repository has for it: a role's name, a file's name, a field that is refused.
private func hostile(_ text: String) throws -> WatchVerdict {
  let key = try Signer(21).key
  let role = DelegatedRole(
    name: text, role: Role(keyIDs: [key.keyID], threshold: 1), terminating: false, scope: .paths(["*"]))
  let targets = Targets(
    version: 3, expires: try Samples.time("2027-06-01T00:00:00Z"),
    delegations: Delegations(keys: [key], roles: .named([role])))
  let strange = try Samples.root(version: 2).json.changing("spec_version", to: .string(text))
  var repository = Repository()
  repository.add("1.root.json", try Repository.root(1))
  repository.add("2.root.json", try Samples.signed(strange, by: [1, 2]).serialized())
  repository.add("3.targets.json", try Samples.signed(targets.json, by: [11, 12]).serialized())
  repository.add("5.\(text).json", try Repository.bin(5, expires: "2026-05-01T00:00:00Z"))
  return WatchVerdict(
    command: "expiry", time: try Samples.time(Repository.early), repositories: [try repository.verdict()],
    findings: [], unreadable: [], isStrict: false)
}

/// No runner finds a command in what others wrote, in any format.
@Test(arguments: [
  "##[add-mask]e", "##[error]x", "##vso[task.complete]", "##teamcity[x]", "::error::x", "::add-mask::e",
  "#\u{301}#[x", "###[x", ":::error::x", "%23%23[error]x", "a|b", "a|\u{301}b=1", "'=\u{308}|x",
])
func noRunnerFindsACommand(text: String) throws {
  let verdict = try hostile(text)
  let json = loggedJSON(String(decoding: JSONValue.object(verdict.json).pretty(), as: UTF8.self))
  #expect(try JSONValue(parsing: Array(json.utf8)) == .object(verdict.json))
  let forms = [
    verdict.text, verdict.github, verdict.markdown, verdict.junit, verdict.prometheus,
    verdict.nagios(ExpiryThresholds()),
    verdict.findingsInWords, json,
  ]
  for form in forms {
    let bytes = Array(form.utf8)
    #expect(!bytes.contains(Array("##[".utf8)) && !bytes.contains(Array("##v".utf8)))
    #expect(!bytes.contains(Array("##t".utf8)))
    for line in form.unicodeScalars.split(separator: "\n") {
      let words = line.drop { $0 == " " }
      guard words.starts(with: [":", ":"]) else { continue }
      // Only our own commands, and those in one form alone.
      #expect(form == verdict.github)
      #expect(["::error ", "::warning ", "::notice "].contains { words.starts(with: $0.unicodeScalars) })
    }
  }
  #expect(Array(verdict.nagios(ExpiryThresholds()).utf8).count { $0 == UInt8(ascii: "|") } == 1)
}

/// With hundreds of findings, what has expired comes first, and the rest is counted within what readers take.
@Test func whatMattersSurvivesTheLimitsOfReaders() throws {
  var repositories: [RepositoryVerdict] = []
  for number in 0..<900 {
    var repository = Repository()
    repository.add("1.root.json", try Repository.root(1, by: number == 899 ? [1, 2] : [1]))
    let all = try repository.verdict(at: "2027-07-01T00:00:00Z")
    repositories.append(all)
  }
  let verdict = WatchVerdict(
    command: "expiry", time: try Samples.time("2027-07-01T00:00:00Z"), repositories: repositories, findings: [],
    unreadable: [], isStrict: false)
  let annotations = verdict.github.split(separator: "\n").filter { $0.hasPrefix("::") }
  #expect(annotations.count <= 10)
  #expect(annotations[0].contains("title=ROOT-EXPIRED::"))
  #expect(annotations.contains { $0.contains("893 more findings, 893 errors among them") })
  #expect(verdict.github.split(separator: "\n").count { $0.hasPrefix("error ROOT-THRESHOLD-NEW") } == 892 + 1)
  #expect(verdict.nagios(ExpiryThresholds()).utf8.count < 8192)
  #expect(verdict.nagios(ExpiryThresholds()).hasPrefix("TUF CRITICAL - ROOT-EXPIRED "))
  #expect(verdict.nagios(ExpiryThresholds()).contains("and 899 more"))
  #expect(verdict.markdown.utf8.count < 1 << 20)
  let first = verdict.markdown.split(separator: "\n").first { $0.hasPrefix("- ") }
  #expect(first?.contains("ROOT-EXPIRED") == true)
}

@Test func saysWhichRolesOfWarnWereNotJudged() throws {
  let days = try #require(ExpiryThresholds.Days("90,timestmap=2,bin-*=3,root=9,ti*=1"))
  let expiryThresholds = ExpiryThresholds(warn: days, critical: try #require(ExpiryThresholds.Days("timestmap=1")))
  let findings = expiryThresholds.findings(judged: ["root", "timestamp"])
  #expect(findings.map(\.code) == [.roleNotJudged, .roleNotJudged])
  #expect(findings[0].what.contains("timestmap") && findings[1].what.contains("bin-*"))
}
