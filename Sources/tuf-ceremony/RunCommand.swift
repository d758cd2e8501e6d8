import ArgumentParser
import CeremonyRuntime
import CeremonyScript
import Findings
import Products
import Readers
import Signals

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Holds the real ceremony, with real cards and people.",
    discussion: """
      Needs a terminal, and cards that pcscd shows; refuses the virtual cards of this program, a script that is \
      wrong or for rehearsals only (see 'check'), and an output folder that is in memory only. PIN and PUK are typed by the keyholders, new ones twice, \
      and never shown. With --secrets-tty the program makes them, shows each to its keyholder on that second terminal \
      alone until Enter is pressed there, and takes every PIN and PUK there. Nothing else may read that terminal: \
      let “sleep infinity” run in it, not a shell.

      Example: tuf-ceremony run genesis.yaml --out /media/first/ceremony-1 --mirror /media/second/ceremony-1
      """)

  @Argument(help: "The script.")
  var script: String

  @Option(help: "The products folder to make; it must not exist.")
  var out: String

  @Option(
    help: ArgumentHelp(
      "The products folder of the ceremony before this one; it must be the one that the script pins.", valueName: "dir")
  )
  var after: String?

  @Option(help: "A second folder for the same content, on another disk; it must not exist.")
  var mirror: String?

  @Option(help: "A folder into which you put the files that come from elsewhere while the ceremony goes on.")
  var answers: String?

  @Option(help: "A second terminal that is not streamed, as the command tty prints it there.")
  var secretsTty: String?

  @OptionGroup var allowance: Allowance

  @OptionGroup var timeout: CardTimeout
  @OptionGroup var lines: PlainLines

  func run() throws {
    let goingOn = resumption(of: out, secretsTTY: secretsTty, mirror: mirror, answers: answers, allowed: allowance)
    try ending(goingOn: goingOn) {
      Signals.watch()
      let console = try Consoles.chosen(
        isUnattended: false, isVerbose: true, mayBeUnattended: false, isPlain: lines.plain)
      defer { console.leave() }
      let named = try NamedScript(script)
      try named.judge(for: .real, at: SystemClock().read().at)
      let parent = folder(of: out)
      guard !MountedDisk.isInMemory(parent.isEmpty ? "." : parent) else {
        throw Finding(
          .cannotCreate, "The output folder would be in memory only, and gone with the power.",
          hint: "Name a folder on a disk.", place: out)
      }
      let secrets = try SecretsTerminal.vault(secretsTty, beside: console)
      var options = LiveCeremony.Options(
        script: named.bytes, scriptFolder: named.scriptFolder, out: out, mirror: mirror, isRehearsal: false,
        isUnattended: false, programVersion: ProgramVersion.current, after: after)
      options.answers = answers
      options.allowed = allowance.codes
      let ceremony = LiveCeremony(
        options, console: console,
        cards: try PCSCCardSource(
          isUnattended: false, cardTimeout: timeout.seconds, meanwhile: console.meanwhile, note: console.note),
        secrets: secrets)
      return Consoles.finish(try ceremony.run(), in: out, console, isRehearsal: false)
    }
  }
}
