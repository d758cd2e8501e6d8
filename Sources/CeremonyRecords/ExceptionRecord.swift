import CanonicalJSON
import Findings
import Transcript

/// Something did not go to plan, and was put on record.
package struct ExceptionRecord: ReadableRecordBody {
  package static let kind = RecordKind.exception

  /// From 1.
  package let number: Int64
  /// Of the finding, where there was one. Releases have their own codes.
  package let code: String
  package let what: String
  /// `administrator` or `witness`, where a person put it on record.
  package let speaker: String?

  package init(number: Int, code: Finding.Code, what: String, speaker: String? = nil) {
    self.number = Int64(number)
    self.code = code.description
    self.what = what
    self.speaker = speaker
  }

  package var json: JSONObject {
    var body: JSONObject = ["number": .integer(number), "code": .string(code), "what": .string(what)]
    if let speaker { body["on-behalf-of"] = .string(speaker) }
    return body
  }

  package init?(fields body: JSONObject) {
    guard let number = body["number"]?.integer, let code = body["code"]?.string, let what = body["what"]?.string else {
      return nil
    }
    self.number = number
    self.code = code
    self.what = what
    speaker = body["on-behalf-of"]?.string
    guard (speaker == nil) == (body["on-behalf-of"] == nil) else { return nil }
  }
}
