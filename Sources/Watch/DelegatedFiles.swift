import CanonicalJSON
import Findings
import Keys
import TUFMetadata

/// Everything besides roots: each role's current version, against the role that delegates to it (TUF §5.6) and against
/// what timestamp and snapshot say of it.
struct DelegatedFiles: Sendable {
  struct Result: Sendable {
    var files: [FileVerdict] = []
    var notJudged: [NotJudged] = []
  }

  let judge: RepositoryVerifier
  /// Whether a whole repository is judged: then timestamp and snapshot must not be missing between others.
  let isWhole: Bool
  private let root: Root?
  private var delegators: [Delegations]
  /// By the bytes of the role's name: two names that only Unicode makes equal stay two.
  private var waiting: [[UInt8]: [MetadataFile]]
  private let onlineKeys: Set<MetadataKey.Material>
  private var snapshot: MetaFiles?
  private var isSnapshotReached = false
  private var seen: Set<[UInt8]> = []
  private var result = Result()
  private var hasTargets = false
  private let strays: StrayFiles

  /// Everything that a root leads to; nothing without one.
  init(
    judge: RepositoryVerifier,
    root: Root?,
    files: [[UInt8]: [MetadataFile]],
    roots: Set<SHA256Digest>,
    isWhole: Bool
  ) {
    self.judge = judge
    self.root = root
    self.isWhole = isWhole
    delegators = []
    waiting = files
    onlineKeys =
      root.map { $0.keys.materials(of: $0[.timestamp]).union($0.keys.materials(of: $0[.snapshot])) } ?? []
    strays = StrayFiles(judge: judge, roots: roots)
  }

  /// What one targets file delegates to, taken as given.
  init(judge: RepositoryVerifier, delegations: Delegations, files: [[UInt8]: [MetadataFile]]) {
    self.judge = judge
    root = nil
    isWhole = false
    delegators = [delegations]
    hasTargets = true
    waiting = files
    onlineKeys = []
    strays = StrayFiles(judge: judge, roots: [])
  }

  mutating func verdicts() -> Result {
    if let root { topLevel(root) }
    var next = 0
    while next < delegators.count {
      let work = takeDelegated(by: delegators[next])
      next += 1
      let outcomes = concurrentMap(work) { role, files in role.judged(files) }
      for outcome in outcomes {
        result.files += outcome.verdicts
        if let delegations = outcome.delegations { delegators.append(delegations) }
      }
    }
    if root != nil { nameMissing() }
    let rest = waiting.values.flatMap { $0 }.sorted { $0.path < $1.path }
    result.files += rest.map { strays.verdict(on: $0, hasTargets: hasTargets) }
    return result
  }

  private mutating func topLevel(_ root: Root) {
    let timestamp = takeTopLevel(.timestamp, root, .unknown)
    let named = timestamp?.signed.flatMap { try? MetaFiles.read($0, of: .timestamp)["snapshot"] }
    let toSnapshot = named.map { Reference(content: .named($0), by: .timestamp, isReached: true) }
    if let found = takeTopLevel(.snapshot, root, toSnapshot ?? .unknown) {
      snapshot = found.signed.flatMap { try? MetaFiles.read($0, of: .snapshot) }
      isSnapshotReached = named != nil && found.isReached
      if snapshot == nil {
        result.notJudged.append(
          NotJudged("targets", "what a snapshot says of it and of what it delegates to: no valid one was at hand")
        )
      }
      judgeSnapshotsOrigin(timestamp, found)
    } else {
      judgeMissingSnapshot(timestamp, named)
    }
    if let targets = takeTopLevel(.targets, root, reference(to: TopLevelRole.targets.rawValue)) {
      hasTargets = targets.signed != nil
      if let delegations = targets.delegations { delegators.append(delegations) }
    } else {
      let name = TopLevelRole.targets.rawValue
      let version = snapshot?[name]?.version
      result.notJudged.append(
        NotJudged(name, version: version, "not at hand", file: version.flatMap { requested(name, $0) }))
    }
  }

