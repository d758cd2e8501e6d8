import CanonicalJSON
@testable import CeremonyScript
import Foundation
import Judges
import Testing

/// Two readers of `script.yaml` that share no code: Yams here, PyYAML in `Runbook/verify_transcript.py`.
@Suite struct ScriptReadersTests {
  /// What one reads the other reads alike, and what one refuses the other refuses. Sampled but in full.
  @Test func bothSeeTheSameAtTheEdgesOfYAML() throws {
    let seed = String(Sweep.seed)
    let count = Sweep.isFull ? 100_000 : 5_000
    let run = """
      import runpy, sys
      sys.dont_write_bytecode = True
      sys.argv = sys.argv[1:]
      runpy.run_path(sys.argv[0], run_name="__main__")
      """
    guard
      let said = try Python.output(
        of: run,
        [
          Package.root.appending(path: "Tests/Generators/yaml_edges.py").path(), Package.runbook.path(), String(count),
          seed,
        ], skipping: count, "texts at the edges of YAML")
    else { return }
    let cases = try #require(try JSONValue(parsing: Array(said.utf8)).array)
    try #require(cases.count == count)
    var read = 0
    for pair in cases {
      let text = try #require(pair.array?.first?.string)
      let ours = Self.tree(of: text)
      #expect(ours == pair.array?.last, "\(text.debugDescription)")
      if ours != .null { read += 1 }
    }
    #expect(read > count / 20)
    print(
      "script readers: \(count) texts at the edges of YAML (seed \(seed)), \(read) of them read, each alike by both")
  }

  private static func tree(of text: String) -> JSONValue {
    let problems = ScriptProblems()
    guard let document = try? ScriptDocument(Array(text.utf8), problems), problems.refusals.isEmpty else {
      return .null
    }
    return tree(document.root)
  }

  private static func tree(_ node: ScriptNode) -> JSONValue {
    switch node.value {
    case .scalar(let text, let isPlain): [.string(text), .bool(isPlain)]
    case .list(let items): ["list": .array(items.map(tree))]
    case .mapping(let members): ["map": .array(members.map { [.string($0.key), tree($0.node)] })]
    case .refused: .null
    }
  }
}
