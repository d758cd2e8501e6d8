import ArgumentParser
import CeremonyEngine
import CeremonyRuntime
import Findings
import Glibc
import Keys
import Screens

struct RehearseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rehearse", abstract: "Plays a whole ceremony as a rehearsal, on virtual cards.")

  @Argument(help: "The script. Without one: first-rehearsal at a terminal, otherwise pep458-genesis.")
  var script: String?

  @Option(help: "The products folder to make; it must not exist.")
  var out: String

  @Flag(help: "Answer every prompt by itself.")
  var unattended = false

  @Option(help: "Fix randomness and clock, for golden files.")
  var seed: Int?

  @Option(help: "The serial of a card that holds keys and may be reset all the same; may be repeated.")
  var sacrifice: [UInt32] = []

  @Flag(help: "Write every screen, not only a line a step, in an unattended rehearsal.")
  var screens = false

  func validate() throws {
    if let seed, seed < 0 { throw ValidationError("--seed takes a whole number from 0: --seed 1") }
  }

  func run() throws {
    try ending {
      let isTerminal = isatty(0) == 1 && isatty(1) == 1
      guard unattended || isTerminal else {
        say("Standard input and output are no terminal, so nobody can answer.\n  → Add --unattended.")
        throw ExitCode(ExitStatus.usage.rawValue)
      }
      let (bytes, place) = try scriptBytes(isTerminal && !unattended)
      let isStyled = isatty(1) == 1 && getenv("NO_COLOR") == nil
      let console: any Console =
        unattended
        ? UnattendedConsole(ScreenLayout(width: 100, isStyled: isStyled), isVerbose: screens, write: put)
        : TerminalConsole(isStyled: isStyled)
      Signals.watch()
      let rehearsal = Rehearsal(
        Rehearsal.Options(
          script: bytes, scriptFolder: place, out: out, isUnattended: unattended, seed: seed, sacrifice: sacrifice,
          programVersion: ProgramVersion.current), console: console)
      let result = try rehearsal.run()
      if let finding = result.outcome.finding { say("\(finding)") }
      console.note("")
      console.note("REHEARSAL \(result.outcome.ending.rawValue). Nothing in this folder is to be trusted.")
      if result.outcome.ending == .complete { console.note("root        \(out)/metadata/1.root.json") }
      console.note("transcript  \(out)/transcript.jsonl")
      console.note("head        \(result.head.hex)")
      for row in stride(from: 0, to: 32, by: 4) {
        console.note("            " + result.head.words[row..<row + 4].joined(separator: " "))
      }
      return result.outcome.status
    }
  }

  private func scriptBytes(_ isAttended: Bool) throws -> ([UInt8], String) {
    if let script { return (try named(script, atMost: 1 << 20), folder(of: script)) }
    return (isAttended ? ShippedScript.firstRehearsal : ShippedScript.pep458Genesis, "")
  }
}
