import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import FolderAudit
import Foundation
import Judges
import Products
import Testing

/// The words of a verdict say what was found, and no more.
@Suite struct VerdictWordsTests {
  /// The first rehearsal; at the prompt of this title it is stopped, or given up.
  private static func folder(_ title: String, isGivenUp: Bool) throws -> MemoryProducts {
    let room = Room()
    room.console.answer = { screen in
      guard screen.title == title else { return screen.prompt?.unattended }
      if isGivenUp { return Prompt.abort }
      throw Interruption(reason: "end of input")
    }
    do { try room.rehearse(Array(try Scripts.first.utf8)) } catch is Interruption {}
    return try room.products()
  }

  @Test(arguments: [
    ("Show root", false, "NOT COMPLETE: everything that was recorded came out again.", false),
    ("The head of the transcript", false, "NOT COMPLETE: everything that was recorded came out again.", true),
    ("Show root", true, "ABORTED: everything that was recorded came out again.", true),
    (
      "Ada signs the transcript seal", true, "NOT SEALED: it came out again, but anybody could have written it.", true
    ),
    (
      "Boris signs the transcript seal", true,
      "SEALED BY 1 OF 2: it came out again, but fewer cards than the script asks for could have written it.", true
    ),
  ])
  func whatDidNotEndComesOutAgain(title: String, isGivenUp: Bool, headline: String, isClosed: Bool) throws {
    let folder = try Self.folder(title, isGivenUp: isGivenUp)
    let verdict = folder.replay()
    #expect(verdict.headline == headline)
    #expect(verdict.agrees && verdict.isClosed == isClosed)
    #expect(verdict.banners.contains("NOT SEALED") == headline.hasPrefix("NOT SEALED"))
    #expect(verdict.notProved.contains { $0.contains("no root key sealed it") } == headline.hasPrefix("NOT SEALED"))
    #expect(!verdict.proved.contains { $0.contains(" 0 ") || $0.hasPrefix("0 ") })
    // The sums are compared where the ceremony wrote them.
    let sums = folder.files["SHA256SUMS"] != nil
    #expect(verdict.proved.contains { $0.hasSuffix(", SHA256SUMS among them.") } == sums)
    #expect(verdict.proved.contains { $0.contains("came out again byte for byte") })
    // One byte more anywhere, and nothing agrees.
    var changed = folder
    changed.files["script.yaml"]?.append(0x0a)
    #expect(changed.replay().headline.hasPrefix("NOT AS RECORDED"))
    #expect(!changed.replay().agrees)
  }

  @Test func whereAnInterruptedCeremonyStopped() throws {
    for (title, file) in [("Show root", "transcript.jsonl"), ("The head of the transcript", "sealing.jsonl")] {
      let folder = try Self.folder(title, isGivenUp: false)
      let last = try folder.records(file).count - 1
      let verdict = folder.replay()
      #expect(verdict.findings.map(\.code) == [.incomplete])
      #expect(verdict.findings.first?.place == "\(file) record \(last)")
    }
    let attested = AttestVerdict(try Self.folder("Show root", isGivenUp: false))
    #expect(attested.findings.map(\.code) == [.incomplete] && !attested.isGivenUp)
  }

  @Test func nothingIsProvedOfNothing() {
    let verdict = MemoryProducts(files: [:]).replay()
    #expect(verdict.proved == ["Nothing."])
    #expect(!verdict.agrees)
  }

  /// The attestations of what was given up are judged where there is a root, and trusted nowhere.
  @Test(arguments: [("Show root", 0), ("Close the transcript", 2)])
  func attestationsOfACeremonyThatWasGivenUp(title: String, keys: Int) throws {
    let verdict = AttestVerdict(try Self.folder(title, isGivenUp: true))
    #expect(verdict.findings.map(\.code) == [.aborted])
    #expect(verdict.isGivenUp && !verdict.holds)
    #expect(verdict.keys.count == keys)
  }

  /// What the README names to look at is the rehearsal of this engine version.
  @Test func theReadmeNamesTheNewestGoldenRehearsal() throws {
    let text = String(decoding: try Data(contentsOf: Package.root.appending(path: "README.md")), as: UTF8.self)
    let named = text.matches(of: /Fixtures\/engine-(\d+)\/[a-z0-9\/.-]+/)
    #expect(named.count == 3)
    for match in named {
      #expect(match.1 == "\(EngineVersion.current)")
      #expect(FileManager.default.fileExists(atPath: Package.root.appending(path: String(match.0)).path()))
    }
  }
}
