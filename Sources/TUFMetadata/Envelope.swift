import CanonicalJSON
import Findings
import Keys

/// A metadata file: a signed part and its signatures (TUF §4.2).
package struct Envelope: Hashable, Sendable {
  package struct Signature: Hashable, Sendable {
    package let keyID: String
    /// Empty for a placeholder, which counts for nothing and is never written.
    package let bytes: [UInt8]
    /// The fields besides `keyid` and `sig`, kept as they came.
    package let fields: JSONObject

    package init(keyID: String, bytes: [UInt8], fields: JSONObject = JSONObject()) {
      self.keyID = keyID
      self.bytes = bytes
      self.fields = fields
    }

    package var json: JSONValue {
      var object = fields
      object["keyid"] = .string(keyID)
      object["sig"] = .string(Hex.encode(bytes))
      return .object(object)
    }
  }

  /// The signed part as it came, unknown fields included.
  package let signed: JSONObject
  /// The canonical form of ``signed``: the bytes that every signature is over.
  package let signedBytes: [UInt8]
  /// In the order of the document, each key id once.
  package private(set) var signatures: [Signature]
  /// The key ids of signatures that are not hexadecimal, which count for nothing and are not written again.
  package let unreadable: [String]
  /// The fields beside `signed` and `signatures`, kept as they came. They are not signed.
  package let fields: JSONObject

  /// A file without signatures yet.
  package init(signed: JSONObject) {
    self.signed = signed
    signedBytes = JSONValue.object(signed).canonical()
    signatures = []
    unreadable = []
    fields = JSONObject()
  }

  /// Reads a metadata file. Throws the refusals of `JSONError` at `place`, `METADATA-SHAPE`, `SIGNATURE-FORM` for a
  /// signature that is not hexadecimal and `SIGNATURE-REPEATED` for two with one key id.
  package init(parsing bytes: [UInt8], place: String) throws(Finding) {
    let json: JSONValue
    do { json = try JSONValue(parsing: bytes) } catch { throw error.finding(in: place) }
    try self.init(json)
  }

  /// Reads a metadata file as clients do: a signature that is not hexadecimal counts for nothing, and the rest goes on.
  package init(asClientsRead bytes: [UInt8], place: String) throws(Finding) {
    let json: JSONValue
    do { json = try JSONValue(parsing: bytes) } catch { throw error.finding(in: place) }
    try self.init(json, isTolerant: true)
  }

  /// Reads a metadata file that is JSON already; throws as ``init(parsing:place:)`` does.
  package init(_ json: JSONValue, isTolerant: Bool = false) throws(Finding) {
    let document = Field(json, "the file")
    var rest = try document.object()
    signed = try Field(rest["signed"], "signed").object()
    signedBytes = JSONValue.object(signed).canonical()
    var signatures: [Signature] = []
    var unreadable: [String] = []
    var ids: Set<String> = []
    for element in try Field(rest["signatures"], "signatures").elements() {
      let keyID = try element["keyid"].identifier()
      guard ids.insert(keyID).inserted else {
        throw Finding(
          .signatureRepeated,
          "Two signatures name key \(shortened(keyID)).",
          hint: "Readers disagree on which counts. Find out which program wrote this file."
        )
      }
      if let signature = try Self.signature(element, by: keyID) {
        signatures.append(signature)
      } else if isTolerant {
        unreadable.append(keyID)
      } else {
        throw Finding(
          .signatureForm,
          "The signature by key \(shortened(keyID)) is not hexadecimal.",
          hint: "Fetch the file again; if it stays so, ask the one who made it."
        )
      }
    }
    self.signatures = signatures
    self.unreadable = unreadable
    for known in ["signed", "signatures"] { rest[known] = nil }
    fields = rest
  }

  /// nil where it is not hexadecimal.
  private static func signature(_ field: Field, by keyID: String) throws(Finding) -> Signature? {
    guard let bytes = Hex.decode(try field["sig"].string()) else { return nil }
    var fields = try field.object()
    for known in ["keyid", "sig"] { fields[known] = nil }
    return Signature(keyID: keyID, bytes: bytes, fields: fields)
  }

  /// The same file with one more signature; it takes the place of an earlier one by the same key id.
  package func adding(_ signature: Signature) -> Envelope {
    var copy = self
    copy.signatures.removeAll { $0.keyID == signature.keyID }
    copy.signatures.append(signature)
    return copy
  }

  /// What is written: signatures sorted by key id, no placeholders.
  package var json: JSONValue {
    var object = fields
    object["signed"] = .object(signed)
    let written = signatures.filter { !$0.bytes.isEmpty }.sorted { $0.keyID < $1.keyID }
    object["signatures"] = .array(written.map(\.json))
    return .object(object)
  }

  /// The bytes of the file, in the form for people that python-tuf writes, with a final line feed.
  package func serialized() -> [UInt8] { json.pretty() }
}
