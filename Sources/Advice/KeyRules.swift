import CanonicalJSON
import Findings
import Keys
import TUFMetadata

/// What a client makes of one key.
struct KeyRule: Sendable {
  enum Effect: Hashable, Sendable {
    /// It goes on, and counts no signature by the key.
    case uncounted
    /// It concerns the file.
    case file(Hit.Effect)
  }

  let client: TUFClient
  private let effect: Effect
  /// Why the rule holds, without a period; nil where it does not.
  private let why: @Sendable (MetadataKey, [TopLevelRole]) -> String?

  private init(
    _ client: TUFClient, _ effect: Effect, _ why: @escaping @Sendable (MetadataKey, [TopLevelRole]) -> String?
  ) {
    self.client = client
    self.effect = effect
    self.why = why
  }

  /// - Parameter roles: those that name the key.
  func hit(_ key: MetadataKey, of roles: [TopLevelRole]) -> (effect: Effect, why: String)? {
    why(key, roles).map { (effect, $0) }
  }

  /// One line for each rule, with where it is from; the first that holds for a key counts. See ``FileRule/all``.
  static let all: [KeyRule] = [
    // securesystemslib/signer/_key.py, KEY_FOR_TYPE_AND_SCHEME: Key.from_dict refuses other pairs, and with it the file.
    KeyRule(.pythonTUF, .file(.refuses)) { key, _ in pythonKinds.contains(key.kind) ? nil : isOfUnknownKind(key) },
    // securesystemslib 1.6.0 was the first with ML-DSA.
    KeyRule(.pythonTUF, .file(.depends)) { key, _ in
      key.keyType == "ml-dsa" ? "is \(key.kindInWords), which securesystemslib knows from 1.6.0 on" : nil
    },
    KeyRule(.pythonTUF, .uncounted) { key, _ in isHexPoint(key) ? "a point in hexadecimal and no PEM" : nil },
    KeyRule(.pythonTUF, .uncounted) { key, _ in isDamaged(key) ? "its value is no such key" : nil },

    // go-tuf metadata/metadata.go at 3a2b819, VerifyDelegate: a key of the role that it cannot read ends the verification of
    // what the role signs. At 0990a83, metadata/keys.go, ToPublicKey: which types it reads, ECDSA as PEM alone.
    KeyRule(.goTUF, .file(.depends)) { key, roles in
      key.keyType == "ml-dsa"
        ? "is \(key.kindInWords), which the version that was read does not know and newer ones do\(ends(roles))"
        : nil
    },
    KeyRule(.goTUF, .file(.refuses)) { key, roles in
      roles.contains(.root) ? isUnreadableForGo(key) : nil
    },
    KeyRule(.goTUF, .file(.limited)) { key, roles in
      let consequence = ends(roles)
      return consequence.isEmpty ? nil : isUnreadableForGo(key).map { $0 + consequence }
    },
    // metadata.go at 3a2b819: SHA-256 for every kind but Ed25519.
    KeyRule(.goTUF, .uncounted) { key, _ in
      key.publicKey?.algorithm == .ecdsaP384 ? "P-384, which it verifies with SHA-256" : nil
    },
    KeyRule(.goTUF, .file(.unknown)) { key, _ in whatOfDamaged(key) },

    // tough/src/schema/key.rs at a313b9f: serde refuses other types and schemes, and with them the file.
    KeyRule(.tough, .file(.refuses)) { key, _ in toughKinds.contains(key.kind) ? nil : isOfUnknownKind(key) },
    // tough/src/schema/decoded.rs: Decoded<Hex>.
    KeyRule(.tough, .file(.refuses)) { key, _ in
      Hex.decode(key.keyID) == nil ? "has an id that is not hexadecimal" : nil
    },
    // tough/src/schema/de.rs recomputed ids until 2026 (awslabs/tough issue 946), and does not at 078ecc3.
    KeyRule(.tough, .file(.depends)) { key, _ in
      key.idRule == .wholeObject
        ? nil : "has an id that is not the digest of its whole object, which versions before June 2026 refuse"
    },
    KeyRule(.tough, .file(.unknown)) { key, _ in whatOfDamaged(key) },

    // php-tuf src/Client/SignatureVerifier.php at 2166850: sodium_crypto_sign_verify_detached, Ed25519 alone; and it
    // computes ids by a form that escapes line feeds, so that no PEM has the right one.
    KeyRule(.phpTUF, .file(.refuses)) { key, _ in
      key.kind == Kind("ed25519", "ed25519") ? nil : "is \(key.kindInWords), and it verifies Ed25519 alone"
    },
    // The same, addKey: ids are recomputed from type, scheme and value; in older versions (src/Key.php at 062b0bf) with
    // keyid_hash_algorithms.
    KeyRule(.phpTUF, .file(.depends)) { key, _ in
      key.keyID == key.digest(withAlgorithms: true)
        ? "has an id that is the digest with keyid_hash_algorithms, which only older versions take" : nil
    },
    KeyRule(.phpTUF, .file(.refuses)) { key, _ in
      key.keyID == key.digest(withAlgorithms: false)
        ? nil : "has an id that is not the digest of type, scheme and value"
    },
    // php-tuf src/Metadata/ConstraintsTrait.php at 8f33b1b: a key has no other fields.
    KeyRule(.phpTUF, .file(.depends)) { key, _ in
      key.extensions.names.allSatisfy { $0 == "keyid_hash_algorithms" }
        ? nil : "has custom fields, which the versions that were read refuse"
    },
    KeyRule(.phpTUF, .file(.unknown)) { key, _ in whatOfDamaged(key) },

    // rust-tuf tuf/src/crypto.rs at 0d22740: an id has 64 characters; Ed25519 is the one kind without a feature flag.
    KeyRule(.rustTUF, .file(.refuses)) { key, _ in key.keyID.utf8.count == 64 ? nil : "has an id without 64 characters"
    },
    KeyRule(.rustTUF, .uncounted) { key, _ in
      key.kind == Kind("ed25519", "ed25519") ? nil : "\(key.kindInWords), and it verifies Ed25519 alone"
    },
    // rust-tuf tuf/src/pouf/pouf1/shims.rs at 219ca7d: keys with other ids are left out.
    KeyRule(.rustTUF, .uncounted) { key, _ in
      key.keyID == key.digest(withAlgorithms: key.fields["keyid_hash_algorithms"] != nil)
        ? nil : "its id is not the digest of type, scheme and value"
    },
    KeyRule(.rustTUF, .file(.unknown)) { key, _ in whatOfDamaged(key) },

    // tuf-js packages/models/src/utils/key.ts at 2464db8, and metadata.ts at 151abb7: it goes on past such a key.
    KeyRule(.tufJS, .uncounted) { key, _ in
      ["rsa", "ed25519", "ecdsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384"].contains(key.keyType)
        ? nil : "keytype \(shown(key.keyType))"
    },
    KeyRule(.tufJS, .uncounted) { key, _ in
      key.keyType == "rsa" && key.schemeName != "rsassa-pss-sha256" ? "RSA with scheme \(shown(key.schemeName))" : nil
    },
    // verify.ts at 8ab3e5d names no digest; which one is taken for P-384 was not tried.
    KeyRule(.tufJS, .file(.unknown)) { key, _ in
      key.publicKey?.algorithm == .ecdsaP384 ? "is P-384; with which digest it verifies was not tried" : nil
    },
    // models/src/key.ts at e67ae32: keyval holds texts alone.
    KeyRule(.tufJS, .file(.refuses)) { key, _ in
      key.fields["keyval"]?.object?.members.allSatisfy { $0.value.string != nil } == true
        ? nil : "has a keyval that holds more than texts"
    },
    KeyRule(.tufJS, .file(.unknown)) { key, _ in whatOfDamaged(key) },
  ]

