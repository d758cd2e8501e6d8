import CanonicalJSON
import Findings
import UTC

/// The four top-level roles (TUF §2.1).
package enum TopLevelRole: String, CaseIterable, Hashable, Sendable {
  case root, snapshot, targets, timestamp
}

/// The signed part of root metadata (TUF §4.3).
package struct Root: Hashable, Sendable {
  package var specVersion: String
  package var version: Int64
  package var expires: UTCTime
  /// nil where an old root does not say.
  package var consistentSnapshot: Bool?
  package var keys: KeyRing
  /// By ``TopLevelRole``; all four, unless built otherwise.
  private var roles: [TopLevelRole: Role]
  /// The fields of `signed` that TUF does not define, and of `roles` the ones besides the four: kept as they came.
  package var fields: JSONObject
  package var otherRoles: JSONObject

  /// A root that we build. Nothing is judged here: see ``ReviewedPayload``.
  package init(
    version: Int64,
    expires: UTCTime,
    consistentSnapshot: Bool = true,
    keys: [MetadataKey],
    roles: [TopLevelRole: Role],
    fields: JSONObject = JSONObject(),
    isRehearsal: Bool = false
  ) {
    specVersion = Header.writtenSpecVersion
    self.version = version
    self.expires = expires
    self.consistentSnapshot = consistentSnapshot
    self.keys = KeyRing(keys)
    self.roles = roles
    self.fields = fields
    otherRoles = JSONObject()
    if isRehearsal { self.fields[Header.rehearsalMark] = true }
  }

  /// An absent role is one that nobody can sign for.
  package subscript(_ role: TopLevelRole) -> Role {
    get { roles[role] ?? Role(keyIDs: [], threshold: 1) }
    set { roles[role] = newValue }
  }

  package var isRehearsal: Bool { fields[Header.rehearsalMark] != nil }

  /// Expired means `expires` ≤ the time judged.
  package func isExpired(at time: UTCTime) -> Bool { expires <= time }

  /// Whether no key of the root role is one of `other`'s: two roots of one repository, or none of it.
  package func isStranger(to other: Root) -> Bool {
    keys.materials(of: self[.root]).isDisjoint(with: other.keys.materials(of: other[.root]))
  }

  /// The keys of a role, in its order.
  package func keys(of role: TopLevelRole) -> [MetadataKey] { self[role].keyIDs.compactMap { keys[$0] } }

  /// The signed part. Of a root that was read, the same value unless `expires` was in an odd form.
  package var json: JSONObject {
    var object = fields
    object["_type"] = "root"
    object["spec_version"] = .string(specVersion)
    object["version"] = .integer(version)
    object["expires"] = .string(expires.description)
    object["consistent_snapshot"] = consistentSnapshot.map { .bool($0) }
    object["keys"] = keys.json
    var named = otherRoles
    for role in TopLevelRole.allCases { if let value = roles[role] { named[role.rawValue] = value.json } }
    object["roles"] = .object(named)
    return object
  }

  /// Reads the signed part of root metadata. Keys that are in `known` are not checked again.
  ///
  /// What clients of old roots live with comes back as warnings: `EXPIRES-FORM`, `KEYID-MISMATCH`,
  /// `KEYID-OTHER-RULE`, `KEY-DUPLICATE`, `KEY-UNKNOWN`, `KEY-WEAK`, codes of `KeyError`, `ROLE-UNKNOWN`.
  /// Everything else that ``Header/read(_:type:)`` and roles can have wrong is thrown.
  package static func read(
    _ signed: JSONObject,
    known: KnownKeys = KnownKeys()
  ) throws(Finding) -> (root: Root, oddities: [Finding]) {
    let (root, oddities, sick) = try readAsClient(signed, known: known)
    if let first = sick.first { throw first }
    return (root, oddities)
  }

  /// The same as clients read it: a role with too few keys, none or a missing one is not thrown, but comes back in
  /// `sick`. Whether a client goes on is then a matter of signatures alone (TUF §5.3.4).
  package static func readAsClient(
    _ signed: JSONObject,
    known: KnownKeys = KnownKeys()
  ) throws(Finding) -> (root: Root, oddities: [Finding], sick: [Finding]) {
    var sick: [Finding] = []
    let header = try Header.read(signed, type: "root")
    var oddities = header.oddities
    let field = Field(.object(signed), "signed")
    let keys = try KeyRing.read(field["keys"], known: known, oddities: &oddities)
    var otherRoles = try field["roles"].object()
    var roles: [TopLevelRole: Role] = [:]
    for name in TopLevelRole.allCases {
      guard otherRoles[name.rawValue] != nil else {
        throw Finding(
          .roleMissing,
          "The root names no keys for \(name.rawValue).",
          hint: "A root has the four roles root, targets, snapshot and timestamp. Add it and sign again."
        )
      }
      roles[name] = try Role.read(field["roles"][name.rawValue], name.rawValue, keys: keys, sick: &sick)
      otherRoles[name.rawValue] = nil
    }
    for name in otherRoles.names {
      oddities.append(
        Finding(
          .roleUnknown,
          .warning,
          "The root names keys for \(shown(name)), which is none of the four top-level roles.",
          hint: "python-tuf refuses such a root. Leave the role out of the next version."
        )
      )
    }
    let consistentSnapshot =
      field["consistent_snapshot"].value == nil ? nil : try field["consistent_snapshot"].bool()
    var fields = signed
    for known in ["_type", "spec_version", "version", "expires", "consistent_snapshot", "keys", "roles"] {
      fields[known] = nil
    }
    let root = Root(
      specVersion: header.specVersion,
      version: header.version,
      expires: header.expires,
      consistentSnapshot: consistentSnapshot,
      keys: keys,
      roles: roles,
      fields: fields,
      otherRoles: otherRoles
    )
    return (root, oddities, sick)
  }

  private init(
    specVersion: String,
    version: Int64,
    expires: UTCTime,
    consistentSnapshot: Bool?,
    keys: KeyRing,
    roles: [TopLevelRole: Role],
    fields: JSONObject,
    otherRoles: JSONObject
  ) {
    self.specVersion = specVersion
    self.version = version
    self.expires = expires
    self.consistentSnapshot = consistentSnapshot
    self.keys = keys
    self.roles = roles
    self.fields = fields
    self.otherRoles = otherRoles
  }
}