  /// A snapshot that nothing leads to is one that no client reads.
  private mutating func judgeSnapshotsOrigin(_ timestamp: RoleFiles.Outcome?, _ found: RoleFiles.Outcome) {
    if timestamp != nil {
      if timestamp?.signed == nil {
        result.notJudged.append(NotJudged("snapshot", "no valid timestamp was at hand that names it"))
      }
      return
    }
    guard isWhole, let place = found.place else {
      result.notJudged.append(missingTimestamp)
      return
    }
    let path = found.verdicts[place].path
    guard let index = result.files.firstIndex(where: { $0.path == path }) else { return }
    result.files[index].status = .invalid
    result.files[index].findings.append(
      Finding(
        .noTimestamp,
        "There is no timestamp here that names this snapshot, so no client gets to it.",
        hint: "Add timestamp.json. To judge a part of a repository, leave the snapshot out.",
        place: path
      )
    )
  }

  private mutating func judgeMissingSnapshot(_ timestamp: RoleFiles.Outcome?, _ named: MetaFile?) {
    let others = waiting.keys.contains(Array(TopLevelRole.targets.rawValue.utf8))
    if isWhole, others, let named, let timestamp, let place = timestamp.place,
      let index = result.files.firstIndex(where: { $0.path == timestamp.verdicts[place].path })
    {
      result.files[index].status = .invalid
      result.files[index].findings.append(
        Finding(
          .noSnapshot,
          "This timestamp names version \(named.version) of snapshot, and there is none here: clients stop.",
          hint: "Add the snapshot. To judge a part of a repository, leave the timestamp out.",
          place: timestamp.verdicts[place].path
        )
      )
      return
    }
    if timestamp == nil { result.notJudged.append(missingTimestamp) }
    let name = TopLevelRole.snapshot.rawValue
    result.notJudged.append(
      NotJudged(name, version: named?.version, "not at hand", file: named.flatMap { requested(name, $0.version) }))
  }

  private var missingTimestamp: NotJudged {
    let name = TopLevelRole.timestamp.rawValue
    return NotJudged(name, "not at hand", file: MetadataName(version: nil, role: name).requested)
  }

  /// The name under which clients ask for version `version` of a role (TUF §5.5, §5.6).
  private func requested(_ role: String, _ version: Int64) -> String? {
    MetadataName(version: root?.consistentSnapshot == false ? nil : version, role: role).requested
  }

  /// What the snapshot at hand says of a role.
  private func reference(to role: String) -> Reference {
    guard let snapshot else { return .unknown }
    return Reference(
      content: snapshot[role].map { .named($0) } ?? .absent,
      by: .snapshot,
      isReached: isSnapshotReached
    )
  }

  private mutating func takeTopLevel(
    _ role: TopLevelRole,
    _ root: Root,
    _ reference: Reference
  ) -> RoleFiles.Outcome? {
    let name = role.rawValue
    guard let files = waiting.removeValue(forKey: Array(name.utf8)) else { return nil }
    let authority = Authority(name: name, type: name, role: root[role], keys: root.keys)
    let outcome = roleFiles(authority, reference).judged(files)
    result.files += outcome.verdicts
    return outcome
  }

  private func roleFiles(_ authority: Authority, _ reference: Reference) -> RoleFiles {
    RoleFiles(
      judge: judge,
      authority: authority,
      reference: reference,
      isOnline: isOnline(authority.role, authority.keys)
    )
  }

  private func isOnline(_ role: Role, _ keys: KeyRing) -> Bool {
    !keys.materials(of: role).isDisjoint(with: onlineKeys)
  }

