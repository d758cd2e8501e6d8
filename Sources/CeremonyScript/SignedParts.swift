import Findings
import Keys
import PIVTypes
import TUFMetadata
import UTC

/// Whether the metadata is meant to be trusted.
package enum Mode: String, Sendable, CaseIterable {
  case real
  /// Marked in the signed part, and expiring within a week.
  case rehearsal
}

/// The public keys that a script's metadata names.
package struct ScriptKeys {
  /// By role, in the order of the role's keyholders.
  package var offline: [String: [PublicKey]]
  /// By the id of the online key.
  package var online: [String: PublicKey]

  package init(offline: [String: [PublicKey]], online: [String: PublicKey]) {
    self.offline = offline
    self.online = online
  }
}

extension Script {
  /// A rehearsal's metadata expires when the script says or so many days after the recorded clock, whichever is earlier.
  package static let rehearsalDays: Int64 = 7

  /// When a role's metadata expires; nil where the script does not say.
  package func expiry(of role: String, _ mode: Mode, at now: UTCTime) -> UTCTime? {
    guard let expires = offlineRole(role)?.expires else { return nil }
    let said =
      switch expires {
      case .at(let time): time
      case .days(let days): now.adding(days: Int64(days))
      }
    return mode == .rehearsal ? min(said, now.adding(days: Self.rehearsalDays)) : said
  }

  /// Version 1 of the root: one key object for each different key, roles in their script order.
  package func root(_ keys: ScriptKeys, expires: UTCTime, _ mode: Mode) -> Root {
    var objects: [MetadataKey] = []
    var roles: [TopLevelRole: Role] = [:]
    for name in TopLevelRole.allCases {
      let role: (threshold: Int, keys: [PublicKey])
      if let offline = offlineRole(name.rawValue) {
        role = (offline.threshold, keys.offline[offline.name] ?? [])
      } else if let online = onlineRoles.first(where: { $0.name == name.rawValue }) {
        role = (online.threshold, online.keys.compactMap { keys.online[$0] })
      } else {
        continue
      }
      let entries = role.keys.map { MetadataKey($0) }
      objects += entries
      roles[name] = Role(keyIDs: entries.map(\.keyID), threshold: role.threshold)
    }
    return Root(version: 1, expires: expires, keys: objects, roles: roles, isRehearsal: mode == .rehearsal)
  }

  /// Version 1 of the top-level targets metadata: no target files yet.
  package func targets(expires: UTCTime, _ mode: Mode) -> Targets {
    Targets(version: 1, expires: expires, isRehearsal: mode == .rehearsal)
  }

  /// What a payload of this role is reviewed against.
  package func rules(for role: OfflineRole, _ mode: Mode, at now: UTCTime) -> ReviewRules {
    ReviewRules(
      now: now, isRehearsal: mode == .rehearsal,
      payloadLimit: role.algorithm == .ed25519 ? cards.model.messageLimit : nil)
  }

  /// Roles whose metadata the steps build, in the order of the steps.
  package var signedRoles: [OfflineRole] {
    steps.compactMap { step in
      if case .build(let role) = step.action { offlineRole(role) } else { nil }
    }
  }
}
