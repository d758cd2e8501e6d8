import CeremonyRecords
import CeremonyScript
import Findings
import Transcript

/// A card's signature. The wait for a card has no end, so whoever may be passed over is asked for before it: a keyholder
/// where the script lets absent ones stay enrolled, an official always.
struct SigningStep: StepMachine {
  private var subject: SignMachine.Subject
  private let cardholder: String
  private var card: CardStep<SignMachine>
  private var isAsking = false

  init(_ subject: SignMachine.Subject, of cardholder: String) {
    self.subject = subject
    self.cardholder = cardholder
    card = CardStep(SignMachine(subject: subject), of: cardholder)
  }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    if ceremony.script.answered?.seal != nil, case .metadata = subject {
      subject = .askedSeal
      card = CardStep(SignMachine(subject: subject), of: cardholder)
    }
    let isOfficial = ceremony.script.official(cardholder) != nil
    let canGoOn = ceremony.canGoOnWithout(ceremony.step.action)
    // After a failure the card is there, and going on without the signature is among the remedies. Where the seal needs
    // this one, giving up is what is left to whoever would wait for ever.
    guard isOfficial || ceremony.script.absentRule(of: cardholder) != .stop, ceremony.failures == 0,
      ceremony.present != cardholder,
      canGoOn || subject == .seal
    else { return card.begin(&ceremony) }
    isAsking = true
    let name = ceremony.name(of: cardholder)
    let loss =
      switch subject {
      case .metadata, .twin, .askedSeal: "leave this signature out; the others are enough"
      case .seal:
        isOfficial
          ? "leave this signature out"
          : ceremony.mayStayUnsealed(without: cardholder)
            ? "leave this signature out; a second request asks for the seal"
            : "leave this signature out; the others are enough"
      // A proof is no step of its own kind here.
      case .proof: "leave this signature out"
      case .initials: "go on without the card: the initials stand as they were typed at one keyboard"
      }
    let prompt = Prompt(
      isOfficial ? "Is the card of \(name) here?" : "Is \(name) here to sign?",
      [Prompt.Answer(token: "here", meaning: "\(name) signs now")]
        + (canGoOn ? [Prompt.Answer(token: "absent", meaning: loss)] : []), unattended: "here")
    let need =
      canGoOn
      ? []
      : [
        "Without this signature fewer seal than the \(ceremony.script.sealCount) that the script asks for.",
        "Then what follows the close is given up, and no verifier accepts the folder.",
      ]
    return .wait(for: .ask(ceremony.asking(prompt, nil, need)))
  }

  /// Who else is here decides whether this signature may be left out.
  mutating func again(_ ceremony: inout Ceremony) -> Transition? {
    guard isAsking else { return nil }
    isAsking = false
    return begin(&ceremony)
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard isAsking else { return card.handle(event, &ceremony) }
    isAsking = false
    switch event {
    case .answer("here"): return card.begin(&ceremony)
    case .answer("absent"):
      let who =
        ceremony.script.official(cardholder) == nil
        ? "\(ceremony.name(of: cardholder)) was absent." : "The card of \(ceremony.name(of: cardholder)) was not there."
      let person = ceremony.script.official(cardholder) == nil ? ceremony.script.person(cardholder) : nil
      let gone = person.map { ceremony.noting($0, .leaves) }
      return .done(
        [gone, ceremony.exception(.keyholderAbsent, "\(who) No signature on \(subject.words) was asked for.")]
          .compactMap(\.self))
    default: return .unexpected
    }
  }
}
