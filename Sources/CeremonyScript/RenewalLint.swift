import Findings
import Keys
import TUFMetadata

extension Script {
  /// What a script that goes on from a root says of delegated roles, and of leavers, that its metadata would not come to.
  ///
  /// - Parameter online: the online keys as they were read.
  package func renewalFindings(_ baseline: Baseline, online: [String: PublicKey]) -> [Finding] {
    strandedFindings(baseline) + keptRoleFindings + trustedLeaverFindings(online)
  }

  /// Delegated roles whose metadata clients would refuse, and which is not signed again.
  private func strandedFindings(_ baseline: Baseline) -> [Finding] {
    let built = Set(signedRoles.map(\.name))
    return delegatedRoles.compactMap { name in
      guard let role = offlineRole(name), !built.contains(name), let before = baseline.metadata.entry(of: name) else {
        return nil
      }
      let old = before.keys.materials(of: before.role)
      let stay = staying(role, of: old)
      guard stay < role.threshold else { return nil }
      return Finding(
        .targetsOrphaned,
        "Of the \(old.count) \(name) keys before \(stay) stay, and \(name) needs \(role.threshold): clients would refuse the \(name) metadata that they have.",
        hint:
          "Name it under “previous.metadata”, and let the steps build, show, sign, verify and write \(name).",
        place: role.place)
    }
  }

  /// Keys that somebody keeps for a role that is not theirs here.
  private var keptRoleFindings: [Finding] {
    keptKeyholders.filter { leaver($0.id) == nil }.flatMap { keyholder in
      let own = roles(of: keyholder.id).map(\.name)
      let stray = own.isEmpty ? [] : keptRoles(of: keyholder.id).filter { !own.contains($0) }
      return stray.map { role in
        Finding(
          .keptKeyUnknown, "\(keyholder.name) keeps a \(role) key, and is no keyholder of \(role) here.",
          hint: "Leave “\(role)” out under “key”, or name “\(keyholder.id)” under roles.\(role).keyholders.",
          place: place(of: "keyholders.\(keyholder.id).key") ?? keyholder.place)
      }
    }
  }

  /// Keys that leave, and that metadata which is made here trusts all the same.
  private func trustedLeaverFindings(_ online: [String: PublicKey]) -> [Finding] {
    let services = Set(online.values.map { MetadataKey.Material.key($0) })
    var trusted: [(role: String, keys: Set<MetadataKey.Material>)] = [("an online role", services)]
    for role in signedRoles where role.delegations.isEmpty {
      guard let kept = targetsBefore(role.name)?.delegations else { continue }
      trusted += kept.inWords.map { ("what \(role.name) delegates to \($0.name)", kept.keys.materials(of: $0.role)) }
    }
    return leaving.compactMap { leaver in
      for key in keys(of: leaver) {
        guard let one = trusted.first(where: { $0.keys.contains(key.material) }) else { continue }
        return Finding(
          .leavingStays,
          "The key \(shortened(key.keyID)) leaves as \(leaver.reason.rawValue), and \(one.role) still has it.",
          hint: "Give that role another key: an online key under “online-keys”, a delegated one under “delegations”.",
          place: leaver.place)
      }
      return nil
    }
  }
}
