import TUFMetadata

/// A key of a root or of a delegated role, and where it comes from.
package struct RootKeyOrigin: Hashable, Sendable {
  package enum Origin: String, Sendable, CaseIterable {
    /// On a card, in this ceremony.
    case made
    /// In the root before, on a card that somebody brings.
    case kept
    /// On a card of its keyholder, elsewhere, before this ceremony.
    case enrolled
    /// In this ceremony, in memory; it signed, and was wiped.
    case oneTime = "one-time"
    /// In the script, or in a file that it pins: a service has it.
    case online
  }

  package let keyID: String
  /// In the order of ``TopLevelRole``, then the delegated ones.
  package let roles: [String]
  package let origin: Origin
  /// Whether a kept key signed a challenge here; nil for all others.
  package let isProven: Bool?
  /// The name of the keyholder, or the script's id of an online key; nil where neither is known.
  package let owner: String?
  /// Whether its card deletes it before the root that names it is signed.
  package let isDiscarded: Bool
}

extension Script {
  /// The origin of each key that a role of this script names: by role, and in the order of its keys.
  ///
  /// - Parameter proven: whether the kept keys of a keyholder signed their challenges.
  package func keyOrigins(of named: NamedRoles, proven: (String) -> Bool) -> [RootKeyOrigin] {
    var roles: [String: [String]] = [:]
    var order: [String] = []
    for role in Script.topLevel + delegatedRoles {
      for keyID in named[role]?.role.keyIDs ?? [] {
        if roles[keyID] == nil { order.append(keyID) }
        roles[keyID, default: []].append(role)
      }
    }
    return order.map { keyID in
      let own = roles[keyID] ?? []
      let keeper = keyholders.first { keyholder in
        offlineRoles.contains { role in
          role.keyholders.contains(keyholder.id) && keptKey(of: keyholder.id, role.name)?.keyID == keyID
        }
      }
      let isOffline = own.contains { offlineRole($0) != nil }
      let isOneTime = own.contains { offlineRole($0)?.oneTime != nil }
      return RootKeyOrigin(
        keyID: keyID, roles: own,
        origin: keeper != nil
          ? .kept
          : isEnrolled(keyID, own, named)
            ? .enrolled
            : isOneTime
              ? .oneTime : isOffline ? .made : .online,
        isProven: keeper.map { proven($0.id) },
        owner: keeper?.name ?? own.first.flatMap { owner(of: keyID, $0, named) },
        isDiscarded: own.contains { offlineRole($0)?.isDiscarded == true })
    }
  }

  /// Whether the script says of the keyholder in whose place a key stands that it is made elsewhere.
  private func isEnrolled(_ keyID: String, _ roles: [String], _ named: NamedRoles) -> Bool {
    roles.contains { role in
      guard let own = offlineRole(role), let ids = named[role]?.role.keyIDs, let place = ids.firstIndex(of: keyID),
        own.keyholders.count == ids.count
      else { return false }
      return keyholder(own.keyholders[place])?.enrol != nil
    }
  }

  /// A role's keys are in the order in which the script names them.
  private func owner(of keyID: String, _ role: String, _ named: NamedRoles) -> String? {
    let names =
      offlineRole(role).flatMap { $0.oneTime == nil ? $0.keyholders.map(name(of:)) : nil } ?? onlineRoles.first {
        $0.name == role
      }?.keys ?? []
    guard let ids = named[role]?.role.keyIDs, names.count == ids.count else { return nil }
    return ids.firstIndex(of: keyID).map { names[$0] }
  }
}
