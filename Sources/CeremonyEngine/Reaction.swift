import CeremonyResults

/// What the engine makes of an event: what it tells, in this order, and then what it asks, or how the ceremony ended.
package struct Reaction: Sendable {
  package enum Next: Sendable {
    /// What this brings is the engine's next event.
    ///
    /// - Parameter step: the id of the step that asks; "" before the first step and after the last.
    case ask(Question, step: String)
    /// Nothing follows.
    case end(Outcome)
  }

  package let told: [StepEffect]
  package let next: Next
}

extension Reaction {
  /// The same, with something told before it.
  static func + (before: [StepEffect], reaction: Reaction) -> Reaction {
    Reaction(told: before + reaction.told, next: reaction.next)
  }
}
