import Crypto
import FoundationEssentials
import Keys
import PIVTypes

/// A private key in a slot of a virtual card.
struct SoftwareKey: Hashable {
  let algorithm: KeyAlgorithm
  /// 32 or 48 bytes.
  let scalar: [UInt8]
  let publicKey: [UInt8]

  /// nil for bytes that are no private key of this algorithm.
  init?(_ algorithm: KeyAlgorithm, scalar: [UInt8]) {
    self.algorithm = algorithm
    self.scalar = scalar
    switch algorithm {
    case .ed25519:
      guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: scalar) else { return nil }
      publicKey = Array(key.publicKey.rawRepresentation)
    case .ecdsaP256:
      guard let key = try? P256.Signing.PrivateKey(rawRepresentation: scalar) else { return nil }
      publicKey = Array(key.publicKey.x963Representation)
    case .ecdsaP384:
      guard let key = try? P384.Signing.PrivateKey(rawRepresentation: scalar) else { return nil }
      publicKey = Array(key.publicKey.x963Representation)
    }
  }

  /// A new key; draws again for the rare bytes that are no scalar of the curve, nil after sixteen.
  static func generate(_ algorithm: KeyAlgorithm, _ randomness: inout Randomness) -> SoftwareKey? {
    for _ in 0..<16 {
      let scalar = randomness.draw(algorithm == .ecdsaP384 ? 48 : 32, for: "\(algorithm) key")
      if let key = SoftwareKey(algorithm, scalar: scalar) { return key }
    }
    return nil
  }

  /// Signs a message (Ed25519, 64 bytes) or a digest (ECDSA, DER); nil for a digest of another length.
  func sign(_ input: [UInt8]) -> [UInt8]? {
    switch algorithm {
    case .ed25519:
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: scalar)
      return (try? key?.signature(for: input)).map { Array($0) }
    case .ecdsaP256:
      guard let digest = GivenDigest<Crypto.SHA256Digest>(input) else { return nil }
      let key = try? P256.Signing.PrivateKey(rawRepresentation: scalar)
      return (try? key?.signature(for: digest)).map { Array($0.derRepresentation) }
    case .ecdsaP384:
      guard let digest = GivenDigest<Crypto.SHA384Digest>(input) else { return nil }
      let key = try? P384.Signing.PrivateKey(rawRepresentation: scalar)
      return (try? key?.signature(for: digest)).map { Array($0.derRepresentation) }
    }
  }
}
