import CanonicalJSON
import CeremonyEngine
import Transcript

/// What people should know of a ceremony beside its verdict: exceptions, who was absent, stood in for, left or returned,
/// and interruptions. Read off the records as they come, whoever made them.
public struct Incidents: Hashable, Sendable {
  public struct Incident: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
      case exception(number: Int64, code: String, what: String)
      /// - Parameters:
      ///   - state: neither ``Attendance/State/here`` nor ``Attendance/State/remains``; nil where the record has another.
      ///   - substitute: who acted in the person's place, by name.
      case attendance(person: String, state: Attendance.State?, substitute: String?)
      case interruption(reason: String)
    }

    public let kind: Kind
    /// "" where it belongs to no step.
    public let step: String
    public let record: Int64
    /// Whether the record stands in `sealing.jsonl`.
    public let isSealing: Bool
  }

  public private(set) var all: [Incident] = []
  private var isClosed = false

  public init() {}

  /// Takes the next record into account.
  public mutating func note(_ record: Record) {
    let body = record.body
    switch record.kind {
    case .close: isClosed = true
    case .exception:
      add(
        .exception(
          number: body["number"]?.integer ?? 0, code: Self.kept(body["code"]) ?? "", what: Self.kept(body["what"]) ?? ""
        ),
        record)
    case .attendance:
      guard let person = Self.kept(body["person"]) else { return }
      let state = body["state"]?.string.flatMap(Attendance.State.init(rawValue:))
      guard state != .here, state != .remains else { return }
      add(.attendance(person: person, state: state, substitute: Self.kept(body["name"])), record)
    case .interruption: add(.interruption(reason: Self.kept(body["reason"]) ?? "unknown"), record)
    default: break
    }
  }

  /// What a program writes is shorter; a record may be a MiB long, and there may be any number of them.
  private static func kept(_ value: JSONValue?) -> String? {
    value?.string.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(1000))) }
  }

  private mutating func add(_ kind: Incident.Kind, _ record: Record) {
    all.append(Incident(kind: kind, step: record.step, record: record.seq, isSealing: isClosed))
  }
}
