import CanonicalJSON
import Keys

/// What the card of the administrator or the witness signs under a step: their initials, and every record so far by the
/// head of the transcript at that point.
package struct InitialsStatement: Hashable, Sendable {
  package static let payloadType = "application/vnd.tuf-ceremony.initials+json"

  /// `administrator` or `witness`.
  package let person: String
  package let initials: String
  /// The script's step whose initials these are.
  package let step: String
  /// The number of the last record before the statement, past interruptions and what goes with them.
  package let record: Int64
  /// The SHA-256 of that record's line.
  package let head: SHA256Digest
  package let isRehearsal: Bool

  package init(
    person: String, initials: String, step: String, record: Int64, head: SHA256Digest, isRehearsal: Bool
  ) {
    self.person = person
    self.initials = initials
    self.step = step
    self.record = record
    self.head = head
    self.isRehearsal = isRehearsal
  }

  package var json: JSONObject {
    [
      "head": .string(head.hex), "initials": .string(initials), "person": .string(person),
      "record": .integer(record), "rehearsal": .bool(isRehearsal), "step": .string(step),
    ]
  }

  /// Reads what ``json`` writes; nil for anything else.
  package init?(_ body: JSONObject) {
    guard let person = body["person"]?.string, let initials = body["initials"]?.string,
      let step = body["step"]?.string, let record = body["record"]?.integer,
      let head = body["head"]?.string.flatMap(SHA256Digest.init(hex:)), let isRehearsal = body["rehearsal"]?.bool
    else { return nil }
    self.init(person: person, initials: initials, step: step, record: record, head: head, isRehearsal: isRehearsal)
    guard json == body else { return nil }
  }

  /// What is signed: the canonical JSON in its pre-authentication encoding.
  package var preAuthenticationEncoding: [UInt8] {
    PreAuthentication.encode(Self.payloadType, JSONValue.object(json).canonical())
  }
}
