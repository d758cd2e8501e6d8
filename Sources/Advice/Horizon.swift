import CanonicalJSON
import Findings
import Keys
import TUFMetadata

/// How far the root can grow before the cards of its own quorum cannot sign it any more. Every size is that of a root that
/// was built: the one that would follow, with stand-ins for new keys.
package struct Horizon: Hashable, Sendable {
  /// What can be added to the root's own keys.
  package struct Room: Hashable, Sendable {
    package let algorithm: PublicKey.Algorithm
    /// How many more keys of this kind fit; 0 where not even one does.
    package let more: Int
    /// Bytes with so many.
    package let bytes: Int
    /// Bytes with one more than that.
    package let beyond: Int
  }

  /// The root's keys all replaced by keys of another kind.
  package struct Replacement: Hashable, Sendable {
    package let algorithm: PublicKey.Algorithm
    package let count: Int
    package let bytes: Int
    /// The most keys of this kind that fit in their place, and bytes with so many; nil where all do, or not even a quorum.
    package let most: Fitting?
  }

  package struct Fitting: Hashable, Sendable {
    package let count: Int
    package let bytes: Int
  }

  /// What one extended APDU can carry in bytes (ISO 7816-4 §5.1). Nobody counts keys beyond it.
  package static let largestLimit = 65_535
  /// Kinds of key that a root can be given.
  package static let kinds: [PublicKey.Algorithm] = [
    .ed25519, .ecdsaP256, .ecdsaP384, .mlDSA44, .mlDSA65, .mlDSA87,
  ]

  /// The most bytes of a message that an Ed25519 key on such a card signs.
  package let limit: Int
  /// The root's keys, and how many of them sign a digest.
  package let keys: Int
  package let digestKeys: Int
  /// Keys of which it is not known what they sign.
  package let unknownKeys: Int
  package let threshold: Int
  /// Bytes of the next root with the same keys.
  package let bytes: Int
  /// One for each of ``kinds``; `more` is meant for ``isLimited``.
  package let rooms: [Room]
  /// The next root with P-256 keys in the place of the root's own.
  package let bridge: Replacement
  /// Bytes of the next root whose timestamp and snapshot keys are ML-DSA-44 keys.
  package let onlineMLDSA44: Int

  /// Whether an Ed25519 card must sign: the keys that sign a digest do not reach the threshold.
  package var isLimited: Bool { digestKeys < threshold }
  package var fits: Bool { !isLimited || bytes <= limit }

  init(_ root: Root, limit: Int) {
    let next = NextRoot(after: root)
    var seen: Set<MetadataKey.Material> = []
    let keys = root.keys(of: .root).filter { seen.insert($0.material).inserted }
    self.limit = limit
    self.keys = keys.count
    digestKeys = keys.count { $0.publicKey?.algorithm.signsDigest == true }
    unknownKeys = keys.count { $0.publicKey == nil }
    threshold = root[.root].threshold
    bytes = next.bytes()
    rooms = Self.kinds.map { Self.room($0, next, limit) }
    bridge = Self.bridge(next, keys.count, root[.root].threshold, limit)
    onlineMLDSA44 = next.bytes(replacing: [.timestamp, .snapshot], of: .mlDSA44)
  }

  private static func room(_ algorithm: PublicKey.Algorithm, _ next: NextRoot, _ limit: Int) -> Room {
    func size(_ count: Int) -> Int { next.bytes(adding: count, of: algorithm) }
    let limit = min(limit, largestLimit)
    let none = size(0)
    let each = max(1, size(1) - none)
    var more = max(0, (limit - none) / each)
    while size(more + 1) <= limit { more += 1 }
    while more > 0, size(more) > limit { more -= 1 }
    return Room(algorithm: algorithm, more: more, bytes: size(more), beyond: size(more + 1))
  }

  private static func bridge(_ next: NextRoot, _ count: Int, _ threshold: Int, _ limit: Int) -> Replacement {
    func size(_ count: Int) -> Int { next.bytes(replacing: [.root], by: count, of: .ecdsaP256) }
    let (none, all) = (size(0), size(count))
    let each = count == 0 ? 1 : max(1, (all - none) / count)
    var most = max(0, min(count, (limit - none) / each))
    while most > 0, size(most) > limit { most -= 1 }
    return Replacement(
      algorithm: .ecdsaP256, count: count, bytes: all,
      most: most < count && most >= max(2, threshold) ? Fitting(count: most, bytes: size(most)) : nil)
  }

  package func room(_ algorithm: PublicKey.Algorithm) -> Room? { rooms.first { $0.algorithm == algorithm } }

  package var sentences: [String] {
    isLimited ? limited : unlimited
  }

  private var unlimited: [String] {
    [
      "The root that follows with the same keys has \(bytes) bytes. \(digestKeys) of the \(counted(keys, "root key")) sign a "
        + "hash, which is enough: cards set no limit, and clients download \(RootChain.largestRoot) bytes.",
      "One more root key makes it: " + rooms.map { "\($0.algorithm.title) \(one($0))" }.joined(separator: ", ")
        + " bytes.",
    ] + remark
  }

  private func one(_ room: Room) -> Int { room.more == 0 ? room.beyond : bytes + (room.beyond - room.bytes) }

  private var limited: [String] {
    var sentences = [
      "The root that follows with the same keys has \(bytes) bytes, and an Ed25519 card signs \(limit) at most"
        + (fits ? "." : ": these cards cannot sign it. Take keys or custom fields out of it.")
    ]
    if fits {
      let fitting = rooms.filter { $0.more > 0 }
      sentences.append(
        fitting.isEmpty
          ? "There is no room for one more root key of any kind."
          : "Beside the \(counted(keys, "root key")) there is room for "
            + fitting.map { "\($0.more) \($0.algorithm.title) (\($0.bytes) bytes)" }.joined(separator: ", or ") + ".")
      let others = rooms.filter { $0.more == 0 }
      if !others.isEmpty {
        sentences.append(
          "One more key is too much: "
            + others.map { "\($0.algorithm.title) \($0.beyond) bytes" }.joined(separator: ", ")
            + ".")
      }
    }
    if let mlDSA = room(.mlDSA44), mlDSA.more == 0 {
      sentences.append(
        "So Ed25519 cards cannot sign the root that introduces ML-DSA-44, for they sign the whole of it. P-256 cards can: "
          + "they sign a hash.")
    }
    sentences.append(
      "ML-DSA-44 keys for timestamp and snapshot make it \(onlineMLDSA44) bytes, which "
        + (onlineMLDSA44 <= limit ? "fits." : "is too much."))
    sentences.append(wayOut)
    return sentences + remark
  }

  private var wayOut: String {
    let after = "After it the cards sign a hash, and size does not matter to them."
    if bridge.bytes <= limit {
      return "The way out: this quorum signs a root with \(bridge.count) P-256 keys in the place of its own, which has "
        + "\(bridge.bytes) bytes. \(after)"
    }
    if let most = bridge.most {
      return
        "The way out: \(bridge.count) P-256 keys in the place of its own make \(bridge.bytes) bytes, which is too much. "
        + "This quorum can sign a root with \(most.count) of them (\(most.bytes) bytes); the rest follow in the next. \(after)"
    }
    return
      "A root of P-256 keys in the place of these has \(bridge.bytes) bytes, and these cards sign it in no number that "
      + "reaches the threshold. Take custom fields or other keys out of the root first."
  }

  private var remark: [String] {
    unknownKeys == 0
      ? [] : ["\(counted(unknownKeys, "root key")) cannot be read here. What they can sign is not known."]
  }
}

