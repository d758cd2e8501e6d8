import Findings
import UTC

extension WatchVerdict {
  /// GitHub shows ten annotations of a step: these, what was not judged, and the verdict.
  private static let mostAnnotations = 8
  /// GitHub refuses a summary of more than 1 MiB as a whole.
  private static let largestSummary = 1_000_000

  /// Workflow commands that GitHub shows beside files, the most urgent findings first; the rest is counted, and follows
  /// as text. The verdict is a notice.
  package var github: String {
    var lines: [String] = []
    let findings = urgentFindings
    let count = findings.count > Self.mostAnnotations ? Self.mostAnnotations - 1 : findings.count
    for finding in findings.prefix(count) {
      let file = finding.place.map(Self.location) ?? ""
      let message = Self.message("\(printable(finding.what)) \(printable(finding.hint))")
      lines.append("::\(level(finding)) \(file)title=\(Self.property(finding.code.description))::\(message)")
    }
    let rest = findings.dropFirst(count)
    if !rest.isEmpty {
      let errors = rest.count { isError($0) }
      lines.append(
        "::\(errors > 0 ? "error" : "warning") title=tuf-audit \(command)::\(rest.count) more findings, "
          + "\(counted(errors, "error")) among them; see the log of this step"
      )
    }
    let notJudged = repositories.flatMap { repository in
      repository.notJudgedInWords.map { "\(repository.path): \($0)" }
    }
    if let first = notJudged.first {
      let more = notJudged.count > 1 ? "; and \(notJudged.count - 1) more" : ""
      lines.append("::notice title=tuf-audit \(command)::\(Self.message(printable(first + more)))")
    }
    let rehearsal = isRehearsal ? "REHEARSAL. " : ""
    lines.append(
      "::notice title=tuf-audit \(command)::\(rehearsal)\(word), \(files.count) files judged at \(time)"
    )
    lines += rest.map { printable($0) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func level(_ finding: Finding) -> String { isError(finding) ? "error" : "warning" }

  /// The step summary, in Markdown.
  package var markdown: String {
    var lines = ["## tuf-audit \(command): \(word)", ""]
    if isRehearsal { lines += ["**REHEARSAL: this metadata was made in a rehearsal.**", ""] }
    for finding in urgentFindings {
      lines.append(
        "- \(finding.severity.rawValue) `\(finding.code)` \(Self.cell(finding.place ?? "")) \(Self.cell(finding.what))"
      )
    }
    for repository in repositories {
      lines += ["", "\(Self.cell(repository.path)), judged at \(time): \(repository.trustInWords)", ""]
      lines += ["| status | role | version | expires | days | file |", "|---|---|---|---|---|---|"]
      for file in repository.files where ![.superseded, .ignored, .duplicate].contains(file.status) {
        let cells = [
          file.status.rawValue, file.role, file.version.map { "\($0)" } ?? "",
          file.expires.map(\.description) ?? "",
          file.daysLeft(at: time).map { "\($0)" } ?? "", file.path,
        ]
        lines.append("| " + cells.map(Self.cell).joined(separator: " | ") + " |")
      }
      for words in repository.notJudgedInWords { lines += ["", "- \(Self.cell(words))"] }
    }
    return Self.cut(lines)
  }

  /// As many lines as GitHub takes, and how many it does not.
  private static func cut(_ lines: [String]) -> String {
    var text = ""
    for (place, line) in lines.enumerated() {
      guard text.utf8.count + line.utf8.count < largestSummary else {
        return text + "\n\(lines.count - place) more lines are left out: see the log of this step.\n"
      }
      text += line + "\n"
    }
    return text
  }

  private static func message(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// `file=…`, with line and column where the place ends in them.
  private static func location(_ place: String) -> String {
    let parts = place.split(separator: ":", omittingEmptySubsequences: false)
    if parts.count > 2, let line = Int(parts[parts.count - 2]), let column = Int(parts[parts.count - 1]) {
      let file = parts.dropLast(2).joined(separator: ":")
      return "file=\(property(file)),line=\(line),col=\(column),"
    }
    return "file=\(property(place)),"
  }

  private static func property(_ text: String) -> String {
    var result = ""
    for scalar in message(printable(text)).unicodeScalars {
      switch scalar {
      case ":": result += "%3A"
      case ",": result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Text that can neither end a table's cell nor mark anything up.
  private static func cell(_ text: String) -> String {
    var result = ""
    for scalar in printable(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "|", "`", "*", "[", "]", "\\", "#", "@": result += "&#\(scalar.value);"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
