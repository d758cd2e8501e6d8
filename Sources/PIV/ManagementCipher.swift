import Crypto
import CryptoExtras
import Keys
import PIVTypes

extension ManagementAlgorithm {
  /// Encrypts one block of ``blockCount`` bytes in place.
  ///
  /// Throws ``ManagementCipherError`` for a key or a block of another length.
  package func encrypt(_ block: inout some MutableCollection<UInt8>, _ key: Secret) throws {
    try transform(&block, key, encrypting: true)
  }

  /// Decrypts one block in place; throws as ``encrypt(_:_:)``.
  package func decrypt(_ block: inout some MutableCollection<UInt8>, _ key: Secret) throws {
    try transform(&block, key, encrypting: false)
  }

  private func transform(_ block: inout some MutableCollection<UInt8>, _ key: Secret, encrypting: Bool) throws {
    guard key.count == keyCount, block.count == blockCount else { throw ManagementCipherError.wrongLength }
    if self == .tdea {
      guard let cipher = key.withBytes({ TDEA(key: $0) }) else { throw ManagementCipherError.wrongLength }
      let input = block.reduce(0) { $0 << 8 | UInt64($1) }
      let output = encrypting ? cipher.encrypt(input) : cipher.decrypt(input)
      for (position, index) in block.indices.enumerated() {
        block[index] = UInt8(truncatingIfNeeded: output >> UInt64(56 - 8 * position))
      }
    } else {
      let key = key.withBytes { SymmetricKey(data: $0) }
      if encrypting { try AES.permute(&block, key: key) } else { try AES.inversePermute(&block, key: key) }
    }
  }
}

package enum ManagementCipherError: Error {
  case wrongLength
}
