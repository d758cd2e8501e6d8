import CeremonyRecords
import CeremonyResults
import CeremonyRuntime
import Findings
import Keys
import Testing
import Transcript

/// Whoever sees something else than the program shows is told what was on the screen, and what to do.
@Suite struct ComparisonTests {
  @Test(arguments: [
    "Read the head so far", "Show root", "Ada signs root", "The head of the transcript",
    "Boris signs the transcript seal",
    "The program and the script",
  ])
  func theDigestsOnTheScreenAreNamed(title: String) throws {
    let room = Room()
    var asked: Screen?
    var told: [Screen] = []
    room.console.answer = { screen in
      if screen.title == "COMPARISON-DIFFERS" { told.append(screen) }
      guard asked == nil, screen.title.hasPrefix(title), screen.prompt?.takes("differs") == true else {
        return screen.prompt?.unattended
      }
      asked = screen
      return "differs"
    }
    let result = try room.rehearse(Array(try Scripts.first.utf8))
    let screen = try #require(asked, "nobody was asked")
    let findings = try room.records(.finding).compactMap { FindingRecord($0.body) }.filter {
      $0.code == "COMPARISON-DIFFERS"
    }
    let finding = try #require(findings.first)
    #expect(findings.count == 1 && !screen.digests.isEmpty)
    for labelled in screen.digests {
      let words = labelled.digest.words.prefix(4).joined(separator: " ")
      #expect(finding.what.contains("\(labelled.label) is \(labelled.digest.hex.prefix(8))…, “\(words)…”"))
    }
    #expect(finding.what.contains("was not typed"))
    #expect(finding.hint.contains("paper"))
    // Before the first step the ceremony ends; in a step it is asked what now, and what is retried is an exception.
    let isFirst = title == "The program and the script"
    #expect(result.outcome.status == (isFirst ? .violation : .fine))
    #expect(told.count == (isFirst ? 0 : 1))
    // The screen that says why is followed by one that asks, and stays.
    let ending = room.console.screens.first { $0.title == "ABORTED: the head of the transcript" }
    #expect(ending?.text.starts(with: ["COMPARISON-DIFFERS: \(finding.what)", finding.hint]) ?? !isFirst)
    for screen in told { #expect(screen.text == [finding.what, finding.hint]) }
    let exceptions = try room.records(.exception).map { "\($0.body)" }
    #expect(exceptions.count == (isFirst ? 0 : 1))
  }

  /// Whoever rehearses alone, without paper and bags, is told how to go on; in the real ceremony nobody is.
  @Test func aRehearsalByOnePersonSaysHowToGoOn() throws {
    let room = Room()
    try room.play(try Scripts.room, [])
    let first = try #require(room.console.screens.first { $0.title == "The program and the script" })
    #expect(first.text.last?.hasPrefix("Is there no paper in this rehearsal?") == true)
    let bags = room.console.screens.filter { $0.title.contains(" a bag") }
    #expect(!bags.isEmpty && bags.allSatisfy { $0.text.last?.contains("make up a number") == true })
  }
}
