import ArgumentParser
import CeremonyRuntime
import Findings
import PCSC
import PIV
import PIVTypes
import Readers

struct CardChangePINCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "change-pin", abstract: "Changes a card's PIN. Old and new one are typed hidden, the new one twice.",
    discussion: "Example: tuf-ceremony card change-pin --serial 20000001")

  @OptionGroup var choice: CardOptions

  func run() throws {
    try endingCard {
      let entry = try terminal()
      let (card, channel) = try choice.hold()
      defer { channel.release() }
      say("The card \(card.typed).")
      let vault = EnteredVault()
      let session = PIVSession(channel: channel, vault: vault)
      try session.select()
      try allow(try session.pinTriesLeft(), "PIN", ifNone: .pinBlocked, entry)
      vault.keep(try entry.presentCode("Present PIN"), as: .old)
      vault.keep(try entry.newCode("PIN"), as: .new)
      try settling { () throws(PIVError) in try session.changePIN(from: .old, to: .new) }
      say("The PIN of the card \(card.typed) is changed.")
      return .fine
    }
  }
}

struct CardUnblockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unblock", abstract: "Sets a new PIN with the PUK, for a card whose PIN is blocked or forgotten.",
    discussion: "Example: tuf-ceremony card unblock --serial 20000001")

  @OptionGroup var choice: CardOptions

  func run() throws {
    try endingCard {
      let entry = try terminal()
      let (card, channel) = try choice.hold()
      defer { channel.release() }
      say("The card \(card.typed).")
      let vault = EnteredVault()
      let session = PIVSession(channel: channel, vault: vault)
      try session.select()
      var left: Int?
      do throws(PIVError) { left = try session.pukMetadata().triesLeft } catch {
        // Standard cards do not say; they only count.
        guard case .notSupported = error else { throw error }
      }
      try allow(left, "PUK", ifNone: .pukBlocked, entry)
      let puk = try entry.presentCode("PUK")
      vault.keep(puk, as: .old)
      vault.keep(try entry.newCode("PIN", unlike: puk), as: .new)
      try settling { () throws(PIVError) in try session.unblockPIN(puk: .old, newPIN: .new) }
      say("The card \(card.typed) has a new PIN.")
      return .fine
    }
  }
}

/// Says what is not known where a card did not answer to a change of its PIN.
private func settling(_ change: () throws(PIVError) -> Void) throws(PIVError) {
  do throws(PIVError) {
    try change()
  } catch {
    if case .noAnswer = error {
      say("The card may have the old PIN or the new one.")
      say("  → Try the new one first: a wrong PIN uses up a try.")
    }
    throw error
  }
}

/// Says how many tries are left, and goes on to the last one only when a person says so.
private func allow(_ left: Int?, _ name: String, ifNone: PIVError, _ entry: HiddenEntry) throws {
  guard let left else { return }
  guard left > 0 else { throw ifNone }
  say(left == 1 ? "One try is left for the \(name)." : "\(left) tries are left for the \(name).")
  if left == 1, try !entry.confirms("A wrong \(name) now blocks it. Type “last” to use the last try", by: "last") {
    say("Nothing was sent to the card.")
    throw ExitCode(ExitStatus.aborted.rawValue)
  }
}

extension SecretHandle {
  fileprivate static let old = SecretHandle("entered/old")
  fileprivate static let new = SecretHandle("entered/new")
}
