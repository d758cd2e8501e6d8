import CanonicalJSON
import Transcript
import UTC

/// A record of something that did not go to plan: an exception, or what led to it or came of it.
struct DepartureRow {
  let departureRecord: String
  let departureTime: String
  let departureKind: String
  let departureStep: String?
  let words: String

  /// nil for a record that tells of nothing out of the ordinary.
  init?(_ record: Record) {
    switch record.kind {
    case .exception, .finding, .dropped, .interruption, .resume, .mirror: break
    default: return nil
    }
    departureRecord = String(record.seq)
    departureTime = record.at.description
    let number = record.body["number"]?.integer.map { " \($0)" } ?? ""
    departureKind = record.kind.rawValue + number
    departureStep = record.step.isEmpty ? nil : record.step
    let code = record.body["code"]?.string.map { "\($0): " } ?? ""
    words =
      code
      + (record.body["what"]?.string ?? record.body["why"]?.string ?? record.body["reason"]?.string
        ?? record.body["lost"]?.string.map { "The second copy was lost: \($0)" }
        ?? record.body["program"]?["version"]?.string.map { "The ceremony went on, with tuf-ceremony \($0)." }
        ?? String(decoding: JSONValue.object(record.body).canonical(), as: UTF8.self))
  }
}
