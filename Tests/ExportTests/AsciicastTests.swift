import CanonicalJSON
import CeremonyRecords
import CeremonyResults
import Export
import Findings
import Foundation
import Judges
import Keys
import Products
import Testing
import Transcript
import UTC

@Suite struct AsciicastTests {
  private static let folder = ProductsFolder(
    opening: GoldenCeremony.folder.path()
  )

  private static func content() throws -> TranscriptContent {
    TranscriptContent(
      transcript: try folder.read("transcript.jsonl"),
      sealing: try folder.read("sealing.jsonl")
    )
  }

  @Test func hasEveryScreenAndAMarkerForEachStep() throws {
    let content = try Self.content()
    #expect(content.finding == nil)
    let cast = Asciicast(content, title: "A title with \"quotes\" and \u{1b}[2J").bytes
    let script = """
      import json, sys
      lines = sys.stdin.buffer.read().decode("ascii").splitlines()
      header = json.loads(lines[0])
      assert header["version"] == 2 and header["width"] == 100 and header["height"] >= 40, header
      events = [json.loads(line) for line in lines[1:]]
      assert all(len(event) == 3 and isinstance(event[0], float) and isinstance(event[2], str) for event in events)
      assert [event[0] for event in events] == sorted(event[0] for event in events)
      output = "".join(event[2] for event in events if event[1] == "o")
      assert output.replace("\\r\\n", "").isprintable() or "\\x1b" in output
      json.dump({"title": header["title"], "time": header["timestamp"],
                 "markers": [event[2] for event in events if event[1] == "m"],
                 "bare": output.replace("\\r\\n", "").count("\\n") + output.replace("\\r\\n", "").count("\\r"),
                 "others": sorted({event[1] for event in events}), "output": output}, sys.stdout)
      """
    guard let answer = try Python.output(of: script, input: cast, skipping: 1, "an asciicast read by Python")
    else { return }
    let seen = try JSONValue(parsing: Array(answer.utf8))
    #expect(seen["title"] == "A title with \"quotes\" and \\u{1b}[2J")
    #expect(seen["time"]?.integer == content.records.first?.at.seconds)
    #expect(seen["others"] == ["m", "o"])
    #expect(seen["bare"] == 0)
    var steps: [String] = []
    for record in content.records where !record.step.isEmpty && record.step != steps.last {
      steps.append(record.step)
    }
    #expect(steps.count > 20)
    #expect(seen["markers"] == .array(steps.map { .string($0) }))
    let output = try #require(seen["output"]?.string)
    let screens = content.records.compactMap { $0.kind == .screen ? Screen($0.body) : nil }
    for screen in screens { #expect(output.contains(screen.title)) }
    #expect(output.contains("> confirm"))
  }

  @Test func asciinemaPlaysIt() throws {
    let count = 1
    guard let asciinema = ForeignProgram.path("asciinema", skipping: count, "an asciicast in asciinema"),
      let script = ForeignProgram.path("script", skipping: count, "an asciicast in asciinema")
    else { return }
    try ScratchFolder.with { scratch throws in
      let file = scratch.appending(path: "a.cast")
      try Data(Asciicast(try Self.content(), title: "x").bytes).write(to: file)
      let process = Process()
      process.executableURL = URL(filePath: script)
      // It wants a terminal of its own.
      process.arguments = ["-qec", "\(asciinema) cat \(file.path())", "/dev/null"]
      let log = scratch.appending(path: "log")
      try Data().write(to: log)
      process.standardOutput = try FileHandle(forWritingTo: log)
      process.standardInput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let shown = String(decoding: try Data(contentsOf: log), as: UTF8.self)
      for words in ["REHEARSAL", "Say aloud:", "The head of the transcript"] {
        #expect(shown.contains(words), "\(words)")
      }
    }
  }

  @Test func nothingThatWasRecordedMovesTheCursor() throws {
    var chain = TranscriptChain()
    var transcript: [UInt8] = []
    let digest = SHA256Digest(of: [])
    for title in ["a\u{9b}2Jb", "a\u{202e}b"] {
      transcript +=
        try chain.append(
          at: .epoch,
          mono: 0,
          step: "s",
          kind: .screen,
          body: [
            "step": 1, "steps": 1, "title": .string(title), "who": .string(title), "text": [.string(title)],
            "say": [.string(title)], "tally": [.string(title)], "banners": [.string(title)],
            "facts": [["name": .string(title), "value": .string(title)]],
            "digests": [
              [
                "label": .string(title), "sha256": .string(digest.hex),
                "words": .array(digest.words.map { .string($0) }),
              ]
            ],
            "prompt": [
              "question": .string(title), "answers": [["token": .string(title), "meaning": .string(title)]],
              "always": [.string(title)],
            ],
          ]
        ) + [0x0a]
    }
    let content = TranscriptContent(transcript: transcript, sealing: nil)
    #expect(content.records.count == 2)
    let cast = String(decoding: Asciicast(content, title: "x").bytes, as: UTF8.self)
    #expect(cast.contains("a\\\\u{9b}2Jb"))
    #expect(cast.contains("a\\\\u{202e}b"))
    #expect(!cast.contains("\\u009b"))
    #expect(!cast.contains("\\u202e"))
  }
}
