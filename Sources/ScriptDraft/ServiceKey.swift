import CeremonyScript
import Keys

/// The key with which a service signs.
package struct ServiceKey: Sendable {
  package let key: PublicKey
  /// A PEM file beside the script; nil for an Ed25519 key, which stands in the script itself.
  package let file: PinnedFile?

  package init(_ key: PublicKey, file: PinnedFile?) {
    self.key = key
    self.file = key.algorithm == .ed25519 ? nil : file
  }

  /// A key that nobody has, for rehearsals; nil where it stands in the root before.
  static func standIn(beside others: [PublicKey] = []) -> ServiceKey? {
    guard let bytes = Hex.decode(Script.standInKey), let key = try? PublicKey(ed25519: bytes), !others.contains(key)
    else { return nil }
    return ServiceKey(key, file: nil)
  }

  var content: [String: Any] {
    if let file { return ["file": file.content] }
    return ["hex": Hex.encode(key.bytes)]
  }
}
