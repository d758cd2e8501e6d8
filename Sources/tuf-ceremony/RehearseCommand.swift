import ArgumentParser
import CeremonyRuntime
import CeremonyScript
import Findings
import PIV
import Readers
import Signals

struct RehearseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rehearse", abstract: "Plays a whole ceremony as a rehearsal, on virtual cards or sacrificial ones.",
    discussion: """
      A script that goes on from a real root is rehearsed unchanged, on the twin of that root: a stand-in for each key on a \
      card is made and recorded first, and no real key signs. What follows a rehearsal is rehearsed with --after, on the \
      virtual cards of that one.

      Example: tuf-ceremony rehearse genesis.yaml --out rehearsal-1
      """)

  @Argument(help: "The script. Without one: first-rehearsal at a terminal, otherwise pep458-genesis.")
  var script: String?

  @Option(help: "The products folder to make; it must not exist.")
  var out: String

  @Option(
    help: ArgumentHelp(
      "The products folder of the ceremony before this one. After a rehearsal its virtual cards come again.",
      valueName: "dir"))
  var after: String?

  @Option(help: "A second folder for the same content, on another disk; it must not exist.")
  var mirror: String?

  @Option(help: "A folder into which you put the files that come from elsewhere while the ceremony goes on.")
  var answers: String?

  @Option(
    help: ArgumentHelp(
      "On virtual cards: a new folder in which the program also plays whoever makes a key or signs elsewhere.",
      valueName: "dir"))
  var sites: String?

  @Flag(help: "Answer every prompt by itself.")
  var unattended = false

  @Option(
    help: "virtual: cards in this process. pcsc: whatever cards pcscd shows, sacrificial or served by 'card serve'.")
  var cards: Cards = .virtual

  @Option(help: "Fix randomness and clock, for golden files.")
  var seed: Int?

  @Option(
    help: "The serial, or guid-…, of a card that holds keys and may be reset all the same; may be repeated.",
    transform: { text in
      guard let name = CardName(text) else {
        throw ValidationError("A card is named by its serial, or by guid- and 32 hexadecimal digits.")
      }
      return name
    })
  var sacrifice: [CardName] = []

  @Flag(help: "Write every screen, not only a line a step, in an unattended rehearsal.")
  var screens = false

  @Flag(help: "PIN and PUK are typed by the keyholders, new ones twice, also for virtual cards.")
  var typedSecrets = false

  @Option(
    help: """
      A second terminal that is not streamed, as the command tty prints it there: the program makes PIN and PUK and \
      shows them there, as on the day.
      """)
  var secretsTty: String?

  @OptionGroup var allowance: Allowance

  @OptionGroup var timeout: CardTimeout
  @OptionGroup var lines: PlainLines

  enum Cards: String, CaseIterable, ExpressibleByArgument { case virtual, pcsc }

  func validate() throws {
    if sites != nil, answers != nil || cards != .virtual {
      throw ValidationError("--sites plays the others on virtual cards. It is the folder for answers: no --answers.")
    }
    if let seed, seed < 0 { throw ValidationError("--seed takes a whole number from 0: --seed 1") }
    if unattended, typedSecrets || secretsTty != nil {
      let option = typedSecrets ? "--typed-secrets" : "--secrets-tty"
      throw ValidationError("With --unattended nobody types a PIN: leave \(option) or --unattended away.")
    }
  }

  func run() throws {
    try ending(
      goingOn: resumption(
        of: out, isUnattended: unattended, secretsTTY: secretsTty, mirror: mirror, answers: answers ?? sites,
        allowed: allowance)
    ) {
      Signals.watch()
      let console = try Consoles.chosen(isUnattended: unattended, isVerbose: screens, isPlain: lines.plain)
      defer { console.leave() }
      var named = try namedScript()
      named.script.isOnVirtualCards = cards == .virtual
      let clock: any Clock = seed == nil ? SystemClock() : SeededClock()
      try named.judge(for: .rehearsal, at: clock.read().at)
      let cardSource =
        cards == .virtual
        ? nil
        : try PCSCCardSource(
          isUnattended: unattended, cardTimeout: timeout.seconds, meanwhile: console.meanwhile, note: console.note)
      var options = LiveCeremony.Options(
        script: named.bytes, scriptFolder: named.scriptFolder, out: out, mirror: mirror, isUnattended: unattended,
        seed: seed, sacrifice: sacrifice, programVersion: ProgramVersion.current, after: after)
      options.answers = answers
      options.sites = sites
      options.allowed = allowance.codes
      let secrets =
        typedSecrets || secretsTty != nil ? try SecretsTerminal.vault(secretsTty, beside: console) : nil
      let rehearsal = LiveCeremony(options, console: console, cards: cardSource, secrets: secrets)
      return Consoles.finish(try rehearsal.run(), in: out, console)
    }
  }

  private func namedScript() throws -> NamedScript {
    if let script { return try NamedScript(script) }
    return unattended
      ? try NamedScript(ShippedScript.pep458Genesis, named: "pep458-genesis.yaml")
      : try NamedScript(ShippedScript.firstRehearsal, named: "first-rehearsal.yaml")
  }
}
