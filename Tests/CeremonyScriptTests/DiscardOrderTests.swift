import CeremonyScript
import Findings
import Judges
import Keys
import TUFMetadata
import Testing
import UTC

/// Where the steps that delete a key may stand, and whose keys they may be.
@Suite struct DiscardOrderTests {
  private static let signing = "  - {id: sign-bins, do: sign, role: bins, keyholder: chandra}\n"
  private static let targets = "  - {id: sign-targets, do: sign, role: targets, keyholder: ada}\n"
  private static let root = "  - id: sign-root-ada\n"

  /// What the order of the steps has against the script, and where.
  private static func findings(_ text: String) throws -> [Finding] {
    let time = try #require(UTCTime("2026-12-01T00:00:00Z"))
    return try Script(Array(text.utf8)).lint(.rehearsal, online: [:], at: time).filter {
      [.stepOrder, .stepRepeated, .stepMissing, .discardElsewhere, .scriptReference].contains($0.code)
    }
  }

  /// The script without the step, and with it before another one.
  private static func moved(before step: String) throws -> String {
    try WholeScript.discarding.editing(WholeScript.discard, with: "").editing(step, with: WholeScript.discard + step)
  }

  @Test func inItsPlaceNothingIsSaid() throws {
    #expect(try Self.findings(WholeScript.discarding) == [])
    let script = try Script(Array(WholeScript.discarding.utf8))
    let steps = Plan(script).steps.filter { $0.action.keyholder == "chandra" }.map(\.id)
    #expect(steps.contains("card-chandra/set-aside") && !steps.contains("card-chandra/management-key"))
    #expect(Plan(script).steps.contains { $0.id == "card-ada/management-key" })
  }

  @Test(arguments: [signing, targets, root, "  - id: verify-root\n"])
  func anywhereElseItIsRefused(before step: String) throws {
    let text = try Self.moved(before: step)
    let isRight = step == Self.targets
    let found = try Self.findings(text)
    #expect(found.isEmpty == isRight, "\(found)")
    #expect(found.allSatisfy { $0.code == .stepOrder && $0.place?.hasPrefix("script.yaml:") == true })
  }

  /// One-time keys of targets, which delegates to the key that is deleted.
  @Test(arguments: [(true, [Finding.Code]()), (false, [.stepOrder])])
  func itIsDeletedBeforeOneTimeKeysSignWhatNamesIt(_ isBefore: Bool, _ codes: [Finding.Code]) throws {
    let use = "  - {id: use-targets, do: use, role: targets}\n"
    let text = try WholeScript.discarding
      .replacing(
        #/keyholders: \[ada, boris\]\n(    expires: 2027-12-01T00:00:00Z\n)    slot: 9a\n(?s:.*?)(    fields: .*?\n)    signed-fields: .*?\n/#
      ) { "one-time: 1\n\($0.1)\($0.2)" }
      .editing("  - id: build-root\n", with: "  - {id: make-targets, do: make, role: targets}\n  - id: build-root\n")
      .editing(Self.targets, with: use)
      .editing(Self.root, with: "  - {id: wipe, do: wipe}\n" + Self.root)
    let script =
      isBefore ? text : try text.editing(WholeScript.discard, with: "").editing(use, with: use + WholeScript.discard)
    let found = try Self.findings(script)
    #expect(found.map(\.code) == codes, "\(found)")
    let line = script.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains("use-targets") }
    for finding in found {
      #expect(finding.what == "This step signs targets while the bins key of “chandra” is still there.")
      #expect(finding.place?.hasPrefix("script.yaml:\((line ?? -1) + 1):") == true, "\(finding)")
    }
  }

  /// Nobody signs with such keys again, so none is missed when a card is lost.
  @Test(arguments: [true, false])
  func theyNeedNoSpare(_ isDiscarded: Bool) throws {
    let time = try #require(UTCTime("2026-12-01T00:00:00Z"))
    let text =
      isDiscarded
      ? WholeScript.discarding
      : try WholeScript.discarding.editing("    discarded: true\n", with: "").editing(WholeScript.discard, with: "")
    let found = try Script(Array(text.utf8)).lint(.real, online: [:], at: time).filter {
      $0.code == .quorumWithoutSpare && $0.what.hasPrefix("bins ")
    }
    #expect(found.count == (isDiscarded ? 0 : 1), "\(found)")
  }

  @Test func itIsThereOnce() throws {
    let twice = try WholeScript.discarding.editing(
      WholeScript.discard, with: WholeScript.discard + "  - {id: again, do: discard, keyholder: chandra}\n")
    #expect(try Self.findings(twice).map(\.code) == [.stepRepeated])
    let none = try Self.findings(WholeScript.discarding.editing(WholeScript.discard, with: ""))
    #expect(Set(none.map(\.code)) == [.stepOrder, .stepMissing])
    let other = try WholeScript.discarding.editing(
      WholeScript.discard, with: WholeScript.discard + "  - {id: other, do: discard, keyholder: boris}\n")
    #expect(try Self.findings(other).map(\.code) == [.scriptReference])
  }

  /// A key that may stay on a card is no discarded one.
  @Test func whoIsAbsentDeletesNothing() throws {
    for rule in ["enrolled", "keep", "pending"] {
      let text = try WholeScript.discarding.editing(
        "    absent: stop\n", with: "    absent: \(rule)\n")
      #expect(try Self.findings(text).map(\.code).contains(.discardElsewhere), "\(rule)")
    }
  }

  @Test func rootAndOneTimeKeysAreNotDiscarded() throws {
    for text in [
      try WholeScript.discarding.editing("    slot: 9c\n", with: "    slot: 9c\n    discarded: true\n"),
      try WholeScript.oneTime.editing("    one-time: 2\n", with: "    one-time: 2\n    discarded: true\n", times: 2),
      try WholeScript.discarding.editing("    discarded: true\n", with: "    discarded: no\n"),
    ] {
      #expect(throws: (any Error).self) { try Script(Array(text.utf8)) }
    }
  }
}
