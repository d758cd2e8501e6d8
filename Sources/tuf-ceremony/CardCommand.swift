import ArgumentParser
import CeremonyEngine
import CeremonyRuntime
import Findings
import PCSC
import PIV
import Readers

struct CardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "card", abstract: "Looks at cards, changes them outside a ceremony, and serves virtual ones.",
    subcommands: [
      CardListCommand.self, CardInfoCommand.self, CardConfirmCommand.self, CardChangePINCommand.self,
      CardUnblockCommand.self, CardResetCommand.self, CardProbeCommand.self, CardServeCommand.self,
    ])
}

/// Which card is meant.
struct CardOptions: ParsableArguments {
  @Option(help: "A part of the reader's name.")
  var reader: String?

  @Option(help: "The card's serial; needed where several cards are present.")
  var serial: UInt32?

  /// The one card that fits, held until the channel is released.
  func hold(serial: UInt32? = nil) throws(Finding) -> (card: CardIdentity, channel: PCSCChannel) {
    try PresentCards().hold(reader: reader, serial: serial ?? self.serial)
  }
}

enum CardFormat: String, CaseIterable, ExpressibleByArgument { case text, json }

/// Runs a command on a card; whatever the card or its reader refuses ends with exit 5.
func endingCard(_ work: () throws -> ExitStatus) throws {
  Signals.watch()
  try ending {
    do {
      return try work()
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
  var typed: String { name ?? "no-serial" }
}
