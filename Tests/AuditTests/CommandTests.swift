import CanonicalJSON
import Foundation
import Glibc
import Judges
import Testing

/// The real roots, as a CI job meets them.
@Suite struct RealRootCommandTests {
  private static let sigstore = RealData.folder(
    "roots/sigstore-root-signing",
    skipping: 6,
    "commands on roots of sigstore"
  )

  @Test(
    arguments: [
      ("verify", "2026-09-01T00:00:00Z", [], 0), ("verify", "2026-09-01T00:00:00Z", ["--strict"], 1),
      ("verify", "2026-11-20T13:58:18Z", [], 1), ("expiry", "2026-08-01T00:00:00Z", [], 0),
      ("expiry", "2026-09-01T00:00:00Z", [], 3), ("expiry", "2026-11-01T00:00:00Z", [], 1),
    ] as [(String, String, [String], Int32)]
  )
  func ends(command: String, time: String, options: [String], status: Int32) throws {
    guard let folder = Self.sigstore else { return }
    let arguments = [command, folder.path(), "--at", time] + options
    #expect(try audit.run(arguments).status == status)
    let json = try audit.run(arguments + ["--format", "json"])
    #expect(json.status == status)
    let document = try JSONValue(parsing: Array(json.output.utf8))
    #expect(document["exit"] == .integer(Int64(status)))
    #expect(try [1, nil].contains(validate([json.output], "verdict")))
  }

  @Test func followsFromATrustedRoot() throws {
    guard let folder = Self.sigstore else { return }
    let run = try audit.run(
      [
        "verify", folder.path(), "--trusted", folder.appending(path: "12.root.json").path(), "--at",
        "2026-09-01T00:00:00Z",
      ])
    #expect(run.status == 0)
    #expect(run.output.contains("root version 15, reached from the trusted root"))
    let other = try audit.run(
      [
        "verify", folder.path(), "--trusted",
        folder.deletingLastPathComponent().appending(path: "pypi-warehouse-dev/1.root.json").path(),
      ])
    #expect(other.status == 1)
  }

  @Test func tellsDifferences() throws {
    guard let folder = Self.sigstore else { return }
    let files = ["12.root.json", "13.root.json"].map { folder.appending(path: $0).path() }
    let text = try audit.run(["diff"] + files)
    #expect(text.status == 0)
    #expect(text.output.contains("root: key 6f260089 (@dlorenc) leaves\nroot: key 183e64f3 (@lance) joins\n"))
    let json = try audit.run(["diff"] + files + ["--format", "json"])
    #expect(try [1, nil].contains(validate([json.output], "diff")))
    let missing = try audit.run(["diff", files[0], "/nonexistent/root.json", "--format", "json"])
    #expect(missing.status == 66)
    #expect(try [1, nil].contains(validate([missing.output], "diff")))
  }
}

/// What people and accidents put on a command line and into folders.
@Suite struct BadInputTests {
  @Test(arguments: [
    (["expiry", "x", "--warn", "soon"], "--warn"), (["expiry", "x", "--warn", "90,"], "--warn"),
    (["expiry", "x", "--critical", "-5"], "--critical"),
    (["expiry", "x", "--warn", "30", "--critical", "90"], "Example"),
    (["expiry", "x", "--at", "yesterday"], "--at"), (["expiry", "x", "--format", "xml"], "--format"),
    (["expiry"], "path"),
    (["verify", "x", "--trusted", "a", "--delegator", "b"], "--delegator"), (["diff", "one"], "new"),
    (["frobnicate"], "frobnicate"),
  ])
  func refusesUsage(arguments: [String], mentions: String) throws {
    let run = try audit.run(arguments)
    #expect(run.status == 64)
    #expect(run.words.contains(mentions))
    #expect(run.output.isEmpty)
  }

  @Test func showsAnExampleOfWarn() throws {
    #expect(try audit.run(["expiry", "x", "--warn", "soon"]).words.contains("Examples: 90 or 90,root=120"))
  }

  @Test(arguments: ["verify", "expiry"])
  func namesAPathThatIsNotThere(command: String) throws {
    let run = try audit.run([command, "/nonexistent/metadata"])
    #expect(run.status == 66)
    #expect(run.output.contains("/nonexistent/metadata"))
    try ScratchFolder.with { folder in
      let trusted = try audit.run([command, folder.path(), "--trusted", "/nonexistent/root.json"])
      #expect(trusted.status == 66)
    }
  }

  @Test func anEmptyFolderFails() throws {
    try ScratchFolder.with { folder in
      let run = try audit.run(["expiry", folder.path()])
      #expect(run.status == 1)
      #expect(run.output.contains("NOTHING-TO-VERIFY"))
    }
  }

  /// Pipes, giants, loops and damaged files are named, the rest is judged, and nothing blocks.
  @Test func goesOnPastWhatCannotBeRead() throws {
    try ScratchFolder.with { folder in
      func path(_ name: String) -> String { folder.appending(path: name).path() }
      try #require(mkfifo(path("1.root.json"), 0o600) == 0)
      try #require(creat(path("giant.json"), 0o600) >= 0 && truncate(path("giant.json"), (64 << 20) + 1) == 0)
      try #require(symlink("self.json", path("self.json")) == 0)
      try #require(symlink("nowhere", path("broken.json")) == 0)
      try #require(mkdir(path("inner"), 0o700) == 0 && symlink("..", path("inner/outer")) == 0)
      try Data("{\"signed\":{".utf8).write(to: folder.appending(path: "cut.json"))
      try Data("{\"package\":1}".utf8).write(to: folder.appending(path: "package.json"))
      let run = try audit.run(["expiry", folder.path(), "--format", "json"])
      #expect(run.status == 1)
      #expect(try [1, nil].contains(validate([run.output], "verdict")))
      for (code, count) in [
        ("FILE-KIND", 1), ("FILE-TOO-LARGE", 1), ("SYMLINK-LOOP", 2), ("FILE-UNREADABLE", 1),
        ("JSON-SYNTAX", 1),
      ] {
        #expect(run.output.split(separator: "\"code\": \"\(code)\"").count - 1 == count, "\(code)")
      }
      let pipe = try audit.run(["expiry", path("1.root.json")])
      #expect(pipe.status == 66)
    }
  }

  @Test func refusesAClockBefore2020() throws {
    try ScratchFolder.with { folder in
      let run = try audit.run(["expiry", folder.path(), "--at", "2019-01-01T00:00:00Z"])
      #expect(run.output.contains("CLOCK-DOUBTFUL"))
    }
  }

  @Test func saysWhenOutputCannotBeWritten() throws {
    let run = try audit.run(
      [],
      under: ["/bin/sh", "-c", "exec \"$@\" expiry /nonexistent > /dev/full", "sh"]
    )
    #expect(run.status == 73)
  }

  /// GitHub shows the step summary that a command appends.
  @Test func appendsTheStepSummary() throws {
    try ScratchFolder.with { folder in
      let summary = folder.appending(path: "summary.md")
      let run = try audit.run(
        ["expiry", folder.path(), "--format", "github"],
        environment: ["GITHUB_STEP_SUMMARY": summary.path()]
      )
      #expect(run.status == 1)
      #expect(
        String(decoding: try Data(contentsOf: summary), as: UTF8.self).hasPrefix(
          "## tuf-audit expiry: failed\n"
        )
      )
    }
  }
}
