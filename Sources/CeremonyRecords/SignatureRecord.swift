import CanonicalJSON
import Keys
import Transcript

/// A signature was verified and accepted.
package struct SignatureRecord: ReadableRecordBody {
  package static let kind = RecordKind.signature

  /// Of a signature on the seal that another ceremony asked for.
  package static let askedSeal = "asked-seal"

  /// `root`, `targets`, `twin`, `proof`, `seal`, `asked-seal` or `initials`.
  package let role: String
  package let signer: Signer
  package let signature: [UInt8]
  /// SHA-256 of what was signed.
  package let payload: SHA256Digest
  /// The libraries by which it holds.
  package let verifiers: [String]

  /// The libraries that verify signatures by keys of a kind.
  package static func verifiers(of algorithm: PublicKey.Algorithm) -> [String] {
    algorithm == .ed25519 ? ["libsodium", "swift-crypto"] : ["swift-crypto"]
  }

  /// Who signed, and with which key.
  package struct Signer: Hashable, Sendable {
    /// An id, `administrator` or `witness`.
    package let keyholder: String
    package let keyID: String

    package init(keyholder: String, keyID: String) {
      self.keyholder = keyholder
      self.keyID = keyID
    }

    package var json: JSONObject { ["keyholder": .string(keyholder), "keyid": .string(keyID)] }

    package init?(fields body: JSONObject) {
      guard let keyholder = body["keyholder"]?.string, let keyID = body["keyid"]?.string else { return nil }
      self.init(keyholder: keyholder, keyID: keyID)
    }
  }

  package init(role: String, signer: Signer, signature: [UInt8], payload: SHA256Digest, verifiers: [String]) {
    self.role = role
    self.signer = signer
    self.signature = signature
    self.payload = payload
    self.verifiers = verifiers
  }

  package var json: JSONObject {
    var body = signer.json
    body["role"] = .string(role)
    body["sig"] = .string(Hex.encode(signature))
    body["payload"] = .string(payload.hex)
    body["verified-by"] = .array(verifiers.map { .string($0) })
    return body
  }

  package init?(fields body: JSONObject) {
    guard let role = body["role"]?.string, let signer = Signer(fields: body),
      let hex = body["sig"]?.string, let signature = Hex.decode(hex), Hex.encode(signature) == hex,
      let payload = body["payload"]?.string.flatMap(SHA256Digest.init(hex:)),
      let verifiers = body["verified-by"]?.array
    else { return nil }
    self.init(
      role: role, signer: signer, signature: signature, payload: payload, verifiers: verifiers.compactMap(\.string))
    guard self.verifiers.count == verifiers.count else { return nil }
  }
}
