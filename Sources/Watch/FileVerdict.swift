import Findings
import TUFMetadata
import UTC

/// What came out for one metadata file.
package struct FileVerdict: Sendable {
  /// From the best to the worst, as far as they can be compared.
  package enum Status: String, CaseIterable, Sendable {
    /// Current, and not near its expiry.
    case ok
    /// A newer version takes its place; listed, not judged.
    case superseded
    /// The same metadata under another name.
    case duplicate
    /// No metadata, or metadata that nothing delegates to.
    case ignored
    /// Current, and inside the warning window.
    case warning
    /// Current, and inside the critical window.
    case critical
    case expired
    /// A root that no client reaches, since an earlier one is refused.
    case unreached
    /// Unreadable, malformed, or without the signatures that it needs.
    case invalid
  }

  package let path: String
  package var role: String
  package var version: Int64?
  package var expires: UTCTime?
  package var status: Status
  /// Whether the role is signed with a key of timestamp or snapshot.
  package var isOnline = false
  package var isRehearsal = false
  /// Valid signatures of different keys, and how many are needed; nil where it did not come to that.
  package var signatures: (valid: Int, threshold: Int)?
  /// What a client does with this root; nil for other metadata.
  package var client: String?
  package var findings: [Finding]

  package init(path: String, role: String, status: Status, findings: [Finding] = []) {
    self.path = path
    self.role = role
    self.status = status
    self.findings = findings
  }

  private static let ranks = ["delegator", "root", "timestamp", "snapshot", "targets"]

  fileprivate var order: (Int, String, Int64, String) {
    (Self.ranks.firstIndex(of: role) ?? Self.ranks.count, role, version ?? .max, path)
  }

  package var hasError: Bool { findings.contains { $0.severity == .error } }

  /// Whole days until expiry, rounded down; negative after it.
  package func daysLeft(at time: UTCTime) -> Int64? {
    guard let expires else { return nil }
    let seconds = expires.seconds - time.seconds
    return seconds >= 0 ? seconds / 86_400 : -((86_399 - seconds) / 86_400)
  }
}

/// What came out for one repository.
package struct RepositoryVerdict: Sendable {
  package let path: String
  /// What everything here was verified against.
  package enum Trust: String, Sendable {
    /// A root that the caller trusts.
    case trustedRoot = "trusted-root"
    /// The oldest root at hand: the repository is only consistent with itself.
    case selfConsistent = "self-consistent"
    /// A delegator that the caller named, taken as given.
    case delegator
    /// There is no valid root.
    case none
  }

  package let trust: Trust
  /// The version of the newest root that a client reaches.
  package let rootVersion: Int64?
  /// By role, the top-level ones first, then by version.
  package let files: [FileVerdict]
  /// What concerns the repository and no single file.
  package let findings: [Finding]
  /// What was not at hand, in the order in which clients would come to it.
  package let notJudged: [NotJudged]

  init(
    path: String,
    trust: Trust,
    rootVersion: Int64?,
    files: [FileVerdict],
    findings: [Finding],
    notJudged: [NotJudged]
  ) {
    self.notJudged = notJudged
    self.path = path
    self.trust = trust
    self.rootVersion = rootVersion
    self.files = files.sorted { $0.order < $1.order }
    self.findings = findings
  }

  package var allFindings: [Finding] { findings + files.flatMap(\.findings) }
  package var isRehearsal: Bool { files.contains(where: \.isRehearsal) }
  /// Whether any file here is metadata, whatever it is worth.
  package var hasMetadata: Bool { files.contains { $0.status != .ignored } }
}