/// The root after one, built for its size: keys and custom fields as they are, without a rehearsal's mark, which the real
/// one does not carry.
private struct NextRoot {
  private let root: Root

  init(after root: Root) {
    var next = root
    next.version = root.version.addingReportingOverflow(1).partialValue
    next.specVersion = Header.writtenSpecVersion
    next.fields[Header.rehearsalMark] = nil
    self.root = next
  }

  func bytes() -> Int { root.json.size }

  /// With more root keys, in other roles too where these have exactly the root's. Each gets the custom fields of the root
  /// key that has most of them.
  func bytes(adding count: Int, of algorithm: PublicKey.Algorithm) -> Int {
    let extensions = root.keys(of: .root).map(\.extensions).max { $0.size < $1.size } ?? JSONObject()
    let new = (0..<count).compactMap { Self.standIn($0, algorithm, extensions) }
    let own = root.keys.materials(of: root[.root])
    var next = root
    next.keys = KeyRing(root.keys.keys + new)
    for role in TopLevelRole.allCases where role == .root || root.keys.materials(of: root[role]) == own {
      next[role].keyIDs += new.map(\.keyID)
    }
    return next.json.size
  }

  /// With keys of another kind in the place of those of `roles`, wherever these stand; only the first `count` of them.
  func bytes(replacing roles: [TopLevelRole], by count: Int = .max, of algorithm: PublicKey.Algorithm) -> Int {
    var places: [MetadataKey.Material: MetadataKey?] = [:]
    for key in roles.flatMap(root.keys(of:)) where places[key.material] == nil {
      let place = places.count
      places[key.material] = .some(place < count ? Self.standIn(place, algorithm, key.extensions) : nil)
    }
    var next = root
    var kept: [MetadataKey] = []
    for role in TopLevelRole.allCases {
      var ids: [String] = []
      for key in root.keys(of: role) {
        guard let key = places[key.material] ?? key, !ids.contains(key.keyID) else { continue }
        ids.append(key.keyID)
        kept.append(key)
      }
      next[role].keyIDs = ids
    }
    next.keys = KeyRing(kept)
    return next.json.size
  }

  private static func standIn(_ place: Int, _ algorithm: PublicKey.Algorithm, _ extensions: JSONObject) -> MetadataKey?
  {
    // Numbers beyond those that stand in for the keys of a script.
    PublicKey(standIn: 1_000_000 + place, algorithm).map { MetadataKey($0, extensions: extensions) }
  }
}

extension JSONObject {
  /// Bytes of the canonical form.
  fileprivate var size: Int { JSONValue.object(self).canonical().count }
}
