import CanonicalJSON
import Findings
import Keys
import Transcript

/// A key that was made elsewhere, as it was found in files that came; or why none was there.
package struct EnrolmentRecord: ReadableRecordBody {
  package static let kind = RecordKind.enrolment

  /// In the order of the files' digests.
  package let enrolments: [Enrolment]
  /// Why no file could be read; nil where they could.
  package let missing: FindingRecord?

  package init(_ enrolments: [Enrolment], missing: Finding? = nil) {
    self.enrolments = enrolments
    self.missing = missing.map(FindingRecord.init)
  }

  package var json: JSONObject {
    var body: JSONObject = ["enrolments": .array(enrolments.map { .object($0.json) })]
    if let missing { body["missing"] = .object(missing.json) }
    return body
  }

  package init?(fields body: JSONObject) {
    guard let items = body["enrolments"]?.array else { return nil }
    enrolments = items.compactMap { $0.object.flatMap(Enrolment.init(fields:)) }
    missing = body["missing"]?.object.flatMap(FindingRecord.init(fields:))
    guard enrolments.count == items.count, (missing == nil) == (body["missing"] == nil), json == body else {
      return nil
    }
  }
}

/// A file with a key that was made elsewhere, and the key's own proof.
package struct Enrolment: Hashable, Sendable {
  /// In `inputs/answers/`, named by its digest.
  package let file: BoundFile
  /// What is wrong with the evidence; empty where it holds.
  package let codes: [String]
  /// nil where the file holds no key and proof.
  package let made: Made?

  package struct Made: Hashable, Sendable {
    /// As a card writes it: 32 bytes of Ed25519, or an uncompressed point.
    package let key: [UInt8]
    /// What the key signed.
    package let proof: KeyProof
    package let signature: [UInt8]
    /// Of the card, where it has one.
    package let serial: UInt32?
    /// The head of the transcript that came with it.
    package let head: SHA256Digest
    /// 16 bytes.
    package let guid: [UInt8]
    /// DER; nil where nothing attests the key.
    package let attestation: Attestation?

    package struct Attestation: Hashable, Sendable {
      package let leaf: [UInt8]
      package let intermediate: [UInt8]

      package init(leaf: [UInt8], intermediate: [UInt8]) {
        self.leaf = leaf
        self.intermediate = intermediate
      }
    }

    package init(
      key: [UInt8], proof: KeyProof, signature: [UInt8], head: SHA256Digest, serial: UInt32?, guid: [UInt8],
      attestation: Attestation?
    ) {
      self.head = head
      self.key = key
      self.proof = proof
      self.signature = signature
      self.serial = serial
      self.guid = guid
      self.attestation = attestation
    }
  }

  package init(file: BoundFile, codes: [String], made: Made?) {
    self.file = file
    self.codes = codes
    self.made = made
  }

  package var json: JSONObject {
    var object = file.json
    object["codes"] = .array(codes.map { .string($0) })
    object["made"] = made.map { .object($0.json) } ?? .null
    return object
  }

  init?(fields object: JSONObject) {
    guard let file = BoundFile(fields: object), file.path == "\(Delivered.folder)/\(file.digest.hex).tar",
      let codes = object["codes"]?.array, let value = object["made"]
    else { return nil }
    self.init(file: file, codes: codes.compactMap(\.string), made: value.object.flatMap(Made.init))
    guard (made == nil) == (value == .null) else { return nil }
  }
}

extension Enrolment.Made {
  fileprivate var json: JSONObject {
    [
      "attestation": attestation.map {
        ["intermediate": .string(Base64.encode($0.intermediate)), "leaf": .string(Base64.encode($0.leaf))]
      } ?? .null,
      "guid": .string(Hex.encode(guid)), "head": .string(head.hex), "key": .string(Hex.encode(key)),
      "proof": .object(proof.json),
      "serial": serial.map { .integer(Int64($0)) } ?? .null, "sig": .string(Hex.encode(signature)),
    ]
  }

  fileprivate init?(_ object: JSONObject) {
    guard let key = object["key"]?.string.flatMap({ Hex.decode($0) }),
      let proof = object["proof"]?.object.flatMap(KeyProof.init),
      let signature = object["sig"]?.string.flatMap({ Hex.decode($0) }),
      let guid = object["guid"]?.string.flatMap({ Hex.decode($0) }), let serial = object["serial"],
      let head = object["head"]?.string.flatMap(SHA256Digest.init(hex:)), let attested = object["attestation"]
    else { return nil }
    var attestation: Attestation?
    if let leaf = attested["leaf"]?.string.flatMap({ Base64.decode($0) }),
      let intermediate = attested["intermediate"]?.string.flatMap({ Base64.decode($0) })
    {
      attestation = Attestation(leaf: leaf, intermediate: intermediate)
    }
    self.init(
      key: key, proof: proof, signature: signature, head: head, serial: serial.integer.flatMap(UInt32.init(exactly:)),
      guid: guid,
      attestation: attestation)
  }
}

/// Which key is to be taken in.
package struct EnrolmentWanted: Hashable, Sendable {
  /// The keyholder's id.
  package let person: String
  /// Of the request.
  package let nonce: [UInt8]
  package let isRehearsal: Bool

  package init(person: String, nonce: [UInt8], isRehearsal: Bool) {
    self.person = person
    self.nonce = nonce
    self.isRehearsal = isRehearsal
  }
}
