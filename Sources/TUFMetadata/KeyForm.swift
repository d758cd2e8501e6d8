import CanonicalJSON
import Findings
import Keys

/// The forms of a key object, in what we write and in the wild.
enum KeyForm {
  /// How we write a key (TUF §4.2).
  static func written(_ key: PublicKey) -> (keyType: String, scheme: String, publicValue: String) {
    switch key.algorithm {
    case .ed25519: ("ed25519", "ed25519", Hex.encode(key.bytes))
    case .ecdsaP256: ("ecdsa", "ecdsa-sha2-nistp256", key.pem)
    case .ecdsaP384: ("ecdsa", "ecdsa-sha2-nistp384", key.pem)
    case .rsa: ("rsa", "rsassa-pss-sha256", key.pem)
    case .mlDSA44: ("ml-dsa", "ml-dsa-44/1", key.pem)
    case .mlDSA65: ("ml-dsa", "ml-dsa-65/1", key.pem)
    case .mlDSA87: ("ml-dsa", "ml-dsa-87/1", key.pem)
    }
  }

  /// Reads every form that real roots use: ECDSA under its old and new type names, as PEM or as a hex point, RSA with
  /// both paddings, ML-DSA as PEM (TAP 21). Throws, with the key called `name`, `KEY-UNKNOWN` for other types and
  /// schemes, `KEY-OTHER-KIND` for the value of another kind of key, and a code of `KeyError` for a damaged key.
  static func read(_ fields: JSONObject, named name: String) throws(Finding) -> (PublicKey, SignatureScheme) {
    let type = fields["keytype"]?.string ?? ""
    let schemeName = fields["scheme"]?.string ?? ""
    guard let text = fields["keyval"]?["public"]?.string, let (algorithm, scheme) = known(type, schemeName)
    else {
      throw Finding(
        .keyUnknown,
        .warning,
        "Key \(name) is of type \(shown(type)) with scheme \(shown(schemeName)), which cannot be checked here.",
        hint: "Its signatures do not count here. Several clients refuse a file that holds such a key."
      )
    }
    do throws(KeyError) {
      let key: PublicKey
      switch (algorithm, Hex.decode(text)) {
      case (.ed25519, let bytes?): key = try PublicKey(ed25519: bytes)
      case (.ecdsaP256, let bytes?), (.ecdsaP384, let bytes?): key = try PublicKey(x963: bytes, algorithm)
      case (.ed25519, nil): throw .encoding
      case (.mlDSA44, _), (.mlDSA65, _), (.mlDSA87, _): key = try PublicKey(mlDSA: text)
      default: key = try PublicKey(pem: text)
      }
      guard key.algorithm == algorithm else { throw .encoding }
      return (key, scheme)
    } catch {
      if let kind = kind(of: text), kind != written(algorithm) {
        throw Finding(
          .keyOtherKind,
          .warning,
          "Key \(name) is of type \(shown(type)) with scheme \(shown(schemeName)), and its value is \(kind).",
          hint: "Its signatures cannot be checked. Give the key the type, scheme and form that belong together."
        )
      }
      let finding = error.finding
      throw Finding(finding.code, .warning, "Key \(name): \(finding.what)", hint: finding.hint)
    }
  }

  /// What a value is by itself, in words; nil where it is no key that is known here.
  private static func kind(of text: String) -> String? {
    if let bytes = Hex.decode(text) {
      switch bytes.count {
      case 32: return "an Ed25519 key in hexadecimal"
      case 65 where bytes.first == 4: return "a P-256 point in hexadecimal"
      case 97 where bytes.first == 4: return "a P-384 point in hexadecimal"
      default: return nil
      }
    }
    return ((try? PublicKey(pem: text)) ?? (try? PublicKey(mlDSA: text))).map { words($0.algorithm) + " in PEM" }
  }

  /// The kind that belongs to an algorithm.
  private static func written(_ algorithm: PublicKey.Algorithm) -> String {
    algorithm == .ed25519 ? "an Ed25519 key in hexadecimal" : words(algorithm) + " in PEM"
  }

  private static func words(_ algorithm: PublicKey.Algorithm) -> String {
    switch algorithm {
    case .ed25519: "an Ed25519 key"
    case .ecdsaP256: "a P-256 key"
    case .ecdsaP384: "a P-384 key"
    case .rsa: "an RSA key"
    case .mlDSA44: "an ML-DSA-44 key"
    case .mlDSA65: "an ML-DSA-65 key"
    case .mlDSA87: "an ML-DSA-87 key"
    }
  }

  private static func known(_ type: String, _ scheme: String) -> (PublicKey.Algorithm, SignatureScheme)? {
    switch (type, scheme) {
    case ("ed25519", "ed25519"): (.ed25519, .ed25519)
    case ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"):
      (.ecdsaP256, .ecdsaSHA256)
    case ("ecdsa", "ecdsa-sha2-nistp384"), ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"):
      (.ecdsaP384, .ecdsaSHA384)
    case ("rsa", "rsassa-pss-sha256"): (.rsa, .rsaPSSSHA256)
    case ("rsa", "rsa-pkcs1v15-sha256"): (.rsa, .rsaPKCS1SHA256)
    case ("ml-dsa", "ml-dsa-44/1"): (.mlDSA44, .mlDSAVersion1)
    case ("ml-dsa", "ml-dsa-65/1"): (.mlDSA65, .mlDSAVersion1)
    case ("ml-dsa", "ml-dsa-87/1"): (.mlDSA87, .mlDSAVersion1)
    default: nil
    }
  }
}
