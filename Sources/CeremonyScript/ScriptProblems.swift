import Findings

/// Line and column of a script, each from 1; columns count Unicode scalars.
struct ScriptPlace: Hashable, CustomStringConvertible {
  let line: Int
  let column: Int

  var description: String { "script.yaml:\(line):\(column)" }
}

/// Everything that is wrong with a script, as it is found on the way through.
///
/// What is read after a refusal stands on fallbacks, and is thrown away with them: the whole script is refused.
final class ScriptProblems {
  /// More are not told: nobody reads them.
  private static let most = 100

  /// The version that the script names, once that is read.
  var version = Script.versions.upperBound
  /// Whether the script names the file of a root before.
  var isRotation = false
  private(set) var refusals: [Finding] = []
  /// What does not keep the script from being read, and belongs to its lint.
  private(set) var remarks: [Finding] = []

  /// What YAML refuses at a place has no value to be wrong there.
  func refuse(_ finding: Finding) {
    guard !refusals.contains(where: { $0.code == .scriptSyntax && $0.place == finding.place }) else { return }
    Self.add(finding, to: &refusals)
  }

  /// Notes a name that came with a later version of scripts than this one has.
  func refuse(_ name: String, since version: Int, _ code: Finding.Code, at place: ScriptPlace) {
    guard version > self.version else { return }
    refuse(
      Finding(
        code, "“\(name)” is a name of version \(version).",
        hint: "Write “ceremony: \(version)” in the first line.", place: place.description))
  }

  func remark(_ finding: Finding) { Self.add(finding, to: &remarks) }

  /// nil where the reading fails, which is noted.
  func attempt<Value>(_ read: () throws(Finding) -> Value) -> Value? {
    do throws(Finding) { return try read() } catch {
      refuse(error)
      return nil
    }
  }

  private static func add(_ finding: Finding, to findings: inout [Finding]) {
    if findings.count < most, !findings.contains(finding) { findings.append(finding) }
  }
}

extension Finding {
  /// The same finding, with the script called as somebody named it. In a record it is `script.yaml`, everywhere.
  package func inScript(_ name: String) -> Finding {
    let own = "script.yaml"
    guard let place, place == own || place.hasPrefix(own + ":") else { return self }
    return Finding(code, severity, what, hint: hint, place: printable(name) + place.dropFirst(own.count))
  }
}

extension [Finding] {
  /// In the order of the script's lines; what has none comes first.
  package var inOrder: [Finding] {
    enumerated().map { (index: $0.offset, position: Self.position($0.element), finding: $0.element) }
      .sorted { ($0.position.line, $0.position.column, $0.index) < ($1.position.line, $1.position.column, $1.index) }
      .map(\.finding)
  }

  private static func position(_ finding: Finding) -> (line: Int, column: Int) {
    let parts = (finding.place ?? "").prefix { $0 != "," }.split(separator: ":")
    guard parts.count == 3, let line = Int(parts[1]), let column = Int(parts[2]) else { return (0, 0) }
    return (line, column)
  }
}
