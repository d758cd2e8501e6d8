import Findings
import UTC

extension WatchVerdict {
  /// Prometheus's text format, for the textfile collector: one sample a current file.
  package var prometheus: String {
    let current = repositories.flatMap { repository in
      repository.files.filter { ![.superseded, .ignored, .duplicate].contains($0.status) }.map {
        (repository.path, $0)
      }
    }
    var lines: [String] = []
    func metric(_ name: String, _ help: String, _ samples: [(labels: String, value: Int64)]) {
      lines.append("# HELP \(name) \(help)")
      lines.append("# TYPE \(name) gauge")
      lines += samples.map { "\(name)\($0.labels) \($0.value)" }
    }
    metric(
      "tuf_metadata_expires_timestamp_seconds",
      "When the current metadata of a role expires, as a Unix time.",
      current.compactMap { path, file in file.expires.map { (Self.labels(path, file), $0.seconds) } }
    )
    metric(
      "tuf_metadata_valid",
      "1 where the metadata is valid and not expired, else 0.",
      current.map { path, file in (Self.labels(path, file), isValid(file) ? 1 : 0) }
    )
    metric(
      "tuf_metadata_version",
      "The version of the metadata.",
      current.compactMap { path, file in file.version.map { (Self.labels(path, file), $0) } }
    )
    metric(
      "tuf_audit_errors",
      "How many errors were found in all.",
      [("", Int64(allFindings.count { isError($0) }))]
    )
    metric("tuf_audit_rehearsal", "1 where metadata of a rehearsal was judged.", [("", isRehearsal ? 1 : 0)])
    metric("tuf_audit_exit_code", "What tuf-audit would exit with.", [("", Int64(exitStatus.rawValue))])
    metric("tuf_audit_time_seconds", "The time judged, as a Unix time.", [("", time.seconds)])
    return lines.joined(separator: "\n") + "\n"
  }

  private func isValid(_ file: FileVerdict) -> Bool {
    ![.expired, .invalid, .unreached].contains(file.status) && !file.hasError || file.status == .critical
  }

  private static func labels(_ repository: String, _ file: FileVerdict) -> String {
    "{repository=\"\(label(repository))\",role=\"\(label(file.role))\",path=\"\(label(file.path))\"}"
  }

  private static func label(_ text: String) -> String {
    var result = ""
    for scalar in printable(text).unicodeScalars {
      if scalar == "\\" || scalar == "\"" { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}
