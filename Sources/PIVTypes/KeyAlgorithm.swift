/// The key types that a card makes and signs with (SP 800-78-4 table 6-2; E0 is Yubico's Ed25519).
package enum KeyAlgorithm: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case ed25519 = 0xe0
  case ecdsaP256 = 0x11
  case ecdsaP384 = 0x14

  /// The name in a script and on screens.
  package var description: String {
    switch self {
    case .ed25519: "ed25519"
    case .ecdsaP256: "ecdsa-p256"
    case .ecdsaP384: "ecdsa-p384"
    }
  }

  package init?(_ name: String) {
    guard let found = Self.allCases.first(where: { $0.description == name }) else { return nil }
    self = found
  }
}

/// The algorithm of the management key in reference 9B (SP 800-78-4 table 6-2).
package enum ManagementAlgorithm: UInt8, Sendable, CaseIterable {
  case tdea = 0x03
  case aes128 = 0x08
  case aes192 = 0x0a
  case aes256 = 0x0c

  /// Bytes in a key.
  package var keyCount: Int {
    switch self {
    case .tdea, .aes192: 24
    case .aes128: 16
    case .aes256: 32
    }
  }

  /// Bytes in a block, and so in a witness or challenge.
  package var blockCount: Int { self == .tdea ? 8 : 16 }
}

/// When a card asks for the PIN before it uses a key (Yubico's tag AA).
package enum PINPolicy: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case never = 1
  case once = 2
  case always = 3
  package var description: String { ["never", "once", "always"][Int(rawValue) - 1] }
  package init?(_ name: String) {
    guard let found = Self.allCases.first(where: { $0.description == name }) else { return nil }
    self = found
  }
}

/// When a card asks for a touch before it uses a key (Yubico's tag AB). `cached` lasts 15 seconds.
package enum TouchPolicy: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case never = 1
  case always = 2
  case cached = 3
  package var description: String { ["never", "always", "cached"][Int(rawValue) - 1] }
  package init?(_ name: String) {
    guard let found = Self.allCases.first(where: { $0.description == name }) else { return nil }
    self = found
  }
}
