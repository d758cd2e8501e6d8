import Findings
import TUFMetadata
import UTC

extension WatchVerdict {
  /// A table for each repository, the findings, and the verdict last.
  public var text: String {
    var lines: [String] = []
    if isRehearsal { lines.append("REHEARSAL: this metadata was made in a rehearsal.") }
    for repository in repositories {
      if !lines.isEmpty { lines.append("") }
      lines.append("\(printable(repository.path)), judged at \(time)")
      lines.append("  " + repository.trustInWords)
      lines += repository.table(at: time, withClient: command == "verify")
      lines += repository.notJudgedInWords.map { "  " + $0 }
    }
    let findings = urgentFindings
    if !findings.isEmpty, !lines.isEmpty { lines.append("") }
    lines += findings.map { printable($0) }
    if !lines.isEmpty { lines.append("") }
    let errors = findings.count { isError($0) }
    lines.append(
      "\(command): \(word) (\(counted(files.count, "file")), \(counted(errors, "error")), "
        + "\(counted(findings.count - errors, "warning")))"
    )
    return lines.joined(separator: "\n") + "\n"
  }

  /// Errors and warnings alone, for the standard error stream beside a machine's format.
  public var findingsInWords: String { allFindings.map { printable($0) + "\n" }.joined() }
}

extension RepositoryVerdict {
  var trustInWords: String {
    let version = rootVersion.map { "root version \($0), " } ?? ""
    return switch trust {
    case .trustedRoot: version + "reached from the trusted root"
    case .selfConsistent: version + "only self-consistent: no --trusted was given"
    case .delegator: version + "verified against the delegator alone, which is taken as given"
    case .none: hasMetadata ? "no valid root" : "no metadata"
    }
  }

  /// What was not at hand, one line for each reason.
  var notJudgedInWords: [String] {
    var reasons: [String] = []
    for entry in notJudged where !reasons.contains(entry.why) { reasons.append(entry.why) }
    return reasons.map { why in
      let entries = notJudged.filter { $0.why == why }
      let names = entries.prefix(5).map { entry in
        printable(shown(entry.role)) + (entry.version.map { " version \($0)" } ?? "")
      }
      let rest = entries.count > 5 ? " and \(entries.count - 5) more" : ""
      return "not judged: \(names.joined(separator: ", "))\(rest): \(why)"
    }
  }

  func table(at time: UTCTime, withClient: Bool) -> [String] {
    let head = ["STATUS", "ROLE", "VERSION", "EXPIRES", "DAYS", "SIGNED", "FILE"]
    let rows = files.map { $0.cells(at: time) }
    // What a client does comes before the file.
    let clients = withClient ? ["A CLIENT"] + files.map { $0.client ?? "-" } : []
    var lines: [[String]] = [head] + rows
    for (line, client) in clients.enumerated() { lines[line].insert(client, at: head.count - 1) }
    let widths = lines[0].indices.map { column in lines.map { $0[column].columns }.max() ?? 0 }
    return lines.map { row in
      let cells = zip(row, widths).map { $0.padded(to: $1) }
      return "  " + trimmed(cells.joined(separator: "  "))
    }
  }

  private func trimmed(_ line: String) -> String {
    var line = Substring(line)
    while line.last == " " { line.removeLast() }
    return String(line)
  }
}

extension FileVerdict {
  fileprivate func cells(at time: UTCTime) -> [String] {
    let signed = signatures.map { "\($0.valid) of \($0.threshold)" }
    let numbers = [version, daysLeft(at: time)].map { $0.map { "\($0)" } ?? "-" }
    return [
      status.rawValue, printable(role), numbers[0], expires?.description ?? "-", numbers[1], signed ?? "-",
      printable(path),
    ]
  }
}
