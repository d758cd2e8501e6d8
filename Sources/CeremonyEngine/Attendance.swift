import CanonicalJSON
import CeremonyScript
import Transcript

/// Who is in the room, as far as it was recorded. Whoever nobody spoke of counts as here.
struct Attendance {
  enum State: String {
    case here
    case absent
    /// Somebody else acts in their place.
    case substitute
    case leaves
    case returns
  }

  // By the id of a person. Never iterated: the script's order is the order.
  private var states: [String: State] = [:]
  private var substitutes: [String: String] = [:]

  func isHere(_ id: String) -> Bool {
    switch states[id] {
    case nil, .here, .substitute, .returns: true
    case .absent, .leaves: false
    }
  }

  /// Whether somebody was called and was not here: nobody has seen yet who they are.
  func isAbsent(_ id: String) -> Bool { states[id] == .absent }

  /// Who acts in a person's place; nil where they act themselves.
  func substitute(of id: String) -> String? { substitutes[id] }

  /// Where a person is, in words.
  func words(for person: Person, _ name: String) -> String {
    switch states[person.id] {
    case .absent: "\(name) (absent)"
    case .leaves: "\(name) (left)"
    default: name
    }
  }

  mutating func note(_ id: String, _ state: State, _ name: String?) {
    states[id] = state
    if state == .here || state == .substitute { substitutes[id] = name }
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
  func person(_ id: String) -> Person? { people.first { $0.id == id } }

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
        step: step.id, person: person, state: state.rawValue, substitute: name, seenBy: seenBy))
    var body: JSONObject = [
      "person": .string(person.id), "role": .string(person.role), "state": .string(state.rawValue),
    ]
    if let name { body["name"] = .string(name) }
    if let seenBy { body["seen-by"] = .string(seenBy) }
    return .record(.attendance, body)
  }
}
