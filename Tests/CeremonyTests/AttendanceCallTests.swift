import CanonicalJSON
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import FolderAudit
import Judges
import Testing
import Transcript

/// Who is missing when everybody is called, before the keys are made and afterwards.
@Suite struct AttendanceCallTests {
  /// How people answer when they are called: `h` here, `a` absent, `s` somebody else. Who is missing then; when attendance
  /// is taken again they come as is said there, `-` for nobody.
  private static let calls = """
    hhhhh |                 | first
    hhahh | Ada             | h
    hhaah | Ada and Boris   | hh
    hhaaa | Ada and Boris and Chandra | hhh
    hhhha | Chandra         | s
    hhaha | Ada and Chandra | as
    sshhh |                 | first
    hsahh | Ada             | h
    hhsss |                 | first
    hhshs |                 | first
    shaha | Ada and Chandra | ha
    hhaaa | Ada and Boris and Chandra | aaa
    """

  @Test(arguments: calls.split(separator: "\n").map(PresenceTests.cells), ["stop", "enrolled"])
  func whoeverIsCalled(row: [String], rule: String) throws {
    let room = Room(inMemory: true)
    var calls = Array(row[0])
    var again = Array(row[2] == "first" ? "" : row[2])
    let resets = { (try? room.transcript().count { $0.body["task"] == "reset" }) ?? 0 }
    var touched: [Int] = []
    room.console.answer = { screen in
      if screen.title == "QUORUM-MISSING" {
        touched.append(resets())
        return touched.count < 3 ? "retry" : Prompt.abort
      }
      guard screen.prompt?.question.hasPrefix("Is ") == true, screen.title.hasPrefix("Attendance: ") else {
        return screen.prompt?.unattended
      }
      let call = calls.isEmpty ? (again.isEmpty ? "a" : again.removeFirst()) : calls.removeFirst()
      return call == "h" ? "here" : call == "a" ? "absent" : "substitute"
    }
    let result = try room.rehearse(Array(try PresenceTests.script(absent: rule).utf8))
    let findings = try room.records(.finding).compactMap { $0.body["what"]?.string }
    #expect(
      findings.first == (row[1].isEmpty ? nil : "The ceremony cannot reach its end without \(row[1])."), "\(findings)")
    // Whatever the script says of the absent: none of their keys is made yet.
    #expect(touched.allSatisfy { $0 == 0 })
    let isWhole = !row[2].contains("a")
    #expect(result.outcome.ending == (isWhole ? .complete : .aborted))
    #expect(result.outcome.finding?.code == (isWhole ? nil : Finding.Code.quorumMissing))
    #expect(room.replay().findings.map(\.code) == (isWhole ? [] : [.aborted]))
    if isWhole { #expect(room.replay().facts?.payloads.first?.keyholders == 3) } else { #expect(resets() == 0) }
    guard !row[1].isEmpty else { return }
    let shown = try #require(room.console.screens.first { $0.title == "Too few people are here" })
    let here = row[0].dropFirst(2).count { $0 != "a" }
    #expect(
      shown.facts.prefix(2).map(\.value) == [
        "\(here) of 3 keyholders are here; 2 must sign", "\(here) of 3 who sign it are here; 2 must sign",
      ])
    #expect(
      shown.facts.dropFirst(2).allSatisfy {
        $0.value.hasPrefix("missing for: provide a card and its keys") || $0.value.hasPrefix("missing for: read")
      })
  }

  /// Where attendance is taken when the keys are made already, the rule decides, and the numbers.
  @Test(arguments: [
    ("stop", "hhahh", false), ("enrolled", "hhahh", true), ("enrolled", "hhhah", true), ("enrolled", "hhaah", false),
    ("enrolled", "hhaaa", false), ("stop", "hhhhh", true),
  ])
  func attendanceAfterTheKeysAreMade(rule: String, calls: String, goesOn: Bool) throws {
    let room = Room(inMemory: true)
    var calls = Array(calls)
    let script = try PresenceTests.script(absent: rule)
      .editing("  - id: attendance\n    do: attendance\n    say: I call everybody by name.\n", with: "")
      .editing("  - {id: ada-says", with: "  - {id: attendance, do: attendance}\n  - {id: ada-says")
    room.console.answer = { screen in
      if screen.title == "QUORUM-MISSING" { return Prompt.abort }
      if screen.title.hasPrefix("Waiting for"), screen.prompt?.takes("absent") == true { return "absent" }
      guard screen.prompt?.question.hasPrefix("Is ") == true, screen.title.hasPrefix("Attendance: ") else {
        return screen.prompt?.unattended
      }
      return calls.removeFirst() == "h" ? "here" : "absent"
    }
    let result = try room.rehearse(Array(script.utf8))
    #expect(result.outcome.ending == (goesOn ? .complete : .aborted))
    #expect(room.replay().findings.map(\.code) == (goesOn ? [] : [.aborted]))
    #expect(try room.records(.finding).isEmpty == goesOn)
  }
}