  // MARK: What the rules look at

  /// A key's type and scheme.
  struct Kind: Hashable {
    let type: String
    let scheme: String

    init(_ type: String, _ scheme: String) {
      self.type = type
      self.scheme = scheme
    }
  }

  private static let pythonKinds: Set<Kind> = [
    Kind("ecdsa", "ecdsa-sha2-nistp256"), Kind("ecdsa", "ecdsa-sha2-nistp384"), Kind("ecdsa", "ecdsa-sha2-nistp521"),
    Kind("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"), Kind("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"),
    Kind("ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"), Kind("ed25519", "ed25519"),
    Kind("ml-dsa", "ml-dsa-44/1"), Kind("ml-dsa", "ml-dsa-65/1"), Kind("ml-dsa", "ml-dsa-87/1"),
    Kind("rsa", "rsa-pkcs1v15-sha256"), Kind("rsa", "rsa-pkcs1v15-sha384"), Kind("rsa", "rsa-pkcs1v15-sha512"),
    Kind("rsa", "rsassa-pss-sha256"), Kind("rsa", "rsassa-pss-sha384"), Kind("rsa", "rsassa-pss-sha512"),
    Kind("rsa", "pgp+rsa-pkcsv1.5"), Kind("dsa", "pgp+dsa-fips-180-2"), Kind("eddsa", "pgp+eddsa-ed25519"),
  ]

