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
      guard let entry = entry(name.rawValue, keys) else { continue }
      objects += entry.keys
      roles[name] = entry.role
    }
    return Root(
      version: nextVersion(of: TopLevelRole.root.rawValue), expires: expires,
      consistentSnapshot: baseline?.root.consistentSnapshot ?? true, keys: objects, roles: roles,
      fields: fields.kept, isRehearsal: mode == .rehearsal)
  }

  /// A role with its key objects, as the metadata that names it has them; nil where the script has no such role.
  private func entry(_ name: String, _ keys: ScriptKeys) -> (role: Role, keys: [MetadataKey])? {
    let entries: [MetadataKey]
    let role: (threshold: Int, fields: JSONObject)
    if let offline = offlineRole(name) {
      role = (offline.threshold, offline.fields)
      entries =
        offline.keyholders.compactMap { id in
          keptKey(of: id, offline.name) ?? keys.offline[offline.name]?[id].map { metadataKey($0, of: id) }
        } + offline.oneTimeNames.compactMap { keys.offline[offline.name]?[$0].map { MetadataKey($0) } }
    } else if let online = onlineRoles.first(where: { $0.name == name }) {
      role = (online.threshold, online.fields)
      entries = online.keys.compactMap { id in
        keys.online[id].flatMap { key in onlineKey(id).map { metadataKey(key, of: $0) } }
      }
    } else {
      return nil
    }
    return (Role(keyIDs: entries.map(\.keyID), threshold: role.threshold, fields: role.fields.kept), entries)
  }

  /// The key object of a cardholder's key, with the custom fields that the script gives it. Its id counts them in.
  package func metadataKey(_ key: PublicKey, of cardholder: String) -> MetadataKey {
    MetadataKey(key, extensions: (self.cardholder(cardholder)?.fields ?? [:]).kept)
  }

  /// The key object of an online key: that of the baseline where it has the same key and the script no fields of its own.
  func metadataKey(_ key: PublicKey, of online: OnlineKey) -> MetadataKey {
    let own = online.metadataKey(key)
    guard let baseline, online.fields.members.isEmpty else { return own }
    return (baseline.root.keys.keys + baseline.metadata.keys).first { $0.publicKey == key && !$0.isHexPoint } ?? own
  }

  /// The ids of the online keys, as metadata names them.
  package func onlineKeyIDs(_ online: [String: PublicKey]) -> Set<String> {
    Set(onlineKeys.compactMap { key in online[key.id].map { metadataKey($0, of: key).keyID } })
  }

  /// Targets metadata of a role: version 1, or one version on from the baseline's. That keeps what it lists and delegates,
  /// unless the script says it anew.
  package func targets(_ role: String, _ keys: ScriptKeys, expires: UTCTime, _ mode: Mode) -> Targets {
    let version = nextVersion(of: role)
    let own = offlineRole(role)?.signedFields ?? [:]
    guard var targets = targetsBefore(role) else {
      return Targets(
        version: version, expires: expires, targets: listing(of: role) ?? [:], delegations: delegations(of: role, keys),
        fields: own, isRehearsal: mode == .rehearsal)
    }
    for member in own.members { targets.fields[member.name] = member.value }
    targets.specVersion = Header.writtenSpecVersion
    targets.version = version
    targets.expires = expires
    targets.fields[Header.rehearsalMark] = mode == .rehearsal ? true : nil
    if let listing = listing(of: role) { targets.targets = listing }
    if let anew = delegations(of: role, keys) { targets.delegations = anew }
    return targets
  }

  /// What a role delegates: one key object for each different key, roles in their script order. nil where it is nothing.
  private func delegations(of role: String, _ keys: ScriptKeys) -> Delegations? {
    var objects: [MetadataKey] = []
    var named: [DelegatedRole] = []
    for delegation in offlineRole(role)?.delegations ?? [] {
      guard let entry = entry(delegation.role, keys) else { continue }
      objects += entry.keys
      let scope: DelegatedRole.Scope
      switch delegation.scope {
      case .succinct(let bitLength):
        let bins = SuccinctRoles(bitLength: bitLength, namePrefix: delegation.role, role: entry.role)
        return Delegations(keys: objects, roles: .succinct(bins))
      case .paths(let paths): scope = .paths(paths)
      case .hashPrefixes(let prefixes): scope = .pathHashPrefixes(prefixes)
      }
      named.append(
        DelegatedRole(name: delegation.role, role: entry.role, terminating: delegation.isTerminating, scope: scope))
    }
    return named.isEmpty ? nil : Delegations(keys: objects, roles: .named(named))
  }

  /// The target files that a role's metadata lists; nil where the script names no folder of them.
  package func listing(of role: String) -> JSONObject? {
    offlineRole(role)?.files.map { _ in (listed[role] ?? []).listing }
  }

  /// Roles whose metadata lists files from a folder, in the order of the script.
  package var listingRoles: [OfflineRole] { offlineRoles.filter { $0.files != nil } }

  /// The same script with the files that a role lists.
  package func listing(_ files: [TargetFile], for role: String) -> Script {
    var script = self
    script.listed[role] = files
    return script
  }

  /// The metadata of a role before this one; nil where there is none.
  package func targetsBefore(_ role: String) -> Targets? { baseline?.metadata[role] }

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
  package func nextVersion(of role: String) -> Int64 {
    ((role == TopLevelRole.root.rawValue ? baseline?.root.version : targetsBefore(role)?.version) ?? 0) + 1
  }

  /// The file of that metadata in the products folder.
  package func path(of role: String) -> String { "metadata/\(nextVersion(of: role)).\(role).json" }

  /// The files of the metadata that the steps build, in the order of the steps.
  package var metadataPaths: [String] { signedRoles.map { path(of: $0.name) } }

  /// The file of a root that waits for more signatures than an answer has; nil where this ceremony writes none.
  package var pendingPath: String? {
    answered?.seal == nil ? answered?.root.map { "pending/\($0.root.version).root.json" } : Self.askedSealPath
  }

  /// In an answer the file of the seal that another ceremony asked for.
  package static let askedSealPath = "pending/seal.dsse.json"

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
