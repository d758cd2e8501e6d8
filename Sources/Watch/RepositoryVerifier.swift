import CanonicalJSON
import Findings
import TUFMetadata
import UTC

/// Judges the metadata of a repository as a client would meet it: the chain of roots, then the newest version of every
/// other role against its delegator, then expiry. One bad file never hides the state of the others.
package struct RepositoryVerifier: Sendable {
  package let time: UTCTime
  package let expiryThresholds: ExpiryThresholds
  package let allowsRehearsal: Bool
  /// The root that the caller trusts, and its name; nil to start from the oldest root at hand.
  package let trusted: (bytes: [UInt8], path: String)?
  /// Whether the files are all that the repository serves, so that one which clients are sent to must be among them.
  package let isComplete: Bool

  package init(
    time: UTCTime,
    expiryThresholds: ExpiryThresholds,
    allowsRehearsal: Bool,
    trusted: (bytes: [UInt8], path: String)?,
    isComplete: Bool = false
  ) {
    self.isComplete = isComplete
    self.time = time
    self.expiryThresholds = expiryThresholds
    self.allowsRehearsal = allowsRehearsal
    self.trusted = trusted
  }

  package func verdict(on repository: MetadataRepository) -> RepositoryVerdict {
    var roots: [MetadataFile] = []
    var others: [[UInt8]: [MetadataFile]] = [:]
    for file in repository.files {
      if file.name.topLevelRole == .root {
        roots.append(file)
      } else {
        others[Array(file.name.role.utf8), default: []].append(file)
      }
    }
    let chain = RootFiles(judge: self).verdict(on: roots)
    var files = chain.files
    var findings = chain.findings
    var delegated = DelegatedFiles(
      judge: self,
      root: chain.newest,
      files: others,
      roots: chain.signed,
      isWhole: true
    )
    let rest = delegated.verdicts()
    files += rest.files
    // Files that are no metadata need no root: cards and the seal have such names.
    if chain.newest == nil, roots.isEmpty, files.contains(where: { $0.status != .ignored }) {
      findings.append(
        Finding(
          .noRoot,
          "There is no root here that says whose signatures count, so nothing was verified.",
          hint: "Add the repository's N.root.json files, or name the right folder.",
          place: repository.path
        )
      )
    }
    let missing = isComplete ? rest.notJudged.filter { $0.file != nil } : []
    findings += missing.compactMap { entry in
      entry.file.map { file in
        Finding(
          .fileMissing,
          "Clients are sent to \(file), and it is not there.",
          hint: "Publish it. If the repository has it, find out why it is not served.",
          place: repository.path
        )
      }
    }
    let trust: RepositoryVerdict.Trust =
      chain.newest == nil ? .none : trusted == nil ? .selfConsistent : .trustedRoot
    return RepositoryVerdict(
      path: repository.path,
      trust: trust,
      rootVersion: chain.newest?.version,
      files: files,
      findings: findings,
      notJudged: rest.notJudged.filter { !missing.contains($0) }
    )
  }

  /// Sets the status by expiry, and refuses a rehearsal.
  func judgeCurrent(_ verdict: inout FileVerdict) {
    let (warn, critical) = expiryThresholds.days(for: verdict.role, isOnline: verdict.isOnline)
    if let expires = verdict.expires {
      let name = verdict.role == "root" ? "Root" : "The metadata of \(shown(verdict.role))"
      let version = verdict.version.map { " version \($0)" } ?? ""
      if expires <= time {
        verdict.status = .expired
        verdict.findings.append(
          Finding(
            verdict.role == "root" ? .rootExpired : .metadataExpired,
            "\(name)\(version) expired at \(expires); clients refuse to update.",
            hint: "Sign and publish a new version now.",
            place: verdict.path
          )
        )
      } else if expires <= time.adding(days: critical) {
        verdict.status = .critical
        verdict.findings.append(
          Finding(
            .expiresCritical,
            "\(name)\(version) expires at \(expires), within \(critical) days.",
            hint: "Sign and publish a new version at once.",
            place: verdict.path
          )
        )
      } else if expires <= time.adding(days: warn) {
        verdict.status = .warning
        verdict.findings.append(
          Finding(
            .expiresSoon,
            .warning,
            "\(name)\(version) expires at \(expires), within \(warn) days.",
            hint: "Plan the next signing.",
            place: verdict.path
          )
        )
      }
    }
    refuseRehearsal(&verdict)
  }

  func refuseRehearsal(_ verdict: inout FileVerdict) {
    guard verdict.isRehearsal, !allowsRehearsal else { return }
    verdict.status = .invalid
    if verdict.findings.contains(where: { $0.code == .rehearsal }) { return }
    verdict.findings.append(
      Finding(
        .rehearsal,
        "This metadata was made in a rehearsal; it must never be published or trusted.",
        hint: "Give --rehearsal to look at it all the same.",
        place: verdict.path
      )
    )
  }
}
