import CanonicalJSON
import Findings
import Keys
import Transcript

/// Files that came from elsewhere, each with one signature that is in it. Nothing else of the file counts: whether the
/// signature holds, the engine judges by itself.
package struct DeliveryRecord: ReadableRecordBody {
  package static let kind = RecordKind.delivery

  /// In the order of the files' digests, and in a file in the order of the key ids.
  package let signatures: [Delivered]
  /// Why no file could be read; nil where they could.
  package let missing: FindingRecord?

  package init(_ signatures: [Delivered], missing: Finding? = nil) {
    self.signatures = signatures
    self.missing = missing.map(FindingRecord.init)
  }

  package var json: JSONObject {
    var body: JSONObject = ["signatures": .array(signatures.map { .object($0.json) })]
    if let missing { body["missing"] = .object(missing.json) }
    return body
  }

  package init?(fields body: JSONObject) {
    guard let items = body["signatures"]?.array else { return nil }
    signatures = items.compactMap { $0.object.flatMap(Delivered.init(fields:)) }
    missing = body["missing"]?.object.flatMap(FindingRecord.init(fields:))
    guard signatures.count == items.count, (missing == nil) == (body["missing"] == nil), json == body else {
      return nil
    }
  }
}

/// A signature that was made elsewhere, as it was found in a file.
package struct Delivered: Hashable, Sendable {
  /// In `inputs/answers/`, named by its digest.
  package let file: BoundFile
  package let keyID: String
  package let signature: [UInt8]
  /// The head of the transcript that came with it; nil where none did.
  package let head: SHA256Digest?
  /// Whether a network was connected where it was made; nil where nothing says so.
  package let isNetworked: Bool?
  /// Whether the whole evidence came with it and holds: the transcript of the ceremony in which it was made. So it is of
  /// every archive in which nothing is wrong, and of no other file.
  package let isWitnessed: Bool
  /// What is wrong with the evidence; empty where it holds, and where a signature came without any.
  package let codes: [String]

  /// Where such files lie.
  package static let folder = "inputs/answers"

  package init(
    file: BoundFile, keyID: String, signature: [UInt8], head: SHA256Digest?, isNetworked: Bool?, isWitnessed: Bool,
    codes: [String]
  ) {
    self.isNetworked = isNetworked
    self.head = head
    self.file = file
    self.keyID = keyID
    self.signature = signature
    self.isWitnessed = isWitnessed
    self.codes = codes
  }

  package var json: JSONObject {
    var object = file.json
    object["codes"] = .array(codes.map { .string($0) })
    object["head"] = head.map { .string($0.hex) } ?? .null
    object["keyid"] = .string(keyID)
    object["networked"] = isNetworked.map { .bool($0) } ?? .null
    object["sig"] = .string(Hex.encode(signature))
    object["witnessed"] = .bool(isWitnessed)
    return object
  }

  init?(fields object: JSONObject) {
    guard let file = BoundFile(fields: object), let keyID = object["keyid"]?.string,
      let signature = object["sig"]?.string.flatMap({ Hex.decode($0) }),
      let isWitnessed = object["witnessed"]?.bool, let codes = object["codes"]?.array,
      ["tar", "json"].contains(where: { file.path == "\(Self.folder)/\(file.digest.hex).\($0)" }),
      isWitnessed == (codes.isEmpty && file.path.hasSuffix(".tar")), let head = object["head"],
      !isWitnessed || head != .null, let network = object["networked"]
    else { return nil }
    self.init(
      file: file, keyID: keyID, signature: signature, head: head.string.flatMap(SHA256Digest.init(hex:)),
      isNetworked: network.bool,
      isWitnessed: isWitnessed, codes: codes.compactMap(\.string))
  }
}

/// What is to be taken in: signatures over exactly this.
package struct DeliveryWanted: Hashable, Sendable {
  package let role: String
  /// SHA-256 of the canonical signed part.
  package let payload: SHA256Digest
  /// SHA-256 of the requests that may be answered.
  package let requests: [SHA256Digest]
  package let isRehearsal: Bool

  package init(role: String, payload: SHA256Digest, requests: [SHA256Digest], isRehearsal: Bool) {
    self.role = role
    self.payload = payload
    self.requests = requests
    self.isRehearsal = isRehearsal
  }
}
