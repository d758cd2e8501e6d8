import CanonicalJSON
import CeremonyScript
import Transcript

/// Who is in the room by the records of one ceremony: nobody signs, types initials or reads a bag from outside it, nor
/// without administrator and witness. So it is from engine version 4 on.
struct RecordedPresence {
  /// The last state of each person. Never iterated.
  private var states: [String: Attendance.State] = [:]

  private func isHere(_ id: String) -> Bool { states[id] != .absent && states[id] != .leaves }

  /// Whether this record may stand here.
  mutating func note(_ record: Record) -> Bool {
    switch record.kind {
    case .attendance: note(record.body)
    case .signature, .bag: isHere(with: record.body["keyholder"]?.string)
    case .initials, .statement: isHere(with: record.body["person"]?.string)
    default: true
    }
  }

  private func isHere(with id: String?) -> Bool {
    guard let id else { return false }
    return isHere("administrator") && isHere("witness") && isHere(id)
  }

  private mutating func note(_ body: JSONObject) -> Bool {
    guard let id = body["person"]?.string, let role = body["role"]?.string,
      let state = body["state"]?.string.flatMap(Attendance.State.init(rawValue:))
    else { return false }
    let isOfficial = Keyholder.officials.contains(id)
    let isPossible =
      switch state {
      case .here, .substitute: true
      case .absent: !isOfficial
      case .leaves: isHere(id)
      case .returns: states[id] == .leaves
      }
    guard isPossible, role == (isOfficial ? id : "keyholder") else { return false }
    guard (body["name"] != nil) == (state == .substitute), body["name"].map({ $0.string != nil }) ?? true else {
      return false
    }
    // Nobody vouches for themselves, or from outside the room.
    if state == .here || state == .substitute {
      guard let seer = body["seen-by"]?.string, seer != id, seer == "known" || Keyholder.officials.contains(seer),
        isHere(seer)
      else { return false }
    } else if body["seen-by"] != nil {
      return false
    }
    states[id] = state
    return true
  }
}
