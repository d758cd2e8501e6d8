import Crypto

extension PublicKey {
  /// A key for measuring: of the size that every key of its algorithm has, and another one for each number. Nobody may
  /// trust it. nil for RSA, whose keys have many sizes, and for numbers that are not from 1 to 2³² − 1.
  package init?(standIn number: Int, _ algorithm: Algorithm) {
    guard number > 0, let number = UInt32(exactly: number) else { return nil }
    let last = (0..<4).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    func padded(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count - 4) + last }
    switch algorithm {
    case .ed25519:
      guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: padded(32)).publicKey else { return nil }
      try? self.init(ed25519: Array(key.rawRepresentation))
    case .ecdsaP256:
      guard let key = try? P256.Signing.PrivateKey(rawRepresentation: padded(32)).publicKey else { return nil }
      try? self.init(x963: Array(key.x963Representation), .ecdsaP256)
    case .ecdsaP384:
      guard let key = try? P384.Signing.PrivateKey(rawRepresentation: padded(48)).publicKey else { return nil }
      try? self.init(x963: Array(key.x963Representation), .ecdsaP384)
    case .mlDSA44: self.init(algorithm, padded(1312))
    case .mlDSA65: self.init(algorithm, padded(1952))
    case .mlDSA87: self.init(algorithm, padded(2592))
    case .rsa: return nil
    }
  }
}
