import CanonicalJSON
import Findings
import TUFMetadata
import UTC

/// Everything besides roots: each role's newest valid version, against the role that delegates to it (TUF §5.6).
struct DelegatedFiles: Sendable {
  /// Who may sign for a role, and the type of its metadata.
  private struct Authority: Sendable {
    let name: String
    let type: String
    let role: Role
    let keys: KeyRing
  }

  private struct Outcome: Sendable {
    var verdicts: [FileVerdict] = []
    /// Of the current version.
    var delegations: Delegations?
    /// Whether there is a current version.
    var isValid = false
  }

  let judge: RepositoryJudge
  private let root: Root?
  private var delegators: [Delegations]
  /// By the bytes of the role's name: two names that only Unicode makes equal stay two.
  private var waiting: [[UInt8]: [MetadataFile]]
  private let onlineKeys: Set<MetadataKey.Material>
  private var result: [FileVerdict] = []
  private var hasTargets = false

  /// Everything that a root leads to; nothing without one.
  init(judge: RepositoryJudge, root: Root?, files: [[UInt8]: [MetadataFile]]) {
    self.judge = judge
    self.root = root
    delegators = []
    waiting = files
    onlineKeys =
      root.map { $0.keys.materials(of: $0[.timestamp]).union($0.keys.materials(of: $0[.snapshot])) } ?? []
  }

  /// What one targets file delegates to, taken as given.
  init(judge: RepositoryJudge, delegations: Delegations, files: [[UInt8]: [MetadataFile]]) {
    self.judge = judge
    root = nil
    delegators = [delegations]
    hasTargets = true
    waiting = files
    onlineKeys = []
  }

  mutating func verdicts() -> [FileVerdict] {
    if let root {
      for role in [TopLevelRole.timestamp, .snapshot, .targets] {
        let name = role.rawValue
        guard let files = waiting.removeValue(forKey: Array(name.utf8)) else { continue }
        let authority = Authority(name: name, type: name, role: root[role], keys: root.keys)
        let outcome = judge(files, by: authority)
        result += outcome.verdicts
        if role == .targets {
          hasTargets = outcome.isValid
          if let delegations = outcome.delegations { delegators.append(delegations) }
        }
      }
    }
    var next = 0
    while next < delegators.count {
      let work = takeDelegated(by: delegators[next])
      next += 1
      let outcomes = concurrentMap(work) { [self] in judge($0.files, by: $0.authority) }
      for outcome in outcomes {
        result += outcome.verdicts
        if let delegations = outcome.delegations { delegators.append(delegations) }
      }
    }
    let rest = waiting.values.flatMap { $0 }.sorted { $0.path < $1.path }
    return result + rest.map(undelegated)
  }

  /// Takes the files that wait for a verdict and whose role `delegations` names, in a fixed order.
  private mutating func takeDelegated(
    by delegations: Delegations
  ) -> [(authority: Authority, files: [MetadataFile])] {
    let named: [(String, Role)]
    switch delegations.roles {
    case .named(let roles): named = roles.map { ($0.name, $0.role) }
    case .succinct(let bins):
      let names = waiting.keys.map { String(decoding: $0, as: UTF8.self) }.filter(bins.contains)
      named = names.sorted().map { ($0, bins.role) }
    }
    return named.compactMap { name, role in
      waiting.removeValue(forKey: Array(name.utf8)).map { files in
        (
          Authority(name: name, type: TopLevelRole.targets.rawValue, role: role, keys: delegations.keys),
          files
        )
      }
    }
  }

  /// From the newest name down. The newest valid version is current; older ones are superseded, and what is not valid
  /// neither counts nor hides the one that is.
  private func judge(_ files: [MetadataFile], by authority: Authority) -> Outcome {
    var outcome = Outcome()
    var current: (place: Int, version: Int64, signed: [UInt8])?
    let isOnline = !authority.keys.materials(of: authority.role).isDisjoint(with: onlineKeys)
    let sorted = files.sorted { ($0.name.version ?? .max, $1.path) > ($1.name.version ?? .max, $0.path) }
    for file in sorted {
      var verdict = FileVerdict(path: file.path, role: authority.name, status: .superseded)
      verdict.isOnline = isOnline
      if let named = file.name.version, let current, named < current.version {
        verdict.version = named
        outcome.verdicts.append(verdict)
        continue
      }
      do throws(Finding) {
        let envelope = try Envelope(parsing: try Self.content(file), place: file.path)
        let delegations = try check(envelope, file, authority, &verdict)
        let version = verdict.version ?? 0
        if let current, version <= current.version {
          settle(&verdict, version, envelope.signedBytes, current.version, current.signed)
        } else {
          current = (outcome.verdicts.count, version, envelope.signedBytes)
          outcome.delegations = delegations
        }
      } catch {
        verdict.status = .invalid
        verdict.findings.append(error.place == nil ? error.at(file.path) : error)
      }
      outcome.verdicts.append(verdict)
    }
    if let current {
      outcome.isValid = true
      outcome.verdicts[current.place].status = .ok
      judge.judgeCurrent(&outcome.verdicts[current.place])
    }
    for place in outcome.verdicts.indices where place != current?.place {
      judge.refuseRehearsal(&outcome.verdicts[place])
    }
    return outcome
  }

  private static func content(_ file: MetadataFile) throws(Finding) -> [UInt8] { try file.read().get() }

  /// Reads the file and verifies it against its delegator. Throws what makes it invalid.
  private func check(
    _ envelope: Envelope,
    _ file: MetadataFile,
    _ authority: Authority,
    _ verdict: inout FileVerdict
  ) throws(Finding) -> Delegations? {
    let header = try Header.read(envelope.signed, type: authority.type)
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
    guard authority.type == TopLevelRole.targets.rawValue else { return nil }
    let (targets, oddities) = try Targets.read(envelope.signed)
    verdict.findings += oddities.map { $0.at(file.path) }
    return targets.delegations
  }

  /// A second valid file of a role, not newer than the current one: older, the same, or in conflict.
  private func settle(
    _ verdict: inout FileVerdict,
    _ version: Int64,
    _ signed: [UInt8],
    _ currentVersion: Int64,
    _ currentSigned: [UInt8]
  ) {
    if signed == currentSigned {
      verdict.status = .duplicate
    } else if version == currentVersion {
      verdict.status = .invalid
      verdict.findings.append(
        Finding(
          .versionConflict,
          "Another file of this role has the same version, is valid, and differs from this one.",
          hint: "Find out which of the two clients are served.",
          place: verdict.path
        )
      )
    }
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
