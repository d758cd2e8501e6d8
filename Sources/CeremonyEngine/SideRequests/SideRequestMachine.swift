import CeremonyRecords

extension SideRequest {
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
