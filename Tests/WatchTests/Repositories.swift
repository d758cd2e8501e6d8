import CanonicalJSON
import Findings
import SampleMetadata
import TUFMetadata
import UTC
import Watch

/// Repositories in memory. Root keys are 1, 2, 3 (two of them sign), targets 11 and 12 (both), the online key is 200.
struct Repository {
  private(set) var files: [MetadataFile] = []

  static let early = "2026-06-01T00:00:00Z"

  mutating func add(_ name: String, _ bytes: [UInt8]) {
    guard let parsed = MetadataName(name) else { return }
    files.append(MetadataFile(path: name, name: parsed) { .success(bytes) })
  }

  mutating func addUnreadable(_ name: String) {
    guard let parsed = MetadataName(name) else { return }
    files.append(
      MetadataFile(path: name, name: parsed) {
        .failure(Finding(Finding.Code.noted, "unreadable", hint: ""))
      }
    )
  }

  static func root(
    _ version: Int64,
    expires: String = "2027-06-01T00:00:00Z",
    isRehearsal: Bool = false,
    by signers: [UInt8] = [1, 2]
  ) throws -> [UInt8] {
    var root = try Samples.root(version: version, expires: expires)
    let keys = try [11, 12].map { try Signer($0).key }
    root.keys = KeyRing(root.keys.keys + keys)
    root[.targets] = Role(keyIDs: keys.map(\.keyID), threshold: 2)
    if isRehearsal { root.fields[Header.rehearsalMark] = true }
    return try Samples.signed(root.json, by: signers).serialized()
  }

  static func online(
    _ type: String,
    _ version: Int64,
    expires: String = "2026-06-02T00:00:00Z",
    meta: JSONValue? = nil,
    by signers: [UInt8] = [200]
  ) throws -> [UInt8] {
    let named: JSONValue =
      type == "timestamp"
      ? ["snapshot.json": ["version": 8]]
      : ["targets.json": ["version": 3], "bin-0.json": ["version": 5], "bin-1.json": ["version": 5]]
    let signed: JSONObject = [
      "_type": .string(type), "spec_version": "1.0.31", "version": .integer(version),
      "expires": .string(expires),
      "meta": meta ?? named,
    ]
    return try Samples.signed(signed, by: signers).serialized()
  }

  /// Delegates to the bins `bin-0` to `bin-f`, which key 21 signs, and to nothing where `bins` is false.
  static func targets(
    _ version: Int64,
    expires: String = "2027-06-01T00:00:00Z",
    bins: Bool = true,
    by signers: [UInt8] = [11, 12]
  ) throws -> [UInt8] {
    let key = try Signer(21).key
    let roles = SuccinctRoles(bitLength: 4, namePrefix: "bin", role: Role(keyIDs: [key.keyID], threshold: 1))
    let targets = Targets(
      version: version,
      expires: try Samples.time(expires),
      delegations: bins ? Delegations(keys: [key], roles: .succinct(roles)) : nil
    )
    return try Samples.signed(targets.json, by: signers).serialized()
  }

  static func bin(_ version: Int64, expires: String = "2027-06-01T00:00:00Z", by signers: [UInt8] = [21])
    throws -> [UInt8]
  {
    try targets(version, expires: expires, bins: false, by: signers)
  }

  func verdict(
    at time: String = early,
    _ expiryThresholds: ExpiryThresholds = ExpiryThresholds(),
    allowsRehearsal: Bool = false,
    trusted: [UInt8]? = nil,
    isComplete: Bool = false
  ) throws -> RepositoryVerdict {
    let judge = RepositoryVerifier(
      time: try Samples.time(time),
      expiryThresholds: expiryThresholds,
      allowsRehearsal: allowsRehearsal,
      trusted: trusted.map { ($0, "trusted.json") },
      isComplete: isComplete
    )
    return judge.verdict(on: MetadataRepository(path: "repository", files: files))
  }
}

extension RepositoryVerdict {
  /// `path status CODE…` for each file, sorted by path.
  var lines: [String] {
    files.map { file in
      ([file.path, file.status.rawValue] + file.findings.map(\.code.description)).joined(separator: " ")
    }
    .sorted()
  }

  /// `role` or `role version` for each file that was not at hand.
  var missing: [String] {
    notJudged.map { entry in entry.role + (entry.version.map { " \($0)" } ?? "") }
  }

  var codes: [String] { findings.map(\.code.description) }
}
