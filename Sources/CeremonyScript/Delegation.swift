import TUFMetadata

/// What a targets role hands on to another role, or to bins (TUF §4.5, TAP 15).
package struct Delegation: Hashable, Sendable {
  /// What no delegated role's name may be: it means something else in a script, in metadata or in a transcript.
  package static let reserved =
    ["root", "targets", "snapshot", "timestamp", "mirrors", "twin", "proof", "initials", "seal", "asked-seal"]
    + Keyholder.reserved

  /// Whether a delegated role may have this name.
  package static func mayBeNamed(_ name: String) -> Bool {
    isName(name) && name.utf8.count <= 40 && !name.utf8.contains(UInt8(ascii: ".")) && !reserved.contains(name)
  }

  package enum Scope: Hashable, Sendable {
    case paths([String])
    /// Of the SHA-256 of a target file's path, in lower-case hexadecimal.
    case hashPrefixes([String])
    /// As many bins as 2 to this power.
    case succinct(bitLength: Int)
  }

  /// The name of a role of the script; of bins what each of their names begins with.
  package let role: String
  package let scope: Scope
  /// Whether a client that finds no file here looks no further.
  package let isTerminating: Bool
  /// `script.yaml:line:column`.
  package let place: String
}

extension Script {
  /// The role whose metadata names the keys of a role: `root` for the four of TUF, else the first that delegates to it.
  package func delegator(of role: String) -> String? {
    Script.topLevel.contains(role)
      ? "root" : offlineRoles.first { $0.delegations.contains { $0.role == role } }?.name
  }

  /// The names of TUF's four roles.
  static let topLevel = ["root", "snapshot", "targets", "timestamp"]

  /// Whether it has roles that TUF does not name, or says what a role delegates or lists.
  package var delegates: Bool {
    offlineRoles.contains {
      !Script.topLevel.contains($0.name) || !$0.delegations.isEmpty || $0.files != nil || $0.oneTime != nil
    }
      || onlineRoles.contains { !Script.topLevel.contains($0.name) }
  }

  /// Whether it goes on from a root, and has delegated roles, or metadata of more roles than targets.
  package var renewsDelegations: Bool {
    guard let goesOn else { return false }
    let names = keyholders.compactMap { keyholder -> [String]? in
      guard case .byRole(let digits) = keyholder.key else { return nil }
      return Array(digits.keys)
    }
    return delegates || goesOn.metadata.count > 1
      || names.joined().contains { TopLevelRole(rawValue: $0) == nil }
  }

  /// Roles that are delegated to, in the order in which the metadata that names them is read: from targets on.
  package var delegatedRoles: [String] {
    var names = ["targets"]
    var place = 0
    while place < names.count {
      for delegation in offlineRole(names[place])?.delegations ?? [] where !names.contains(delegation.role) {
        names.append(delegation.role)
      }
      place += 1
    }
    return Array(names.dropFirst())
  }
}
