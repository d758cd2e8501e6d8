/// Somebody with a part in the ceremony.
package struct Person: Hashable, Sendable {
  /// `administrator`, `witness`, or the keyholder's id.
  package let id: String
  /// `administrator`, `witness` or `keyholder`.
  package let duty: String
  /// As the script gives it.
  package let name: String
}

extension Person {
  /// No keyholder: administrator or witness.
  package var isOfficial: Bool { duty != "keyholder" }
}

extension Script {
  package func person(_ id: String) -> Person? { people.first { $0.id == id } }

  /// Everybody with a part, in the order in which attendance is taken.
  package var people: [Person] {
    [Person(id: "administrator", duty: "administrator", name: administrator)]
      + (witnessing == .none ? [] : [Person(id: "witness", duty: "witness", name: witness)])
      + keyholders.map { Person(id: $0.id, duty: "keyholder", name: $0.name) }
  }
}
