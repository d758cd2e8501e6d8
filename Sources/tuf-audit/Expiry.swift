import ArgumentParser
import CanonicalJSON
import Findings
import Glibc
import Invocation
import Watch

struct Expiry: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, github, junit, prometheus, nagios
  }

  static let configuration = CommandConfiguration(
    abstract: "Say which metadata expires soon; signatures are verified.",
    discussion: """
      Root and offline targets are reported 90 days before they expire and are critical at 30; online roles are \
      reported only when expired. Inside --warn exit 3, inside --critical or expired exit 1. A versioned file that a \
      newer one supersedes is listed and not judged.

      Example: tuf-audit expiry metadata --trusted 1.root.json --warn 120,timestamp=1 --critical 45
      """
  )

  @OptionGroup var judging: Judging
  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("Warn so many days before expiry.", valueName: "days[,role=days…]"), transform: days)
  var warn: ExpiryThresholds.Days?

  @Option(help: ArgumentHelp("Critical so many days before expiry.", valueName: "days[,role=days…]"), transform: days)
  var critical: ExpiryThresholds.Days?

  @Option(name: .customLong("format"), help: "text, json, github, junit, prometheus or nagios.")
  var named = Format.text

  @Flag(help: "The same as --format json.")
  var json = false

  private var format: Format { json ? .json : named }

  func validate() throws {
    if let warn = warn?.general, let critical = critical?.general, critical > warn {
      throw ValidationError(
        "--critical \(critical) lies before --warn \(warn). Example: --warn 90 --critical 30"
      )
    }
  }

  func run() throws {
    let expiryThresholds = ExpiryThresholds(warn: warn ?? .none, critical: critical ?? .none)
    let verdict = judging.verdict("expiry", expiryThresholds, common)
    let status = verdict.exitStatus.rawValue
    switch format {
    case .text: try Outcome(verdict, .text).finish(.text)
    case .json: try Outcome(verdict, .json).finish(.json)
    case .github:
      guard StepSummary.append(verdict.markdown) else { throw ExitCode(ExitStatus.cannotCreate.rawValue) }
      try Outcome.finish(verdict.github, status)
    case .junit: try Outcome.finish(verdict.junit, status, verdict.findingsInWords)
    case .prometheus: try Outcome.finish(verdict.prometheus, status, verdict.findingsInWords)
    case .nagios: try Outcome.finish(verdict.nagios(expiryThresholds), verdict.nagiosExit)
    }
  }
}

/// The days of `--warn` and `--critical`.
@Sendable private func days(_ text: String) throws -> ExpiryThresholds.Days {
  guard let days = ExpiryThresholds.Days(text) else {
    throw ValidationError("Give days, or days by role. Examples: 90 or 90,root=120 or root=120,bin-*=30")
  }
  return days
}

/// The file that GitHub shows as a job's summary.
private enum StepSummary {
  /// Appends where `GITHUB_STEP_SUMMARY` names a file; false where that cannot be written.
  static func append(_ markdown: String) -> Bool {
    guard let path = getenv("GITHUB_STEP_SUMMARY"), path.pointee != 0 else { return true }
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return Outcome.write(markdown, descriptor)
  }
}
