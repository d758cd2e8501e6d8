import CanonicalJSON
import Keys
import Transcript

/// A payload was given up with its signatures, before it reached its threshold.
package struct DroppedRecord: ReadableRecordBody {
  package static let kind = RecordKind.dropped

  package let role: String
  /// SHA-256 of the signed part.
  package let payload: SHA256Digest
  /// Those who had signed it.
  package let signers: [SignatureRecord.Signer]
  package let why: String

  package init(role: String, payload: SHA256Digest, signers: [SignatureRecord.Signer], why: String) {
    self.role = role
    self.payload = payload
    self.signers = signers
    self.why = why
  }

  package var json: JSONObject {
    [
      "role": .string(role), "sha256": .string(payload.hex),
      "signatures": .array(signers.map { .object($0.json) }), "why": .string(why),
    ]
  }

  /// nil, too, where a signer has other fields than these.
  package init?(fields body: JSONObject) {
    guard let role = body["role"]?.string, let payload = body["sha256"]?.string.flatMap(SHA256Digest.init(hex:)),
      let list = body["signatures"]?.array, let why = body["why"]?.string
    else { return nil }
    let signers = list.compactMap { $0.object.flatMap(SignatureRecord.Signer.init(fields:)) }
    self.init(role: role, payload: payload, signers: signers, why: why)
    guard signers.map({ JSONValue.object($0.json) }) == list else { return nil }
  }
}
