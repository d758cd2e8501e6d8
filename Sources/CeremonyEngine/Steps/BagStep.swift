import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Transcript

/// The number of a bag, read aloud by its owner and again by the witness; of the witness's own, by the administrator.
struct BagStep: StepMachine {
  private let keyholder: String
  private let move: BagMove
  private var first: String?

  init(_ keyholder: String, _ move: BagMove) {
    self.keyholder = keyholder
    self.move = move
  }

  private var second: String { keyholder == "witness" ? "administrator" : "witness" }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition { .wait(for: .ask(question(ceremony, of: keyholder))) }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard case .text(let number) = event else { return .unexpected }
    guard let first else {
      first = number
      return .wait(for: .ask(question(ceremony, of: second)))
    }
    guard first == number else {
      return .fail(
        Finding(
          .bagDiffers,
          "\(ceremony.name(of: keyholder)) read \(first), the \(second) \(number)."
            + (first.lowercased() == number.lowercased() ? " Small and capital letters count as different." : ""),
          hint: "Both read it once more, from the bag itself."))
    }
    if move == .opened, let closed = ceremony.closedBags[keyholder], closed != number {
      return .fail(
        Finding(
          .bagDiffers, "This is bag \(number); \(ceremony.name(of: keyholder)) closed bag \(closed) here.",
          hint: "Look for the right bag. If this one was swapped, give the ceremony up."))
    }
    if let finding = ceremony.reuse(of: number, by: keyholder, move) { return .fail(finding) }
    ceremony.closedBags[keyholder] = move == .closed ? number : nil
    let card = ceremony.cards[keyholder]?.name
    ceremony.room.bags.append(
      RoomFacts.Bag(number: number, keyholder: ceremony.name(of: keyholder), card: card, state: move.rawValue))
    return .done(
      .record(BagRecord(number: number, keyholder: keyholder, move: move, card: card)),
      .show(ceremony.screen("Bag \(number) is \(move.rawValue)")))
  }

  private func question(_ ceremony: Ceremony, of reader: String) -> Screen {
    // Unattended, every bag is a new one but that which was closed here.
    let closed = move == .opened ? ceremony.closedBags[keyholder] : nil
    let prompt = Prompt(
      "\(ceremony.name(of: reader)) reads the number on the bag aloud. Type what was read.", line: .bag,
      unattended: closed ?? "BAG-\(100 + ceremony.room.bags.count)")
    let name = ceremony.name(of: keyholder)
    var screen = ceremony.asking(
      prompt, move == .opened ? "\(name) opens a bag" : "\(name) closes a bag",
      [
        move == .opened
          ? "Show the bag from all sides before it is opened." : "The card is in the bag, and it is closed."
      ])
    if ceremony.configuration.isRehearsal {
      screen.text.append(
        "Is there no bag in this rehearsal? Then make up a number for it, such as A1234: the same for both of you.")
    }
    if reader == second { screen.say = [] }
    screen.who = ceremony.name(of: reader)
    return screen
  }
}

extension Ceremony {
  /// A bag shows that it was opened, so a number that was seen here comes again only where its owner opens what they closed.
  fileprivate func reuse(of number: String, by keyholder: String, _ move: BagMove) -> Finding? {
    guard let seen = room.bags.last(where: { $0.number == number }),
      move == .closed || closedBags[keyholder] != number
    else { return nil }
    return Finding(
      .bagDiffers, "Bag \(number) of \(seen.keyholder) was \(seen.state) here before.",
      hint: move == .closed
        ? "Take a new bag, and read its number."
        : "Look for the right bag. If this one was swapped, give the ceremony up.")
  }
}
