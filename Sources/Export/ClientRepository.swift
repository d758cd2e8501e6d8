import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

/// What clients download: a tree with consistent snapshots (TUF §6.2). What a ceremony signed goes in as it is; what online
/// keys sign is made here, and is signed or waits to be.
package struct ClientRepository {
  /// How online metadata is made.
  package struct Settings: Sendable {
    /// Days until it expires, by the role of the root, and `bins` for every delegated role.
    package var expirations: [String: Int] = ["targets": 365, "snapshot": 1, "timestamp": 1, "bins": 1]
    /// Of all of it: 1, or a higher one than what is published.
    package var version: Int64 = 1
    package var now: UTCTime
    package var isRehearsal: Bool

    package static let roles = ["targets", "snapshot", "timestamp", "bins"]
    /// What comes out of a rehearsal expires within so many days.
    static let rehearsalDays = 7

    package init(now: UTCTime, isRehearsal: Bool) {
      self.now = now
      self.isRehearsal = isRehearsal
    }
  }

  /// Where signed metadata lies, and where what waits for online keys.
  package static let metadata = "metadata"
  package static let waiting = "to-sign"

  /// By name in the tree, in the order in which clients may come to see them: the timestamp is the last.
  package private(set) var files: [(name: String, bytes: [UInt8])] = []
  /// How many of ``files`` have to be signed.
  package private(set) var waitingCount = 0
  /// Files of the folder that no role lists or may list are refused; these are the ones to copy.
  package let targets: [TargetFile]
  /// Paths that signed metadata lists and that are not among ``targets``.
  package private(set) var absent: [String] = []
  /// How many names stay in the snapshot though nothing leads to them: clients know them.
  package private(set) var leftCount = 0

  /// A role of targets metadata: who signs for it, and what it says.
  private struct TargetsRole {
    let name: String
    let role: Role
    let keys: KeyRing
    var content: Targets
    /// What the ceremony signed; nil for what is made here.
    let signed: SignedMetadata.File?
  }

  /// Throws `HAND-OVER` for what clients could not use, what no online key that was named signs, and a target file that no
  /// role may list, and a version that clients would go back to.
  package init(
    _ signed: SignedMetadata, targets files: [TargetFile], _ settings: Settings, signers: [SigningKey]
  ) throws(Finding) {
    targets = files
    let root = signed.root
    guard root.consistentSnapshot == true else {
      throw Self.refusal(
        "the root says that snapshots are not consistent, and this tree has them.",
        "Publish by the program that publishes this repository today.", signed.rootPath)
    }
    var roles = try Self.roles(signed, settings)
    try Self.list(files, in: &roles)
    let listed = Set(files.map { Array($0.path.utf8) })
    absent = roles.filter { $0.signed != nil }.flatMap(\.content.targets.names)
      .filter { !listed.contains(Array($0.utf8)) }
    for file in signed.roots { add(file.name, file.bytes) }
    for role in roles {
      if let own = role.signed {
        add(own.name, own.bytes)
      } else {
        try add(role.content.json, "\(settings.version).\(role.name).json", role.name, role.role, role.keys, signers)
      }
    }
    var snapshot = JSONObject(
      roles.map { ("\($0.name).json", ["version": .integer($0.signed?.version ?? settings.version)]) })
    if let published = signed.snapshot {
      try published.refuseOlder(roles.map { ($0.name, $0.signed?.version) }, settings.version)
      let left = published.left(by: snapshot)
      for (name, version) in left { snapshot[name] = ["version": .integer(version)] }
      leftCount = left.count
    }
    try add(
      Self.listing(snapshot, .snapshot, settings), "\(settings.version).snapshot.json", "snapshot", root[.snapshot],
      root.keys, signers)
    try add(
      Self.listing(["snapshot.json": ["version": .integer(settings.version)]], .timestamp, settings), "timestamp.json",
      "timestamp", root[.timestamp], root.keys, signers)
  }

  // MARK: Roles of targets metadata

  /// Targets and every role that it leads to, delegating ones first.
  private static func roles(_ signed: SignedMetadata, _ settings: Settings) throws(Finding) -> [TargetsRole] {
    let root = signed.root
    var roles: [TargetsRole] = []
    var seen: Set<[UInt8]> = []
    var next = [(TopLevelRole.targets.rawValue, root[.targets], root.keys)]
    while !next.isEmpty {
      let (name, role, keys) = next.removeFirst()
      guard seen.insert(Array(name.utf8)).inserted else { continue }
      let file = signed.targets[name]
      if let file, !file.envelope.count(role, keys).isMet {
        throw refusal(
          "too few of its keys signed \(shown(name)).", "Sign it by the keys that are delegated to.", file.name)
      }
      if file == nil, name == TopLevelRole.targets.rawValue,
        !keys.materials(of: role).isSubset(of: keys.materials(of: root[.timestamp]))
      {
        throw refusal(
          "targets has keys of its own, and no targets metadata is here.",
          "Name the file that they signed: --with FILE.", signed.rootPath)
      }
      let days = name == TopLevelRole.targets.rawValue ? name : "bins"
      let own =
        file?.content
        ?? Targets(version: settings.version, expires: expiry(of: days, settings), isRehearsal: settings.isRehearsal)
      roles.append(TargetsRole(name: name, role: role, keys: keys, content: own, signed: file))
      guard let delegations = own.delegations else { continue }
      switch delegations.roles {
      case .named(let named): next += named.map { ($0.name, $0.role, delegations.keys) }
      case .succinct(let bins):
        guard let names = bins.names else {
          throw refusal(
            "\(shown(name)) delegates to 2^\(bins.bitLength) bins, and no client reads a snapshot that names them all.",
            "Delegate to at most 2^16 bins; PEP 458 has 2^14.", file?.name ?? signed.rootPath)
        }
        next += names.map { ($0, bins.role, delegations.keys) }
      }
    }
    for name in signed.targets.keys.sorted() where !seen.contains(Array(name.utf8)) {
      throw refusal(
        "nothing delegates to \(shown(name)).",
        "Leave the file out. Where clients know it, name the snapshot that they have: --with N.snapshot.json.",
        signed.targets[name]?.name ?? name)
    }
    return roles
  }

  /// Puts each file that no signed metadata lists into the first role on a client's way that is made here.
  private static func list(_ files: [TargetFile], in roles: inout [TargetsRole]) throws(Finding) {
    let search = TargetSearch(
      Dictionary(
        uniqueKeysWithValues: roles.compactMap { role in
          role.content.delegations.map { (role.name, $0) }
        }))
    let indices = Dictionary(uniqueKeysWithValues: roles.indices.map { (roles[$0].name, $0) })
    let known = roles
    for file in files {
      guard file.path.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        throw refusal("some clients read the name “\(file.path)” as another one.", "Use ASCII alone.", file.path)
      }
      func first(where holds: (TargetsRole) -> Bool) -> String? {
        search.first(for: file.path) { name in indices[name].map { holds(known[$0]) } ?? false }
      }
      // Where signed metadata lists it, clients find it there, whoever else could list it before.
      let holder = first { $0.content.targets[file.path] != nil } ?? first { $0.signed == nil }
      guard let index = holder.flatMap({ indices[$0] }) else {
        throw refusal(
          "no role that clients would ask lists this file, and none that an online key signs may.",
          "Take it out of the folder, or list it in metadata that is signed in a ceremony.", file.path)
      }
      guard let listed = known[index].content.targets[file.path] else {
        roles[index].content.targets[file.path] = .object(file.entry)
        continue
      }
      guard listed["length"]?.integer == file.length, listed["hashes"]?["sha256"]?.string == file.sha256.hex
      else {
        throw refusal(
          "\(shown(known[index].name)) lists another file under this name, or without its SHA-256.",
          "Name the folder that has the files that were listed in the ceremony.", file.path)
      }
    }
  }

  // MARK: What is made here

  private static func expiry(of role: String, _ settings: Settings) -> UTCTime {
    let days = settings.expirations[role] ?? 1
    return settings.now.adding(days: Int64(settings.isRehearsal ? min(days, Settings.rehearsalDays) : days))
  }

  private static func listing(_ meta: JSONObject, _ role: TopLevelRole, _ settings: Settings) -> JSONObject {
    var signed: JSONObject = [
      "_type": .string(role.rawValue), "spec_version": .string(Header.writtenSpecVersion),
      "version": .integer(settings.version), "expires": .string(expiry(of: role.rawValue, settings).description),
      "meta": .object(meta),
    ]
    if settings.isRehearsal { signed[Header.rehearsalMark] = true }
    return signed
  }

  private mutating func add(_ name: String, _ bytes: [UInt8]) { files.append(("\(Self.metadata)/\(name)", bytes)) }

  private mutating func add(
    _ signed: JSONObject, _ file: String, _ name: String, _ role: Role, _ keys: KeyRing, _ signers: [SigningKey]
  ) throws(Finding) {
    var envelope = Envelope(signed: signed)
    guard !signers.isEmpty else {
      waitingCount += 1
      return files.append(("\(Self.waiting)/\(file)", envelope.serialized()))
    }
    for id in role.keyIDs {
      guard let key = keys[id], let scheme = key.scheme,
        let signer = signers.first(where: { $0.publicKey == key.publicKey }),
        let signature = signer.sign(envelope.signedBytes, scheme)
      else { continue }
      envelope = envelope.adding(Envelope.Signature(keyID: id, bytes: signature))
    }
    guard envelope.count(role, keys).isMet else {
      throw Self.refusal(
        "\(shown(name)) needs \(counted(role.threshold, "signature")), and the keys that were named make \(envelope.signatures.count).",
        "Name each online key: --online-key FILE. Without any, what is to be signed lies in \(Self.waiting)/.", file)
    }
    add(file, envelope.serialized())
  }

  static func refusal(_ what: String, _ hint: String, _ place: String) -> Finding {
    Finding(.handOver, "Clients could not use this repository: \(what)", hint: hint, place: place)
  }
}

extension TargetFile {
  /// Where clients look for it in a tree with consistent snapshots: with its digest before its last part (TUF §6.2).
  package var name: String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return (["targets"] + parts.dropLast() + ["\(sha256.hex).\(parts.last ?? "")"]).joined(separator: "/")
  }
}
