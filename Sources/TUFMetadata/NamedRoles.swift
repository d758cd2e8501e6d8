/// Who signs for each role, as the root and what delegates say it. Bins that share their keys (TAP 15) stand here under
/// their name prefix.
package struct NamedRoles: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    package let role: Role
    /// The keys of the metadata that names them.
    package let keys: KeyRing

    /// Those that the role names and the metadata has, in the role's order.
    package var named: [MetadataKey] { role.keyIDs.compactMap { keys[$0] } }
  }

  /// Never iterated: whoever asks has an order.
  private var entries: [String: Entry] = [:]

  package init(_ root: Root) {
    for role in TopLevelRole.allCases { entries[role.rawValue] = Entry(role: root[role], keys: root.keys) }
  }

  /// Takes in what targets metadata delegates. The first that delegates to a name counts.
  package mutating func note(_ delegations: Delegations) {
    switch delegations.roles {
    case .named(let roles): for one in roles { note(one.name, one.role, delegations.keys) }
    case .succinct(let bins): note(bins.namePrefix, bins.role, delegations.keys)
    }
  }

  private mutating func note(_ name: String, _ role: Role, _ keys: KeyRing) {
    if entries[name] == nil { entries[name] = Entry(role: role, keys: keys) }
  }

  package subscript(role: String) -> Entry? { entries[role] }
}
