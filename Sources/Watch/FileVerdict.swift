import Findings
import TUFMetadata
import UTC

/// What came out for one metadata file.
public struct FileVerdict: Sendable {
  /// From the best to the worst, as far as they can be compared.
  public enum Status: String, CaseIterable, Sendable {
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

  public let path: String
  public var role: String
  public var version: Int64?
  public var expires: UTCTime?
  public var status: Status
  /// Whether the role is signed with a key of timestamp or snapshot.
  public var isOnline = false
  public var isRehearsal = false
  /// Valid signatures of different keys, and how many are needed; nil where it did not come to that.
  public var signatures: (valid: Int, threshold: Int)?
  /// What a client does with this root; nil for other metadata.
  public var client: String?
  public var findings: [Finding]

  public init(path: String, role: String, status: Status, findings: [Finding] = []) {
    self.path = path
    self.role = role
    self.status = status
    self.findings = findings
  }

  fileprivate var order: (Int, String, Int64, String) {
    let ranks = ["delegator", "root", "timestamp", "snapshot", "targets"]
    return (ranks.firstIndex(of: role) ?? ranks.count, role, version ?? .max, path)
  }

  public var hasError: Bool { findings.contains { $0.severity == .error } }

  /// Whole days until expiry, rounded down; negative after it.
  public func daysLeft(at time: UTCTime) -> Int64? {
    guard let expires else { return nil }
    let seconds = expires.seconds - time.seconds
    return seconds >= 0 ? seconds / 86_400 : -((86_399 - seconds) / 86_400)
  }
}

/// What came out for one repository.
public struct RepositoryVerdict: Sendable {
  public let path: String
  /// What everything here was verified against.
  public enum Trust: String, Sendable {
    /// A root that the caller trusts.
    case trustedRoot = "trusted-root"
    /// The oldest root at hand: the repository is only consistent with itself.
    case selfConsistent = "self-consistent"
    /// A delegator that the caller named, taken as given.
    case delegator
    /// There is no valid root.
    case none
  }

  public let trust: Trust
  /// The version of the newest root that a client reaches.
  public let rootVersion: Int64?
  /// By role, the top-level ones first, then by version.
  public let files: [FileVerdict]
  /// What concerns the repository and no single file.
  public let findings: [Finding]
  /// What was not at hand, in the order in which clients would come to it.
  public let notJudged: [NotJudged]

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

  public var allFindings: [Finding] { findings + files.flatMap(\.findings) }
  public var isRehearsal: Bool { files.contains(where: \.isRehearsal) }
  /// Whether any file here is metadata, whatever it is worth.
  public var hasMetadata: Bool { files.contains { $0.status != .ignored } }
}

extension Finding.Code {
  /// A warning: inside the warning window before expiry.
  public static let expiresSoon = Finding.Code("EXPIRES-SOON")
  /// Inside the critical window before expiry.
  public static let expiresCritical = Finding.Code("EXPIRES-CRITICAL")
  /// Metadata besides the root has expired.
  public static let metadataExpired = Finding.Code("METADATA-EXPIRED")
  /// The version in a file's name is not the one inside.
  public static let fileVersion = Finding.Code("FILE-VERSION")
  /// Timestamp or snapshot names another version of the file than is here (TUF §5.5.4, §5.6.4).
  public static let metaVersion = Finding.Code("META-VERSION")
  /// Timestamp or snapshot names another length (TUF §5.5.2, §5.6.2).
  public static let metaLength = Finding.Code("META-LENGTH")
  /// Timestamp or snapshot names another digest (TUF §5.5.2, §5.6.2).
  public static let metaHash = Finding.Code("META-HASH")
  /// A digest by an algorithm that is not known here was not compared; clients that do not know it refuse the file.
  public static let metaHashUnknown = Finding.Code("META-HASH-UNKNOWN")
  /// The snapshot names others, and not this file (TUF §5.6).
  public static let metaAbsent = Finding.Code("META-ABSENT")
  /// A warning: newer than the version that clients are sent to.
  public static let metaNewer = Finding.Code("META-NEWER")
  /// A snapshot that no timestamp leads to.
  public static let noTimestamp = Finding.Code("NO-TIMESTAMP")
  /// A timestamp that leads to no snapshot, with targets at hand.
  public static let noSnapshot = Finding.Code("NO-SNAPSHOT")
  /// With `--complete`: clients are sent to a file that is not there.
  public static let fileMissing = Finding.Code("FILE-MISSING")
  /// A warning: a root under a name by which no client fetches it.
  public static let rootName = Finding.Code("ROOT-NAME")
  /// A root that shares no key with the others here.
  public static let otherRepository = Finding.Code("OTHER-REPOSITORY")
  /// A warning: `--warn` or `--critical` names a role that was not judged.
  public static let roleNotJudged = Finding.Code("ROLE-NOT-JUDGED")
  /// Two different files claim to be the same version.
  public static let versionConflict = Finding.Code("VERSION-CONFLICT")
  /// No root that could say whose signatures count.
  public static let noRoot = Finding.Code("NO-ROOT")
  /// Delegated metadata whose delegator is missing or not valid.
  public static let noDelegator = Finding.Code("NO-DELEGATOR")
  /// A warning: nothing delegates to this role, so no client reads it.
  public static let notDelegated = Finding.Code("NOT-DELEGATED")
}
