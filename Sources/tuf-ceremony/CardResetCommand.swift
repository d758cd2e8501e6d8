import ArgumentParser
import CeremonyEngine
import CeremonyRuntime
import Findings
import PCSC
import PIV
import PIVTypes
import Readers

struct CardResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Destroys every key on a card and puts it back to its factory state, after its serial was typed.")

  @OptionGroup var choice: CardOptions

  func run() throws {
    try endingCard {
      let entry = try terminal()
      let (card, channel) = try choice.hold()
      defer { channel.release() }
      let session = PIVSession(channel: channel, vault: NoSecrets())
      guard case .holdings(let held) = try CardTask.inspect(Slot.all).perform(on: session) else {
        return .internalError
      }
      say("The card \(card.typed) holds:")
      for fact in held.facts { say("  \(fact.name)  \(fact.value)") }
      if held.isEmpty { say("  no key") }
      say("A reset destroys all of it for ever, and no backup brings it back.")
      guard try entry.confirms("Type \(card.typed) to reset this card, anything else to leave it", by: card.typed)
      else {
        say("The card was left as it is.")
        return .aborted
      }
      _ = try CardTask.reset.perform(on: session)
      guard case .holdings(let left) = try CardTask.inspect(Slot.all).perform(on: session), left.occupied.isEmpty else {
        throw Finding(
          .resetRefused, "The card \(card.typed) says that it was reset and still holds keys.",
          hint: "Do not use this card.")
      }
      let keys = left.isEmpty ? "no key" : "and \([Holding].notSaid)"
      say("The card \(card.typed) is as it left its factory: PIN 123456, PUK 12345678, \(keys).")
      return .fine
    }
  }
}
