import CanonicalJSON
import Findings
import Synchronization

/// Keys that were read before. The roots of a repository name the same few keys again and again, and to find out whether
/// a key is sound takes longer than to verify a signature: here it is found out once.
package final class KnownKeys: Sendable {
  /// So few that they need little memory, whatever the files hold; then they are forgotten and read again.
  private static let most = 256

  private let keys = Mutex<[String: MetadataKey]>([:])
  private let newest = Mutex<(value: JSONValue, ring: KeyRing, oddities: [Finding])?>(nil)

  package init() {}

  /// Reads a `keys` object, unless it is the one that was read last, as from root to root it mostly is.
  func ring(_ field: Field) throws(Finding) -> (ring: KeyRing, oddities: [Finding]) {
    if let last = newest.withLock({ $0 }), last.value == field.value { return (last.ring, last.oddities) }
    let object = try field.object()
    var keys: [MetadataKey] = []
    for member in object.members { keys.append(try read(member.name, field[member.name])) }
    let ring = KeyRing(keys)
    let oddities = ring.oddities
    newest.withLock { $0 = (.object(object), ring, oddities) }
    return (ring, oddities)
  }

  /// Reads one member of `keys` as ``MetadataKey/read(_:_:)`` does, unless it was read before in the same form.
  private func read(_ keyID: String, _ field: Field) throws(Finding) -> MetadataKey {
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
