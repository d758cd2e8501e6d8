import CeremonyScript
import Findings
import Transcript

extension Finding.Code {
  /// A keyholder is not there to sign, and the others reach the threshold.
  public static let keyholderAbsent = Finding.Code("KEYHOLDER-ABSENT")
}

/// A keyholder's signature; where the script lets absent keyholders stay enrolled, the room is asked first.
///
/// The wait for a card has no end, so the question comes before it.
struct SigningStep: StepMachine {
  private let subject: SignWork.Subject
  private let keyholder: String
  private var card: CardStep<SignWork>
  private var isAsking = false

  init(_ subject: SignWork.Subject, of keyholder: String) {
    self.subject = subject
    self.keyholder = keyholder
    card = CardStep(SignWork(subject: subject), of: keyholder)
  }

  mutating func begin(_ ceremony: inout Ceremony) -> Turn {
    // After a failure the keyholder is there, and going on without the signature is among the remedies.
    guard ceremony.script.absent == .enrolled, ceremony.script.official(keyholder) == nil, ceremony.failures == 0,
      ceremony.present != keyholder,
      ceremony.canGoOnWithout(ceremony.step.activity)
    else { return card.begin(&ceremony) }
    isAsking = true
    let name = ceremony.name(of: keyholder)
    let prompt = Prompt(
      "Is \(name) here to sign?",
      [
        Prompt.Answer(token: "here", meaning: "\(name) signs now"),
        Prompt.Answer(token: "absent", meaning: "leave this signature out; the others reach the threshold"),
      ], unattended: "here")
    return .wait(.ask(ceremony.asking(prompt)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Turn {
    guard isAsking else { return card.handle(event, &ceremony) }
    isAsking = false
    switch event {
    case .answer("here"): return card.begin(&ceremony)
    case .answer("absent"):
      return .done(
        ceremony.exception(
          .keyholderAbsent, "\(ceremony.name(of: keyholder)) was absent. No signature on \(subject.name) was asked for."
        ))
    default: return .unexpected
    }
  }
}
