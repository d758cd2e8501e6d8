import CanonicalJSON
import Keys
import Transcript

/// Randomness for a public value.
package struct RandomRecord: ReadableRecordBody, Hashable {
  package static let kind = RecordKind.random

  package let bytes: [UInt8]
  package let purpose: String

  package init(bytes: [UInt8], purpose: String) {
    self.bytes = bytes
    self.purpose = purpose
  }

  package var json: JSONObject { ["bytes": .string(Hex.encode(bytes)), "purpose": .string(purpose)] }

  package init?(fields body: JSONObject) {
    guard let hex = body["bytes"]?.string, let bytes = Hex.decode(hex), Hex.encode(bytes) == hex,
      let purpose = body["purpose"]?.string
    else { return nil }
    self.init(bytes: bytes, purpose: purpose)
  }
}
