import Findings

extension WatchVerdict {
  /// Nagios's own exit codes: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
  public var nagiosExit: Int32 {
    switch exitStatus {
    case .fine: 0
    case .warning: 1
    case .noInput: 3
    default: 2
    }
  }

  /// One line: the state, the worst in words, and the days left of each current file as performance data.
  public func nagios(_ horizons: Horizons) -> String {
    let state = ["OK", "WARNING", "CRITICAL", "UNKNOWN"][Int(nagiosExit)]
    let worst = allFindings.first { isError($0) } ?? allFindings.first { $0.code == .expiresSoon }
    let current = repositories.flatMap { repository in
      repository.files.filter { ![.superseded, .ignored, .duplicate].contains($0.status) }.map {
        (repository.path, $0)
      }
    }
    let words =
      worst.map { "\($0.code) \($0.place.map { "\($0): " } ?? "")\($0.what)" }
      ?? "\(current.count) files current"
    let data = current.compactMap { path, file -> String? in
      guard let days = file.daysLeft(at: time) else { return nil }
      let (warn, critical) = horizons.days(for: file.role, isOnline: file.isOnline)
      return "'\(Self.label("\(path) \(file.role)"))'=\(days);\(warn):;\(critical):"
    }
    let rehearsal = isRehearsal ? "REHEARSAL, " : ""
    let line = Self.plain("TUF \(state) - \(rehearsal)\(words)")
    return data.isEmpty ? line + "\n" : line + " | " + data.joined(separator: " ") + "\n"
  }

  /// Without the bar that begins performance data.
  private static func plain(_ text: String) -> String { String(printable(text).map { $0 == "|" ? "/" : $0 }) }

  private static func label(_ text: String) -> String {
    String(printable(text).map { ["'", "=", "|"].contains($0) ? "_" : $0 })
  }
}
