import ArgumentParser
import CeremonyRecords
import CeremonyResults
import CeremonyRuntime
import Findings
import Glibc
import Keys
import Readers
import Screens
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

  @OptionGroup var timeout: CardTimeout

  func run() throws {
    let goingOn = resumption(
      of: folder, isUnattended: unattended, secretsTTY: secretsTty, mirror: mirror, answers: answers)
    try ending(goingOn: goingOn) {
      Signals.watch()
      let products = try namedFolder(folder)
      let mayBeUnattended = try Resumption.mayBeUnattended(products)
      let console = try Consoles.chosen(
        isUnattended: unattended, isVerbose: false, mayBeUnattended: mayBeUnattended)
      let result = try Resumption(
        folder, console: console, isUnattended: unattended, mirror: mirror, answers: answers,
        cards: { try PCSCCardSource(isUnattended: unattended, cardTimeout: timeout.seconds, note: console.note) },
        secrets: { try SecretsTerminal.vault(secretsTty) }
      ).run()
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
      return result.wasOver && result.ceremony.seal?.shortfall != nil ? .violation : status
    }
  }
}

/// The console of a command, and its last words.
enum Consoles {
  /// Throws exit code 64 where nobody could answer.
  ///
  /// - Parameter mayBeUnattended: whether the command could answer every prompt by itself.
  static func chosen(isUnattended: Bool, isVerbose: Bool, mayBeUnattended: Bool = true) throws -> any Console {
    let isStyled = isatty(1) == 1 && getenv("NO_COLOR") == nil
    guard !isUnattended else {
      return UnattendedConsole(ScreenLayout(width: 100, isStyled: isStyled), isVerbose: isVerbose, write: put)
    }
    guard isatty(0) == 1, isatty(1) == 1 else {
      let hint = mayBeUnattended ? "Add --unattended." : "Nobody but people may answer here: do this at a terminal."
      say("Standard input and output are no terminal, so nobody can answer.\n  → \(hint)")
      throw ExitCode(ExitStatus.usage.rawValue)
    }
    return TerminalConsole(isStyled: isStyled)
  }

  static func finish(
    _ result: LiveCeremony.Result, in out: String, _ console: any Console, isRehearsal: Bool = true
  ) -> ExitStatus {
    if let finding = result.outcome.finding { say("\(finding)") }
    console.note("")
    let isGivenUp = result.outcome.ending.isHeld && result.outcome.status == .aborted
    let ending = result.outcome.ending.rawValue + (isGivenUp ? ", and what was to follow the close was given up" : "")
    console.note(
      isRehearsal
        ? "REHEARSAL \(ending). Nothing in this folder is to be trusted." : "The ceremony is \(ending).")
    if result.outcome.ending.isHeld, let shortfall = result.seal?.shortfall {
      let who = result.isSealed ? "fewer cards than the script asks for" : "anybody"
      console.note("\(shortfall): no verifier accepts this folder, for \(who) could have written it.")
      console.note("  → Keep it, reset the cards, and hold a new ceremony with another folder.")
    }
    if result.outcome.ending == .pending {
      console.note("PENDING: the root waits for signatures, and no client takes it yet.")
      console.note(
        "  → Send each request: tuf-ceremony request \(out) --for ID --out FILE. Then draft collect --after \(out).")
    }
    if result.outcome.ending.isHeld { for root in result.roots { console.note("root        \(out)/\(root)") } }
    if let loss = result.mirrorLoss {
      console.note("THE SECOND COPY IS NOT WHOLE: \(loss)")
      console.note("  → Copy \(out) to another disk before anything else.")
    }
    console.note("transcript  \(out)/transcript.jsonl")
    for (name, digest) in [("head", result.head), ("final head", result.finalHead)] {
      console.note("\(name.padded(to: 12))\(digest.hex)")
      for row in stride(from: 0, to: 32, by: 4) {
        console.note("            " + digest.words[row..<row + 4].joined(separator: " "))
      }
    }
    return result.outcome.status
  }
}
