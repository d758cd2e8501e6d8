import CanonicalJSON
import Transcript

/// The last record of what follows the transcript.
package struct EndRecord: ReadableRecordBody {
  package static let kind = RecordKind.end

  package let ending: Ending
  /// How many exceptions were recorded, in both files.
  package let exceptions: Int64
  /// How many signed the transcript seal.
  package let signatures: Int64

  package enum Ending: String, Sendable {
    case complete
    /// What was still missing after the close.
    case givenUp = "given-up"
    case aborted
  }

  package init(ending: Ending, exceptions: Int, signatures: Int) {
    self.ending = ending
    self.exceptions = Int64(exceptions)
    self.signatures = Int64(signatures)
  }

  package var json: JSONObject {
    [
      "ending": .string(ending.rawValue), "exceptions": .integer(exceptions), "signatures": .integer(signatures),
    ]
  }

  package init?(fields body: JSONObject) {
    guard let ending = body["ending"]?.string.flatMap(Ending.init(rawValue:)),
      let exceptions = body["exceptions"]?.integer, let signatures = body["signatures"]?.integer
    else { return nil }
    self.ending = ending
    self.exceptions = exceptions
    self.signatures = signatures
  }
}
