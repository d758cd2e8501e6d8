import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import TUFMetadata

/// A file that a script names, with its content.
package struct FileBeside: Hashable, Sendable {
  package let name: String
  package let bytes: [UInt8]
  package var pinned: PinnedFile { PinnedFile(name: name, digest: SHA256Digest(of: bytes)) }

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// The root that a draft goes on from, and what is known of the people and services behind its keys.
package struct RootBefore: Sendable {
  /// `N.root.json`.
  package let file: FileBeside
  package let baseline: Baseline
  /// SHA-256 of the last line of the transcript of the ceremony that made it; nil where none is known.
  package let head: SHA256Digest?
  /// The script of that ceremony.
  let script: Script?
  /// The newest top-level targets metadata, where it is at hand.
  var targets: FileBeside? { metadata[TopLevelRole.targets.rawValue] }
  /// By role, the newest metadata of targets and of what it delegates to, where it is at hand.
  let metadata: [String: FileBeside]
  /// What that script named and this one will name again: makers' certificates and online keys.
  let inputs: [FileBeside]
  /// Who has keys on cards, in the order of the root.
  let owners: [KeyOwner]
  let services: [Service]
  /// Ids of ``services`` by role.
  let onlineRoles: [TopLevelRole: [String]]
  /// Whether targets had keys that were wiped.
  let isRenewed: Bool

  /// Somebody with keys on a card.
  struct KeyOwner: Sendable {
    let id: String
    let name: String
    /// By role: `root`, `targets`.
    var keys: [TopLevelRole: MetadataKey]
  }

  /// A key that is not on a card of a keyholder.
  struct Service: Sendable {
    let id: String
    let key: MetadataKey
    let publicKey: PublicKey
  }

  /// - Parameters:
  ///   - root: the bytes of the newest root.
  ///   - script: of the ceremony that made it; without one, people are known by the fields of their keys or by key ids.
  ///   - inputs: the files that script names.
  ///
  /// Throws what keeps the root from being gone on from.
  package init(
    _ root: [UInt8], named name: String, head: SHA256Digest? = nil, script: Script? = nil,
    metadata: [String: FileBeside] = [:], inputs: [FileBeside] = []
  ) throws(Finding) {
    baseline = try Baseline(root, named: name)
    file = FileBeside(name: "\(baseline.root.version).root.json", bytes: root)
    self.head = head
    self.script = script
    self.metadata = metadata
    self.inputs = inputs
    let old = baseline.root
    let daily = old.keys.materials(of: old[.timestamp]).union(old.keys.materials(of: old[.snapshot]))
    isRenewed = script?.offlineRole("targets")?.oneTime != nil
    let hasTargetsOffline =
      script.map { $0.offlineRole("targets") != nil } ?? old.keys.materials(of: old[.targets]).isDisjoint(with: daily)
    owners = Self.owners(old, hasTargetsOffline && !isRenewed ? [.root, .targets] : [.root], script)
    let online: [TopLevelRole] = hasTargetsOffline ? [.timestamp, .snapshot] : [.timestamp, .snapshot, .targets]
    var services: [Service] = []
    var roles: [TopLevelRole: [String]] = [:]
    for role in online {
      let keys = old.keys(of: role)
      let names = script?.onlineRoles.first { $0.name == role.rawValue }?.keys
      for (place, key) in keys.enumerated() {
        guard let publicKey = key.publicKey else {
          throw Finding(
            .onlineKey,
            "The online key \(key.described) of the root before cannot be read here, so no script can name it.",
            hint: "Replace it with the program that made that root.", place: name)
        }
        if let known = services.first(where: { $0.publicKey == publicKey }) {
          roles[role, default: []].append(known.id)
          continue
        }
        let number = services.count + 1
        let named =
          names.flatMap { $0.count == keys.count ? $0[place] : nil } ?? (number == 1 ? "service" : "service-\(number)")
        // A keyholder may have the same name in the script before; here both can be named.
        let id = owners.contains { $0.id == named } ? "\(named)-key" : named
        services.append(Service(id: id, key: key, publicKey: publicKey))
        roles[role, default: []].append(id)
      }
    }
    self.services = services
    onlineRoles = roles
  }

  /// Whether the keys of targets are on cards.
  var hasTargetsOnCards: Bool { onlineRoles[.targets] == nil && !isRenewed }

  /// Fields of key objects that say whose key it is, the more telling first.
  static let ownerFields = ["x-tuf-on-ci-keyowner", RSTUFContract.keyName, "name"]

  /// Whether people can read it on a screen.
  private static func isName(_ text: String) -> Bool {
    (1...ScriptText.longest).contains(text.unicodeScalars.count) && text.unicodeScalars.allSatisfy(ScriptText.isSeen)
      && !ScriptText.isOpen(text)
  }

  private static func owners(_ root: Root, _ roles: [TopLevelRole], _ script: Script?) -> [KeyOwner] {
    var owners: [KeyOwner] = []
    for role in roles {
      let keys = root.keys(of: role)
      let ids = script?.offlineRole(role.rawValue)?.keyholders
      for (place, key) in keys.enumerated() {
        let scripted = ids.flatMap { $0.count == keys.count ? $0[place] : nil }
        let known = ownerFields.lazy.compactMap { key.fields[$0]?.string }.first(where: isName)
        let index = owners.firstIndex { owner in
          guard scripted == nil else { return owner.id == scripted }
          return owner.keys.values.contains { $0.material == key.material }
            || owner.keys[role] == nil && known != nil && owner.name == known
        }
        if let index {
          owners[index].keys[role] = key
        } else if let scripted, let script {
          owners.append(KeyOwner(id: scripted, name: script.name(of: scripted), keys: [role: key]))
        } else {
          owners.append(owner(of: key, named: known, role, beside: owners))
        }
      }
    }
    return owners
  }

  /// Whose names are not known, or taken, are told apart by the key.
  private static func owner(
    of key: MetadataKey, named known: String?, _ role: TopLevelRole, beside others: [KeyOwner]
  ) -> KeyOwner {
    let short = shortened(key.keyID)
    guard let known else {
      return KeyOwner(id: "key-\(short)", name: ScriptText.open("who has key \(short)"), keys: [role: key])
    }
    let name = others.contains { ScriptText.looksLike($0.name, known) } ? "\(known), key \(short)" : known
    let id = DraftedID.of(known, number: others.count + 1, beside: others.map(\.id))
    return KeyOwner(id: id, name: name, keys: [role: key])
  }

  /// So many digits of a key's id that they name it alone.
  func digits(of key: MetadataKey) -> String {
    var count = 16
    while count < key.keyID.utf8.count, baseline.key(String(key.keyID.prefix(count))) == nil { count += 1 }
    return String(key.keyID.prefix(count))
  }
}
