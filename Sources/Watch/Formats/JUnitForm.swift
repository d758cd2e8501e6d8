import Findings

extension WatchVerdict {
  /// JUnit XML: a suite for each repository, a case for each file. An error and a role inside its warning window are
  /// failures, as the exit code says; other warnings stand in `system-out`; superseded files are skipped.
  public var junit: String {
    var suites = repositories.map(suite)
    let loose = unreadable + findings
    if !loose.isEmpty {
      suites.append(Suite(name: "tuf-audit", cases: [testCase("tuf-audit \(command)", "call", loose, nil)]))
    }
    let failures = suites.reduce(0) { $0 + $1.failures }
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    let tests = suites.reduce(0) { $0 + $1.cases.count }
    lines.append(
      "<testsuites name=\"tuf-audit \(command)\" tests=\"\(tests)\" failures=\"\(failures)\" errors=\"0\">"
    )
    for suite in suites {
      lines.append(
        "  <testsuite name=\"\(xml(suite.name))\" tests=\"\(suite.cases.count)\" failures=\"\(suite.failures)\" errors=\"0\""
          + " skipped=\"\(suite.cases.count { $0.isSkipped })\" timestamp=\"\(time)\">"
      )
      lines += suite.cases.flatMap(\.lines)
      lines.append("  </testsuite>")
    }
    lines.append("</testsuites>")
    return lines.joined(separator: "\n") + "\n"
  }

  private struct Suite {
    let name: String
    let cases: [Case]
    var failures: Int { cases.count { $0.isFailure } }
  }

  private struct Case {
    let lines: [String]
    let isFailure: Bool
    let isSkipped: Bool
  }

  private func suite(_ repository: RepositoryVerdict) -> Suite {
    var cases = repository.files.map { testCase($0.path, $0.role, $0.findings, $0.status) }
    if !repository.findings.isEmpty {
      cases.append(testCase(repository.path, "repository", repository.findings, nil))
    }
    return Suite(name: (isRehearsal ? "REHEARSAL " : "") + repository.path, cases: cases)
  }

  private func testCase(
    _ name: String,
    _ group: String,
    _ findings: [Finding],
    _ status: FileVerdict.Status?
  ) -> Case {
    let failures = findings.filter { isError($0) || $0.code == .expiresSoon }
    let isSkipped = failures.isEmpty && [.superseded, .ignored, .duplicate, .unreached].contains(status)
    var lines = ["    <testcase name=\"\(xml(name))\" classname=\"\(xml(group))\">"]
    if isSkipped, let status { lines.append("      <skipped message=\"\(status.rawValue)\"/>") }
    if let first = failures.first {
      let words = failures.map { xml("\($0.code): \($0.what) \($0.hint)") }.joined(separator: "\n")
      lines.append(
        "      <failure type=\"\(first.code)\" message=\"\(xml(first.what))\">\(words)</failure>"
      )
    }
    let others = findings.filter { !failures.contains($0) }
    if !others.isEmpty {
      lines.append(
        "      <system-out>\(others.map { xml("\($0.code): \($0.what)") }.joined(separator: "\n"))</system-out>"
      )
    }
    lines.append("    </testcase>")
    return Case(lines: lines, isFailure: !failures.isEmpty, isSkipped: isSkipped)
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
