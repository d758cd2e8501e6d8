import CSodium

/// An Ed25519 key that is made, signs, and is wiped with the last reference to it. libsodium alone sees its private half,
/// in locked memory.
package final class OneTimeKey: Sendable {
  /// 32 bytes.
  package let publicKey: [UInt8]
  /// Seed and public key, as libsodium keeps them.
  private let secret: Secret

  /// - Parameter seed: 32 bytes. Throws ``SecretError/noLockedMemory``.
  package init(seed: Secret) throws {
    var publicKey = [UInt8](repeating: 0, count: 32)
    secret = try Secret(count: 64) { room in
      try seed.withBytes { seed in
        guard let made = room.bindMemory(to: UInt8.self).baseAddress,
          let from = seed.bindMemory(to: UInt8.self).baseAddress, seed.count == 32,
          crypto_sign_seed_keypair(&publicKey, made, from) == 0
        else { throw SecretError.noLockedMemory }
      }
    }
    self.publicKey = publicKey
  }

  /// 64 bytes over the whole message.
  package func signature(over message: [UInt8]) throws -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: 64)
    try secret.withBytes { secret in
      guard let key = secret.bindMemory(to: UInt8.self).baseAddress,
        crypto_sign_detached(&signature, nil, message, UInt64(message.count), key) == 0
      else { throw SecretError.noLockedMemory }
    }
    return signature
  }
}
