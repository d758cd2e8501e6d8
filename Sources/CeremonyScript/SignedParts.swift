import CanonicalJSON
import Findings
import Keys
import PIVTypes
import Requests
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

  /// The root: version 1, or the one after the baseline. One key object for each different key, roles in their script
  /// order. Kept keys have the objects and ids that they had.
  package func root(_ keys: ScriptKeys, expires: UTCTime, _ mode: Mode) -> Root {
    var objects: [MetadataKey] = []
    var roles: [TopLevelRole: Role] = [:]
    for name in TopLevelRole.allCases {
      let entries: [MetadataKey]
      let role: (threshold: Int, fields: JSONObject)
      if let offline = offlineRole(name.rawValue) {
        role = (offline.threshold, offline.fields)
        entries = offline.keyholders.compactMap { id in
          keptKey(of: id, offline.name) ?? keys.offline[offline.name]?[id].map { metadataKey($0, of: id) }
        }
      } else if let online = onlineRoles.first(where: { $0.name == name.rawValue }) {
        role = (online.threshold, online.fields)
        entries = online.keys.compactMap { id in
          keys.online[id].flatMap { key in onlineKey(id).map { metadataKey(key, of: $0) } }
        }
      } else {
        continue
      }
      objects += entries
      roles[name] = Role(keyIDs: entries.map(\.keyID), threshold: role.threshold, fields: role.fields.kept)
    }
    return Root(
      version: nextVersion(of: .root), expires: expires,
      consistentSnapshot: baseline?.root.consistentSnapshot ?? true, keys: objects, roles: roles,
      fields: fields.kept, isRehearsal: mode == .rehearsal)
  }

  /// The key object of a cardholder's key, with the custom fields that the script gives it. Its id counts them in.
  package func metadataKey(_ key: PublicKey, of cardholder: String) -> MetadataKey {
    MetadataKey(key, extensions: (self.cardholder(cardholder)?.fields ?? [:]).kept)
  }

  /// The key object of an online key: that of the baseline where it has the same key and the script no fields of its own.
  func metadataKey(_ key: PublicKey, of online: OnlineKey) -> MetadataKey {
    let own = online.metadataKey(key)
    guard let baseline, online.fields.members.isEmpty else { return own }
    return baseline.root.keys.keys.first { $0.publicKey == key && !$0.isHexPoint } ?? own
  }

  /// Top-level targets metadata: version 1 without target files, or what the baseline's says, one version on.
  package func targets(expires: UTCTime, _ mode: Mode) -> Targets {
    let version = nextVersion(of: .targets)
    guard var targets = baseline?.targets else {
      return Targets(version: version, expires: expires, isRehearsal: mode == .rehearsal)
    }
    targets.specVersion = Header.writtenSpecVersion
    targets.version = version
    targets.expires = expires
    targets.fields[Header.rehearsalMark] = mode == .rehearsal ? true : nil
    return targets
  }

  /// What a payload of this role is reviewed against.
  package func rules(for role: OfflineRole, _ mode: Mode, at now: UTCTime) -> ReviewRules {
    ReviewRules(
      now: now, isRehearsal: mode == .rehearsal,
      payloadLimit: payloadLimit(for: role.name), countsMark: !isOnVirtualCards)
  }

  /// The most bytes that every card signs that may sign this role's metadata; nil where all of them sign digests.
  package func payloadLimit(for role: String) -> Int? {
    signers(of: role).compactMap { id in
      cardRole(role, of: id)?.algorithm == .ed25519 ? messageLimit(of: id) : nil
    }.min()
  }

  /// The model of somebody's card.
  package func model(of cardholder: String) -> CardRules.Model { keyholder(cardholder)?.model ?? cards.model }

  /// The most bytes of an Ed25519 message that somebody's card signs.
  package func messageLimit(of cardholder: String) -> Int { model(of: cardholder).messageLimit }

  /// The same of a virtual card that takes its place in a rehearsal: the mark alone keeps none from being held.
  package func virtualMessageLimit(of cardholder: String) -> Int {
    messageLimit(of: cardholder) + Header.rehearsalMarkSize
  }

  /// The version of a role's metadata that is built here: the one after what the script goes on from, or 1.
  package func nextVersion(of role: TopLevelRole) -> Int64 {
    ((role == .root ? baseline?.root.version : baseline?.targets?.version) ?? 0) + 1
  }

  /// The file of that metadata in the products folder.
  package func path(of role: TopLevelRole) -> String { "metadata/\(nextVersion(of: role)).\(role.rawValue).json" }

  /// The files of the metadata that the steps build, in the order of the steps.
  package var metadataPaths: [String] { signedRoles.compactMap { TopLevelRole(rawValue: $0.name).map(path) } }

  /// The file of a root that waits for more signatures than an answer has; nil where this ceremony writes none.
  package var pendingPath: String? { answered?.root.map { "pending/\($0.root.version).root.json" } }

  /// The files that the transcript seal names beside the transcript, as far as the script says it.
  package var sealedPaths: [String] {
    isAnswer ? [pendingPath].compactMap(\.self) + ["inputs/\(Request.fileName)"] : metadataPaths
  }

  /// Roles whose metadata the steps build, in the order of the steps.
  package var signedRoles: [OfflineRole] {
    steps.compactMap { step in
      if case .build(let role) = step.action { offlineRole(role) } else { nil }
    }
  }
}
