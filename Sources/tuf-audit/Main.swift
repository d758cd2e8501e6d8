import ArgumentParser
import Findings
import Glibc

@main
struct Program: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tuf-audit",
    abstract:
      "Replays key ceremonies, verifies TUF metadata and watches its expiry. Opens no network connection.",
    discussion: """
      Exit codes: 0 fine, 1 violation, 3 less than was asked for (inside a warning window, not \
      re-executed), 4 interrupted, 64 usage, 66 a named path cannot be \
      read, 70 internal error, 73 output cannot be written.
      """,
    version: ProgramVersion.current,
    subcommands: [
      ReplayCommand.self, AttestCommand.self, ReportCommand.self, ExportCommand.self, Verify.self, Expiry.self,
      Diff.self,
    ]
  )

  static func main() {
    for interruption in [SIGINT, SIGTERM, SIGHUP] {
      signal(interruption) { _ in _exit(ExitStatus.aborted.rawValue) }
    }
    main(nil)
  }
}
