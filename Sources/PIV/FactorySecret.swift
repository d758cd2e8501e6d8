/// The values that every card of a kind leaves its factory with. They are public, and so secrets of nobody;
/// they travel as handles like any other, so that a record never shows which value was used.
public enum FactorySecret: CaseIterable, Sendable {
  case pin
  case puk
  /// For TDEA and AES-192.
  case managementKey

  public var handle: SecretHandle {
    switch self {
    case .pin: SecretHandle("factory/pin")
    case .puk: SecretHandle("factory/puk")
    case .managementKey: SecretHandle("factory/management-key")
    }
  }

  /// The bytes, without padding.
  public var value: [UInt8] {
    switch self {
    case .pin: Array("123456".utf8)
    case .puk: Array("12345678".utf8)
    case .managementKey: (0..<3).flatMap { _ in [1, 2, 3, 4, 5, 6, 7, 8] as [UInt8] }
    }
  }

  /// The factory value behind a handle; nil for any other handle.
  public init?(_ handle: SecretHandle) {
    guard let found = Self.allCases.first(where: { $0.handle == handle }) else { return nil }
    self = found
  }
}
