import CanonicalJSON
import CeremonyScript
import Keys
import Transcript

/// How a ceremony ended.
package enum CeremonyEnding: String, Sendable {
  case complete
  /// Closed and sealed, and a root waits for signatures from elsewhere.
  case pending
  case aborted

  /// Whether it came to its close.
  package var isHeld: Bool { self != .aborted }
}

/// The last record of a transcript.
package struct CloseRecord: ReadableRecordBody {
  package static let kind = RecordKind.close

  package let ending: CeremonyEnding
  /// How many exceptions were recorded.
  package let exceptions: Int64
  package let products: [Product]
  package let signatures: [Count]
  /// The keys of the root that was built; empty where none was, nil before engine version 6.
  package let keys: [Key]?
  /// Whether a key was accepted without proof that it is on hardware.
  package let isUnproven: Bool
  /// Why it was given up, where something was wrong.
  package let finding: FindingRecord?

  package struct Product: Hashable, Sendable {
    package let path: String
    package let digest: SHA256Digest

    package init(path: String, digest: SHA256Digest) {
      self.path = path
      self.digest = digest
    }
  }

  /// How many have signed for a role.
  package struct Count: Hashable, Sendable {
    package let role: String
    package let count: Int64
    package let threshold: Int64

    package init(role: String, count: Int, threshold: Int) {
      self.role = role
      self.count = Int64(count)
      self.threshold = Int64(threshold)
    }
  }

  /// A key of the root, and where it comes from.
  package struct Key: Hashable, Sendable {
    package let keyID: String
    package let roles: [String]
    package let origin: RootKeyOrigin.Origin
    /// Whether a kept key signed a challenge; nil for all others.
    package let isProven: Bool?

    package init(_ key: RootKeyOrigin) {
      keyID = key.keyID
      roles = key.roles
      origin = key.origin
      isProven = key.isProven
    }
  }

  package init(
    ending: CeremonyEnding, exceptions: Int, products: [Product], signatures: [Count], keys: [Key], isUnproven: Bool,
    finding: FindingRecord?
  ) {
    self.ending = ending
    self.exceptions = Int64(exceptions)
    self.products = products
    self.signatures = signatures
    self.keys = keys
    self.isUnproven = isUnproven
    self.finding = finding
  }

  package var json: JSONObject {
    var body: JSONObject = [
      "ending": .string(ending.rawValue), "exceptions": .integer(exceptions),
      "products": .array(products.map { ["path": .string($0.path), "sha256": .string($0.digest.hex)] }),
      "signatures": .array(
        signatures.map {
          ["role": .string($0.role), "count": .integer($0.count), "threshold": .integer($0.threshold)]
        }),
      "unproven": .bool(isUnproven),
    ]
    if let keys { body["keys"] = .array(keys.map { .object($0.json) }) }
    if let finding { body["finding"] = .object(finding.json) }
    return body
  }

  package init?(fields body: JSONObject) {
    guard let ending = body["ending"]?.string.flatMap(CeremonyEnding.init(rawValue:)),
      let exceptions = body["exceptions"]?.integer, let products = body["products"]?.array,
      let signatures = body["signatures"]?.array, let isUnproven = body["unproven"]?.bool
    else { return nil }
    self.ending = ending
    self.exceptions = exceptions
    self.products = products.compactMap(Product.init)
    self.signatures = signatures.compactMap(Count.init)
    self.isUnproven = isUnproven
    let keys = body["keys"]?.array
    self.keys = keys.map { $0.compactMap(Key.init) }
    finding = body["finding"]?.object.flatMap(FindingRecord.init(fields:))
    guard (keys == nil) == (body["keys"] == nil), self.keys?.count == keys?.count,
      self.products.count == products.count, self.signatures.count == signatures.count,
      (finding == nil) == (body["finding"] == nil)
    else { return nil }
  }
}

extension CloseRecord.Product {
  fileprivate init?(_ value: JSONValue) {
    guard let path = value["path"]?.string, let digest = value["sha256"]?.string.flatMap(SHA256Digest.init(hex:)) else {
      return nil
    }
    self.init(path: path, digest: digest)
  }
}

extension CloseRecord.Key {
  fileprivate var json: JSONObject {
    var object: JSONObject = [
      "keyid": .string(keyID), "roles": .array(roles.map { .string($0) }), "origin": .string(origin.rawValue),
    ]
    if let isProven { object["proven"] = .bool(isProven) }
    return object
  }

  fileprivate init?(_ value: JSONValue) {
    guard let keyID = value["keyid"]?.string, let roles = value["roles"]?.array,
      let origin = value["origin"]?.string.flatMap(RootKeyOrigin.Origin.init(rawValue:)),
      value["proven"].map({ $0.bool != nil }) ?? true
    else { return nil }
    self.keyID = keyID
    self.roles = roles.compactMap(\.string)
    self.origin = origin
    isProven = value["proven"]?.bool
    guard self.roles.count == roles.count, value.object?.names.count == json.names.count else { return nil }
  }
}

extension CloseRecord.Count {
  fileprivate init?(_ value: JSONValue) {
    guard let role = value["role"]?.string, let count = value["count"]?.integer,
      let threshold = value["threshold"]?.integer
    else { return nil }
    self.role = role
    self.count = count
    self.threshold = threshold
  }
}
