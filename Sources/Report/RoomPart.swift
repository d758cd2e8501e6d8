import CeremonyRecords
import CeremonyResults
import CeremonyScript
import UTC

/// What happened around the cards: exceptions, people, bags, initials, pauses.
struct RoomPart {
  let exceptions: [ExceptionRow]
  let attendance: [AttendanceRow]
  let bags: [BagRow]
  let initials: [InitialsRow]
  let pauses: [PauseRow]

  init(_ facts: RoomFacts) {
    exceptions = facts.exceptions.map(ExceptionRow.init)
    attendance = facts.attendance.map(AttendanceRow.init)
    bags = facts.bags.map(BagRow.init)
    initials = facts.initials.map(InitialsRow.init)
    pauses = facts.pauses.map { PauseRow(pauseStep: $0.step, since: $0.since.description) }
  }
}

/// An exception, by its number.
struct ExceptionRow {
  let exceptionNumber: String
  let exceptionStep: String
  let exceptionCode: String
  let exceptionWords: String
  let speaker: String

  init(_ exception: RoomFacts.Exception) {
    exceptionNumber = String(exception.number)
    exceptionStep = exception.step
    exceptionCode = exception.code
    exceptionWords = exception.what
    speaker = exception.speaker.map { "the \($0), in their own words" } ?? "the program"
  }
}

/// Somebody was here or not, left or returned.
struct AttendanceRow {
  let attendee: String
  let part: String
  let whereabouts: String
  let identity: String
  let attendanceStep: String

  init(_ attended: RoomFacts.Attended) {
    attendee = attended.person.name
    part = attended.person.duty
    whereabouts = Self.whereabouts(attended.state, attended.substitute)
    identity = Self.identity(attended.seenBy)
    attendanceStep = attended.step
  }

  static func whereabouts(_ state: Attendance.State?, _ substitute: String?) -> String {
    switch state {
    case .substitute: "\(substitute ?? "somebody else") in their place"
    case .remains: "here after the interruption"
    case let state?: state.rawValue
    case nil: "not said"
    }
  }

  static func identity(_ seenBy: String?) -> String {
    switch seenBy {
    case nil: ""
    case "known": "known to those present; no document"
    case let role?: "a document, seen by the \(role)"
    }
  }
}

struct BagRow {
  let bagNumber: String
  let bagHolder: String
  let bagCard: String
  let bagState: String

  init(_ bag: RoomFacts.Bag) {
    bagNumber = bag.number
    bagHolder = bag.keyholder
    bagCard = bag.card ?? "not known yet"
    bagState = bag.state
  }
}

/// Initials under a step.
struct InitialsRow {
  let initialledStep: String
  let initialledBy: String
  let letters: String
  let proof: String

  init(_ initialled: RoomFacts.Initialled) {
    initialledStep = initialled.step
    initialledBy = "\(initialled.name), \(initialled.duty)"
    letters = initialled.initials
    proof = initialled.card.map { "typed, and signed by the card \($0)" } ?? "typed at one keyboard"
  }
}

struct PauseRow {
  let pauseStep: String
  let since: String
}
