import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import TUFMetadata
import Testing

/// What can be wrong with what is delegated: found by its code, at the line that says it, before anything is written.
@Suite struct DelegationLintTests {
  static let changes: [(from: String, to: String, code: Finding.Code, at: String)] = [
    ("bins: {hash-prefixes", "bims: {hash-prefixes", .scriptReference, "bims: {hash-prefixes"),
    ("bins: {hash-prefixes", "bims: {hash-prefixes", .delegationMissing, "threshold: 1\n    keyholders: [chandra]"),
    (
      "      bins: {hash-prefixes: [\"0\", \"1f\"]}\n",
      "      other: {paths: [\"later/x-*\"]}\n      bins: {hash-prefixes: [\"0\", \"1f\"]}\n", .delegationShadowed,
      "other: {paths"
    ),
    ("bins: {hash-prefixes: [\"0\", \"1f\"]}", "bins: {succinct: 2}", .delegationBins, "bins: {succinct"),
    ("bin: {succinct: 16384}", "signed-later: {paths: [x]}", .delegationShadowed, "signed-later: {paths: [x]"),
    (
      "  - {id: build-bins, do: build, role: bins}\n  - {id: show-bins, do: show, role: bins}\n  - {id: sign-bins, do: sign, role: bins, keyholder: chandra}\n  - {id: verify-bins, do: verify, role: bins}\n  - {id: write-bins, do: write, role: bins}\n",
      "", .delegationUnsigned, "threshold: 1\n    keyholders: [chandra]"
    ),
  ]

  @Test(arguments: changes.indices)
  func oneChangeOneCode(_ index: Int) throws {
    let (from, to, code, at) = Self.changes[index]
    let other = "  other:\n    threshold: 1\n    keys: [other]\n  bins:\n"
    let text = try WholeScript.delegating.editing(from, with: to)
    let whole = to.contains("other: {paths") ? try text.editing("  bins:\n", with: other) : text
    let found = try #require(whole.range(of: at))
    let before = whole[..<found.lowerBound]
    let line = before.count { $0 == "\n" } + 1
    let findings = try Self.lint(whole)
    #expect(
      findings.contains { $0.code == code && $0.place?.hasPrefix("script.yaml:\(line):") == true && !$0.hint.isEmpty },
      "\(code) at \(line): \(findings)")
  }

  @Test(arguments: [
    ("{succinct: 16384}", "{succinct: 16383}"), ("{succinct: 16384}", "{succinct: 2, search: terminating}"),
    ("{succinct: 16384}", "{succinct: 2, paths: [x]}"), ("[\"0\", \"1f\"]", "[\"0\", \"1F\"]"),
    ("[\"0\", \"1f\"]", "[\"0\", \"0\"]"),
    ("\"later/*\"", "\"/later/*\""), ("\"later/*\"", "\"later/../*\""), ("\"later/*\"", "\"later/[a]\""),
    ("\"later/*\"", "\"\""),
    ("  bins:\n", "  proof:\n"), ("  bins:\n", "  b.ins:\n"),
  ])
  func whatCannotBeDelegatedIsRefused(from: String, to: String) throws {
    let text = try WholeScript.delegating.editing(from, with: to)
    let (script, findings) = Script.read(Array(text.utf8))
    #expect(script == nil)
    #expect(findings.contains { $0.code == .scriptValue && $0.place?.hasPrefix("script.yaml:") == true }, "\(findings)")
  }

  private static func lint(_ text: String) throws -> [Finding] {
    let script = try Script(Array(text.utf8))
    return script.lint(.rehearsal, online: [:], at: Sample.now)
  }
}
