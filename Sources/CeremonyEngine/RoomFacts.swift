import CanonicalJSON
import Transcript
import UTC

/// What happened around the cards, for reports: known by re-executing the ceremony.
public struct RoomFacts: Hashable, Sendable {
  /// In their order, numbered from 1.
  public internal(set) var exceptions: [Exception] = []
  public internal(set) var attendance: [Attended] = []
  public internal(set) var bags: [Bag] = []
  public internal(set) var initials: [Initialled] = []
  public internal(set) var pauses: [Pause] = []

  package init() {}

  public struct Exception: Hashable, Sendable {
    public let number: Int64
    public let step: String
    public let code: String
    public let what: String
    /// `administrator` or `witness`, where a person put it on record.
    public let speaker: String?
  }

  /// Somebody was here, absent, stood in for, left or returned.
  public struct Attended: Hashable, Sendable {
    public let step: String
    public let person: Person
    public let state: Attendance.State
    /// The substitute's name.
    public let substitute: String?
    /// `administrator`, `witness`, `known`; nil where nobody was looked at.
    public let seenBy: String?
  }

  public struct Bag: Hashable, Sendable {
    public let number: String
    public let keyholder: String
    public let card: String?
    /// `opened` or `closed`.
    public let state: String
  }

  /// Initials typed under a step.
  public struct Initialled: Hashable, Sendable {
    public let step: String
    public let role: String
    public let name: String
    public let initials: String
    /// The card that signed them; nil where nothing but one keyboard says whose they are.
    public internal(set) var card: String?
  }

  public struct Pause: Hashable, Sendable {
    public let step: String
    public let since: UTCTime
  }
}

extension RoomFacts {
  /// Takes an exception that was put on record into account, whoever put it there.
  mutating func note(_ stepEffect: StepEffect) {
    guard case .record(.exception, let body) = stepEffect.effect, let number = body["number"]?.integer,
      let code = body["code"]?.string, let what = body["what"]?.string
    else { return }
    exceptions.append(
      Exception(number: number, step: stepEffect.step, code: code, what: what, speaker: body["on-behalf-of"]?.string))
  }
}
