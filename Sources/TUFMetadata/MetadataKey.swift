import CanonicalJSON
import Findings
import Keys

/// A key as it stands in metadata (TUF §4.2): its key id, its whole object, and what it verifies with.
package struct MetadataKey: Hashable, Sendable {
  /// The key id under which the document names the key; whether it is right says ``idRule``.
  package let keyID: String
  /// The key object, unknown fields included.
  package let fields: JSONObject
  /// nil for a key that cannot be read here; ``trouble`` then says why.
  package let publicKey: PublicKey?
  /// nil exactly where ``publicKey`` is.
  package let scheme: SignatureScheme?
  /// Why the key verifies nothing here (`KEY-UNKNOWN` or a code of `KeyError`), or that it should not be used (`KEY-WEAK`).
  package let trouble: Finding?
  /// Where ``keyID`` comes from.
  package let idRule: IDRule

  /// A key for metadata that we write. The object is TUF §4.2's: Ed25519 in hex, ECDSA and RSA as PEM, with
  /// `extensions` (`x-…` names for other tools) beside the three fields of its own; the key id is computed last.
  package init(_ publicKey: PublicKey, extensions: JSONObject = JSONObject()) {
    let form = KeyForm.written(publicKey)
    var fields = extensions
    fields["keytype"] = .string(form.keyType)
    fields["scheme"] = .string(form.scheme)
    fields["keyval"] = ["public": .string(form.publicValue)]
    self.init(keyID: Self.digest(fields), fields: fields)
  }

  /// A key object from a document, under the id that the document gives it.
  init(keyID: String, fields: JSONObject) {
    self.keyID = keyID
    self.fields = fields
    idRule = Self.rule(keyID, fields)
    do {
      let (publicKey, scheme) = try KeyForm.read(fields, named: shortened(keyID))
      self.publicKey = publicKey
      self.scheme = scheme
      trouble = Self.trouble(publicKey, named: shortened(keyID))
    } catch {
      publicKey = nil
      scheme = nil
      trouble = error
    }
  }

  private static func trouble(_ publicKey: PublicKey, named name: String) -> Finding? {
    if !publicKey.isVerifiable {
      return Finding(
        .keyUnknown,
        .warning,
        "Key \(name) is an ML-DSA-44 key. It was read, and its signatures cannot be checked here.",
        hint: "Verify them with a program that knows ML-DSA-44 (TAP 21). Nothing is known of them here."
      )
    }
    return publicKey.weakness.map {
      Finding(
        .keyWeak,
        .warning,
        "Key \(name) \($0.rawValue): others can make signatures that match it.",
        hint: "Remove this key; a card or program that made it is faulty."
      )
    }
  }

  /// Reads one member of `keys`. Throws `METADATA-SHAPE` where keytype, scheme or keyval is missing.
  static func read(_ keyID: String, _ field: Field) throws(Finding) -> MetadataKey {
    guard Field.isIdentifier(keyID) else {
      throw Field.shape("the key id in \(field.path) must be printable ASCII")
    }
    let fields = try field.object()
    _ = try field["keytype"].string()
    _ = try field["scheme"].string()
    _ = try field["keyval"].object()
    return MetadataKey(keyID: keyID, fields: fields)
  }

  /// Where a key id comes from. Several rules live side by side.
  package enum IDRule: Sendable {
    /// The digest of the whole key object, as TUF §4.2 has it.
    case wholeObject
    /// The digest of a part of it: type, scheme and value, with or without `keyid_hash_algorithms`; type and value, as
    /// old go-tuf and Fuchsia have it; each also of a PEM without its last line feed (securesystemslib before 2023).
    case partOfObject
    /// No digest of this key by a rule that is known here.
    case none
  }

  private static func rule(_ keyID: String, _ fields: JSONObject) -> IDRule {
    switch digested(fields).firstIndex(where: { keyID == digest($0) }) {
    case nil: .none
    case 0: .wholeObject
    default: .partOfObject
    }
  }

  /// What a key id may be the digest of, by each rule: the whole object first.
  private static func digested(_ fields: JSONObject) -> [JSONObject] {
    guard let value = fields["keyval"]?["public"]?.string else { return [fields] }
    var values = [value]
    if value.utf8.last == UInt8(ascii: "\n") { values.append(String(decoding: value.utf8.dropLast(), as: UTF8.self)) }
    return [fields]
      + values.flatMap { value in
        var whole = fields
        var keyval = fields["keyval"]?.object ?? JSONObject()
        keyval["public"] = .string(value)
        whole["keyval"] = .object(keyval)
        var oldest: JSONObject = ["keyval": ["public": .string(value)]]
        oldest["keytype"] = fields["keytype"]
        var part = oldest
        part["scheme"] = fields["scheme"]
        var named = part
        named["keyid_hash_algorithms"] = ["sha256", "sha512"]
        return [whole, part, named, oldest]
      }
  }

  /// The same key object with another key of the same algorithm in it, under an id by the same rule; nil where the id is no
  /// digest of this object, or it stands here in a form that is not written anew.
  package func standIn(_ key: PublicKey) -> MetadataKey? {
    guard let rule = Self.digested(fields).firstIndex(where: { keyID == Self.digest($0) }),
      let old = fields["keyval"]?["public"]?.string, key.algorithm == publicKey?.algorithm, !isHexPoint
    else { return nil }
    var value = KeyForm.written(key).publicValue
    // Securesystemslib before 2023 wrote PEM without its last line feed.
    if old.utf8.last != UInt8(ascii: "\n"), value.utf8.last == UInt8(ascii: "\n") {
      value = String(decoding: value.utf8.dropLast(), as: UTF8.self)
    }
    var keyval = fields["keyval"]?.object ?? JSONObject()
    keyval["public"] = .string(value)
    var object = fields
    object["keyval"] = .object(keyval)
    let forms = Self.digested(object)
    return forms.indices.contains(rule) ? MetadataKey(keyID: Self.digest(forms[rule]), fields: object) : nil
  }

  /// Whether an ECDSA key stands here as a hexadecimal point, as go-tuf once wrote it.
  package var isHexPoint: Bool {
    switch publicKey?.algorithm {
    case .ecdsaP256, .ecdsaP384: fields["keyval"]?["public"]?.string.flatMap { Hex.decode($0) } != nil
    default: false
    }
  }

  /// SHA-256 of the canonical key object, in hex (TUF §4.2).
  private static func digest(_ fields: JSONObject) -> String {
    SHA256Digest(of: JSONValue.object(fields).canonical()).hex
  }

  /// What counts as one key: its material, or its id where the material is unknown.
  package enum Material: Hashable, Sendable {
    case key(PublicKey)
    case unknown(keyID: String)
  }

  package var material: Material { publicKey.map(Material.key) ?? .unknown(keyID: keyID) }

  package var json: JSONValue { .object(fields) }

  /// The fields of the object that TUF does not define.
  package var extensions: JSONObject {
    var fields = fields
    for known in ["keytype", "scheme", "keyval"] { fields[known] = nil }
    return fields
  }

  /// The names that somebody gave the key, each safe to show.
  package var names: [String] { extensions.members.compactMap(\.value.string).map(shown) }

  /// The key id, and the names that somebody gave the key.
  package var described: String { ([shortened(keyID)] + names.map { "(\($0))" }).joined(separator: " ") }
}

/// The first characters of a key id, enough to tell keys apart on a screen.
package func shortened(_ keyID: String) -> String { shown(String(keyID.prefix(8))) }
