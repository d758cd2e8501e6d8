import Findings
import UTC

extension WatchVerdict {
  /// Workflow commands that GitHub shows beside files, one line a finding, and the verdict as a notice.
  public var github: String {
    var lines: [String] = []
    for finding in allFindings {
      let level = isError(finding) ? "error" : "warning"
      let file = finding.place.map(Self.location) ?? ""
      let message = Self.message("\(printable(finding.what)) \(printable(finding.hint))")
      lines.append("::\(level) \(file)title=\(Self.property(finding.code.description))::\(message)")
    }
    let rehearsal = isRehearsal ? "REHEARSAL. " : ""
    let notJudged = repositories.flatMap { repository in
      repository.notJudgedInWords.map { "\(repository.path): \($0)" }
    }
    lines += notJudged.map { "::notice title=tuf-audit \(command)::\(Self.message(printable($0)))" }
    lines.append(
      "::notice title=tuf-audit \(command)::\(rehearsal)\(word), \(files.count) files judged at \(time)"
    )
    return lines.joined(separator: "\n") + "\n"
  }

  /// The step summary, in Markdown.
  public var markdown: String {
    var lines = ["## tuf-audit \(command): \(word)", ""]
    if isRehearsal { lines += ["**REHEARSAL: this metadata was made in a rehearsal.**", ""] }
    for repository in repositories {
      lines += ["\(Self.cell(repository.path)), judged at \(time): \(repository.trustInWords)", ""]
      lines += ["| status | role | version | expires | days | file |", "|---|---|---|---|---|---|"]
      for file in repository.files where ![.superseded, .ignored, .duplicate].contains(file.status) {
        let cells = [
          file.status.rawValue, file.role, file.version.map { "\($0)" } ?? "",
          file.expires.map(\.description) ?? "",
          file.daysLeft(at: time).map { "\($0)" } ?? "", file.path,
        ]
        lines.append("| " + cells.map(Self.cell).joined(separator: " | ") + " |")
      }
      lines.append("")
      for words in repository.notJudgedInWords { lines += ["- \(Self.cell(words))", ""] }
    }
    for finding in allFindings {
      lines.append(
        "- \(finding.severity.rawValue) `\(finding.code)` \(Self.cell(finding.place ?? "")) \(Self.cell(finding.what))"
      )
    }
    return lines.joined(separator: "\n") + "\n"
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
