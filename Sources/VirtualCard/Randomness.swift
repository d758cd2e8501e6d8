import Crypto
import Keys

/// Where a virtual card's keys, challenges and certificate numbers come from.
struct Randomness: Hashable {
  /// nil for the system's generator.
  let seed: [UInt8]?
  /// How often bytes were drawn, so that a restored card goes on and never repeats.
  private(set) var draws: UInt64

  init(seed: [UInt8]?, draws: UInt64 = 0) {
    self.seed = seed
    self.draws = draws
  }

  /// Fresh bytes: HKDF-SHA-256 over the seed, the purpose and the number of this draw, or the system's.
  mutating func draw(_ count: Int, for purpose: String) -> [UInt8] {
    draws &+= 1
    guard let seed else {
      var generator = SystemRandomNumberGenerator()
      return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
    return HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: seed),
      info: Array("\(purpose) \(draws)".utf8),
      outputByteCount: count
    ).withUnsafeBytes { Array($0) }
  }
}
