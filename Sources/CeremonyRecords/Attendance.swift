import CeremonyScript

/// Who is in the room, as far as it was recorded. Whoever nobody spoke of counts as here.
package struct Attendance: Sendable {
  package typealias State = Whereabouts

  // By the id of a person. Never iterated for anything whose order shows.
  private var states: [String: State] = [:]
  private var substitutes: [String: String] = [:]
  /// Who was here when the ceremony stopped, and of whom nobody has said since that they still are.
  private var unknown: Set<String> = []

  package init() {}

  package func isHere(_ id: String) -> Bool { !isUnknown(id) && !isAway(id) }

  private func isAway(_ id: String) -> Bool { states[id] == .absent || states[id] == .leaves }

  /// Whether nobody knows since an interruption.
  package func isUnknown(_ id: String) -> Bool { unknown.contains(id) }

  /// Whether somebody was called and was not here: nobody has seen yet who they are.
  package func isAbsent(_ id: String) -> Bool { states[id] == .absent }

  /// Who acts in a person's place; nil where they act themselves.
  package func substitute(of id: String) -> String? { substitutes[id] }

  /// Where a person is, in words.
  package func words(for person: Person, _ name: String) -> String {
    switch states[person.id] {
    case _ where isUnknown(person.id): "\(name) (not known)"
    case .absent: "\(name) (absent)"
    case .leaves: "\(name) (left)"
    default: name
    }
  }

  /// Whether this can be said of somebody now.
  package func allows(_ state: State, of id: String) -> Bool {
    switch state {
    case .here, .substitute: true
    case .absent: !Keyholder.officials.contains(id)
    case .leaves: isHere(id) || isUnknown(id)
    case .returns: states[id] == .leaves
    case .remains: isUnknown(id)
    }
  }

  package mutating func note(_ id: String, _ state: State, _ name: String?) {
    states[id] = state
    unknown.remove(id)
    if state == .here || state == .substitute { substitutes[id] = name }
  }

  /// The ceremony stopped and went on: of everybody who was said to be here it is not known any more.
  package mutating func interrupt() {
    unknown.formUnion(states.keys.filter { !isAway($0) })
  }
}
