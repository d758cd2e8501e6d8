import CanonicalJSON
import Findings
import UTC

/// The signed part of targets metadata, of the top-level role or a delegated one (TUF §4.5).
package struct Targets: Hashable, Sendable {
  package var specVersion: String
  package var version: Int64
  package var expires: UTCTime
  /// Target files by path, each an object with `length` and `hashes`.
  package var targets: JSONObject
  package var delegations: Delegations?
  /// The fields of `signed` that TUF does not define, kept as they came.
  package var fields: JSONObject

  /// Metadata that we build.
  package init(
    version: Int64,
    expires: UTCTime,
    targets: JSONObject = JSONObject(),
    delegations: Delegations? = nil,
    fields: JSONObject = JSONObject(),
    isRehearsal: Bool = false
  ) {
    self.init(
      specVersion: Header.writtenSpecVersion,
      version: version,
      expires: expires,
      targets: targets,
      delegations: delegations,
      fields: fields
    )
    if isRehearsal { self.fields[Header.rehearsalMark] = true }
  }

  private init(
    specVersion: String,
    version: Int64,
    expires: UTCTime,
    targets: JSONObject,
    delegations: Delegations?,
    fields: JSONObject
  ) {
    self.specVersion = specVersion
    self.version = version
    self.expires = expires
    self.targets = targets
    self.delegations = delegations
    self.fields = fields
  }

  package var isRehearsal: Bool { fields[Header.rehearsalMark] != nil }

  /// The signed part. Of metadata that was read, the same value unless `expires` was in an odd form.
  package var json: JSONObject {
    var object = fields
    object["_type"] = "targets"
    object["spec_version"] = .string(specVersion)
    object["version"] = .integer(version)
    object["expires"] = .string(expires.description)
    object["targets"] = .object(targets)
    object["delegations"] = delegations?.json
    return object
  }

  /// Reads the signed part of targets metadata; throws and warns as ``Root/read(_:)`` does, for its fields.
  package static func read(_ signed: JSONObject) throws(Finding) -> (targets: Targets, oddities: [Finding]) {
    let (targets, oddities, sick) = try readAsClient(signed)
    if let first = sick.first { throw first }
    return (targets, oddities)
  }

  /// The same as clients read it: what spoils one delegated role alone is not thrown, but comes back in `sick`.
  package static func readAsClient(
    _ signed: JSONObject
  ) throws(Finding) -> (targets: Targets, oddities: [Finding], sick: [Finding]) {
    var sick: [Finding] = []
    let header = try Header.read(signed, type: "targets")
    var oddities = header.oddities
    let field = Field(.object(signed), "signed")
    let targets = try field["targets"].object()
    for member in targets.members where !Self.isTarget(member.value) {
      throw Field.shape("\(field["targets"][member.name].path) must have a length and at least one digest")
    }
    let delegations =
      field["delegations"].value == nil
      ? nil : try Delegations.read(field["delegations"], oddities: &oddities, sick: &sick)
    var fields = signed
    for known in ["_type", "spec_version", "version", "expires", "targets", "delegations"] {
      fields[known] = nil
    }
    let metadata = Targets(
      specVersion: header.specVersion,
      version: header.version,
      expires: header.expires,
      targets: targets,
      delegations: delegations,
      fields: fields
    )
    return (metadata, oddities, sick)
  }

  /// A target has a length and at least one digest (TUF §4.5).
  private static func isTarget(_ value: JSONValue) -> Bool {
    guard let length = value["length"]?.integer, length >= 0, let hashes = value["hashes"]?.object else {
      return false
    }
    return !hashes.isEmpty && hashes.members.allSatisfy { $0.value.string != nil }
  }
}
