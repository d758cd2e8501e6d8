import CardOperations
import PIVTypes

extension [Holding] {
  /// One line for each slot that holds a key, and one for all that are not known.
  public var facts: [Screen.Fact] {
    let others = occupied.isEmpty ? "slots" : "other slots"
    return occupied.map { Screen.Fact(name: "slot \($0.slot)", value: $0.words) }
      + (unknown.isEmpty ? [] : [Screen.Fact(name: others, value: Self.notSaid)])
  }
}
