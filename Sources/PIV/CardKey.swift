import Keys
import PIVTypes

extension PublicKey {
  /// A key as a card writes it: 32 bytes of Ed25519, or an uncompressed point.
  package init(card bytes: [UInt8], _ algorithm: KeyAlgorithm) throws(KeyError) {
    switch algorithm {
    case .ed25519: try self.init(ed25519: bytes)
    case .ecdsaP256: try self.init(x963: bytes, .ecdsaP256)
    case .ecdsaP384: try self.init(x963: bytes, .ecdsaP384)
    }
  }

  /// The algorithm by which a card has such a key; nil for RSA and ML-DSA.
  package var cardAlgorithm: KeyAlgorithm? {
    switch algorithm {
    case .ed25519: .ed25519
    case .ecdsaP256: .ecdsaP256
    case .ecdsaP384: .ecdsaP384
    case .rsa, .mlDSA44, .mlDSA65, .mlDSA87: nil
    }
  }
}

extension KeyAlgorithm {
  /// How its signatures are verified.
  package var scheme: SignatureScheme {
    switch self {
    case .ed25519: .ed25519
    case .ecdsaP256: .ecdsaSHA256
    case .ecdsaP384: .ecdsaSHA384
    }
  }
}
