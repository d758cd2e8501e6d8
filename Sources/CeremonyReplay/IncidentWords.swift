import CeremonyRecords
import CeremonyScript
import FolderAudit

extension ReplayVerdict {
  /// An incident in a line.
  package func words(for incident: Incidents.Incident) -> String {
    let what =
      switch incident.kind {
      case .exception(let number, let code, let what): "exception \(number), \(code): \(what)"
      case .attendance(let person, let state, let substitute): Self.words(name(of: person), state, substitute)
      case .interruption(let reason): "interrupted: \(reason)"
      }
    let step = incident.step.isEmpty ? "" : "step \(incident.step), "
    return "\(what) (\(step)record \(incident.record) of \(incident.isSealing ? "sealing" : "transcript").jsonl)"
  }

  private static func words(_ name: String, _ state: Attendance.State?, _ substitute: String?) -> String {
    switch state {
    case .here, .remains: "\(name) was here"
    case .absent: "\(name) was absent"
    case .substitute: "\(substitute ?? "somebody else") was here in the place of \(name)"
    case .leaves: "\(name) left"
    case .returns: "\(name) returned"
    case nil: "of \(name) the record does not say whether they were here"
    }
  }

  /// The name that the script gives somebody; the id where it does not.
  package func name(of person: String) -> String { people.first { $0.id == person }?.name ?? person }
}
