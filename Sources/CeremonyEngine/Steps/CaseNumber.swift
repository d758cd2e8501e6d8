import Attestation
import CardOperations
import CeremonyScript
import Findings

/// The number that is printed on a card which does not say its serial, as its keyholder read it aloud.
struct CaseNumber: Hashable {
  let number: String
  /// Whether an attestation names the same serial.
  var isAttested = false

  init(_ number: String) { self.number = number }

  fileprivate func names(_ serial: UInt32) -> Bool { UInt32(number) == serial }
}

extension EnrolledCard {
  /// For people: the number, and whether anything but somebody's word says that it is this card's.
  var caseFacts: [Screen.Fact] {
    guard let caseNumber else { return [] }
    return [
      Screen.Fact(
        name: "number on the case",
        value: caseNumber.number + (caseNumber.isAttested ? ", as the device attests" : ", not confirmed by the card"))
    ]
  }
}

extension Ceremony {
  /// Who reads what stands on somebody's card: they themselves, or whoever acts in their place.
  func actor(for keyholder: Keyholder) -> String { attendance.substitute(of: keyholder.id) ?? keyholder.name }

  /// Asks for the number on the case where the room binds the card and the card does not say its serial.
  func caseQuestion(_ card: EnrolledCard, _ keyholder: Keyholder) -> Screen? {
    guard case .record = keyholder.card, card.identity.serial == nil else { return nil }
    let none = Prompt.Answer(token: "none", meaning: "no number is printed on it")
    let prompt = Prompt(
      "Type the number that \(actor(for: keyholder)) reads aloud from the case.", [none], .caseNumber,
      SideRequest.allCases.map(\.rawValue), none.token)
    return asking(
      prompt, "Bind the card of \(keyholder.name)",
      [
        "The card in the reader does not say its serial.",
        "The number is compared with the attestation, if there is one; otherwise nothing confirms it.",
      ])
  }

  /// Compares the number on the case with what the device attests; says why this is not that card.
  mutating func compareCase(of keyholder: Keyholder, with facts: AttestationFacts) -> Finding? {
    guard let typed = cards[keyholder.id]?.caseNumber, let serial = facts.serial else { return nil }
    guard typed.names(serial) else {
      return Finding(
        .wrongCard,
        "The case of the card of \(keyholder.name) says \(typed.number), and the device attests serial \(serial).",
        hint: "Take it out, and find out whose it is. Insert the card of \(keyholder.name).")
    }
    cards[keyholder.id]?.caseNumber?.isAttested = true
    return nil
  }
}
