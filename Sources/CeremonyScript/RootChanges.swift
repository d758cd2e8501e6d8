import Findings
import Keys
import TUFMetadata

extension Script {
  /// What changes from the root before to this one, in words: a line for each change, people first. Empty for a first root.
  package func changes(to root: Root) -> [String] {
    guard let old = baseline?.root else { return [] }
    var lines = ["The root goes from version \(old.version) to version \(root.version)."]
    for role in TopLevelRole.allCases {
      let before = old.keys.materials(of: old[role])
      let after = root.keys.materials(of: root[role])
      for key in old.keys(of: role) where !after.contains(key.material) {
        lines.append("\(role.rawValue): \(name(of: key)) leaves\(reason(of: key).map { " (\($0.rawValue))" } ?? "").")
      }
      for (place, key) in root.keys(of: role).enumerated() {
        let isKept = before.contains(key.material)
        guard !isKept || offlineRole(role.rawValue) != nil else { continue }
        lines.append(
          "\(role.rawValue): \(name(of: key, of: owner(at: place, of: role, root))) \(isKept ? "stays" : "joins").")
      }
      if old[role].threshold != root[role].threshold {
        lines.append("\(role.rawValue): the threshold goes from \(old[role].threshold) to \(root[role].threshold).")
      }
    }
    lines.append("It expires at \(root.expires); the one before expires at \(old.expires).")
    if !old.rotatedOnlineRoles(in: root).isEmpty {
      lines.append("Clients drop the timestamp and snapshot metadata that they have, and load it anew.")
    }
    if let why = goesOn?.orphanedTargets {
      lines.append("Clients refuse the targets metadata that they have, and it is not signed again here: \(why)")
    }
    return lines
  }

  /// That so many keys of the root before are suspected that they sign a root; nil where they are fewer.
  package var suspectedQuorum: String? {
    guard let old = baseline?.root else { return nil }
    let suspected = Set(old.keys(of: .root).filter { reason(of: $0) == .suspected }.map(\.material)).count
    guard suspected >= old[.root].threshold else { return nil }
    return
      "\(counted(suspected, "key")) of root \(old.version) are suspected, and \(old[.root].threshold) sign the next one: whoever has "
      + "them can make another root \(old.version + 1), and clients take either. No rotation helps: clients need a new root out of band."
  }

  /// By key id, why each key of the root before leaves.
  package var reasons: [String: String] {
    let keys = baseline?.root.keys.keys ?? []
    return Dictionary(
      keys.compactMap { key in reason(of: key).map { (key.keyID, $0.rawValue) } },
      uniquingKeysWith: { first, _ in first })
  }

  /// Why a key leaves, where the script says it.
  private func reason(of key: MetadataKey) -> Leaver.Reason? { leaver(of: key)?.reason }

  private func leaver(of key: MetadataKey) -> Leaver? {
    leaving.first { leaver in keys(of: leaver).contains { $0.material == key.material } }
  }

  /// The keys that a keyholder leaves with, or the one that is named; none where nothing before has them.
  func keys(of leaver: Leaver) -> [MetadataKey] {
    guard let keyholder = keyholder(leaver.id) else { return [baseline?.key(leaver.id)].compactMap(\.self) }
    return keptRoles(of: keyholder.id).compactMap { keptKey(of: keyholder.id, $0) }
  }

  /// Whose key it is, and the beginning of its id.
  func name(of key: MetadataKey, of owner: String? = nil) -> String {
    let keeper = keyholders.first { keyholder in
      (keptRoles(of: keyholder.id) + offlineRoles.map(\.name)).contains {
        keptKey(of: keyholder.id, $0)?.material == key.material
      }
    }
    let name = keeper?.name ?? leaver(of: key)?.name ?? owner
    return name.map { "\($0), key \(shortened(key.keyID))," } ?? "key \(key.described)"
  }

  /// A role's keys are in the order in which the script names them.
  private func owner(at place: Int, of role: TopLevelRole, _ root: Root) -> String? {
    if let offline = offlineRole(role.rawValue) {
      guard offline.keyholders.count == root[role].keyIDs.count else { return nil }
      return name(of: offline.keyholders[place])
    }
    guard let online = onlineRoles.first(where: { $0.name == role.rawValue }),
      online.keys.count == root[role].keyIDs.count
    else { return nil }
    return "the online key \(online.keys[place])"
  }
}
