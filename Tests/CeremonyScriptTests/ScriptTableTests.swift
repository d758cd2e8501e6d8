import CanonicalJSON
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Testing
import Yams

let runbook = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Runbook").standardized

/// The table of fields, the schema and the page that are made from it, and the reader: none has a key that another lacks.
///
/// `TUF_CEREMONY_WRITE=1 swift test --filter ScriptTableTests` writes schema and page anew.
@Suite struct ScriptTableTests {
  private static let writes = ProcessInfo.processInfo.environment["TUF_CEREMONY_WRITE"] != nil

  /// Every group with its rows, those of steps too.
  static let rows: [(group: FieldGroup, row: FieldRow)] =
    (ReferencePage.groups + [StepKind.common] + StepKind.all.map(\.ownGroup)).flatMap { group in
      group.rows.map { (group, $0) }
    }

  @Test func theSchemaIsTheTables() throws {
    try isCommitted(ScriptSchema.bytes, as: "ceremony.schema.json")
  }

  @Test func thePageIsTheTables() throws {
    try isCommitted(Array(ReferencePage.text.utf8), as: "SCRIPT.md")
  }

  private func isCommitted(_ made: [UInt8], as name: String) throws {
    let file = runbook.appending(path: name)
    if Self.writes { try Data(made).write(to: file) }
    let kept = try? Data(contentsOf: file)
    #expect(
      kept == Data(made), "TUF_CEREMONY_WRITE=1 swift test --filter ScriptTableTests writes Runbook/\(name) anew.")
  }

  @Test func everyKeyIsInTheSchemaAndOnThePage() throws {
    let schema = try JSONValue(parsing: ScriptSchema.bytes)
    let definitions = try #require(schema["definitions"]?.object)
    let described = String(decoding: JSONValue.object(definitions).canonical(), as: UTF8.self)
    for (group, row) in Self.rows {
      #expect(described.contains("\"\(row.name)\":{"), "\(group.id).\(row.name)")
      #expect(ReferencePage.text.contains("| `\(row.name)` | "), "\(group.id).\(row.name)")
      #expect(ReferencePage.text.contains(row.meaning), "\(group.id).\(row.name)")
    }
    for group in ReferencePage.groups {
      let newest = Script.versions.reversed().map { $0 == 1 ? group.id : "\(group.id)-\($0)" }
      let described = newest.compactMap { definitions[$0]?["properties"]?.object }
      let properties = try #require(described.first)
      #expect(properties.names == group.rows.map(\.name).sorted(), "\(group.id)")
    }
    for kind in StepKind.all { #expect(ReferencePage.text.contains("### `do: \(kind.name)`\n\n\(kind.meaning)")) }
  }

  /// Sentences, in a form that a table of Markdown takes.
  @Test func everyKeyHasASentence() {
    for (group, row) in Self.rows {
      #expect(row.meaning.hasSuffix("."), "\(group.id).\(row.name)")
      #expect(!"\(row.meaning)\(row.example)".contains { $0.isNewline || $0 == "|" }, "\(group.id).\(row.name)")
      #expect(Script.versions.contains(row.since))
      #expect(group.rows.count { $0.name == row.name } == 1, "\(group.id).\(row.name) stands twice")
    }
    for kind in StepKind.all { #expect(kind.meaning.hasSuffix(".") && kind.order.hasSuffix("."), "\(kind.name)") }
  }

  // MARK: The whole script

  @Test func theWholeScriptIsSoundAndHasEveryKey() throws {
    for text in WholeScript.all { #expect(try Self.errors(in: text) == []) }
    let scripts = try WholeScript.all.compactMap { try Yams.compose(yaml: $0) }
    let places = scripts.flatMap { TablePlace.all(in: $0) }
    for (group, row) in Self.rows {
      #expect(places.contains { $0.group.id == group.id && $0.keys.contains(row.name) }, "\(group.id).\(row.name)")
    }
  }

  @Test(arguments: rows.indices)
  func everyExampleIsTaken(_ index: Int) throws {
    let (group, row) = Self.rows[index]
    let text = try Self.whole(with: row, of: group, row.example)
    #expect(Script.read(Array(text.utf8)).findings == [], "\(group.id).\(row.name): \(row.example)")
    // Two steps are no ceremony, and the examples name keys of a root that nobody has.
    let isReadAlone = ["script.steps", "script.previous", "script.leaving", "keyholder.key", "previous.root"]
    if !isReadAlone.contains("\(group.id).\(row.name)"), group.id != "kept-key" {
      #expect(try Self.errors(in: text) == [], "\(group.id).\(row.name)")
    }
  }

  @Test(arguments: StepKind.all.indices)
  func everyExampleOfAStepIsTaken(_ index: Int) throws {
    let kind = StepKind.all[index]
    let text = try #require(WholeScript.all.first { $0.contains("do: \(kind.name)\n") })
    let script = try #require(try Yams.compose(yaml: text))
    let step = try #require(script["steps"]?.sequence?.firstIndex { $0["do"]?.string == kind.name })
    let example = try #require(try Yams.compose(yaml: ReferencePage.example(of: kind))?[0])
    #expect(try Self.errors(in: Yams.serialize(node: script.with(example, at: [.key("steps"), .item(step)]))) == [])
  }

  /// A key that is in the table and that nobody reads would be taken whatever stands there.
  @Test(arguments: rows.indices)
  func everyKeyIsRead(_ index: Int) throws {
    let (group, row) = Self.rows[index]
    let text = try Self.whole(with: row, of: group, "[[]]")
    #expect(Script.read(Array(text.utf8)).script == nil, "\(group.id).\(row.name)")
  }

  @Test(arguments: rows.indices.filter { rows[$0].row.since > 1 })
  func aLaterKeyIsRefusedInAnEarlierScript(_ index: Int) throws {
    let (group, row) = Self.rows[index]
    let text = try Self.whole(with: row, of: group, row.example)
      .editing("ceremony: 2", with: "ceremony: \(row.since - 1)")
    #expect(
      Script.read(Array(text.utf8)).findings.contains {
        $0.code == .scriptUnknownKey && $0.what == "“\(row.name)” is a name of version \(row.since)."
      })
  }

  /// The whole script with another value of one key.
  static func whole(with row: FieldRow, of group: FieldGroup, _ value: String) throws -> String {
    var found: (script: Node, place: TablePlace)?
    // The first that has the key, else the first that has the group.
    for text in WholeScript.all {
      guard let script = try Yams.compose(yaml: text) else { continue }
      let places = TablePlace.all(in: script).filter { $0.group.id == group.id }
      if let place = places.first(where: { $0.keys.contains(row.name) }) {
        found = (script, place)
        break
      }
      if found == nil, let place = places.first { found = (script, place) }
    }
    let (script, place) = try #require(found)
    let node = try #require(try Yams.compose(yaml: value))
    return try Yams.serialize(node: script.with(node, at: place.path + [.key(row.name)]))
  }

  /// What keeps a script from being rehearsed or run, beside what only a rehearsal takes.
  private static func errors(in text: String) throws -> [Finding] {
    let (read, findings) = Script.read(Array(text.utf8))
    guard var script = read else { return findings }
    if script.isRotation { script = script.going(on: try WholeScript.baseline()) }
    let keys = [Sample.serviceKey, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"]
    var online: [String: PublicKey] = [:]
    for (key, hex) in zip(script.onlineKeys, keys) {
      if case .ed25519(let bytes) = key.source {
        online[key.id] = try PublicKey(ed25519: bytes)
        continue
      }
      online[key.id] = try PublicKey(ed25519: try #require(Hex.decode(hex)))
    }
    // The service that the examples name wants another layout than the one in which every key can stand.
    return [Mode.real, .rehearsal].flatMap { script.lint($0, online: online, at: Sample.now) }
      .filter { $0.severity == .error && $0.code != .handOver }
  }

  // MARK: What lint knows

  @Test func thePageKnowsEveryCode() throws {
    let said =
      try ScriptMistakesTests.mistakes.flatMap { try $0.findings().map(\.code) } + LintTests.changes.map(\.code)
      + ScriptReadingTests.changes.map(\.code)
    let known = ReferencePage.known.map { "\($0.code)" }
    #expect(Set(said.map { "\($0)" }).subtracting(known) == [])
    #expect(Set(known).count == known.count)
  }
}
