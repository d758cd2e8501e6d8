import CeremonyRecords
import CeremonyScript
import Transcript

/// Who is in the room by the records of one ceremony: nobody signs, types initials, reads a bag or has a card wiped from outside it, nor
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
    case .attendance: AttendanceRecord(fields: record.body).map { note($0) } ?? false
    case .signature: isHere(with: SignatureRecord(fields: record.body)?.signer.keyholder)
    case .bag: isHere(with: BagRecord(fields: record.body)?.keyholder)
    case .wipe: isHere(with: WipeRecord(fields: record.body)?.keyholder)
    case .initials: isHere(with: InitialsRecord(fields: record.body)?.person)
    case .statement: isHere(with: InitialsStatement(record.body)?.person)
    default: true
    }
  }

  private func isHere(with id: String?) -> Bool {
    guard let id else { return false }
    return (Keyholder.officials + [id]).allSatisfy(attendance.isHere)
  }

  private mutating func note(_ record: AttendanceRecord) -> Bool {
    let (id, state) = (record.person, record.state)
    guard attendance.allows(state, of: id),
      record.duty == (Keyholder.officials.contains(id) ? id : "keyholder"),
      (record.substitute != nil) == (state == .substitute)
    else { return false }
    // Nobody vouches for themselves, or from outside the room.
    if state == .here || state == .substitute {
      guard let seer = record.seenBy, seer != id, seer == "known" || Keyholder.officials.contains(seer),
        attendance.isHere(seer)
      else { return false }
    } else if record.seenBy != nil {
      return false
    }
    attendance.note(id, state, nil)
    return true
  }
}
