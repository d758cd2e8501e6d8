import CanonicalJSON
import Findings
import TUFMetadata

extension Script {
  /// What is wrong with what targets delegates, and with the roles that it is delegated to.
  var delegationFindings: [Finding] {
    var findings: [Finding] = []
    var seen: Set<String> = []
    for role in offlineRoles {
      for (index, one) in role.delegations.enumerated() {
        let earlier = role.delegations.prefix(index)
        if offlineRole(one.role) == nil, !onlineRoles.contains(where: { $0.name == one.role }) {
          findings.append(
            Finding(
              .scriptReference, "\(role.name) delegates to “\(one.role)”, which is no role of the script.",
              hint: "Describe it under “roles”, with “keyholders” or “keys”.", place: one.place))
        } else if !seen.insert(one.role).inserted {
          findings.append(
            Finding(
              .delegationShadowed, "“\(one.role)” is delegated to twice: clients ask it where it stands first.",
              hint: "Give it all its paths in one place.", place: one.place))
        } else if let first = earlier.first(where: { $0.shadows(one) }) {
          findings.append(
            Finding(
              .delegationShadowed, "No client asks “\(one.role)”: “\(first.role)” before it has all that it is for.",
              hint: "Put it before “\(first.role)”, or take “search: terminating” away there.", place: one.place))
        }
        if case .succinct = one.scope, role.delegations.count > 1 {
          findings.append(
            Finding(
              .delegationBins, "Beside the bins of “\(one.role)” nothing else can be delegated by \(role.name).",
              hint: "Delegate to one role, and let that have the bins.", place: one.place))
        }
      }
    }
    return findings + reachFindings + signedDelegationFindings + targetFindings
  }

  /// Roles to which no way leads from targets.
  private var reachFindings: [Finding] {
    let reached = Set(Script.topLevel + delegatedRoles)
    let own = offlineRoles.map { ($0.name, $0.place) } + onlineRoles.map { ($0.name, $0.place) }
    return own.filter { !reached.contains($0.0) }.map { name, place in
      if baseline?.metadata.delegates(to: name) == true {
        return Finding(
          .delegationKept, "The metadata before delegates to “\(name)”, and the script does not say so anew.",
          hint: "Write under “delegations” all that is delegated from now on: it takes the place of what was.",
          place: place)
      }
      return Finding(
        .delegationMissing, "Nothing that begins at targets delegates to “\(name)”.",
        hint: "Name it under “delegations” of roles.targets, or of a role that targets delegates to; or leave it out.",
        place: place)
    }
  }

  /// Files that a role lists and that no client asks it for.
  private var targetFindings: [Finding] {
    var findings: [Finding] = []
    for role in listingRoles {
      let place = place(of: "roles.\(role.name).files") ?? role.place
      if !signedRoles.contains(where: { $0.name == role.name }) {
        findings.append(
          Finding(
            .delegationUnsigned, "\(role.name) lists files, and no step builds its metadata, which would say so.",
            hint: "Add build, show, sign, verify and write.", place: place))
      }
      let scope = offlineRoles.flatMap(\.delegations).first { $0.role == role.name }?.scope
      guard let scope, let outside = (listed[role.name] ?? []).first(where: { !scope.includes($0.path) }) else {
        continue
      }
      findings.append(
        Finding(
          .targetOutside, "\(role.name) lists \(outside.path), for which nobody delegates to it.",
          hint: "Add the path to its delegation, or list the file elsewhere.", place: place))
    }
    return findings
  }

  /// Delegations that no metadata of this ceremony states.
  private var signedDelegationFindings: [Finding] {
    let built = Set(signedRoles.map(\.name))
    var findings: [Finding] = []
    for role in offlineRoles where !role.delegations.isEmpty {
      for name in targetsBefore(role.name)?.delegations?.fields.names ?? [] {
        findings.append(
          Finding(
            .baselineField,
            "What \(role.name) delegates has a custom field “\(shown(name))”, which no script can state.",
            hint: "Leave “delegations” out, and it stays; or have the program that made it take the field away first.",
            place: role.place))
      }
      if !built.contains(role.name) {
        findings.append(
          Finding(
            .delegationUnsigned, "\(role.name) delegates, and no step builds its metadata, which would say so.",
            hint: "Add build, show, sign, verify and write.", place: role.place))
      }
    }
    return findings
  }
}

extension Delegation.Scope {
  fileprivate func includes(_ path: String) -> Bool {
    switch self {
    case .paths(let patterns): DelegatedRole.Scope.paths(patterns).covers(path)
    case .hashPrefixes(let prefixes): DelegatedRole.Scope.pathHashPrefixes(prefixes).covers(path)
    case .succinct: true
    }
  }
}

extension Delegation {
  /// Whether no client gets to another one that follows.
  fileprivate func shadows(_ other: Delegation) -> Bool {
    guard isTerminating else { return false }
    switch (scope, other.scope) {
    case (.paths(let mine), .paths(let theirs)):
      return theirs.allSatisfy { path in mine.contains { DelegatedPaths.covers($0, path) } }
    case (.hashPrefixes(let mine), .hashPrefixes(let theirs)):
      return theirs.allSatisfy { prefix in mine.contains(where: prefix.hasPrefix) } || Self.isWhole(mine)
    case (.hashPrefixes(let mine), .paths): return Self.isWhole(mine)
    default: return false
    }
  }

  /// Whether every digest begins with one of them.
  private static func isWhole(_ prefixes: [String]) -> Bool {
    Set(prefixes).isSuperset(of: (0..<16).map { String($0, radix: 16) })
  }
}
