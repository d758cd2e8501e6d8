import ArgumentParser
import Findings
import Glibc
import MetadataFiles
import UTC
import Watch

/// The options that `verify` and `expiry` share, and how they lead to a verdict.
struct Judging: ParsableArguments {
  @Argument(help: ArgumentHelp("Metadata files, or folders that hold them.", valueName: "path"))
  var paths: [String]

  @Option(help: ArgumentHelp("The root metadata that you trust.", valueName: "file"))
  var trusted: String?

  @Option(help: ArgumentHelp("Judge at this time, YYYY-MM-DDTHH:MM:SSZ, instead of now.", valueName: "time"))
  var at: UTCTime?

  @Flag(help: "Take the paths for all that is served: a file that clients are sent to must be there.")
  var complete = false

  func verdict(_ command: String, _ expiryThresholds: ExpiryThresholds, _ common: CommonOptions) -> WatchVerdict {
    let named = NamedPaths(paths)
    var unreadable = named.unreadable
    var anchor: (bytes: [UInt8], path: String)?
    if let trusted {
      switch FileReader.read(trusted) {
      case .success(let bytes): anchor = (bytes, trusted)
      case .failure(let finding): unreadable.append(finding)
      }
    }
    let time = at ?? SystemClock.now
    let judge = RepositoryVerifier(
      time: time,
      expiryThresholds: expiryThresholds,
      allowsRehearsal: common.rehearsal,
      trusted: anchor,
      isComplete: complete
    )
    // Without the root that was asked for, nothing that it anchors can be judged.
    let isAnchored = trusted == nil || anchor != nil
    let verdicts = isAnchored ? named.repositories.map(judge.verdict) : []
    let files = verdicts.flatMap(\.files)
    let newest = files.compactMap(\.expires).max()
    return WatchVerdict(
      command: command,
      time: time,
      repositories: verdicts,
      findings: ClockCheck.findings(at: time, isAsked: at != nil, newestExpiry: newest) + named.findings
        + expiryThresholds.findings(judged: files.filter { $0.status != .ignored }.map(\.role)),
      unreadable: unreadable,
      isStrict: common.strict
    )
  }
}

/// The system's clock, read once in a command.
enum SystemClock {
  static var now: UTCTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    // A clock outside the years 1970 to 9999 is said to be doubtful by whoever judges with it.
    return UTCTime(seconds: Int64(time.tv_sec)) ?? UTCTime.epoch
  }
}
