import CeremonyScript
import Findings
import Keys
import TUFMetadata

/// Targets and roles below it whose keys were made, used and wiped: nobody can sign with them again, so others are made.
struct DraftedRenewal {
  /// Targets, and what it delegates to, in this order.
  let roles: [OfflineRole]
  let online: [OnlineRole]
  /// What clients have of ``roles``, and what is signed again.
  let files: [FileBeside]
  /// Keys of roles below targets that no role of the root has.
  let keys: [(id: String, key: ServiceKey, fields: [String])]

  /// nil where targets had no one-time keys. Throws `DELEGATION-KEPT` where cards deleted them, or have keys of a role below it, and
  /// `TARGETS-BASELINE` where the metadata of a role is not at hand.
  init?(_ before: RootBefore) throws(Finding) {
    guard let script = before.script, let targets = script.offlineRole(TopLevelRole.targets.rawValue) else {
      return nil
    }
    guard !targets.isDiscarded else {
      throw Finding(
        .delegationKept,
        "The cards of targets deleted its keys, which nobody has. No draft knows who signs targets now.",
        hint: "Write the script by hand: ROTATION.md, “After one-time keys”.", place: before.file.name)
    }
    let names = script.delegatedRoles
    guard targets.oneTime != nil else {
      guard let gone = names.compactMap(script.offlineRole).first(where: { $0.oneTime != nil || $0.isDiscarded }) else {
        return nil
      }
      throw Finding(
        .delegationKept, "Nobody has the keys of \(gone.name) any more, and targets is on cards.",
        hint: "Write the script by hand: ROTATION.md, “After one-time keys”.", place: before.file.name)
    }
    roles = [targets] + names.compactMap(script.offlineRole)
    online = names.compactMap { name in script.onlineRoles.first { $0.name == name } }
    if let onCards = roles.first(where: { $0.oneTime == nil }) {
      throw Finding(
        .delegationKept, "The keys of \(onCards.name) are on cards, and targets had one-time keys.",
        hint: "Write the script by hand: ROTATION.md, “After one-time keys”.", place: before.file.name)
    }
    var files: [FileBeside] = []
    for role in roles {
      guard let file = before.metadata[role.name] else {
        throw Finding(
          .targetsBaseline, "The \(role.name) metadata that clients have now is not at hand.",
          hint: "Name the products folder of the ceremony that made it: --after DIR.", place: before.file.name)
      }
      files.append(file)
    }
    self.files = files
    let known = Set(before.services.map(\.id))
    let named = Set(online.flatMap(\.keys)).subtracting(known)
    var keys: [(id: String, key: ServiceKey, fields: [String])] = []
    for key in script.onlineKeys where named.contains(key.id) {
      let file: PinnedFile? = if case .file(let file) = key.source { file } else { nil }
      let content = before.inputs.first { $0.pinned == file }?.bytes
      keys.append((key.id, ServiceKey(try key.publicKey(content), file: file), YAMLText.lines(key.fields)))
    }
    self.keys = keys
  }

  /// Of a role, as a script has it: its delegations, a line each.
  static func delegations(of role: OfflineRole) -> [String] {
    role.delegations.map { delegation in
      let scope =
        switch delegation.scope {
        case .paths(let paths): "paths: [\(paths.map(YAMLText.quoted).joined(separator: ", "))]"
        case .hashPrefixes(let prefixes): "hash-prefixes: [\(prefixes.map(YAMLText.quoted).joined(separator: ", "))]"
        case .succinct(let bitLength): "succinct: \(1 << bitLength)"
        }
      return "\(delegation.role): {\(scope)\(delegation.isTerminating ? ", search: terminating" : "")}"
    }
  }
}
