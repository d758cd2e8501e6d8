import CardOperations
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Transcript

/// Binds the card, shows what it holds, and finds out whether the ceremony can be finished with it: everything that can be
/// asked is asked before anything of it is changed.
struct IdentifyMachine: CardMachine {
  private static let differs = "differs"
  private static let accepted = "accept"
  private static let refused = "refuse"

  private var questions: AbilityQuestions?
  private var unknown: [String] = []

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    if case .record = keyholder.card, !keyholder.spares.contains(where: { $0 == card.identity.serial }),
      let serial = card.identity.serial
    {
      let prompt = Prompt(
        "Type the serial that \(ceremony.actor(for: keyholder)) reads aloud from the case.",
        [
          Prompt.Answer(token: String(serial), meaning: "the serial printed on the card"),
          Prompt.Answer(token: Self.differs, meaning: "the case says another number"),
        ], unattended: String(serial))
      return .wait(
        for: .ask(
          ceremony.asking(
            prompt, "Bind the card of \(keyholder.name)",
            ["The card in the reader says serial \(serial). It becomes the card of \(keyholder.name)."])))
    }
    if let question = ceremony.caseQuestion(card, keyholder) { return .wait(for: .ask(question)) }
    return .wait(for: .card(.inspect(Slot.all)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let card = ceremony.cards[keyholder.id] else { return .unexpected }
    switch event {
    case .answer(Self.differs):
      return .fail(
        Finding(
          .wrongCard, "The card in the reader says serial \(card.name), and its case says another number.",
          hint: "Take it out, and find out whose it is. Insert the card of \(keyholder.name)."))
    case .text(let number):
      ceremony.cards[keyholder.id]?.caseNumber = CaseNumber(number)
      return .wait(for: .card(.inspect(Slot.all)))
    case .answer(Self.accepted) where questions != nil: return .done()
    case .answer(Self.refused) where questions != nil:
      return .fail(
        Finding(
          .cardUnsupported,
          "The card of \(keyholder.name) was not accepted: it is not known \(unknown.joined(separator: ", ")).",
          hint: "Try a card of this kind with 'card probe', or use another one. Nothing on it was changed."))
    case .answer where questions == nil:
      return .wait(for: .card(.inspect(Slot.all)))
    case .card(.success(.holdings(let holdings))):
      return judge(holdings, card, &ceremony, keyholder)
    case .card(.success(.abilities(let abilities))):
      return judge(abilities, card, ceremony, keyholder)
    default: return .unexpected
    }
  }

  private mutating func judge(
    _ holdings: [Holding], _ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder
  ) -> Transition {
    ceremony.cards[keyholder.id]?.holdings = holdings
    var screen = ceremony.screen("The card of \(keyholder.name)")
    screen.facts = card.identity.facts + holdings.facts
    if holdings.isEmpty { screen.text = ["No slot holds a key."] }
    if let refusal = ceremony.refusalToReset(card, holding: holdings) { return .fail(refusal, [.show(screen)]) }
    if let refusal = ceremony.refusalToSacrifice(card, holding: holdings) { return .fail(refusal, [.show(screen)]) }
    let needs = CardNeeds(ceremony.script, ceremony.rolesToMake(of: keyholder.id), of: keyholder.id)
    guard let questions = needs.questions(isEmpty: holdings.isEmpty) else { return .done(.show(screen)) }
    self.questions = questions
    return .wait(.show(screen), for: .card(.abilities(questions)))
  }

  private mutating func judge(
    _ abilities: CardAbilities, _ card: EnrolledCard, _ ceremony: Ceremony, _ keyholder: Keyholder
  ) -> Transition {
    guard let questions else { return .unexpected }
    let effects = ceremony.noting(abilities, of: keyholder, isEmpty: true)
    let needs = CardNeeds(ceremony.script, ceremony.rolesToMake(of: keyholder.id), of: keyholder.id)
    if let refusal = needs.refusal(abilities, card.identity, of: "The card of \(keyholder.name)") {
      return .fail(refusal, effects)
    }
    unknown = needs.notKnown(abilities, card.identity, questions)
    let without = needs.doneWithout(abilities)
    guard !unknown.isEmpty else {
      let screen = ceremony.screen("The card of \(keyholder.name) can do what this ceremony needs", without)
      return .done(effects + [.show(screen)])
    }
    let prompt = Prompt(
      "Is this card used all the same?",
      [
        Prompt.Answer(token: Self.accepted, meaning: "go on; if the card cannot do it, it is lost for this ceremony"),
        Prompt.Answer(token: Self.refused, meaning: "leave this card as it is"),
      ], unattended: Self.accepted)
    return .wait(
      effects,
      for: .ask(
        ceremony.asking(
          prompt, "Not everything is known of the card of \(keyholder.name)",
          without + ["A card cannot be asked:"] + unknown.map { "- \($0)" }
            + (questions.reset
              ? ["Keys are tried before the reset, if the factory's management key opens the card."] : []))))
  }
}

extension Ceremony {
  /// What a card did that was only asked whether it can.
  func noting(_ abilities: CardAbilities, of keyholder: Keyholder, isEmpty: Bool) -> [Effect] {
    guard abilities.carriedOut.contains(.reset) else { return [] }
    let loss = isEmpty ? "It held no key." : "Its keys were given up."
    let finding = Finding(
      .cardUnguarded, .warning,
      "The card of \(keyholder.name) was asked whether it knows RESET, and did reset. \(loss)",
      hint: "Its PIN and PUK were blocked, although it said that tries are left; look at it closely.")
    return [.record(FindingRecord(finding))]
  }
}
