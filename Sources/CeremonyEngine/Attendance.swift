import CanonicalJSON
import CeremonyScript
import Transcript

/// Who is in the room, as far as it was recorded. Whoever nobody spoke of counts as here.
public struct Attendance: Sendable {
  /// What an `attendance` record says of somebody.
  public enum State: String, Sendable {
    case here
    case absent
    /// Somebody else acts in their place.
    case substitute
    case leaves
    case returns
    /// Was here before an interruption, and is here after it.
    case remains
  }

  // By the id of a person. Never iterated for anything whose order shows.
  private var states: [String: State] = [:]
  private var substitutes: [String: String] = [:]
  /// Who was here when the ceremony stopped, and of whom nobody has said since that they still are.
  private var unknown: Set<String> = []

  package init() {}

  package func isHere(_ id: String) -> Bool { !isUnknown(id) && !isAway(id) }

  private func isAway(_ id: String) -> Bool { states[id] == .absent || states[id] == .leaves }

  /// Whether nobody knows since an interruption.
  func isUnknown(_ id: String) -> Bool { unknown.contains(id) }

  /// Whether somebody was called and was not here: nobody has seen yet who they are.
  func isAbsent(_ id: String) -> Bool { states[id] == .absent }

  /// Who acts in a person's place; nil where they act themselves.
  func substitute(of id: String) -> String? { substitutes[id] }

  /// Where a person is, in words.
  func words(for person: Person, _ name: String) -> String {
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

/// Somebody with a part in the ceremony.
public struct Person: Hashable, Sendable {
  /// `administrator`, `witness`, or the keyholder's id.
  public let id: String
  /// `administrator`, `witness` or `keyholder`.
  public let role: String
  /// As the script gives it.
  public let name: String
}

extension Person {
  /// No keyholder: administrator or witness.
  var isOfficial: Bool { role != "keyholder" }
}

extension Script {
  package func person(_ id: String) -> Person? { people.first { $0.id == id } }

  /// Everybody with a part, in the order in which attendance is taken.
  public var people: [Person] {
    [
      Person(id: "administrator", role: "administrator", name: administrator),
      Person(id: "witness", role: "witness", name: witness),
    ] + keyholders.map { Person(id: $0.id, role: "keyholder", name: $0.name) }
  }
}

extension Ceremony {
  /// Takes note of where a person is, and puts it on record.
  mutating func noting(
    _ person: Person, _ state: Attendance.State, name: String? = nil, seenBy: String? = nil
  ) -> Effect {
    attendance.note(person.id, state, name)
    room.attendance.append(
      RoomFacts.Attended(
        step: step.id, person: person, state: state, substitute: name, seenBy: seenBy))
    var body: JSONObject = [
      "person": .string(person.id), "role": .string(person.role), "state": .string(state.rawValue),
    ]
    if let name { body["name"] = .string(name) }
    if let seenBy { body["seen-by"] = .string(seenBy) }
    return .record(.attendance, body)
  }
}
