import Findings
import UTC

extension WatchVerdict {
  /// JUnit XML that passes the strictest of its public schemas: a suite for each repository, a case for each file. An
  /// error and a role inside its warning window are failures, as the exit code says; other warnings and what was not
  /// judged stand in the suite's `system-out`; superseded files are skipped.
  package var junit: String {
    var suites = repositories.map(suite)
    let loose = unreadable + findings
    if !loose.isEmpty {
      suites.append(
        Suite(name: "tuf-audit", cases: [testCase("tuf-audit \(command)", "call", loose, nil)], notes: [])
      )
    }
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites>"]
    // Schemas want the moment without a zone; it is UTC.
    let moment = time.description.prefix(19)
    for (number, suite) in suites.enumerated() {
      lines.append(
        "  <testsuite id=\"\(number)\" package=\"tuf-audit.\(command)\" name=\"\(xml(suite.name))\""
          + " hostname=\"localhost\" timestamp=\"\(moment)\" time=\"0\" tests=\"\(suite.cases.count)\""
          + " failures=\"\(suite.failures)\" errors=\"0\" skipped=\"\(suite.cases.count { $0.isSkipped })\">"
      )
      lines.append("    <properties/>")
      lines += suite.cases.flatMap(\.lines)
      let notes = suite.cases.flatMap(\.notes) + suite.notes
      lines.append("    <system-out>\(notes.map(xml).joined(separator: "\n"))</system-out>")
      lines += ["    <system-err/>", "  </testsuite>"]
    }
    lines.append("</testsuites>")
    return lines.joined(separator: "\n") + "\n"
  }

  private struct Suite {
    let name: String
    let cases: [Case]
    let notes: [String]
    var failures: Int { cases.count { $0.isFailure } }
  }

  private struct Case {
    let lines: [String]
    /// For `system-out`, not yet escaped.
    let notes: [String]
    let isFailure: Bool
    let isSkipped: Bool
  }

  private func suite(_ repository: RepositoryVerdict) -> Suite {
    var cases = repository.files.map { testCase($0.path, $0.role, $0.findings, $0.status) }
    if !repository.findings.isEmpty {
      cases.append(testCase(repository.path, "repository", repository.findings, nil))
    }
    return Suite(
      name: (isRehearsal ? "REHEARSAL " : "") + repository.path,
      cases: cases,
      notes: repository.notJudgedInWords
    )
  }

  private func testCase(
    _ name: String,
    _ group: String,
    _ findings: [Finding],
    _ status: FileVerdict.Status?
  ) -> Case {
    let failures = findings.filter { isError($0) || $0.code == .expiresSoon }
    let isSkipped = failures.isEmpty && [.superseded, .ignored, .duplicate, .unreached].contains(status)
    var lines = ["    <testcase name=\"\(xml(name))\" classname=\"\(xml(group))\" time=\"0\">"]
    if isSkipped { lines.append("      <skipped/>") }
    if let first = failures.first {
      let words = failures.map { xml("\($0.code): \($0.what) \($0.hint)") }.joined(separator: "\n")
      lines.append(
        "      <failure type=\"\(first.code)\" message=\"\(xml(first.what))\">\(words)</failure>"
      )
    }
    var notes = findings.filter { !failures.contains($0) }.map { "\(name): \($0.code): \($0.what)" }
    if isSkipped, let status { notes.append("\(name): \(status.rawValue)") }
    lines.append("    </testcase>")
    return Case(lines: lines, notes: notes, isFailure: !failures.isEmpty, isSkipped: isSkipped)
  }
}

/// Text for an attribute or an element, on one line; what XML cannot hold is written as its code point.
private func xml(_ text: String) -> String {
  var result = ""
  for scalar in printable(text).unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
