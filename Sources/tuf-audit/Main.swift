import ArgumentParser
import CeremonyRecords
import Findings
import Glibc
import Invocation

@main
struct Program: CommandFamily {
  static let configuration = CommandConfiguration(
    commandName: "tuf-audit",
    abstract:
      "Replays key ceremonies, verifies TUF metadata and watches its expiry. Opens no network connection.",
    discussion: """
      Exit codes: 0 fine, 1 violation, 3 less than was asked for (inside a warning window, not \
      re-executed), 4 interrupted, 64 usage, 66 a named path cannot be \
      read, 70 internal error, 73 output cannot be written. '--version --format json' says which program this is as one \
      object.

      Example: tuf-audit replay ceremony-1
      """,
    version: ProgramVersion.current,
    subcommands: [
      ReplayCommand.self, AttestCommand.self, ReportCommand.self, ExportCommand.self, ReturnedCommand.self, Verify.self,
      Expiry.self, Advise.self, Diff.self, WatchScript.self, ExplainCommand.self,
    ]
  )

  static let firstSteps = [
    "Try first, with the folder of a ceremony or of a rehearsal ('tuf-ceremony rehearse --out /tmp/first' makes one):",
    "  tuf-audit replay /tmp/first",
    "With metadata that you have:",
    "  tuf-audit expiry 1.root.json",
    "What a code means:",
    "  tuf-audit explain CHAIN-BROKEN",
  ]

  static func main() {
    for interruption in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
      signal(interruption) { _ in _exit(ExitStatus.aborted.rawValue) }
    }
    // A limit on the size of files is an output that cannot be written, and no reason to die without a word.
    signal(SIGXFSZ, SIG_IGN)
    invoke(engine: EngineVersion.current)
  }
}
