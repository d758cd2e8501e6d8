import Findings
import TUFMetadata
import UTC

/// What one call of `verify` or `expiry` comes to.
package struct WatchVerdict: Sendable {
  package let command: String
  /// The time judged.
  package let time: UTCTime
  package let repositories: [RepositoryVerdict]
  /// What concerns no single repository: the clock, files inside folders that cannot be read.
  package let findings: [Finding]
  /// Paths named on the command line that cannot be read.
  package let unreadable: [Finding]
  /// Whether warnings count as errors.
  package let isStrict: Bool

  package init(
    command: String,
    time: UTCTime,
    repositories: [RepositoryVerdict],
    findings: [Finding],
    unreadable: [Finding],
    isStrict: Bool
  ) {
    self.command = command
    self.time = time
    self.repositories = repositories
    let isEmpty = !repositories.contains(where: \.hasMetadata) && unreadable.isEmpty
    self.findings =
      isEmpty
      ? findings + [
        Finding(
          .nothingToVerify,
          "No metadata was found, so nothing was verified.",
          hint: "Name a folder that holds N.root.json files, or the files themselves."
        )
      ] : findings
    self.unreadable = unreadable
    self.isStrict = isStrict
  }

  package var files: [FileVerdict] { repositories.flatMap(\.files) }
  package var allFindings: [Finding] { unreadable + findings + repositories.flatMap(\.allFindings) }
  package var isRehearsal: Bool { repositories.contains(where: \.isRehearsal) }

  /// Whether anything is wrong, unreadable paths and windows aside.
  package var hasError: Bool {
    (findings + repositories.flatMap(\.allFindings)).contains { isError($0) }
  }

  /// Under `strict` a warning is an error, except that a role is inside its warning window.
  package func isError(_ finding: Finding) -> Bool {
    finding.severity == .error || (isStrict && finding.code != .expiresSoon)
  }

  /// Everything is judged first; then a violation goes before an unreadable path, and that before a warning window.
  package var exitStatus: ExitStatus {
    if hasError { return .violation }
    if !unreadable.isEmpty { return .noInput }
    return files.contains { $0.status == .warning } ? .warning : .fine
  }

  /// One word for people and machines.
  package var word: String {
    switch exitStatus {
    case .fine: "ok"
    case .warning: "warning"
    case .noInput: "unreadable"
    default: "failed"
    }
  }
}

/// Whether a time can be believed.
package enum ClockCheck {
  /// 2020-01-01: before it no root of today existed.
  private static let earliest: Int64 = 1_577_836_800
  private static let decades: Int64 = 20 * 365

  /// Findings on the time judged. A clock before 2020 makes everything look valid, so it is an error; a time that the
  /// caller asked for is believed with a warning. A time decades after the newest expiry is a warning.
  package static func findings(at time: UTCTime, isAsked: Bool, newestExpiry: UTCTime?) -> [Finding] {
    if time.seconds < earliest {
      return [
        Finding(
          .clockDoubtful,
          isAsked ? .warning : .error,
          "The time judged is \(time), before 2020.",
          hint: isAsked ? "Look whether --at is what you meant." : "Set the clock, or give --at TIME."
        )
      ]
    }
    if let newestExpiry, time > newestExpiry.adding(days: decades) {
      return [
        Finding(
          .clockDoubtful,
          .warning,
          "The time judged is \(time), decades after the newest expiry, \(newestExpiry).",
          hint: isAsked ? "Look whether --at is what you meant." : "Look at the clock, or give --at TIME."
        )
      ]
    }
    return []
  }
}
