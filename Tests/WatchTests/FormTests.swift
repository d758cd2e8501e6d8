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

      warning EXPIRES-SOON (1.root.json): Root version 1 expires at 2027-06-01T00:00:00Z, within 90 days.
        → Plan the next signing.
      error METADATA-EXPIRED (timestamp.json): The metadata of timestamp version 4 expired at 2026-06-02T00:00:00Z; \
      clients refuse to update.
        → Sign and publish a new version now.

      expiry: failed (2 files, 1 error, 1 warning)

      """
  )
}

@Test func writesNagiosLine() throws {
  #expect(
    try verdict().nagios(Horizons()) == """
      TUF CRITICAL - METADATA-EXPIRED timestamp.json: The metadata of timestamp version 4 expired at \
      2026-06-02T00:00:00Z; clients refuse to update. | 'repository root'=61;90:;30: 'repository timestamp'=-303;0:;0:

      """
  )
}

@Test func writesGitHubCommands() throws {
  let lines = try verdict().github.split(separator: "\n")
  #expect(lines.count == 3)
  #expect(lines[0].hasPrefix("::warning file=1.root.json,title=EXPIRES-SOON::"))
  #expect(lines[1].hasPrefix("::error file=timestamp.json,title=METADATA-EXPIRED::"))
  #expect(lines[2].hasPrefix("::notice title=tuf-audit expiry::failed, 2 files"))
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
    verdict.text, verdict.github, verdict.junit, verdict.prometheus, verdict.nagios(Horizons()),
    verdict.markdown,
  ]
  for form in forms {
    #expect(form.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    #expect(!form.unicodeScalars.contains("\u{202E}"))
    #expect(!form.contains("\n::error::"))
  }
  #expect(!verdict.junit.contains("<b>"))
  #expect(!verdict.markdown.contains("<b>"))
  #expect(verdict.nagios(Horizons()).count { $0 == "|" } == 1)
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
