import CanonicalJSON
import Findings
import TUFMetadata
import UTC

/// Everything besides roots: each role's newest valid version, against the role that delegates to it (TUF §5.6).
struct DelegatedFiles {
  private struct Authority {
    let role: Role
    let keys: KeyRing
  }

  let judge: RepositoryJudge
  private let root: Root?
  private var delegators: [Delegations]
  private var waiting: [String: [MetadataFile]]
  private let onlineKeys: Set<MetadataKey.Material>
  private var result: [FileVerdict] = []
  private var hasTargets = false

  /// Everything that a root leads to; nothing without one.
  init(judge: RepositoryJudge, root: Root?, files: [String: [MetadataFile]]) {
    self.judge = judge
    self.root = root
    delegators = []
    waiting = files
    onlineKeys =
      root.map { $0.keys.materials(of: $0[.timestamp]).union($0.keys.materials(of: $0[.snapshot])) } ?? []
  }

  /// What one targets file delegates to, taken as given.
  init(judge: RepositoryJudge, delegations: Delegations, files: [String: [MetadataFile]]) {
    self.judge = judge
    root = nil
    delegators = [delegations]
    hasTargets = true
    waiting = files
    onlineKeys = []
  }

  mutating func verdicts() -> [FileVerdict] {
    for role in [TopLevelRole.timestamp, .snapshot, .targets] {
      guard let root, let files = waiting.removeValue(forKey: role.rawValue) else { continue }
      let delegations = judgeRole(
        role.rawValue,
        role.rawValue,
        files,
        Authority(role: root[role], keys: root.keys)
      )
      if role == .targets, let delegations { delegators.append(delegations) }
    }
    var next = 0
    while next < delegators.count {
      let delegations = delegators[next]
      next += 1
      for (name, role) in delegated(by: delegations) {
        guard let files = waiting.removeValue(forKey: name) else { continue }
        let authority = Authority(role: role, keys: delegations.keys)
        if let more = judgeRole(name, "targets", files, authority) { delegators.append(more) }
      }
    }
    for name in waiting.keys.sorted() { result += (waiting[name] ?? []).map(undelegated) }
    return result
  }

  /// The roles that wait for a verdict and that `delegations` names, in a fixed order.
  private func delegated(by delegations: Delegations) -> [(String, Role)] {
    switch delegations.roles {
    case .named(let roles): roles.filter { waiting[$0.name] != nil }.map { ($0.name, $0.role) }
    case .succinct(let bins): waiting.keys.filter(bins.contains).sorted().map { ($0, bins.role) }
    }
  }

  /// From the newest version down: the first that is valid is current, older ones are superseded, newer ones invalid.
  /// Gives back the delegations of the current one.
  private mutating func judgeRole(
    _ role: String,
    _ type: String,
    _ files: [MetadataFile],
    _ authority: Authority
  ) -> Delegations? {
    var current: (version: Int64, signed: [UInt8], delegations: Delegations?)?
    let sorted = files.sorted { ($0.name.version ?? .max, $1.path) > ($1.name.version ?? .max, $0.path) }
    for file in sorted {
      if let named = file.name.version, let current, named < current.version {
        result.append(FileVerdict(path: file.path, role: role, status: .superseded).with(version: named))
        continue
      }
      var verdict = FileVerdict(path: file.path, role: role, status: .ok)
      verdict.isOnline = !authority.keys.materials(of: authority.role).isDisjoint(with: onlineKeys)
      do throws(Finding) {
        let envelope = try Envelope(parsing: try Self.content(file), place: file.path)
        let delegations = try check(envelope, file, type, authority, &verdict)
        if let current, let version = verdict.version {
          settle(&verdict, version, envelope.signedBytes, current)
        } else {
          if role == TopLevelRole.targets.rawValue { hasTargets = true }
          judge.judgeCurrent(&verdict)
          current = (verdict.version ?? 0, envelope.signedBytes, delegations)
        }
      } catch {
        verdict.status = .invalid
        verdict.findings.append(error.place == nil ? error.at(file.path) : error)
      }
      result.append(verdict)
    }
    return current?.delegations
  }

