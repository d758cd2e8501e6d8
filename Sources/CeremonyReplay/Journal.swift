import CanonicalJSON
import CeremonyRecords
import Findings
import FolderAudit
import Keys
import Transcript

/// Where records go, or come from. A live journal appends; a replay's compares and hands out what was recorded.
/// Run, replay and tests differ in this and in nothing else.
package protocol Journal: AnyObject {
  /// A record that the engine determines. Live it is on the disk when this returns;
  /// in a replay it must equal the next record.
  func state(_ kind: RecordKind, step: String, _ body: JSONObject) throws

  /// A record that the world determines. Live `perform` is called and what it returns recorded;
  /// in a replay the next record is returned and nothing performed.
  func obtain(_ kind: RecordKind, step: String, _ perform: () throws -> JSONObject) throws -> JSONObject

  /// The transcript has had its last record: what follows goes into `sealing.jsonl`. Returns the head.
  func turnToSealing() throws -> SHA256Digest

  /// The number of the last record that was stated or obtained, and the SHA-256 of its line: never an interruption, what
  /// follows it, or the loss of a second copy, which a replay passes over.
  var last: (number: Int64, digest: SHA256Digest) { get }

  /// Whether the ceremony stopped and went on, before what comes next, since this was asked last.
  func hasGoneOn() throws -> Bool

  /// When the first record was made.
  var beginning: Record? { get }
}

extension Journal {
  /// The same for a body of a known kind.
  package func state<Body: RecordBody>(_ body: Body, step: String) throws {
    try state(Body.kind, step: step, body.json)
  }

  /// The same for a body of a known kind; nil where what was recorded is not what such a record holds.
  package func obtain<Body: ReadableRecordBody>(step: String, _ perform: () throws -> Body) throws -> Body? {
    Body(try obtain(Body.kind, step: step) { try perform().json })
  }
}
