import CeremonyRecords
import Transcript
import UTC

/// What happened around the cards, for reports: known by re-executing the ceremony.
package struct RoomFacts: Hashable, Sendable {
  /// In their order, numbered from 1.
  package internal(set) var exceptions: [Exception] = []
  package internal(set) var attendance: [Attended] = []
  package internal(set) var bags: [Bag] = []
  package internal(set) var initials: [Initialled] = []
  package internal(set) var pauses: [Pause] = []

  package init() {}

  package struct Exception: Hashable, Sendable {
    package let number: Int64
    package let step: String
    package let code: String
    package let what: String
    /// `administrator` or `witness`, where a person put it on record.
    package let speaker: String?
  }

  /// Somebody was here, absent, stood in for, left or returned.
  package struct Attended: Hashable, Sendable {
    package let step: String
    package let person: Person
    package let state: Attendance.State
    /// The substitute's name.
    package let substitute: String?
    /// `administrator`, `witness`, `known`; nil where nobody was looked at.
    package let seenBy: String?
  }

  package struct Bag: Hashable, Sendable {
    package let number: String
    package let keyholder: String
    package let card: String?
    /// `opened` or `closed`.
    package let state: String
  }

  /// Initials typed under a step.
  package struct Initialled: Hashable, Sendable {
    package let step: String
    package let role: String
    package let name: String
    package let initials: String
    /// The card that signed them; nil where nothing but one keyboard says whose they are.
    package internal(set) var card: String?
  }

  package struct Pause: Hashable, Sendable {
    package let step: String
    package let since: UTCTime
  }
}

extension RoomFacts {
  /// Takes an exception that was put on record into account, whoever put it there.
  mutating func note(_ told: StepEffect) {
    guard case .record(let exception as ExceptionRecord) = told.effect else { return }
    exceptions.append(
      Exception(
        number: exception.number, step: told.step, code: exception.code, what: exception.what,
        speaker: exception.speaker))
  }
}