  private static let toughKinds: Set<Kind> = [
    Kind("rsa", "rsassa-pss-sha256"), Kind("ed25519", "ed25519"), Kind("ecdsa", "ecdsa-sha2-nistp256"),
    Kind("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"),
  ]

  private static func isOfUnknownKind(_ key: MetadataKey) -> String {
    "is of type \(shown(key.keyType)) with scheme \(shown(key.schemeName)), which it does not know"
  }

  private static func isHexPoint(_ key: MetadataKey) -> Bool {
    key.keyType.hasPrefix("ecdsa") && key.fields["keyval"]?["public"]?.string.flatMap { Hex.decode($0) } != nil
  }

  private static func isUnreadableForGo(_ key: MetadataKey) -> String? {
    if isHexPoint(key) { return "is a point in hexadecimal and no PEM" }
    return ["ed25519", "ecdsa", "ecdsa-sha2-nistp256", "rsa"].contains(key.keyType) ? nil : isOfUnknownKind(key)
  }

  /// What a client cannot verify that stops at a key.
  private static func ends(_ roles: [TopLevelRole]) -> String {
    roles.isEmpty ? "" : ", so that it verifies nothing of \(roles.map(\.rawValue).inWords)"
  }

  /// A key of a kind that is known here, whose value is none.
  private static func isDamaged(_ key: MetadataKey) -> Bool { key.publicKey == nil && key.trouble?.code != .keyUnknown }

  private static func whatOfDamaged(_ key: MetadataKey) -> String? {
    isDamaged(key) ? "has a value that is no such key; whether it goes on past it was not found" : nil
  }
}

extension MetadataKey {
  fileprivate var keyType: String { fields["keytype"]?.string ?? "" }
  fileprivate var schemeName: String { fields["scheme"]?.string ?? "" }
  fileprivate var kind: KeyRule.Kind { KeyRule.Kind(keyType, schemeName) }
  fileprivate var kindInWords: String { publicKey?.algorithm.title ?? "of type \(shown(keyType))" }

  /// The id that comes from type, scheme and value alone.
  fileprivate func digest(withAlgorithms: Bool) -> String {
    var part = JSONObject()
    part["keytype"] = fields["keytype"]
    part["scheme"] = fields["scheme"]
    part["keyval"] = ["public": fields["keyval"]?["public"] ?? .null]
    if withAlgorithms { part["keyid_hash_algorithms"] = ["sha256", "sha512"] }
    return SHA256Digest(of: JSONValue.object(part).canonical()).hex
  }
}
