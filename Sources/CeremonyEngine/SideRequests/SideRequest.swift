import Findings

/// What is possible at every prompt: a way aside, and back to the question that was interrupted.
package enum SideRequest: String, Sendable, CaseIterable {
  /// Something that did not go to plan is put on record in words.
  case exception
  case pause
  /// Somebody leaves the room.
  case leaves
  case returns
  /// Both roles give the ceremony up.
  case abort

  /// A fresh machine for it. When that is done, the interrupted screen is asked again.
  var machine: any StepMachine {
    switch self {
    case .exception: ExceptionRequest()
    case .pause: PauseRequest()
    case .leaves: ComingAndGoing(.leaves)
    case .returns: ComingAndGoing(.returns)
    case .abort: AbortRequest()
    }
  }
}

extension Transition {
  /// Back to the question before, with nothing done.
  static var back: Transition { .done() }
}
