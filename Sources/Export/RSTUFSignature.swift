import CanonicalJSON
import Findings
import TUFMetadata

/// One signature over a root, as the Repository Service for TUF is sent it where that root waits there for more
/// (`POST /api/v1/metadata/sign`).
package struct RSTUFSignature {
  /// Printed JSON.
  package let bytes: [UInt8]

  /// - Parameters:
  ///   - content: of the file of a root, whole or partially signed.
  ///   - digits: with which the id of the key begins; nil where the file has one signature.
  ///
  /// Throws `HAND-OVER` for a root that the service could not take, and where no single signature is named; and what keeps the
  /// root from being read.
  package init(_ content: [UInt8], path: String, by digits: String?) throws(Finding) {
    let envelope = try Envelope(parsing: content, place: path)
    if let breach = RSTUFContract(try Root.read(envelope.signed).root).breaches.first {
      throw Finding(.handOver, breach.what, hint: breach.hint, place: path)
    }
    let named = envelope.signatures.filter { $0.keyID.hasPrefix(digits ?? "") }
    guard named.count == 1, let signature = named.first else {
      throw Finding(
        .handOver,
        digits == nil
          ? "The root has \(counted(envelope.signatures.count, "signature")), and the service is sent one at a time."
          : "\(counted(named.count, "signature")) of the root \(named.count == 1 ? "is" : "are") by a key whose id begins so.",
        hint:
          "Say whose: --signature with the first digits of one of \(envelope.signatures.map { shortened($0.keyID) }.joined(separator: ", ")).",
        place: path)
    }
    let payload: JSONObject = ["role": "root", "signature": signature.json]
    bytes = JSONValue.object(payload).pretty()
  }
}
