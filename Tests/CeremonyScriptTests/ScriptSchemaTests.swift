import CanonicalJSON
import CeremonyScript
import Findings
import Foundation
import Judges
import Testing

/// What a validator of JSON Schema says of scripts with the committed schema, beside what `check` says.
///
/// The validator must never refuse what `check` takes, and say the same code at the same place where a schema can say it.
@Suite struct ScriptSchemaTests {
  /// What a schema can say.
  private static let codes: [Finding.Code] = [
    .scriptUnknownKey, .scriptMissingKey, .scriptValue, .scriptVersion,
  ]

  /// What needs the rest of the script, a calendar, or the digits as they were typed.
  private static let beyond = [
    "threshold: 0x2", "threshold: 02", "card: 011", "expires: 2027-02-30T00:00:00Z", "id: build",
    "witness: none", "  one-time-1:\n", "do: say\n    initials: both\n", "do: say\n    initials: [witness]\n",
  ]

  @Test func eachMistakeHasTheSameFinding() throws {
    let texts =
      try ScriptMistakesTests.mistakes.map { ($0.changes[0].to, try $0.text()) }
      + ScriptReadingTests.changes.map { ($0.to, try $0.applied()) }
      + LintTests.changes.map { ($0.to, try $0.applied()) }
    guard let said = try Self.said(of: texts.map(\.1)) else { return }
    var unsaid: [String] = []
    for ((name, text), found) in zip(texts, said) {
      guard let checked = Self.checked(text), let found else { continue }
      #expect(found.subtracting(checked) == [], "\(name)")
      if found != checked { unsaid.append(name) }
    }
    #expect(Set(unsaid) == Set(Self.beyond))
  }

  /// Every key of the table with values that do not belong there, and those that do.
  @Test func noKeyIsRefusedByTheSchemaAlone() throws {
    let all = [
      "X y", "[]", "{}", "-1", "{days: 7}", "{name: X, initials: AA}", "~", "2.5", "99999999999", "x", "true", "'2'",
      "'null'", "[eve]", "[[]]", "{days: 7.5, x: 1}", "2027-02-01", "9a", "\"a\\u200bb\"", "\"  \"", "|-\n  x",
    ]
    let odd = Sweep.isFull ? all : Array(all.prefix(4))
    let texts = try Sweep.sample(ScriptTableTests.rows, oneOf: 3).flatMap { group, row in
      try ([row.example] + odd).map {
        ("\(group.id).\(row.name): \($0)", try ScriptTableTests.whole(with: row, of: group, $0))
      }
    }
    guard let said = try Self.said(of: texts.map(\.1)) else { return }
    var same = 0
    for ((name, text), found) in zip(texts, said) {
      guard let checked = Self.checked(text), let found else { continue }
      #expect(found.subtracting(checked) == [], "\(name)")
      same += found == checked && !found.isEmpty ? 1 : 0
    }
    #expect(same > texts.count / 2)
  }

  @Test func itTakesTheScriptsThatComeWithThisProgram() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: runbook.path()).filter { $0.hasSuffix(".yaml") }
    let texts = try names.map { try String(contentsOf: runbook.appending(path: $0), encoding: .utf8) }
    for (name, text) in zip(names, texts) {
      #expect(text.hasPrefix("# yaml-language-server: $schema=ceremony.schema.json\n"), "\(name)")
    }
    guard let said = try Self.said(of: texts + [WholeScript.text, Sample.text]) else { return }
    #expect(said.count > 4)
    for found in said { #expect(found == []) }
  }

  /// nil where there is no tree that a schema could judge.
  private static func checked(_ text: String) -> Set<String>? {
    let findings = Script.read(Array(text.utf8)).findings
    if findings.contains(where: { [.scriptSyntax, .scriptDuplicateKey].contains($0.code) }) { return nil }
    return Set(
      findings.filter { codes.contains($0.code) }.map {
        "\($0.code) \($0.place?.dropFirst("script.yaml:".count) ?? "")"
      })
  }

  /// `CODE line:column` of everything that the validator says of each script; nil where it is not YAML.
  private static func said(of scripts: [String]) throws -> [Set<String>?]? {
    let judge = runbook.appending(path: "../Tests/Peers/script_schema.py")
    let schema = try JSONValue(parsing: Array(Data(contentsOf: runbook.appending(path: "ceremony.schema.json"))))
    let request: JSONValue = ["schema": schema, "scripts": .array(scripts.map { .string($0) })]
    let output = try Python.output(
      of: String(contentsOf: judge, encoding: .utf8), input: request.pretty(), skipping: 1, "judgements by jsonschema")
    return try output.map { output in
      try JSONDecoder().decode([[[String]]?].self, from: Data(output.utf8)).map { said in
        said.map { Set($0.map { $0.joined(separator: " ") }) }
      }
    }
  }
}
