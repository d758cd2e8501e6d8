import Crypto

/// Signatures that give the private key away: two of one key over different digests that share their r, or an r that is
/// the key itself (k = 1·d). The same r over the same digest is harmless: a signer may be deterministic (RFC 6979).
package struct ECDSANonces: Sendable {
  // What was signed with each r, by key.
  private var seen: [PublicKey: [[UInt8]: [UInt8]]] = [:]
  /// Keys whose private halves are to be treated as known. Never iterated.
  package private(set) var exposed: Set<PublicKey> = []

  package init() {}

  /// Notes a signature that holds; `digest` is what was signed, or a digest of it. Returns whether the key is exposed.
  package mutating func note(_ signature: [UInt8], by key: PublicKey, over digest: [UInt8]) -> Bool {
    guard let nonce = key.nonce(of: signature) else { return false }
    if nonce == key.abscissa || seen[key]?[nonce].map({ $0 != digest }) == true { exposed.insert(key) }
    seen[key, default: [:]][nonce] = digest
    return exposed.contains(key)
  }
}

extension PublicKey {
  /// r of an ECDSA signature in DER, as long as a coordinate; nil for other keys, and for what is no signature.
  package func nonce(of signature: [UInt8]) -> [UInt8]? {
    switch algorithm {
    case .ecdsaP256:
      (try? P256.Signing.ECDSASignature(derRepresentation: signature)).map { Array($0.rawRepresentation.prefix(32)) }
    case .ecdsaP384:
      (try? P384.Signing.ECDSASignature(derRepresentation: signature)).map { Array($0.rawRepresentation.prefix(48)) }
    case .ed25519, .rsa, .mlDSA44, .mlDSA65, .mlDSA87: nil
    }
  }

  /// The x coordinate of an ECDSA key: the r of a signature whose nonce is the private key.
  fileprivate var abscissa: [UInt8] { Array(bytes.dropFirst().prefix((bytes.count - 1) / 2)) }

  /// Whether an ECDSA signature in DER holds over a digest, which is all that a card is given of a message.
  package func isValid(_ signature: [UInt8], overDigest digest: [UInt8]) -> Bool {
    switch algorithm {
    case .ecdsaP256:
      guard let key = try? P256.Signing.PublicKey(x963Representation: bytes),
        let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature),
        let digest = GivenDigest<Crypto.SHA256Digest>(digest)
      else { return false }
      return key.isValidSignature(signature, for: digest)
    case .ecdsaP384:
      guard let key = try? P384.Signing.PublicKey(x963Representation: bytes),
        let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature),
        let digest = GivenDigest<Crypto.SHA384Digest>(digest)
      else { return false }
      return key.isValidSignature(signature, for: digest)
    case .ed25519, .rsa, .mlDSA44, .mlDSA65, .mlDSA87: return false
    }
  }
}
