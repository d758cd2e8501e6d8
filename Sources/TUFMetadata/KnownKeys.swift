import CanonicalJSON
import Findings
import Synchronization

/// Keys that were read before. The roots of a repository name the same few keys again and again, and to find out whether
/// a key is sound takes longer than to verify a signature: here it is found out once.
package final class KnownKeys: Sendable {
  /// So few that they need little memory, whatever the files hold; then they are forgotten and read again.
  private static let most = 256

  private let keys = Mutex<[String: MetadataKey]>([:])

  package init() {}

  /// Reads one member of `keys` as ``MetadataKey/read(_:_:)`` does, unless it was read before in the same form.
  func read(_ keyID: String, _ field: Field) throws(Finding) -> MetadataKey {
    if let known = keys.withLock({ $0[keyID] }), isIdentical(known.keyID, keyID), known.json == field.value {
      return known
    }
    let key = try MetadataKey.read(keyID, field)
    keys.withLock { keys in
      if keys.count == Self.most { keys.removeAll() }
      keys[keyID] = key
    }
    return key
  }
}
