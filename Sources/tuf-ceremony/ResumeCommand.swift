import ArgumentParser
import CeremonyEngine
import CeremonyResults
import CeremonyRuntime
import Findings
import Readers
import Signals

struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: "Goes on with a ceremony that was interrupted, from its products folder alone.",
    discussion: """
      Plays the record again and compares it, cuts off a last line whose writing was cut short, records the \
      interruption, and goes on. What a card did without a recorded answer is done again; where its PIN, PUK or \
      management key is in doubt the card is reset and provisioned anew. Secrets are typed again; until then a line of \
      words that has one in it is not recognized. A second copy is named again, with a new folder: without --mirror \
      there is none from here on. A file that the record does not account for is named, and nothing is done before it \
      is out of the folder; annex/ may hold anything. A ceremony that is complete is compared with its record, and \
      nothing is added to it. Files that are missing are written again, and named, where everything else agrees; what \
      contradicts is named, and nothing is written. One that was given up is refused.

      Example: tuf-ceremony resume ceremony-1
      """)

  @Argument(help: "The products folder.")
  var folder: String

  @Option(help: "A second folder for the same content, on another disk; it must not exist.")
  var mirror: String?

  @Option(help: "A second terminal that is not streamed, where the ceremony began with one.")
  var secretsTty: String?

  @Option(help: "A folder into which you put the files that come from elsewhere while the ceremony goes on.")
  var answers: String?

  @Flag(help: "Answer every prompt by itself, in a rehearsal.")
  var unattended = false

  @OptionGroup var allowance: Allowance

  @OptionGroup var timeout: CardTimeout
  @OptionGroup var lines: PlainLines

  func run() throws {
    let goingOn = resumption(
      of: folder, isUnattended: unattended, secretsTTY: secretsTty, mirror: mirror, answers: answers,
      allowed: allowance)
    try ending(goingOn: goingOn) {
      Signals.watch()
      let products = try namedFolder(folder)
      let mayBeUnattended = try Resumption.mayBeUnattended(products)
      let console = try Consoles.chosen(
        isUnattended: unattended, isVerbose: false, mayBeUnattended: mayBeUnattended, isPlain: lines.plain)
      defer { console.leave() }
      let result = try Resumption(
        folder, console: console, isUnattended: unattended, mirror: mirror, answers: answers, allowed: allowance.codes,
        isApart: secretsTty != nil,
        cards: {
          try PCSCCardSource(
            isUnattended: unattended, cardTimeout: timeout.seconds, meanwhile: console.meanwhile, note: console.note)
        },
        secrets: { try SecretsTerminal.vault(secretsTty, beside: console, isResumed: true) }
      ).run()
      console.leave()
      if result.wasOver {
        console.note("This ceremony had ended already: its record agrees, and nothing was added to it.")
      }
      for repair in result.repairs { console.note("  \(repair)") }
      if !result.repairs.isEmpty {
        console.note(
          "  → Compare the final head with the one that was read aloud: nothing else binds what followed the close.")
      }
      let status = Consoles.finish(result.ceremony, in: folder, console, isRehearsal: result.isRehearsal)
      if status == .fine { try packAnswer(in: folder, console) }
      // Whoever gave up was told then; a folder that nobody adds to is judged as it is.
      return result.wasOver && result.ceremony.account.seal?.shortfall != nil ? .violation : status
    }
  }
}
