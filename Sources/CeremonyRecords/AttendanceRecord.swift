import CanonicalJSON
import Transcript

/// Where somebody with a part in the ceremony is.
package enum Whereabouts: String, Sendable {
  case here
  case absent
  /// Somebody else acts in their place.
  case substitute
  case leaves
  case returns
  /// Was here before an interruption, and is here after it.
  case remains
}

/// Somebody is here, absent, stood in for, leaves or returns.
package struct AttendanceRecord: ReadableRecordBody {
  package static let kind = RecordKind.attendance

  /// `administrator`, `witness`, or a keyholder's id.
  package let person: String
  /// `administrator`, `witness` or `keyholder`.
  package let duty: String
  package let state: Whereabouts
  /// The substitute's name.
  package let substitute: String?
  /// `administrator`, `witness`, `known`; nil where nobody was looked at.
  package let seenBy: String?

  package init(person: String, duty: String, state: Whereabouts, substitute: String?, seenBy: String?) {
    self.person = person
    self.duty = duty
    self.state = state
    self.substitute = substitute
    self.seenBy = seenBy
  }

  package var json: JSONObject {
    var body: JSONObject = [
      "person": .string(person), "role": .string(duty), "state": .string(state.rawValue),
    ]
    if let substitute { body["name"] = .string(substitute) }
    if let seenBy { body["seen-by"] = .string(seenBy) }
    return body
  }

  package init?(fields body: JSONObject) {
    guard let person = body["person"]?.string, let duty = body["role"]?.string,
      let state = body["state"]?.string.flatMap(Whereabouts.init(rawValue:))
    else { return nil }
    self.init(
      person: person, duty: duty, state: state, substitute: body["name"]?.string, seenBy: body["seen-by"]?.string)
    guard (substitute == nil) == (body["name"] == nil), (seenBy == nil) == (body["seen-by"] == nil) else { return nil }
  }
}
