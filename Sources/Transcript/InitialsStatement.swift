import CanonicalJSON
import Keys

/// What the card of the administrator or the witness signs under a step: their initials, and every record so far by the
/// head of the transcript at that point.
public struct InitialsStatement: Hashable, Sendable {
  public static let payloadType = "application/vnd.tuf-ceremony.initials+json"

  /// `administrator` or `witness`.
  public let person: String
  public let initials: String
  /// The script's step whose initials these are.
  public let step: String
  /// The number of the last record before the statement, past interruptions and what goes with them.
  public let record: Int64
  /// The SHA-256 of that record's line.
  public let head: SHA256Digest
  public let isRehearsal: Bool

  public init(
    person: String, initials: String, step: String, record: Int64, head: SHA256Digest, isRehearsal: Bool
  ) {
    self.person = person
    self.initials = initials
    self.step = step
    self.record = record
    self.head = head
    self.isRehearsal = isRehearsal
  }

  public var json: JSONObject {
    [
      "head": .string(head.hex), "initials": .string(initials), "person": .string(person),
      "record": .integer(record), "rehearsal": .bool(isRehearsal), "step": .string(step),
    ]
  }

  /// Reads what ``json`` writes; nil for anything else.
  public init?(_ body: JSONObject) {
    guard let person = body["person"]?.string, let initials = body["initials"]?.string,
      let step = body["step"]?.string, let record = body["record"]?.integer,
      let head = body["head"]?.string.flatMap(SHA256Digest.init(hex:)), let isRehearsal = body["rehearsal"]?.bool
    else { return nil }
    self.init(person: person, initials: initials, step: step, record: record, head: head, isRehearsal: isRehearsal)
    guard json == body else { return nil }
  }

  /// What is signed: the canonical JSON in its pre-authentication encoding.
  public var preAuthenticationEncoding: [UInt8] {
    PreAuthentication.encode(Self.payloadType, JSONValue.object(json).canonical())
  }
}