  private static func content(_ file: MetadataFile) throws(Finding) -> [UInt8] { try file.read().get() }

  /// Reads the file and verifies it against its delegator. Throws what makes it invalid.
  private func check(
    _ envelope: Envelope,
    _ file: MetadataFile,
    _ type: String,
    _ authority: Authority,
    _ verdict: inout FileVerdict
  ) throws(Finding) -> Delegations? {
    let header = try Header.read(envelope.signed, type: type)
    verdict.version = header.version
    verdict.expires = header.expires
    verdict.isRehearsal = header.isRehearsal
    let (count, warnings) = envelope.judge(authority.role, authority.keys)
    verdict.signatures = (count.counted.count, count.threshold)
    verdict.findings += warnings.map { $0.at(file.path) }
    guard count.isMet else {
      throw Finding(
        .roleThresholdUnmet,
        "\(count.counted.count) of \(count.threshold) signatures needed for \(shown(verdict.role)) are valid.",
        hint: "Clients refuse this file. Collect the missing signatures, or find out who put it there.",
        place: file.path
      )
    }
    guard header.isExpiryExact else {
      throw Finding(
        .expiresForm,
        "The expiry is not written as YYYY-MM-DDTHH:MM:SSZ; python-tuf refuses it.",
        hint: "Write the exact form and sign again.",
        place: file.path
      )
    }
    if let named = file.name.version, named != header.version {
      throw Finding(
        .fileVersion,
        "The file is named as version \(named) and holds version \(header.version).",
        hint: "Find out whether a file was renamed or exchanged.",
        place: file.path
      )
    }
    guard type == "targets" else { return nil }
    let (targets, oddities) = try Targets.read(envelope.signed)
    verdict.findings += oddities.map { $0.at(file.path) }
    return targets.delegations
  }

  /// A second valid file of a role: older, the same, or in conflict.
  private func settle(
    _ verdict: inout FileVerdict,
    _ version: Int64,
    _ signed: [UInt8],
    _ current: (version: Int64, signed: [UInt8], delegations: Delegations?)
  ) {
    if signed == current.signed {
      verdict.status = .duplicate
    } else if version < current.version {
      verdict.status = .superseded
    } else {
      verdict.status = .invalid
      verdict.findings.append(
        Finding(
          .versionConflict,
          "Another file is valid and differs from this one, which is not older.",
          hint: "Find out which of the two clients are served.",
          place: verdict.path
        )
      )
    }
    judge.refuseRehearsal(&verdict)
  }

  /// A file that no delegation led to.
  private func undelegated(_ file: MetadataFile) -> FileVerdict {
    var verdict = FileVerdict(path: file.path, role: file.name.role, status: .ignored)
    do throws(Finding) {
      let bytes = try Self.content(file)
      let json: JSONValue
      do { json = try JSONValue(parsing: bytes) } catch { throw error.finding(in: file.path) }
      guard json["signed"] != nil else { return verdict }
      let header = try Header.read(try Envelope(json).signed)
      verdict.version = header.version
      verdict.expires = header.expires
      verdict.isRehearsal = header.isRehearsal
      if hasTargets {
        verdict.findings.append(
          Finding(
            .notDelegated,
            .warning,
            "Nothing valid delegates to \(shown(file.name.role)), so no client reads this file.",
            hint: "Remove the file, or add its delegator.",
            place: file.path
          )
        )
      } else {
        verdict.status = .invalid
        verdict.findings.append(
          Finding(
            .noDelegator,
            "There is no valid metadata that delegates to \(shown(file.name.role)).",
            hint: "Add the delegator's file, so that the signatures can be verified.",
            place: file.path
          )
        )
      }
    } catch {
      verdict.status = .invalid
      verdict.findings.append(error.place == nil ? error.at(file.path) : error)
    }
    judge.refuseRehearsal(&verdict)
    return verdict
  }
}

extension FileVerdict {
  fileprivate func with(version: Int64) -> FileVerdict {
    var copy = self
    copy.version = version
    return copy
  }
}
