import CanonicalJSON
import CeremonyEngine
import CeremonyScript
import Transcript

/// Who is in the room by the records of one ceremony: nobody signs, types initials or reads a bag from outside it, nor
/// without administrator and witness. So it is from engine version 4 on; from 5 on nobody does before it was said of them
/// that they are still here, where the ceremony went on after an interruption.
struct RecordedPresence {
  private var attendance = Attendance()
  /// Whether the ceremony went on and nothing was asked since: what follows was done before it stopped.
  private var goesOn = false

  /// Whether this record may stand here.
  mutating func note(_ record: Record, engine: Int64) -> Bool {
    switch record.kind {
    case .resume: goesOn = engine >= EngineVersion.withRollCall
    case .answer, .operation:
      if goesOn { attendance.interrupt() }
      goesOn = false
    default: break
    }
    return switch record.kind {
    case .attendance: note(record.body)
    case .signature, .bag: isHere(with: record.body["keyholder"]?.string)
    case .initials, .statement: isHere(with: record.body["person"]?.string)
    default: true
    }
  }

  private func isHere(with id: String?) -> Bool {
    guard let id else { return false }
    return (Keyholder.officials + [id]).allSatisfy(attendance.isHere)
  }

  private mutating func note(_ body: JSONObject) -> Bool {
    guard let id = body["person"]?.string, let role = body["role"]?.string,
      let state = body["state"]?.string.flatMap(Attendance.State.init(rawValue:)), attendance.allows(state, of: id),
      role == (Keyholder.officials.contains(id) ? id : "keyholder"),
      (body["name"] != nil) == (state == .substitute), body["name"].map({ $0.string != nil }) ?? true
    else { return false }
    // Nobody vouches for themselves, or from outside the room.
    if state == .here || state == .substitute {
      guard let seer = body["seen-by"]?.string, seer != id, seer == "known" || Keyholder.officials.contains(seer),
        attendance.isHere(seer)
      else { return false }
    } else if body["seen-by"] != nil {
      return false
    }
    attendance.note(id, state, nil)
    return true
  }
}
