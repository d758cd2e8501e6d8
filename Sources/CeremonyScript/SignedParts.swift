import CanonicalJSON
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
  /// By role and keyholder. Never iterated: the script's order is the order.
  package var offline: [String: [String: PublicKey]]
  /// By the id of the online key.
  package var online: [String: PublicKey]

  package init(offline: [String: [String: PublicKey]], online: [String: PublicKey]) {
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
      let entries: [MetadataKey]
      let role: (threshold: Int, fields: JSONObject)
      if let offline = offlineRole(name.rawValue) {
        role = (offline.threshold, offline.fields)
        entries = offline.keyholders.compactMap { id in
          keys.offline[offline.name]?[id].map { metadataKey($0, of: id) }
        }
      } else if let online = onlineRoles.first(where: { $0.name == name.rawValue }) {
        role = (online.threshold, online.fields)
        entries = online.keys.compactMap { id in
          keys.online[id].flatMap { onlineKey(id)?.metadataKey($0) }
        }
      } else {
        continue
      }
      objects += entries
      roles[name] = Role(keyIDs: entries.map(\.keyID), threshold: role.threshold, fields: role.fields)
    }
    return Root(
      version: 1, expires: expires, keys: objects, roles: roles, fields: fields, isRehearsal: mode == .rehearsal)
  }

  /// The key object of a cardholder's key, with the custom fields that the script gives it. Its id counts them in.
  package func metadataKey(_ key: PublicKey, of cardholder: String) -> MetadataKey {
    MetadataKey(key, extensions: self.cardholder(cardholder)?.fields ?? [:])
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
