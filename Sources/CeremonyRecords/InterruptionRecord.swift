import CanonicalJSON
import Keys
import Transcript

/// The ceremony stopped without ending.
package struct InterruptionRecord: ReadableRecordBody {
  package static let kind = RecordKind.interruption

  /// `SIGINT`, `SIGTERM`, `SIGHUP`, `SIGQUIT`, `end of input`, or that the program ended.
  package let reason: String
  /// A last line whose writing was cut short, or a piece of it; nil where no line was.
  package let torn: [UInt8]?

  package init(reason: String, torn: [UInt8]? = nil) {
    self.reason = reason
    self.torn = torn
  }

  package var json: JSONObject {
    var body: JSONObject = ["reason": .string(reason)]
    if let torn { body["torn"] = .string(Hex.encode(torn)) }
    return body
  }

  package init?(fields body: JSONObject) {
    guard let reason = body["reason"]?.string else { return nil }
    let torn = body["torn"]?.string.flatMap { Hex.decode($0) }
    guard torn.map({ .string(Hex.encode($0)) }) == body["torn"] else { return nil }
    self.init(reason: reason, torn: torn)
  }
}