  /// Takes the files that wait for a verdict and whose role `delegations` names, in a fixed order.
  private mutating func takeDelegated(
    by delegations: Delegations
  ) -> [(role: RoleFiles, files: [MetadataFile])] {
    let named: [(String, Role)]
    switch delegations.roles {
    case .named(let roles): named = roles.map { ($0.name, $0.role) }
    case .succinct(let bins):
      let names = waiting.keys.map { String(decoding: $0, as: UTF8.self) }.filter(bins.contains)
      named = names.sorted().map { ($0, bins.role) }
    }
    return named.compactMap { name, role in
      let files = take(name, isDelegated: { delegations.role(named: $0) != nil })
      if files.isEmpty { return nil }
      seen.insert(Array(name.utf8))
      let type = TopLevelRole.targets.rawValue
      let authority = Authority(name: name, type: type, role: role, keys: delegations.keys)
      return (roleFiles(authority, reference(to: name)), files)
    }
  }

  /// The waiting files of a role. `1.a.json` is version 1 of `a` or, where no version stands in the names of files, the
  /// role `1.a`; in a repository with versions in names it is the former wherever there is such a role.
  private mutating func take(_ name: String, isDelegated: (String) -> Bool) -> [MetadataFile] {
    var files = waiting.removeValue(forKey: Array(name.utf8)) ?? []
    guard let other = MetadataName(name + ".json"), let version = other.version,
      root?.consistentSnapshot == false || !isDelegated(other.role)
    else { return files }
    let key = Array(other.role.utf8)
    let whole = (waiting[key] ?? []).filter { $0.name.version == version }
    waiting[key]?.removeAll { $0.name.version == version }
    if waiting[key]?.isEmpty == true { waiting[key] = nil }
    files += whole.map { file in
      MetadataFile(path: file.path, name: MetadataName(version: nil, role: name), read: file.read)
    }
    return files
  }

  /// Delegated files that clients are sent to and that were not at hand.
  private mutating func nameMissing() {
    if let snapshot {
      let signing = Signing(delegators, isOnline)
      for role in snapshot.roles where TopLevelRole(rawValue: role) == nil {
        guard !seen.contains(Array(role.utf8)), let version = snapshot[role]?.version else { continue }
        let isOnline = signing.isOnline(role)
        result.notJudged.append(
          NotJudged(
            role,
            version: version,
            isOnline == true ? "signed online, and not at hand" : "not at hand",
            file: isOnline == false ? requested(role, version) : nil
          )
        )
      }
      return
    }
    for delegations in delegators {
      switch delegations.roles {
      case .named(let roles):
        for role in roles where !seen.contains(Array(role.name.utf8)) {
          result.notJudged.append(NotJudged(role.name, "not at hand"))
        }
      case .succinct(let bins):
        let there = seen.count { bins.contains(String(decoding: $0, as: UTF8.self)) }
        let missing = Int64(1) << Int64(bins.bitLength) - Int64(there)
        if missing > 0 {
          result.notJudged.append(
            NotJudged("\(bins.namePrefix)-*", "\(counted(missing, "file")) of these bins were not at hand")
          )
        }
      }
    }
  }
}

/// Whether delegated roles are signed with a key of timestamp or snapshot, by what is at hand of those that delegate.
private struct Signing {
  private var named: [[UInt8]: Bool] = [:]
  private var bins: [(bins: SuccinctRoles, isOnline: Bool)] = []

  init(_ delegators: [Delegations], _ isOnline: (Role, KeyRing) -> Bool) {
    for delegations in delegators {
      switch delegations.roles {
      case .named(let roles):
        for role in roles where named[Array(role.name.utf8)] == nil {
          named[Array(role.name.utf8)] = isOnline(role.role, delegations.keys)
        }
      case .succinct(let succinct): bins.append((succinct, isOnline(succinct.role, delegations.keys)))
      }
    }
  }

  /// nil where nothing at hand delegates to the role.
  func isOnline(_ role: String) -> Bool? {
    named[Array(role.utf8)] ?? bins.first { $0.bins.contains(role) }?.isOnline
  }
}
