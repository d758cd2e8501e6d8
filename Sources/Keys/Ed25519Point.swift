import CSodium

/// Why a point must not stand as an Ed25519 key or as the R of a signature: finding `KEY-WEAK`.
package enum Ed25519Weakness: String, Sendable, CaseIterable {
  /// The y coordinate is not reduced, or the sign bit is set where x is zero (RFC 8032 §5.1.3):
  /// a second spelling of another key.
  case nonCanonical = "is not in canonical form"
  /// The order divides 8: anybody can make signatures that match.
  case smallOrder = "has small order"
  /// The point has a part of small order: implementations disagree on its signatures.
  case mixedOrder = "is outside the prime-order group"
}

/// A point of edwards25519 as 32 bytes name it (RFC 8032 §5.1.2).
struct Ed25519Point {
  private let encoded: [UInt8]
  private let canonical: [UInt8]

  /// nil unless 32 bytes name a point of the curve; a form that is not canonical is let in.
  init?(_ encoded: [UInt8]) {
    guard encoded.count == 32, let canonical = Self.sum(encoded, Self.neutral) else { return nil }
    self.encoded = encoded
    self.canonical = canonical
  }

  var weakness: Ed25519Weakness? {
    // Nearly every point is sound, so that is asked first: what follows takes as long again.
    if crypto_core_ed25519_is_valid_point(encoded) == 1 { return nil }
    if encoded != canonical { return .nonCanonical }
    var multiple = canonical
    for _ in 0..<3 {
      guard let double = Self.sum(multiple, multiple) else { return .smallOrder }
      multiple = double
    }
    return multiple == Self.neutral ? .smallOrder : .mixedOrder
  }

  private static let neutral: [UInt8] = [1] + [UInt8](repeating: 0, count: 31)

  private static func sum(_ a: [UInt8], _ b: [UInt8]) -> [UInt8]? {
    var sum = [UInt8](repeating: 0, count: 32)
    return crypto_core_ed25519_add(&sum, a, b) == 0 ? sum : nil
  }
}
