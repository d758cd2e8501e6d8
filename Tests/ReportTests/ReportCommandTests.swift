import CanonicalJSON
import Foundation
import Judges
import Keys
import Testing

private let audit = BuiltProgram("tuf-audit")

/// `tuf-audit report` as a person runs it.
@Suite struct ReportCommandTests {
  @Test func writesThePageAndSaysItsDigest() throws {
    try ScratchFolder.with { scratch throws in
      let out = scratch.appending(path: "report.html")
      let run = try audit.run(["report", Ceremonies.goldenPath, "--out", out.path(), "--format", "json"])
      #expect(run.status == 0)
      let answer = try JSONValue(parsing: Array(run.output.utf8))
      #expect(answer["command"] == "report")
      #expect(answer["rehearsal"] == true)
      #expect(answer["replayed"] == true)
      #expect(answer["findings"] == [])
      #expect(answer["sha256"]?.string == SHA256Digest(of: Array(try Data(contentsOf: out))).hex)
    }
  }

  @Test func theFirstLineSaysRehearsal() throws {
    try ScratchFolder.with { scratch throws in
      let run = try audit.run([
        "report", Ceremonies.goldenPath, "--out", scratch.appending(path: "r.html").path(),
      ])
      #expect(run.status == 0)
      #expect(run.output.hasPrefix("REHEARSAL"))
    }
  }

  @Test func anOutputThatExistsIsRefusedAndNotTouched() throws {
    try ScratchFolder.with { scratch throws in
      let out = scratch.appending(path: "report.html")
      try Data("mine".utf8).write(to: out)
      let run = try audit.run(["report", Ceremonies.goldenPath, "--out", out.path()])
      #expect(run.status == 73)
      #expect(run.output.contains("CANNOT-CREATE"))
      #expect(try Data(contentsOf: out) == Data("mine".utf8))
      let nowhere = scratch.appending(path: "nowhere/report.html").path()
      #expect(try audit.run(["report", Ceremonies.goldenPath, "--out", nowhere]).status == 73)
    }
  }

  @Test func aChangedFolderGetsAPageAndExitOne() throws {
    try ScratchFolder.with { scratch throws in
      let folder = scratch.appending(path: "products")
      try FileManager.default.copyItem(at: URL(filePath: Ceremonies.goldenPath), to: folder)
      try Data("x".utf8).write(to: folder.appending(path: "metadata/1.root.json"))
      let out = scratch.appending(path: "report.html")
      let run = try audit.run(["report", folder.path(), "--out", out.path()])
      #expect(run.status == 1)
      #expect(String(decoding: try Data(contentsOf: out), as: UTF8.self).contains("NOT AS RECORDED"))
    }
  }

  @Test(
    arguments: [
      (["--video", "javascript:alert(1)", "--starts", "2026-01-01T00:00:00Z"], 64),
      (["--video", "https://example.org/v"], 64), (["--starts", "2026-01-01T00:00:00Z"], 64),
      (["--video", "https://example.org/v", "--starts", "yesterday"], 64),
      (["--video", "https://example.org/v", "--starts", "2026-01-01T00:00:00Z"], 0),
    ] as [([String], Int32)]
  )
  func addressesAndTimes(options: [String], status: Int32) throws {
    try ScratchFolder.with { scratch throws in
      let out = scratch.appending(path: "r.html").path()
      #expect(try audit.run(["report", Ceremonies.goldenPath, "--out", out] + options).status == status)
    }
  }

  @Test func aFolderThatIsNotThere() throws {
    try ScratchFolder.with { scratch throws in
      let run = try audit.run([
        "report", scratch.appending(path: "x").path(), "--out", scratch.appending(path: "r").path(),
      ])
      #expect(run.status == 66)
      #expect(!FileManager.default.fileExists(atPath: scratch.appending(path: "r").path()))
    }
  }
}
