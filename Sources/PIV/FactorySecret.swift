import PIVTypes

/// The values that every card of a kind leaves its factory with. They are public, and so secrets of nobody;
/// they travel as handles like any other, so that a record never shows which value was used.
package enum FactorySecret: CaseIterable, Sendable {
  case pin
  case puk
  /// For TDEA and AES-192.
  case managementKey

  package var handle: SecretHandle {
    switch self {
    case .pin: SecretHandle("factory/pin")
    case .puk: SecretHandle("factory/puk")
    case .managementKey: SecretHandle("factory/management-key")
    }
  }

  /// The bytes, without padding.
  package var value: [UInt8] {
    switch self {
    case .pin: Array("123456".utf8)
    case .puk: Array("12345678".utf8)
    case .managementKey: (0..<3).flatMap { _ in [1, 2, 3, 4, 5, 6, 7, 8] as [UInt8] }
    }
  }

  /// The factory value behind a handle; nil for any other handle.
  package init?(_ handle: SecretHandle) {
    guard let found = Self.allCases.first(where: { $0.handle == handle }) else { return nil }
    self = found
  }
}

extension PIVSession {
  /// Authenticates with the factory's management key: by the algorithm that the card names, otherwise by each that has a
  /// key of that length. Returns the one that it was.
  @discardableResult
  package func authenticateFactory() throws(PIVError) -> ManagementAlgorithm {
    let key = FactorySecret.managementKey.handle
    if let named = try managementAlgorithm() {
      try authenticateManagement(key, algorithm: named)
      return named
    }
    var obstacle = PIVError.managementAlgorithmWrong(.tdea)
    for algorithm in ManagementAlgorithm.ofFactoryKey {
      do throws(PIVError) {
        try authenticateManagement(key, algorithm: algorithm)
        return algorithm
      } catch {
        // Anything but a refusal of the algorithm is not mended by another one.
        switch error {
        case .managementAlgorithmWrong, .refused: obstacle = error
        default: throw error
        }
      }
    }
    throw obstacle
  }

  /// The algorithm of the management key; nil where the card does not say.
  package func managementAlgorithm() throws(PIVError) -> ManagementAlgorithm? {
    try read { () throws(PIVError) in try managementKeyMetadata() }?.algorithm
  }
}
