import CeremonyRecords
import CeremonyResults
import CeremonyScript

extension Ceremony {
  /// Takes note of where a person is, and puts it on record.
  mutating func noting(
    _ person: Person, _ state: Attendance.State, name: String? = nil, seenBy: String? = nil
  ) -> Effect {
    attendance.note(person.id, state, name)
    room.attendance.append(
      RoomFacts.Attended(
        step: step.id, person: person, state: state, substitute: name, seenBy: seenBy))
    return .record(
      AttendanceRecord(person: person.id, duty: person.duty, state: state, substitute: name, seenBy: seenBy))
  }
}

extension RoomFacts {
  /// Takes an exception that was put on record into account, whoever put it there.
  mutating func note(_ told: StepEffect) {
    guard case .record(let exception as ExceptionRecord) = told.effect else { return }
    exceptions.append(
      RoomFacts.Exception(
        number: exception.number, step: told.step, code: exception.code, what: exception.what,
        speaker: exception.speaker))
  }
}
