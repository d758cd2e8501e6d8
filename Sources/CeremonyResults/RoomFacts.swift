import CeremonyRecords
import CeremonyScript
import UTC

/// What happened around the cards, for reports: known by re-executing the ceremony.
package struct RoomFacts: Hashable, Sendable {
  /// In their order, numbered from 1.
  package var exceptions: [Exception] = []
  package var attendance: [Attended] = []
  package var bags: [Bag] = []
  package var initials: [Initialled] = []
  package var pauses: [Pause] = []

  package init() {}

  package struct Exception: Hashable, Sendable {
    package let number: Int64
    package let step: String
    package let code: String
    package let what: String
    /// `administrator` or `witness`, where a person put it on record.
    package let speaker: String?

    package init(number: Int64, step: String, code: String, what: String, speaker: String?) {
      self.number = number
      self.step = step
      self.code = code
      self.what = what
      self.speaker = speaker
    }
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

    package init(step: String, person: Person, state: Attendance.State, substitute: String?, seenBy: String?) {
      self.step = step
      self.person = person
      self.state = state
      self.substitute = substitute
      self.seenBy = seenBy
    }
  }

  package struct Bag: Hashable, Sendable {
    package let number: String
    package let keyholder: String
    package let card: String?
    /// `opened` or `closed`.
    package let state: String

    package init(number: String, keyholder: String, card: String?, state: String) {
      self.number = number
      self.keyholder = keyholder
      self.card = card
      self.state = state
    }
  }

  /// Initials typed under a step.
  package struct Initialled: Hashable, Sendable {
    package let step: String
    /// `administrator` or `witness`.
    package let duty: String
    package let name: String
    package let initials: String
    /// The card that signed them; nil where nothing but one keyboard says whose they are.
    package var card: String?

    package init(step: String, duty: String, name: String, initials: String, card: String? = nil) {
      self.step = step
      self.duty = duty
      self.name = name
      self.initials = initials
      self.card = card
    }
  }

  package struct Pause: Hashable, Sendable {
    package let step: String
    package let since: UTCTime

    package init(step: String, since: UTCTime) {
      self.step = step
      self.since = since
    }
  }
}
