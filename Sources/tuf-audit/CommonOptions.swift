import ArgumentParser
import CeremonyReplay
import Findings
import UTC

/// What a command takes beside its format where nothing depends on `--rehearsal`, which every command accepts.
struct StrictOptions: ParsableArguments {
  @Flag(help: "Let every warning end with exit 1.")
  var strict = false

  @Flag(help: .hidden)
  var rehearsal = false
}

/// What a command takes beside its format where metadata of a rehearsal is refused unless it is asked for.
struct CommonOptions: ParsableArguments {
  @Flag(help: "Let every warning end with exit 1.")
  var strict = false

  @Flag(help: "Accept metadata that was made in a rehearsal.")
  var rehearsal = false
}

/// What a command takes that replays a ceremony.
struct FilesOption: ParsableArguments {
  @Flag(
    help: "Take what the files prove for enough where another engine version made a folder: 0 instead of exit 3.")
  var fromFiles = false

  /// Whether a verdict is less than was asked for, where nothing is wrong.
  func isLess(_ verdict: ReplayVerdict) -> Bool {
    verdict.isByFilesAlone && !fromFiles || verdict.isPending || verdict.isAwaitingSeal
  }

  /// What `--strict` lets pass.
  var accepted: Set<Finding.Code> { fromFiles ? [.engineVersion] : [] }
}

extension UTCTime: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
