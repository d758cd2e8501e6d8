import CeremonyRecords
import Transcript

/// What people should know of a ceremony beside its verdict: exceptions, who was absent, stood in for, left or returned,
/// and interruptions. Read off the records as they come, whoever made them.
package struct Incidents: Hashable, Sendable {
  package struct Incident: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      case exception(number: Int64, code: String, what: String)
      /// - Parameters:
      ///   - state: neither ``Whereabouts/here`` nor ``Whereabouts/remains``.
      ///   - substitute: who acted in the person's place, by name.
      case attendance(person: String, state: Attendance.State?, substitute: String?)
      case interruption(reason: String)
    }

    package let kind: Kind
    /// "" where it belongs to no step.
    package let step: String
    package let record: Int64
    /// Whether the record stands in `sealing.jsonl`.
    package let isSealing: Bool
  }

  package private(set) var all: [Incident] = []
  private var isClosed = false

  package init() {}

  /// Takes the next record into account.
  package mutating func note(_ record: Record) {
    switch record.kind {
    case .close: isClosed = true
    case .exception:
      guard let exception = ExceptionRecord(fields: record.body) else { return }
      add(
        .exception(number: exception.number, code: Self.kept(exception.code), what: Self.kept(exception.what)), record)
    case .attendance:
      guard let attendance = AttendanceRecord(fields: record.body), ![.here, .remains].contains(attendance.state) else {
        return
      }
      add(
        .attendance(
          person: Self.kept(attendance.person), state: attendance.state,
          substitute: attendance.substitute.map(Self.kept)), record)
    case .interruption:
      add(
        .interruption(reason: InterruptionRecord(fields: record.body).map { Self.kept($0.reason) } ?? "unknown"), record
      )
    default: break
    }
  }

  /// What a program writes is shorter; a record may be a MiB long, and there may be any number of them.
  private static func kept(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(1000)))
  }

  private mutating func add(_ kind: Incident.Kind, _ record: Record) {
    all.append(Incident(kind: kind, step: record.step, record: record.seq, isSealing: isClosed))
  }
}
