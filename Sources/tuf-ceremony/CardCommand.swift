import ArgumentParser
import CardOperations
import CeremonyReplay
import CeremonyRuntime
import Findings
import Invocation
import PCSC
import PIV
import Readers
import Signals
import SmartCard

struct CardCommand: CommandFamily {
  static let configuration = CommandConfiguration(
    commandName: "card", abstract: "Looks at cards, changes them outside a ceremony, and serves virtual ones.",
    discussion: "Example: tuf-ceremony card list",
    subcommands: [
      CardListCommand.self, CardInfoCommand.self, CardConfirmCommand.self, CardChangePINCommand.self,
      CardUnblockCommand.self, CardResetCommand.self, CardProbeCommand.self, CardServeCommand.self,
    ])
}

/// Which card is meant.
struct CardOptions: ParsableArguments {
  @Option(help: "A part of the reader's name.")
  var reader: String?

  @Option(help: "The card's serial, or guid-… where it has none; needed where several cards are present.")
  var serial: CardName?

  @OptionGroup var timeout: CardTimeout

  /// The one card that fits, held until the channel is released.
  func hold() throws -> (card: CardIdentity, channel: AttentiveChannel) {
    try PresentCards(cardTimeout: timeout.seconds).hold(reader: reader, name: serial)
  }
}

/// How long a card may be silent.
struct CardTimeout: ParsableArguments {
  @Option(
    name: .customLong("card-timeout"),
    help: ArgumentHelp(
      "After how many seconds without an answer a card is given up, 5 to 600. Cards wait up to 30 for a touch.",
      valueName: "seconds"))
  var seconds = Patience.defaultSeconds

  func validate() throws {
    guard (5...600).contains(seconds) else {
      throw ValidationError("--card-timeout takes 5 to 600 seconds: --card-timeout \(Patience.defaultSeconds)")
    }
  }
}

/// Runs a command on a card; whatever the card or its reader refuses ends with exit 5.
func endingCard(_ work: () throws -> ExitStatus) throws {
  Signals.watch()
  try ending {
    do {
      return try work()
    } catch PIVError.noAnswer(.interrupted) {
      say(
        "Stopped: \(Signals.arrived ?? "a signal"), in the middle of the card's work. What it did last may not be known."
      )
      say("  → Look at the card with 'card info' before it is used.")
      return .aborted
    } catch let error as PIVError {
      say("\(error.finding)")
      return .card
    } catch let interruption as Interruption {
      say("Stopped: \(interruption.reason). Nothing more was sent to the card.")
      return .aborted
    }
  }
}

/// The terminal at which a person answers. Exit 64 where there is none.
func terminal() throws -> HiddenEntry {
  let entry = HiddenEntry()
  guard entry.isTerminal else {
    say("Standard input and error are no terminal, so nobody can answer.\n  → Run this at a terminal.")
    throw ExitCode(ExitStatus.usage.rawValue)
  }
  return entry
}

extension CardIdentity {
  /// The identity as a person types it back, and as a folder of products is named.
  var typed: String { name?.description ?? "no-serial" }
}

extension CardName: ExpressibleByArgument {
  package init?(argument: String) { self.init(argument) }
}
