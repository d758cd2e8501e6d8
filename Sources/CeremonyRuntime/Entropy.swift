import Crypto
import Keys
import Synchronization

/// Where randomness comes from.
package protocol Entropy: AnyObject, Sendable {
  /// Public randomness, which is recorded.
  func bytes(count: Int) throws -> [UInt8]
  /// Secret randomness, which never leaves locked memory.
  func secret(count: Int) throws -> Secret
}

/// libsodium's generator.
package final class SystemEntropy: Entropy {
  package init() {}
  package func bytes(count: Int) throws -> [UInt8] { try secret(count: count).withBytes { Array($0) } }
  package func secret(count: Int) throws -> Secret { try Secret.random(count: count) }
}

/// The same bytes on every run: a rehearsal for golden files, whose secrets are secrets of nobody.
package final class SeededEntropy: Entropy {
  private let seed: Int
  private let draws = Mutex(0)
  package init(seed: Int) { self.seed = seed }

  package func bytes(count: Int) throws -> [UInt8] {
    let draw = draws.withLock { number in
      number += 1
      return number
    }
    let seed = SymmetricKey(data: Array("tuf-ceremony rehearsal \(seed) draw \(draw)".utf8))
    let stream = HKDF<SHA256>.deriveKey(inputKeyMaterial: seed, outputByteCount: count)
    return stream.withUnsafeBytes { Array($0) }
  }

  package func secret(count: Int) throws -> Secret { try Secret(copying: try bytes(count: count)) }
}
