/// A firmware version as instruction FD gives it: three bytes.
package struct FirmwareVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let major: UInt8
  package let minor: UInt8
  package let patch: UInt8

  package init(_ major: UInt8, _ minor: UInt8, _ patch: UInt8) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  package var description: String { "\(major).\(minor).\(patch)" }
  package static func < (a: Self, b: Self) -> Bool {
    (a.major, a.minor, a.patch) < (b.major, b.minor, b.patch)
  }
}

/// How a key came into its slot.
package enum KeyOrigin: UInt8, Sendable {
  case generated = 1
  case imported = 2
}

/// What instruction F7 says of a key slot.
package struct SlotMetadata: Hashable, Sendable {
  package let algorithm: UInt8
  package let pinPolicy: PINPolicy?
  package let touchPolicy: TouchPolicy?
  package let origin: KeyOrigin?
  /// The public key as the card writes it: 32 bytes of Ed25519, or an uncompressed point.
  package let publicKey: [UInt8]

  package init(
    algorithm: UInt8, pinPolicy: PINPolicy?, touchPolicy: TouchPolicy?, origin: KeyOrigin?, publicKey: [UInt8]
  ) {
    self.algorithm = algorithm
    self.pinPolicy = pinPolicy
    self.touchPolicy = touchPolicy
    self.origin = origin
    self.publicKey = publicKey
  }

  /// The algorithm as a script names it, or as it is called where no script can ask for it.
  package var algorithmName: String {
    if let known = KeyAlgorithm(rawValue: algorithm) { return known.description }
    let others: [UInt8: String] = [
      0x05: "rsa-3072", 0x06: "rsa-1024", 0x07: "rsa-2048", 0x16: "rsa-4096", 0xe1: "x25519",
    ]
    return others[algorithm] ?? "algorithm \(algorithm)"
  }
}

/// What instruction F7 says of the PIN (80), the PUK (81) or the management key (9B).
package struct CredentialMetadata: Hashable, Sendable {
  /// Whether the factory value is still in place; nil where the card does not say.
  package let isFactory: Bool?
  package let triesTotal: Int?
  package let triesLeft: Int?
  /// Of the management key alone.
  package let algorithm: ManagementAlgorithm?

  package init(isFactory: Bool?, triesTotal: Int? = nil, triesLeft: Int? = nil, algorithm: ManagementAlgorithm? = nil) {
    self.isFactory = isFactory
    self.triesTotal = triesTotal
    self.triesLeft = triesLeft
    self.algorithm = algorithm
  }
}
