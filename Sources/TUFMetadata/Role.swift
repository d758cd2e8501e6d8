import CanonicalJSON
import Findings

/// Who signs: key ids and how many of them (TUF §4.3).
package struct Role: Hashable, Sendable {
  /// In the order of the document, each once.
  package var keyIDs: [String]
  /// From 1. Above the number of keys only until a reader or a review refuses it.
  package var threshold: Int
  /// The fields of the role besides `keyids` and `threshold`, kept as they came.
  package var fields: JSONObject

  package init(keyIDs: [String], threshold: Int, fields: JSONObject = JSONObject()) {
    self.keyIDs = keyIDs
    self.threshold = threshold
    self.fields = fields
  }

  package var json: JSONValue {
    var object = fields
    object["keyids"] = .array(keyIDs.map { .string($0) })
    object["threshold"] = .integer(Int64(threshold))
    return .object(object)
  }

  /// Reads a role whose keys stand in `keys`. Throws what makes clients refuse the whole file: `METADATA-SHAPE`,
  /// `ROLE-THRESHOLD`, `ROLE-KEY-REPEATED`. What harms this role alone, and lets clients go on, is put into `sick` as an
  /// error: `ROLE-WITHOUT-KEY`, `ROLE-KEY-MISSING`, `THRESHOLD-UNREACHABLE`.
  static func read(
    _ field: Field,
    _ name: String,
    keys: KeyRing,
    sick: inout [Finding]
  ) throws(Finding) -> Role {
    var fields = try field.object()
    let threshold = try field["threshold"].integer()
    guard threshold >= 1 else {
      throw refusal(
        .roleThreshold,
        "Role \(name) needs \(threshold) signatures, so anybody could sign for it."
      )
    }
    var ids: [String] = []
    for element in try field["keyids"].elements() { ids.append(try element.identifier()) }
    guard ids.count <= 1 || Set(ids).count == ids.count else {
      throw refusal(.roleKeyRepeated, "Role \(name) names one key id twice.")
    }
    for known in ["keyids", "threshold"] { fields[known] = nil }
    let role = Role(keyIDs: ids, threshold: Int(threshold), fields: fields)
    if let finding = role.sickness(name, keys) { sick.append(finding) }
    return role
  }

  private func sickness(_ name: String, _ keys: KeyRing) -> Finding? {
    if keyIDs.isEmpty {
      return Self.refusal(.roleWithoutKey, "Role \(name) names no key, so nobody can sign for it.")
    }
    if let missing = keyIDs.first(where: { keys[$0] == nil }) {
      return Self.refusal(
        .roleKeyMissing,
        "Role \(name) names key \(shortened(missing)), and no such key stands in the file."
      )
    }
    let different = threshold == 1 ? 1 : keys.materials(of: self).count
    if threshold <= different { return nil }
    return Self.refusal(
      .thresholdUnreachable,
      "Role \(name) needs \(threshold) signatures and has \(counted(different, "different key"))."
    )
  }

  private static func refusal(_ code: Finding.Code, _ what: String) -> Finding {
    Finding(
      code,
      what,
      hint: "Correct the role in the next version."
    )
  }
}

/// The keys of a document by key id.
package struct KeyRing: Hashable, Sendable {
  /// Sorted by key id, each id once.
  package let keys: [MetadataKey]

  /// A later key with the id of an earlier one takes its place.
  package init(_ keys: [MetadataKey]) {
    var sorted: [MetadataKey] = []
    sorted.reserveCapacity(keys.count)
    // The sort is stable, so that among equal ids the last stays last.
    for key in keys.sorted(by: { $0.keyID < $1.keyID }) {
      if sorted.last?.keyID == key.keyID { sorted.removeLast() }
      sorted.append(key)
    }
    self.keys = sorted
  }

  package subscript(keyID: String) -> MetadataKey? {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if keys[middle].keyID < keyID { low = middle + 1 } else { high = middle }
    }
    return low < keys.count && keys[low].keyID == keyID ? keys[low] : nil
  }

  /// The different keys of a role.
  package func materials(of role: Role) -> Set<MetadataKey.Material> {
    Set(role.keyIDs.compactMap { self[$0]?.material })
  }

  package var json: JSONValue { .object(JSONObject(keys.map { ($0.keyID, $0.json) })) }

  /// Reads a `keys` object; a key that is in `known` is not checked again. What clients live with goes into `oddities` as
  /// warnings.
  static func read(
    _ field: Field,
    known: KnownKeys = KnownKeys(),
    oddities: inout [Finding]
  ) throws(Finding) -> KeyRing {
    let (ring, found) = try known.ring(field)
    oddities += found
    return ring
  }

  var oddities: [Finding] {
    var findings: [Finding] = []
    var firstIDs: [MetadataKey.Material: String] = [:]
    for key in keys {
      var name: String { shortened(key.keyID) }
      switch key.idRule {
      case .wholeObject: break
      case .partOfObject:
        findings.append(
          Finding(
            .keyIDOtherRule,
            .warning,
            "Key id \(name) is the digest of its key object by an older rule, not of the whole object.",
            hint:
              "Some tools compute it so; tough and rust-tuf refuse it. Write the digest of the whole object next time."
          )
        )
      case .none:
        findings.append(
          Finding(
            .keyIDMismatch,
            .warning,
            "Key id \(name) is the digest of its key by none of the rules that are known here.",
            hint:
              "Clients that check key ids refuse this file. Write the digest of the key object, and sign again."
          )
        )
      }
      if let first = firstIDs[key.material] {
        findings.append(
          Finding(
            .keyDuplicate,
            .warning,
            "Key ids \(shortened(first)) and \(name) name the same key, which counts once.",
            hint: "Keep one of them."
          )
        )
      } else {
        firstIDs[key.material] = key.keyID
      }
      if key.isHexPoint {
        findings.append(
          Finding(
            .keyHexPoint,
            .warning,
            "ECDSA key \(name) stands here as a point in hexadecimal; python-tuf counts no signature by it.",
            hint: "Write the key as PEM in the next version."
          )
        )
      }
      if let trouble = key.trouble { findings.append(trouble) }
    }
    return findings
  }
}
