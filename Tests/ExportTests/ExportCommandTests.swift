import CanonicalJSON
import Foundation
import Judges
import Keys
import Testing

private let audit = BuiltProgram("tuf-audit")

/// `tuf-audit export`, and what reads its bundle, as a person runs them.
@Suite struct ExportCommandTests {
  private static let folder = GoldenCeremony.folder

  @Test func aBundleStandsInForTheFolder() throws {
    try ScratchFolder.with { scratch throws in
      let tar = scratch.appending(path: "a.tar")
      let run = try audit.run([
        "export", Self.folder.path(), "--format", "bundle", "--rehearsal", "--out", tar.path(),
      ])
      #expect(run.status == 0)
      #expect(run.output.hasPrefix("REHEARSAL"))
      let digest = SHA256Digest(of: Array(try Data(contentsOf: tar)))
      #expect(run.output.contains(digest.hex))
      for word in digest.words { #expect(run.output.contains(word)) }
      // From another place, and from the bundle itself: the same bytes.
      let copy = scratch.appending(path: "copy")
      try FileManager.default.copyItem(at: Self.folder, to: copy)
      for (number, source) in [copy, tar].enumerated() {
        let again = scratch.appending(path: "\(number).tar").path()
        let json = try audit.run([
          "export", source.path(), "--format", "bundle", "--rehearsal", "--json", "--out", again,
        ])
        #expect(try JSONValue(parsing: Array(json.output.utf8))["sha256"] == .string(digest.hex))
      }
      let folder = try audit.run(["replay", Self.folder.path(), "--format", "json"])
      #expect(folder.status == 0)
      #expect(try audit.run(["replay", tar.path(), "--format", "json"]).output == folder.output)
      let page = scratch.appending(path: "page.html").path()
      #expect(try audit.run(["report", tar.path(), "--out", page]).status == 0)
    }
  }

  @Test(arguments: ["bundle", "asciicast"])
  func refusals(form: String) throws {
    try ScratchFolder.with { scratch throws in
      let out = scratch.appending(path: "out")
      func export(_ folder: URL, _ options: String...) throws -> BuiltProgram.Run {
        try audit.run(["export", folder.path(), "--format", form, "--out", out.path()] + options)
      }
      let unasked = try export(Self.folder)
      #expect(unasked.status == 1)
      #expect(unasked.output.contains("Nothing was written.\nerror REHEARSAL"))
      let changed = scratch.appending(path: "changed")
      try FileManager.default.copyItem(at: Self.folder, to: changed)
      try Data("x".utf8).write(to: changed.appending(path: "script.yaml"))
      let refused = try export(changed, "--rehearsal")
      #expect(refused.status == 1)
      #expect(refused.output.contains("Nothing was written.\nerror "))
      #expect(try export(scratch.appending(path: "absent"), "--rehearsal").status == 66)
      #expect(!FileManager.default.fileExists(atPath: out.path()))
      try Data("mine".utf8).write(to: out)
      #expect(try export(Self.folder, "--rehearsal").status == 73)
      #expect(try Data(contentsOf: out) == Data("mine".utf8))
    }
  }

  @Test func anArchiveOfOthersIsRefused() throws {
    try ScratchFolder.with { scratch throws in
      let tar = scratch.appending(path: "a.tar")
      try Data(repeating: 1, count: 2048).write(to: tar)
      let run = try audit.run(["replay", tar.path()])
      #expect(run.status == 1)
      #expect(run.output.contains("BUNDLE-MALFORMED"))
      let file = try audit.run(["replay", Self.folder.appending(path: "transcript.jsonl").path()])
      #expect(file.status == 1)
      #expect(file.output.contains("Name the products folder itself"))
    }
  }
}
