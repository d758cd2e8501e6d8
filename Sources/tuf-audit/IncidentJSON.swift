import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import FolderAudit
import Transcript

extension ReplayVerdict {
  /// An incident as one object of a fixed form.
  func json(for incident: Incidents.Incident) -> JSONObject {
    var object: JSONObject = [
      "kind": .null, "step": .string(incident.step), "record": .integer(incident.record),
      "file": .string(incident.isSealing ? RecordFile.sealing.name : RecordFile.transcript.name), "number": .null,
      "code": .null,
      "what": .null, "person": .null, "state": .null, "substitute": .null,
    ]
    switch incident.kind {
    case .exception(let number, let code, let what):
      object["kind"] = "exception"
      object["number"] = .integer(number)
      object["code"] = .string(code)
      object["what"] = .string(what)
    case .attendance(let person, let state, let substitute):
      object["kind"] = "attendance"
      object["person"] = .string(name(of: person))
      object["state"] = state.map { .string($0.rawValue) } ?? .null
      object["substitute"] = substitute.map { .string($0) } ?? .null
    case .interruption(let reason):
      object["kind"] = "interruption"
      object["what"] = .string(reason)
    }
    return object
  }
}
