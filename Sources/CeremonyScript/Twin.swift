import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

/// A key of a real root that has a stand-in in a rehearsal, and where that one is made.
package struct StandIn: Hashable, Sendable {
  package let original: MetadataKey
  /// Whose card makes it: the keyholder who keeps the original, or one of nobody's.
  package let holder: String
  /// Slot, algorithm and policies.
  package let role: OfflineRole
  /// The first digits of the original's key id, so many that no other key of that root has them.
  package let digits: String
  /// Whether it signs the twin.
  package fileprivate(set) var signs = false

  /// The id of the step in which it is made.
  package var step: String { "twin/\(digits)" }
}

extension Script {
  /// Whether a rehearsal plays on the twin of the root that the script goes on from: that one is real.
  package var playsOnTwin: Bool { baseline.map { !$0.root.isRehearsal && $0.original == nil } ?? false }

  /// The same script with every stand-in, and cards of nobody's for keys that nobody keeps: first those of the keyholders, in
  /// their order, then nobody's in the order of the real root. The same where it does not go on from a real root.
  ///
  /// Throws `TWIN-UNREACHABLE` where keys that have no stand-in are needed to reach a threshold.
  package func withStandIns() throws(Finding) -> Script {
    guard let baseline, playsOnTwin else { return self }
    var script = self
    let kept = Set(
      keptKeyholders.flatMap { holder in
        keptRoles(of: holder.id).filter { cardRole($0, of: holder.id) != nil }
          .compactMap { keptKey(of: holder.id, $0)?.keyID }
      })
    var seen = kept
    let others = twinRoles.flatMap { baseline.root.keys(of: $0) }.filter { seen.insert($0.keyID).inserted }
    script.nobodies = others.filter(baseline.root.canHaveStandIn).map { key in
      let digits = baseline.shortest(key.keyID)
      return Keyholder(
        id: "nobody/\(digits)", name: "nobody, for key \(digits)", card: .record, spares: [], fields: [:],
        key: .one(key.keyID), enrol: nil, algorithm: nil, model: nil, absent: nil, acceptsFirmware: false, place: "")
    }
    var standIns: [StandIn] = []
    for holder in script.keptKeyholders + script.nobodies {
      for role in script.keptRoles(of: holder.id) {
        guard let key = script.keptKey(of: holder.id, role), let own = script.cardRole(role, of: holder.id),
          !standIns.contains(where: { $0.original == key })
        else { continue }
        guard baseline.root.canHaveStandIn(key) else { throw Self.noStandIn([key]) }
        standIns.append(
          StandIn(original: key, holder: holder.id, role: own, digits: baseline.shortest(key.keyID)))
      }
    }
    for role in twinRoles {
      let count = baseline.root[role].keyIDs.count { id in standIns.contains { $0.original.keyID == id } }
      guard count < baseline.root[role].threshold else { continue }
      throw Self.noStandIn(baseline.root.keys(of: role).filter { !baseline.root.canHaveStandIn($0) })
    }
    var left = baseline.root[.root].threshold
    for place in standIns.indices where left > 0 {
      guard baseline.root[.root].keyIDs.contains(standIns[place].original.keyID) else { continue }
      standIns[place].signs = true
      left -= 1
    }
    script.standIns = standIns
    return script
  }

  /// The roles of the real root whose keys are on cards: those of the others are a service's, and stay.
  private var twinRoles: [TopLevelRole] { offlineRole("targets") == nil ? [.root] : [.root, .targets] }

  private static func noStandIn(_ keys: [MetadataKey]) -> Finding {
    Finding(
      .twinUnreachable,
      "The root to go on from cannot be rehearsed: no card makes a stand-in for \(keys.map(\.described).joined(separator: ", ")).",
      hint:
        "Stand-ins are Ed25519, P-256 or P-384 keys under an id that is a digest of them. Rehearse with a root of such keys.",
      place: "script.yaml")
  }

  /// The twin of the root that this script goes on from, without signatures: the same root with stand-ins, marked, and with
  /// the expiry of a rehearsal. nil where one of these keys cannot stand there.
  ///
  /// - Parameters:
  ///   - keys: by the key id of the original. Never iterated.
  ///   - now: the time of the first record.
  package func twin(_ keys: [String: PublicKey], at now: UTCTime) -> Baseline? {
    guard let baseline else { return nil }
    var made: [String: MetadataKey] = [:]
    var objects: [MetadataKey] = []
    for standIn in standIns {
      guard let object = keys[standIn.original.keyID].flatMap({ standIn.original.standIn($0) }) else { return nil }
      made[standIn.original.keyID] = object
      // The key of a role that is delegated to stands in no root.
      if baseline.root.keys[standIn.original.keyID] != nil { objects.append(object) }
    }
    var root = baseline.root
    for role in twinRoles { root[role].keyIDs = baseline.root[role].keyIDs.compactMap { made[$0]?.keyID } }
    let gone = Set(twinRoles.flatMap { baseline.root[$0].keyIDs }).union(made.keys)
    let used = Set(TopLevelRole.allCases.flatMap { root[$0].keyIDs })
    objects += baseline.root.keys.keys.filter { !gone.contains($0.keyID) || used.contains($0.keyID) }
    root.keys = KeyRing(objects)
    root.expires = min(root.expires, now.adding(days: Self.rehearsalDays))
    root.fields[Header.rehearsalMark] = true
    return Baseline(twin: root, Envelope(signed: root.json).serialized(), of: baseline, made)
  }
}

extension Baseline {
  /// The file of a twin in the products folder; nil for any other root.
  package var twinPath: String? { original.map { "twin/\($0.version).root.json" } }
}

extension Root {
  /// Whether a card makes keys of its kind, and the program knows how its id and form come about.
  fileprivate func canHaveStandIn(_ key: MetadataKey) -> Bool {
    guard key.cardAlgorithm != nil, key.trouble == nil, let own = key.publicKey else { return false }
    return key.standIn(own) != nil && !keys.keys.contains { $0.keyID != key.keyID && $0.material == key.material }
  }
}
