import CanonicalJSON

/// What the Repository Service for TUF (API 1.0, worker 1.0) needs of a root, and what it would lose of one.
///
/// Fields count into key ids, so that a root without them stays without them.
package struct RSTUFContract {
  /// Where the worker finds the private half of the online key: `fn:NAME`, a PKCS#8 file in its key folder, or a key
  /// service. Read by its signer; a root without it ends in a KeyError there.
  package static let onlineKeyURI = "x-rstuf-online-key-uri"
  /// How its administrators name a key. Its tools keep this one and ``onlineKeyURI`` when they write a key anew.
  package static let keyName = "x-rstuf-key-name"
  /// Schemes of ``onlineKeyURI``; `file:` is refused.
  static let schemes = ["fn", "awskms", "gcpkms", "azurekms"]

  package private(set) var breaches: [ContractBreach] = []

  package init(_ root: Root) {
    let online = root.keys.materials(of: root[.timestamp])
    for role in [TopLevelRole.targets, .snapshot, .timestamp] {
      let isItsOwn = root.keys.materials(of: root[role]) == online && online.count == 1 && root[role].threshold == 1
      if !isItsOwn {
        add(
          .role(role), nil,
          "one online key signs targets, snapshot and timestamp, and \(role.rawValue) has something else.",
          "Give the three roles the same single key and “threshold: 1”.")
      }
    }
    for key in root.keys(of: .timestamp) { judge(online: key) }
    for name in root.fields.names where name.split(separator: "-", omittingEmptySubsequences: false).count < 3 {
      add(.top, name, "its API refuses the field “\(name)”.", "Write “x-VENDOR-NAME”: three parts at least.")
    }
    for key in root.keys.keys {
      for name in key.extensions.names where ![Self.onlineKeyURI, Self.keyName, "name"].contains(name) {
        add(
          .key(key.keyID), name,
          "it drops the field “\(name)” of a key from the next root, which then has another key id and stays pending.",
          "Leave the field out. \(Self.onlineKeyURI) and \(Self.keyName) are kept.")
      }
    }
    for role in TopLevelRole.allCases {
      for name in root[role].fields.names {
        add(
          .role(role), name, "it drops the field “\(name)” of a role from the next root.",
          "Leave the field out: roles keep none.")
      }
    }
  }

  private mutating func judge(online key: MetadataKey) {
    let example = "“\(Self.onlineKeyURI): fn:NAME”, NAME being a file in its key folder"
    guard let uri = key.extensions[Self.onlineKeyURI] else {
      return add(
        .key(key.keyID), nil, "the online key does not say where the worker finds its private half.",
        "Give that key the field \(example). It counts into the key id, so it cannot be added later.")
    }
    let parts = uri.string.map { $0.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false) } ?? []
    guard parts.count == 2, Self.schemes.contains(String(parts[0])), !parts[1].isEmpty else {
      let known = Self.schemes.map { "\($0):" }.joined(separator: ", ")
      return add(
        .key(key.keyID), Self.onlineKeyURI, "its worker finds no private key by this \(Self.onlineKeyURI).",
        "Write \(example); it may also begin with \(known).")
    }
  }

  private mutating func add(_ subject: ContractBreach.Subject, _ field: String?, _ what: String, _ hint: String) {
    breaches.append(
      ContractBreach(subject: subject, field: field, what: "RSTUF cannot take this root: \(what)", hint: hint))
  }
}
