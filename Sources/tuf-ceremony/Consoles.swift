import ArgumentParser
import CeremonyResults
import CeremonyRuntime
import Findings
import Glibc
import Screens

/// Lines instead of a stage.
struct PlainLines: ParsableArguments {
  @Flag(help: "Write lines in order, for logs and screen readers, instead of drawing each screen in place.")
  var plain = false
}

/// The console of a command, and its last words.
enum Consoles {
  /// Throws exit code 64 where nobody could answer.
  ///
  /// - Parameters:
  ///   - mayBeUnattended: whether the command could answer every prompt by itself.
  ///   - isPlain: whether lines are written in order, and no stage is drawn.
  static func chosen(
    isUnattended: Bool, isVerbose: Bool, mayBeUnattended: Bool = true, isPlain: Bool
  ) throws -> any Console {
    let isStyled = isatty(1) == 1 && getenv("NO_COLOR") == nil
    guard !isUnattended else {
      return UnattendedConsole(ScreenLayout(width: 100, isStyled: isStyled), isVerbose: isVerbose, write: put)
    }
    guard isatty(0) == 1, isatty(1) == 1 else {
      let hint = mayBeUnattended ? "Add --unattended." : "Nobody but people may answer here: do this at a terminal."
      say("Standard input and output are no terminal, so nobody can answer.\n  → \(hint)")
      throw ExitCode(ExitStatus.usage.rawValue)
    }
    return TerminalConsole(isStyled: isStyled, isStage: !isPlain && canDraw)
  }

  /// Whether the terminal says that it is one that moves its cursor.
  private static var canDraw: Bool {
    guard let kind = getenv("TERM").map({ String(cString: $0) }) else { return false }
    return !["", "dumb", "unknown"].contains(kind)
  }

  static func finish(
    _ result: LiveCeremony.Result, in out: String, _ console: any Console, isRehearsal: Bool = true
  ) -> ExitStatus {
    console.leave()
    if let finding = result.outcome.finding { say("\(finding)") }
    for line in LastWords(result: result, out: out, isRehearsal: isRehearsal).lines { console.note(line) }
    return result.outcome.status
  }
}
