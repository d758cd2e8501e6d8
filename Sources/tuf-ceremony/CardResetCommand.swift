import ArgumentParser
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import PCSC
import PIV
import PIVTypes
import Readers

struct CardResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: "Destroys every key on a card and puts it back to its factory state, after its serial was typed.",
    discussion: "Example: tuf-ceremony card reset --serial 20000001")

  @OptionGroup var choice: CardOptions

  func run() throws {
    try endingCard {
      let entry = try terminal()
      let (card, channel) = try choice.hold()
      defer { channel.release() }
      let session = PIVSession(channel: channel, vault: NoSecrets())
      guard case .holdings(let held) = try CardOperation.inspect(Slot.all).perform(on: session) else {
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
      do {
        _ = try CardOperation.reset.perform(on: session)
      } catch PIVError.notSupported(.reset) {
        let finding = Finding(
          .cardUnsupported, "The card \(card.typed) does not know RESET. Nothing on it was changed.",
          hint: "Empty it with its maker's program, or use another card.")
        say("\(finding)")
        return .card
      } catch {
        say("The reset did not come to its end: PIN and PUK may be blocked, and the keys may be there or gone.")
        say("  → Run 'card reset' again.")
        throw error
      }
      guard case .holdings(let left) = try CardOperation.inspect(Slot.all).perform(on: session), left.occupied.isEmpty
      else {
        throw Finding(
          .resetRefused, "The card \(card.typed) says that it was reset and still holds keys.",
          hint: "Do not use this card.")
      }
      say(
        "The card \(card.typed) says that it was reset\(left.isEmpty ? ". No slot holds a key" : "; \([Holding].notSaid)")."
      )
      say("From their factories cards have the PIN 123456 and the PUK 12345678.")
      return .fine
    }
  }
}
