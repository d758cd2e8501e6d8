import CanonicalJSON
import Foundation
import Judges
import Testing

/// The package's own folder.
let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

let audit = BuiltProgram("tuf-audit")

/// Parses every machine format with a parser that others wrote and prints what it found in one form.
private let reader = """
  import json, sys, xml.etree.ElementTree as tree
  from prometheus_client.parser import text_string_to_metric_families as families
  kind, text = sys.argv[1], sys.stdin.read()
  if kind == "junit":
      root = tree.fromstring(text)
      cases = list(root.iter("testcase"))
      failed = [case for case in cases if case.find("failure") is not None]
      skipped = [case for case in cases if case.find("skipped") is not None]
      suites = list(root.iter("testsuite"))
      assert sum(int(suite.get("tests")) for suite in suites) == len(cases)
      assert sum(int(suite.get("failures")) for suite in suites) == len(failed)
      print(len(cases), len(failed), len(skipped))
  else:
      samples = [sample for family in families(text) for sample in family.samples]
      named = lambda name: [sample for sample in samples if sample.name == name]
      print(len(named("tuf_metadata_valid")), int(sum(s.value for s in named("tuf_metadata_valid"))),
            int(named("tuf_audit_exit_code")[0].value))
  """

private let validator = """
  import json, sys, jsonschema
  schema = json.load(open(sys.argv[1]))
  jsonschema.Draft202012Validator.check_schema(schema)
  for line in sys.stdin:
      jsonschema.validate(json.loads(line), schema, cls=jsonschema.Draft202012Validator)
      print("valid")
  """

@Suite struct ArchiveTests {
  /// The right verdict for each of 10,000 files, in every format; without the full effort, for 2,000.
  @Test func judgesAnArchive() throws {
    let count = Sweep.isFull ? 10_000 : 2_000
    let seed = String(Sweep.seed)
    print("an archive of \(count) files, seed \(seed)")
    guard let python = Python.path else {
      print("SKIPPED \(count) files of a generated archive: TUF_CEREMONY_PYTHON is not set")
      return
    }
    try ScratchFolder.with { folder in
      let generator = Process()
      generator.executableURL = URL(filePath: python)
      generator.arguments =
        ["-B", package.appending(path: "Tests/Generators/archive.py").path(), folder.path()]
        + ["--files", "\(count)", "--seed", seed]
      try generator.run()
      generator.waitUntilExit()
      try #require(generator.terminationStatus == 0)
      let list = try JSONValue(parsing: Array(Data(contentsOf: folder.appending(path: "expected.json"))))
      let expected = try #require(list["files"]?.object)
      let at = try #require(list["at"]?.string)
      let archive = folder.appending(path: "archive").path()
      func run(_ format: String) throws -> BuiltProgram.Run {
        try audit.run(["expiry", archive, "--at", at, "--format", format])
      }
      let json = try run("json")
      #expect(json.status == 1)
      let found = try files(in: json.output, under: archive)
      #expect(found.names.count >= count)
      #expect(found == expected)
      #expect(try validate([json.output], "verdict") == 1)

      let statuses = expected.members.compactMap(\.value.string)
      let failed = statuses.count { ["warning", "critical", "expired", "invalid"].contains($0) }
      let unjudged = statuses.count { ["superseded", "duplicate"].contains($0) }
      let junit = try run("junit")
      #expect(junit.status == 1)
      #expect(try read("junit", junit.output) == "\(statuses.count) \(failed) \(unjudged)")
      let prometheus = try run("prometheus")
      let valid = statuses.count { ["ok", "warning", "critical"].contains($0) }
      #expect(try read("prometheus", prometheus.output) == "\(statuses.count - unjudged) \(valid) 1")
      let nagios = try run("nagios")
      #expect(nagios.status == 2)
      #expect(nagios.output.hasPrefix("TUF CRITICAL - ") && nagios.output.count { $0 == "\n" } == 1)
      let github = try run("github")
      let commands = github.output.split(separator: "\n").prefix { $0.hasPrefix("::") }
      #expect(commands.count <= 10)
      #expect(github.output.split(separator: "\n").dropFirst(commands.count).allSatisfy { !$0.hasPrefix("::") })
      #expect(github.status == 1)
      let text = try run("text")
      #expect(text.status == 1)
      #expect(text.output.contains("\nexpiry: failed (\(statuses.count) files, "))
    }
  }

  private func files(in output: String, under archive: String) throws -> JSONObject {
    let document = try JSONValue(parsing: Array(output.utf8))
    let files = try #require(document["repositories"]?.array).flatMap { $0["files"]?.array ?? [] }
    return JSONObject(
      try files.map { file in
        let path = try #require(file["path"]?.string)
        return (String(path.dropFirst(archive.count + 1)), file["status"] ?? .null)
      }
    )
  }

  private func read(_ kind: String, _ text: String) throws -> String? {
    try Python.output(of: reader, [kind], input: Array(text.utf8), skipping: 1, kind)?
      .trimmingCharacters(in: .newlines)
  }
}

/// How many of the documents the schema accepts: all, or the judge fails. nil where there is no judge.
func validate(_ documents: [String], _ schema: String) throws -> Int? {
  let path = package.appending(path: "Runbook/schemas/\(schema).schema.json").path()
  let lines = documents.map { $0.replacing("\n", with: "") + "\n" }.joined()
  let output = try Python.output(
    of: validator,
    [path],
    input: Array(lines.utf8),
    skipping: documents.count,
    "documents by their schema"
  )
  return output?.split(separator: "\n").count
}
