import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import Transcript

/// A transcript seal that is asked for: the statement to sign, and the root by whose keys it counts.
package struct SealWanted: Hashable, Sendable {
  /// The canonical bytes of the statement. What a card signs is their pre-authentication encoding.
  package let statement: [UInt8]
  /// The whole file of the root that the statement names.
  package let root: [UInt8]
  /// The whole file of the root before; nil where that root founds version 1.
  package let trusted: [UInt8]?
  /// Who may seal, by the keys that count.
  package let signers: [Asked]

  package init(statement: [UInt8], root: [UInt8], trusted: [UInt8]?, signers: [Asked]) {
    self.statement = statement
    self.root = root
    self.trusted = trusted
    self.signers = signers
  }

  /// SHA-256 of the statement.
  package var digest: SHA256Digest { SHA256Digest(of: statement) }

  init?(_ object: JSONObject) {
    func bytes(_ name: String) -> [UInt8]? { object[name]?.string.flatMap { Base64.decode($0) } }
    guard let statement = bytes("statement"), let root = bytes("root"), let trusted = object["trusted"],
      let signers = object["for"]?.array?.map(Asked.init), !signers.isEmpty, signers.allSatisfy({ $0 != nil })
    else { return nil }
    if trusted != .null, bytes("trusted") == nil { return nil }
    self.init(
      statement: statement, root: root, trusted: bytes("trusted"), signers: signers.compactMap(\.self))
  }

  var json: JSONObject {
    [
      "digest": ["sha256": .string(digest.hex), "words": .string(digest.words.joined(separator: " "))],
      "for": .array(signers.map(\.json)), "root": .string(Base64.encode(root)),
      "statement": .string(Base64.encode(statement)),
      "trusted": trusted.map { .string(Base64.encode($0)) } ?? .null,
    ]
  }
}

/// What a request asks to seal, read, and judged with the roots that came with it.
package struct AskedSeal: Hashable, Sendable {
  package let seal: TranscriptSeal
  /// SHA-256 of the statement.
  package let digest: SHA256Digest
  package let root: AskedRoot
  /// The file of that root, as the statement names it.
  package let file: TranscriptSeal.Subject

  /// Throws `REQUEST-PAYLOAD` for what is no statement of a transcript seal, or is over another root than the one that
  /// came with it, `REHEARSAL-MARK`, and what ``AskedRoot`` throws.
  ///
  /// - Parameter engine: that of the ceremony that is sealed.
  package init(_ wanted: SealWanted, engine: Int64, isRehearsal: Bool) throws(Finding) {
    let place = "inputs/\(Request.fileName)"
    func refuse(_ what: String) -> Finding {
      Finding(.requestPayload, what, hint: "Sign nothing. Ask for the request again.", place: place)
    }
    guard let seal = TranscriptSeal(statement: wanted.statement, engine: engine),
      seal.preAuthenticationEncoding.count <= TranscriptSeal.largest
    else { throw refuse("What is to be signed is no statement of a transcript seal.") }
    self.seal = seal
    digest = wanted.digest
    let envelope: Envelope
    do throws(Finding) { envelope = try Envelope(parsing: wanted.root, place: place) } catch {
      throw refuse("What came with the request is no root: \(error.what)")
    }
    root = try AskedRoot(
      SignatureWanted(payload: envelope.signedBytes, trusted: wanted.trusted, signers: []), isRehearsal: isRehearsal)
    let folder = seal.ending == .pending ? "pending" : "metadata"
    let path = "\(folder)/\(root.root.version).root.json"
    guard let file = seal.subjects.first(where: { $0.path == path }), file.digest == SHA256Digest(of: wanted.root)
    else { throw refuse("What is to be sealed names another root than the one that came with the request.") }
    self.file = file
    guard seal.isRehearsal == isRehearsal else {
      throw Finding(
        .rehearsalMark, "The request and what it asks to seal do not agree whether this is a rehearsal.",
        hint: "Sign nothing. A real key never signs what a rehearsal made.", place: place)
    }
  }
}
