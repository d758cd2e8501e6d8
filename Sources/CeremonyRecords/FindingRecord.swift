import CanonicalJSON
import Findings
import Transcript

/// Something is not as it must be.
package struct FindingRecord: ReadableRecordBody {
  package static let kind = RecordKind.finding

  /// Releases have their own codes.
  package let code: String
  package let severity: String
  package let what: String
  package let hint: String
  package let place: String?

  package init(_ finding: Finding) {
    code = finding.code.description
    severity = finding.severity.rawValue
    what = finding.what
    hint = finding.hint
    place = finding.place
  }

  package var json: JSONObject {
    var body: JSONObject = [
      "code": .string(code), "severity": .string(severity), "what": .string(what), "hint": .string(hint),
    ]
    if let place { body["place"] = .string(place) }
    return body
  }

  package init?(fields body: JSONObject) {
    guard let code = body["code"]?.string, let severity = body["severity"]?.string,
      let what = body["what"]?.string, let hint = body["hint"]?.string
    else { return nil }
    self.code = code
    self.severity = severity
    self.what = what
    self.hint = hint
    place = body["place"]?.string
    guard (place == nil) == (body["place"] == nil) else { return nil }
  }
}
