import CanonicalJSON
import Keys
import Transcript

/// Somebody elsewhere was seen or heard reading from their own screen: the head of their small ceremony, so that nobody can
/// put another one in its place afterwards.
package struct HeardRecord: ReadableRecordBody {
  package static let kind = RecordKind.heard

  /// The keyholder's id.
  package let person: String
  /// Of the transcript of the ceremony that they held.
  package let head: SHA256Digest

  package init(person: String, head: SHA256Digest) {
    self.person = person
    self.head = head
  }

  package var json: JSONObject { ["head": .string(head.hex), "person": .string(person)] }

  package init?(fields body: JSONObject) {
    guard let person = body["person"]?.string, let head = body["head"]?.string.flatMap(SHA256Digest.init(hex:)) else {
      return nil
    }
    self.init(person: person, head: head)
  }
}
