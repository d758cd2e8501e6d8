import CeremonyScript
import Findings
import PIV

/// A step that failed.
struct Failure: Sendable {
  let finding: Finding
  /// Nobody knows what the card took over.
  var isInDoubt = false
}

/// What can be done after a failure. Each use is a numbered exception.
enum Remedy: Hashable, Sendable {
  /// The step from its beginning; where the card is in doubt, its provisioning from the reset on.
  case retry(isInDoubt: Bool)
  /// A new PIN by means of the PUK, then the step again.
  case unblock

  /// What is typed.
  var token: String {
    switch self {
    case .retry: "retry"
    case .unblock: "unblock"
    }
  }

  var meaning: String {
    switch self {
    case .retry(isInDoubt: false): "do this step again from its beginning"
    case .retry(isInDoubt: true): "reset the card and provision it again: nobody knows what it took over"
    case .unblock: "type the PUK, make a new PIN, then do this step again"
    }
  }

  /// What the exception says was done.
  var account: String {
    switch self {
    case .retry(isInDoubt: false): "The step was done again"
    case .retry(isInDoubt: true): "The card was provisioned again from its reset"
    case .unblock: "A new PIN was set with the PUK"
    }
  }
}

extension Ceremony {
  /// What can be done now, in the order in which it is offered.
  func remedies(after failure: Failure) -> [Remedy] {
    var remedies = [Remedy.retry(isInDoubt: failure.isInDoubt)]
    if step.activity.usesOwnPIN, [.pinBlocked, .pinWrong].contains(failure.finding.code) { remedies.append(.unblock) }
    return remedies
  }
}
