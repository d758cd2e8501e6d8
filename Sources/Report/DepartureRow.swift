import CanonicalJSON
import CeremonyRecords
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
    guard let departure = Departure(record) else { return nil }
    departureRecord = String(record.seq)
    departureTime = record.at.description
    departureKind = record.kind.rawValue + (departure.number.map { " \($0)" } ?? "")
    departureStep = record.step.isEmpty ? nil : record.step
    words = departure.words
  }
}

/// What such a record tells.
private struct Departure {
  private(set) var number: Int64?
  let words: String

  /// nil for a record that tells of nothing out of the ordinary. One that cannot be read is shown as it stands.
  init?(_ record: Record) {
    let words: String?
    switch record.kind {
    case .exception:
      let exception = ExceptionRecord(fields: record.body)
      number = exception?.number
      words = exception.map { "\($0.code): \($0.what)" }
    case .finding: words = FindingRecord(fields: record.body).map { "\($0.code): \($0.what)" }
    case .dropped: words = DroppedRecord(fields: record.body)?.why
    case .interruption: words = InterruptionRecord(fields: record.body)?.reason
    case .resume:
      words = ResumeRecord(fields: record.body).map { "The ceremony went on, with tuf-ceremony \($0.program.version)." }
    case .mirror: words = MirrorRecord(fields: record.body).map { "The second copy was lost: \($0.loss)" }
    default: return nil
    }
    self.words = words ?? String(decoding: JSONValue.object(record.body).canonical(), as: UTF8.self)
  }
}
