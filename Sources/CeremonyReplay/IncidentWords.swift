import CeremonyRecords
import CeremonyScript
import FolderAudit

extension ReplayVerdict {
  /// What stands above ``incidentLines``, and says so where there are none.
  package var incidentTitle: String {
    if records == 0 { return "No record could be read: what did not go to plan is not known" }
    return incidents.all.isEmpty
      ? "No exception, absence or interruption is recorded" : "Exceptions, absences and interruptions, and who left"
  }

  /// A line each; those who left in one step share one.
  package var incidentLines: [String] {
    var lines: [String] = []
    var leaving: [Incidents.Incident] = []
    func endLeaving() {
      if let first = leaving.first, let last = leaving.last, leaving.count > 1 {
        let names = leaving.map { incident in
          if case .attendance(let person, _, _) = incident.kind { name(of: person) } else { "" }
        }
        lines.append(
          "\(names.joined(separator: ", ")) left (step \(first.step), records \(first.record) to \(last.record) of "
            + "\(first.isSealing ? "sealing" : "transcript").jsonl)")
      } else {
        lines += leaving.map(words(for:))
      }
      leaving = []
    }
    for incident in incidents.all {
      let leaves = if case .attendance(_, .leaves, _) = incident.kind { true } else { false }
      if let last = leaving.last, !leaves || last.step != incident.step || last.isSealing != incident.isSealing {
        endLeaving()
      }
      if leaves { leaving.append(incident) } else { lines.append(words(for: incident)) }
    }
    endLeaving()
    return lines
  }

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
