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
    }
  }

  /// Reads every form that real roots use: ECDSA under its old and new type names, as PEM or as a hex point, RSA with
  /// both paddings. Throws `KEY-UNKNOWN` for other types and schemes, and a code of `KeyError` for a damaged key.
  static func read(_ fields: JSONObject) throws(Finding) -> (PublicKey, SignatureScheme) {
    let type = fields["keytype"]?.string ?? ""
    let name = fields["scheme"]?.string ?? ""
    guard let text = fields["keyval"]?["public"]?.string, let (algorithm, scheme) = known(type, name) else {
      throw Finding(
        .keyUnknown,
        .warning,
        "A key of type \(shown(type)) with scheme \(shown(name)) cannot be verified here.",
        hint: "Its signatures do not count. Several clients refuse a file that holds such a key."
      )
    }
    do throws(KeyError) {
      let key: PublicKey
      switch (algorithm, Hex.decode(text)) {
      case (.ed25519, let bytes?): key = try PublicKey(ed25519: bytes)
      case (.ecdsaP256, let bytes?), (.ecdsaP384, let bytes?): key = try PublicKey(x963: bytes, algorithm)
      case (.ed25519, nil): throw .encoding
      default: key = try PublicKey(pem: text)
      }
      guard key.algorithm == algorithm else { throw .encoding }
      return (key, scheme)
    } catch {
      let finding = error.finding
      throw Finding(finding.code, .warning, finding.what, hint: finding.hint)
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
    default: nil
    }
  }
}
