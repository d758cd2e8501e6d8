import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

/// A signature that is asked for: over which bytes, and what whoever signs trusts already.
package struct SignatureWanted: Hashable, Sendable {
  /// The canonical bytes of the signed part.
  package let payload: [UInt8]
  /// The whole file of the newest root that clients have; nil where the payload founds version 1.
  package let trusted: [UInt8]?
  /// Who may sign, by the keys that count.
  package let signers: [Asked]

  package init(payload: [UInt8], trusted: [UInt8]?, signers: [Asked]) {
    self.payload = payload
    self.trusted = trusted
    self.signers = signers
  }

  /// SHA-256 of the signed part.
  package var digest: SHA256Digest { SHA256Digest(of: payload) }

  init?(_ object: JSONObject) {
    guard let payload = object["payload"]?.string.flatMap({ Base64.decode($0) }), let trusted = object["trusted"],
      let signers = object["for"]?.array?.map(Asked.init), !signers.isEmpty, signers.allSatisfy({ $0 != nil })
    else { return nil }
    var root: [UInt8]?
    if trusted != .null {
      guard let bytes = trusted.string.flatMap({ Base64.decode($0) }) else { return nil }
      root = bytes
    }
    self.init(payload: payload, trusted: root, signers: signers.compactMap(\.self))
  }

  var json: JSONObject {
    [
      "digest": ["sha256": .string(digest.hex), "words": .string(digest.words.joined(separator: " "))],
      "for": .array(signers.map(\.json)), "payload": .string(Base64.encode(payload)),
      "trusted": trusted.map { .string(Base64.encode($0)) } ?? .null,
    ]
  }
}

/// What a request asks to sign, read, and judged with the root that came with it.
package struct AskedRoot: Hashable, Sendable {
  package let envelope: Envelope
  package let root: Root
  /// The root that clients have, verified by itself; nil where the payload founds version 1.
  package let trusted: Root?

  /// Throws `REQUEST-PAYLOAD` for bytes that are no root, or not the one after the trusted root, `REQUEST-ROOT` for a
  /// trusted root that does not verify by itself, and `REHEARSAL-MARK` where request, payload and root do not agree
  /// whether this is a rehearsal.
  package init(_ wanted: SignatureWanted, isRehearsal: Bool) throws(Finding) {
    let place = "inputs/\(Request.fileName)"
    func refuse(_ code: Finding.Code, _ what: String, _ hint: String) -> Finding {
      Finding(code, what, hint: hint, place: place)
    }
    do throws(Finding) {
      envelope = try Self.envelope(wanted.payload)
      root = try Root.read(envelope.signed).root
    } catch {
      throw refuse(
        .requestPayload, "What is to be signed is not a root: \(error.what)", "Sign nothing. Ask for the request again."
      )
    }
    var before: Root?
    if let bytes = wanted.trusted {
      var chain = RootChain()
      chain.trust(bytes, place: place)
      guard let newest = chain.newest else {
        let reason = chain.steps.first?.findings.first { $0.severity == .error }
        throw refuse(
          .requestRoot, "The root that came with the request does not verify by itself: \(reason?.what ?? "").",
          "Sign nothing. Get the root that clients have, and compare both files.")
      }
      before = newest
    }
    trusted = before
    guard root.version == (before?.version ?? 0) + 1 else {
      throw refuse(
        .requestPayload,
        before.map { "The root to sign has version \(root.version), and the one before it has version \($0.version)." }
          ?? "The root to sign has version \(root.version), and no root came with the request.",
        "Sign nothing. Ask for a request with the root before this one.")
    }
    guard root.isRehearsal == isRehearsal, before.map({ $0.isRehearsal == isRehearsal }) ?? true else {
      throw refuse(
        .rehearsalMark, "The request, the root to sign and the root before do not agree whether this is a rehearsal.",
        "Sign nothing. A real key never signs what a rehearsal made.")
    }
  }

  /// Only the canonical form can be signed: other bytes would be other bytes for every verifier.
  private static func envelope(_ payload: [UInt8]) throws(Finding) -> Envelope {
    let json: JSONValue
    do { json = try JSONValue(canonical: payload) } catch { throw error.finding(in: "the payload") }
    guard let signed = json.object else { throw Finding(.metadataShape, "It is no object.", hint: "") }
    let envelope = Envelope(signed: signed)
    guard envelope.signedBytes == payload else {
      throw Finding(.metadataShape, "It is not in canonical form.", hint: "")
    }
    return envelope
  }

  /// The one key of either root whose id begins with these digits, or is this id; nil where there is none, or more than one.
  package func key(_ digits: String) -> MetadataKey? {
    var found: [MetadataKey] = []
    for key in (trusted?.keys(of: .root) ?? []) + root.keys(of: .root)
    where key.keyID.hasPrefix(digits) && !found.contains(where: { $0.keyID == key.keyID }) {
      found.append(key)
    }
    return found.count == 1 ? found[0] : nil
  }

  /// For which side a key counts.
  package func sides(of keyID: String) -> (old: Bool, new: Bool) {
    (trusted?[.root].keyIDs.contains(keyID) ?? false, root[.root].keyIDs.contains(keyID))
  }

  /// What changes, in words: a line each; without a root before, that there is none.
  package func changes(_ wanted: SignatureWanted) -> [String] {
    guard let bytes = wanted.trusted, let before = trusted else {
      return [
        "FOUNDS VERSION 1, NO EARLIER ROOT.",
        "Nothing vouches for this root but the digests that are compared by voice.",
      ]
    }
    guard
      let difference = try? MetadataDifference(
        old: (bytes, "the root before"), new: (envelope.serialized(), "the root to sign"))
    else { return ["What changes could not be said."] }
    let said = ["signed.version", "signed.expires"]
    let others = difference.changes.filter { $0.kind != .unsigned && !said.contains($0.place) }.map(\.words)
    return [
      "The root goes from version \(before.version) to version \(root.version).",
      "It expires at \(root.expires); the one before expires at \(before.expires).",
    ] + (others.isEmpty ? ["Keys and thresholds stay as they are."] : others)
  }
}

extension Request {
  /// The key that somebody is asked to sign with; nil where they are asked for a key, or the root does not name theirs.
  package func key(of person: Asked) -> PublicKey? {
    guard !person.keyID.isEmpty else { return nil }
    let root: AskedRoot?
    switch kind {
    case .sign(let wanted): root = try? AskedRoot(wanted, isRehearsal: isRehearsal)
    case .seal(let wanted): root = (try? AskedSeal(wanted, engine: engine, isRehearsal: isRehearsal))?.root
    case .enrol: root = nil
    }
    return root?.key(person.keyID)?.publicKey
  }
}
