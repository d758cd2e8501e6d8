import CanonicalJSON
import Keys

/// The transcript seal: the cards' signatures over the head and the metadata, so that nobody without the cards can
/// write another transcript for the same root.
///
/// A DSSE envelope (https://github.com/secure-systems-lab/dsse, protocol 1.0.2) around an in-toto Statement v1.
package struct TranscriptSeal: Hashable, Sendable {
  package static let payloadType = "application/vnd.in-toto+json"
  package static let statementType = "https://in-toto.io/Statement/v1"
  /// What the statement claims: Runbook/TRANSCRIPT-SEAL.md. A name, which nothing fetches.
  package static let predicateType = "https://w3id.org/tuf-ceremony/transcript-seal/v1"
  /// The same claim by the name that engine versions 1 to 3 gave it.
  package static let earlierPredicateType = "urn:tuf-ceremony:transcript-seal:1"
  /// The most bytes of the pre-authentication encoding, so that every card can sign it.
  package static let largest = 1200

  /// Key id and signature bytes: Ed25519 raw, ECDSA in DER.
  package struct Signature: Hashable, Sendable {
    package let keyID: String
    package let bytes: [UInt8]

    package init(keyID: String, bytes: [UInt8]) {
      self.keyID = keyID
      self.bytes = bytes
    }
  }

  /// A file that the statement names.
  package struct Subject: Hashable, Sendable {
    package let path: String
    package let digest: SHA256Digest
  }

  /// The canonical JSON of the statement.
  package let payload: [UInt8]
  /// The SHA-256 of the transcript's last line.
  package let head: SHA256Digest
  package let isRehearsal: Bool
  package let ending: Ending
  /// Sorted by path.
  package let subjects: [Subject]

  /// How the ceremony ended whose transcript is sealed.
  package enum Ending: String, Sendable {
    case complete
    /// The root waits for signatures from elsewhere.
    case pending
  }

  /// - Parameters:
  ///   - head: the SHA-256 of the transcript's last line.
  ///   - subjects: paths and SHA-256 of transcript.jsonl and the metadata files, in any order.
  ///   - engine: the version that sealed.
  package init(
    head: SHA256Digest, isRehearsal: Bool, subjects: [(path: String, digest: SHA256Digest)], engine: Int64,
    ending: Ending = .complete
  ) {
    self.head = head
    self.isRehearsal = isRehearsal
    self.ending = ending
    self.subjects = subjects.sorted { $0.path < $1.path }.map { Subject(path: $0.path, digest: $0.digest) }
    payload = JSONValue.object([
      "_type": .string(Self.statementType),
      "predicate": ["ending": .string(ending.rawValue), "head": .string(head.hex), "rehearsal": .bool(isRehearsal)],
      "predicateType": .string(engine < 4 ? Self.earlierPredicateType : Self.predicateType),
      "subject": .array(
        self.subjects.map { ["digest": ["sha256": .string($0.digest.hex)], "name": .string($0.path)] }),
    ]).canonical()
  }

  /// Reads a statement; nil for anything that ``init(head:isRehearsal:subjects:engine:ending:)`` would not write.
  package init?(statement: [UInt8], engine: Int64) {
    guard let json = try? JSONValue(canonical: statement), let predicate = json["predicate"],
      let head = predicate["head"]?.string.flatMap(SHA256Digest.init(hex:)),
      let isRehearsal = predicate["rehearsal"]?.bool,
      let ending = predicate["ending"]?.string.flatMap(Ending.init), let named = json["subject"]?.array
    else { return nil }
    let subjects = named.compactMap { entry -> (path: String, digest: SHA256Digest)? in
      guard let path = entry["name"]?.string,
        let digest = entry["digest"]?["sha256"]?.string.flatMap(SHA256Digest.init(hex:))
      else { return nil }
      return (path, digest)
    }
    self.init(head: head, isRehearsal: isRehearsal, subjects: subjects, engine: engine, ending: ending)
    guard payload == statement else { return nil }
  }

  /// What an envelope of any signer is around; nil where it is none of a statement.
  package static func payload(ofEnvelope envelope: [UInt8]) -> [UInt8]? {
    guard let json = try? JSONValue(parsing: envelope), json["payloadType"]?.string == payloadType else { return nil }
    return json["payload"]?.string.flatMap { Base64.decode($0) }
  }

  /// The envelope's signatures, whatever can be read of them; whoever compares the whole file decides.
  package static func signatures(in envelope: [UInt8]) -> [Signature] {
    ((try? JSONValue(parsing: envelope))?["signatures"]?.array ?? []).compactMap { entry in
      guard let keyID = entry["keyid"]?.string, let sig = entry["sig"]?.string.flatMap({ Base64.decode($0) }) else {
        return nil
      }
      return Signature(keyID: keyID, bytes: sig)
    }
  }

  /// How many bytes cards sign of a seal over the transcript and metadata files and inputs
  /// of these paths.
  package static func size(over metadata: [String], isRehearsal: Bool, engine: Int64) -> Int {
    let subjects = (metadata + [RecordFile.transcript.name]).map { (path: $0, digest: SHA256Digest.zero) }
    return TranscriptSeal(head: .zero, isRehearsal: isRehearsal, subjects: subjects, engine: engine)
      .preAuthenticationEncoding.count
  }

  /// What is signed.
  package var preAuthenticationEncoding: [UInt8] { PreAuthentication.encode(Self.payloadType, payload) }

  /// The file: signatures sorted by key id, each key id once.
  package func envelope(_ signatures: [Signature]) -> [UInt8] {
    JSONValue.object([
      "payload": .string(Base64.encode(payload)), "payloadType": .string(Self.payloadType),
      "signatures": .array(
        signatures.sorted { $0.keyID < $1.keyID }.map {
          ["keyid": .string($0.keyID), "sig": .string(Base64.encode($0.bytes))]
        }),
    ]).pretty()
  }
}
