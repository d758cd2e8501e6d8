import CardOperations
import CeremonyRecords
import CeremonyScript
import Findings
import PIV

/// A new PIN by means of the PUK (RESET RETRY COUNTER, SP 800-73-4 part 2 §3.2.3), where the PIN is lost or blocked.
struct UnblockMachine: CardMachine {
  private var triesLeft: Int?
  private var isPUKEntered = false

  private func secret(_ action: SecretOperation.Action, _ kind: SecretOperation.Kind, _ keyholder: Keyholder)
    -> SecretOperation
  {
    SecretOperation(action: action, kind: kind, handle: SecretHandle("\(keyholder.id)/\(kind.rawValue)"))
  }

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    .wait(for: .card(.pukTries))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    switch event {
    case .card(.success(.tries(let left))):
      triesLeft = left
      guard left != 0 else { return .fail(PIVError.pukBlocked.finding.at("the card of \(keyholder.name)")) }
      if left == 1 { return .wait(for: .ask(ceremony.lastTry(of: .puk, keyholder))) }
      let screen = ceremony.screen(
        "A new PIN for the card of \(keyholder.name)",
        ["The PUK comes first\(left.map { " (\(Ceremony.tries($0)))" } ?? ""), then a new PIN."])
      return .wait(.show(screen), for: .secret(secret(.enter, .puk, keyholder)))
    case .answer(Prompt.keptTry): return .fail(.lastTryKept(.puk, keyholder))
    case .answer:
      return .wait(for: .secret(secret(.enter, .puk, keyholder)))
    case .secret(isDone: false):
      return .fail(
        Finding(.secretNotMade, "The PUK or the new PIN was not entered.", hint: "Try again, or take another way."))
    case .secret(isDone: true) where !isPUKEntered:
      isPUKEntered = true
      return .wait(for: .secret(secret(.make, .pin, keyholder)))
    case .secret(isDone: true):
      let (puk, pin) = (secret(.enter, .puk, keyholder), secret(.make, .pin, keyholder))
      return .wait(for: .card(.unblockPIN(puk: puk.handle, to: pin.handle)))
    case .card(.success(.done)):
      return .done(.show(ceremony.screen("The card of \(keyholder.name) has a new PIN")))
    default: return .unexpected
    }
  }
}

extension Finding {
  static func lastTryKept(_ kind: SecretOperation.Kind, _ keyholder: Keyholder) -> Finding {
    let name = kind.rawValue.uppercased()
    return Finding(
      .lastTryKept, "The last try for the \(name) of \(keyholder.name) was not used.",
      hint: "Look for the right \(name), or take another of the ways that are offered.")
  }
}

extension Prompt {
  /// Typed before the last try of a PIN or PUK.
  package static let lastTry = "last-try"
  /// The last try is not used; other ways out are offered.
  package static let keptTry = "keep"
}

extension Ceremony {
  /// The last try of a PIN or PUK is not used up without a word typed for it. Nobody answers it unattended.
  func lastTry(of kind: SecretOperation.Kind, _ keyholder: Keyholder) -> Screen {
    let name = kind.rawValue.uppercased()
    let loss =
      kind == .pin ? "blocks the PIN, and only the PUK helps then" : "blocks the PUK, and only a reset helps then"
    return asking(
      Prompt(
        "Is the \(name) at hand, and certain?",
        [
          Prompt.Answer(token: Prompt.lastTry, meaning: "use the last try"),
          Prompt.Answer(token: Prompt.keptTry, meaning: "do not use it; see what else can be done"),
        ], unattended: Prompt.abort),
      "The last try for the \(name) of \(keyholder.name)", ["One try is left. A wrong \(name) \(loss)."])
  }

  static func tries(_ left: Int) -> String { left == 1 ? "1 try is left" : "\(left) tries are left" }
}
