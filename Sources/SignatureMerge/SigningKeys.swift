import CanonicalJSON
import Findings
import Keys
import TUFMetadata

/// The keys that may have signed, by those who know: the trusted root, and of a root its own.
struct SigningKeys {
  private struct Side {
    let role: Role
    let keys: KeyRing
  }

  private let old: Side?
  private let new: Side?
  /// Whether a key that no side names may be somebody's all the same: whoever would name it is not at hand.
  private let isOpen: Bool
  private let isJudged: Bool
  private let isRoot: Bool

  /// Throws what keeps the root that is signed from being read.
  init(of part: SignaturePart, _ name: String, _ trusted: TrustedRoot?) throws(Finding) {
    let role = TopLevelRole(rawValue: name)
    isRoot = role == .root
    isJudged = trusted != nil
    if isRoot {
      let root: Root
      do throws(Finding) { root = try Root.readAsClient(part.envelope.signed).root } catch { throw error.at(part.path) }
      new = Side(role: root[.root], keys: root.keys)
      old = trusted.map { Side(role: $0.root[.root], keys: $0.root.keys) }
      isOpen = trusted == nil && root.version > 1
    } else {
      old = nil
      new = role.flatMap { role in trusted.map { Side(role: $0.root[role], keys: $0.root.keys) } }
      isOpen = trusted == nil
    }
  }

  /// What is known of a signature.
  enum Check {
    case valid(MetadataKey)
    case unchecked(MetadataKey?, why: String)
  }

  /// Throws `SIGNATURE-UNKNOWN-KEY` and `SIGNATURE-INVALID`.
  func check(_ signature: Envelope.Signature, over bytes: [UInt8], in path: String) throws(Finding) -> Check {
    let keys = [old, new].compactMap { side in
      side.flatMap { $0.role.keyIDs.contains(signature.keyID) ? $0.keys[signature.keyID] : nil }
    }
    guard let first = keys.first else {
      if isOpen {
        return .unchecked(nil, why: isRoot ? "the root before may name its key" : "no root is here that names its key")
      }
      throw Finding(
        .signatureUnknownKey,
        "A signature names key \(shortened(signature.keyID)), which may not sign this: "
          + (isRoot && isJudged ? "neither root gives it" : "the root does not give it") + " the role.",
        hint: "Ask who made this file. Leave the signature out only when you know whose it is.", place: path)
    }
    var unusable: MetadataKey?
    for key in keys {
      guard let publicKey = key.publicKey, let scheme = key.scheme, publicKey.isVerifiable else {
        unusable = unusable ?? key
        continue
      }
      if publicKey.isValid(signature.bytes, over: bytes, scheme) { return .valid(key) }
    }
    if let unusable { return .unchecked(unusable, why: "keys of this kind cannot be used here") }
    throw Finding(
      .signatureInvalid,
      first.scheme == .rsaPSSSHA256
        ? "The RSA-PSS signature by key \(shortened(signature.keyID)) does not hold with a salt of 32 bytes."
        : "The signature by key \(shortened(signature.keyID)) does not match what is signed.",
      hint: first.scheme == .rsaPSSSHA256
        ? "Other lengths are not checked here. Sign with 32 bytes."
        : "The file was changed, or another payload was signed. Ask for it again.", place: path)
  }

  /// nil where no root is trusted: a threshold is never taken from what is being judged.
  func sides(of envelope: Envelope) -> SignatureMerge.Sides? {
    guard isJudged, let new else { return nil }
    return SignatureMerge.Sides(
      old: old.map { envelope.count($0.role, $0.keys) }, new: envelope.count(new.role, new.keys))
  }
}

extension SignatureMerge {
  /// A signature that some parts bring.
  private struct Candidate {
    let signature: Envelope.Signature
    let check: SigningKeys.Check
    let place: String
    var parts: [SHA256Digest]
    var isWitnessed: Bool

    /// Of the signature and its fields, so that what was joined before and is joined again is the same.
    var digest: String { SHA256Digest(of: signature.json.canonical()).hex }

    func precedes(_ other: Candidate) -> Bool {
      isWitnessed == other.isWitnessed ? digest < other.digest : isWitnessed
    }
  }

  /// One signature for each key id, by key id. Of two by one key, both valid, the witnessed one is taken, and then the one
  /// with the smaller SHA-256. Throws ``SigningKeys/check(_:over:in:)`` and `MERGE-CONFLICT`.
  static func signers(
    in parts: [SignaturePart], _ keys: SigningKeys
  ) throws(Finding) -> [(signer: Signer, signature: Envelope.Signature)] {
    var candidates: [String: [Candidate]] = [:]
    for part in parts {
      for signature in part.envelope.signatures where !signature.bytes.isEmpty {
        var same = candidates[signature.keyID] ?? []
        if let known = same.firstIndex(where: { $0.signature == signature }) {
          same[known].parts.append(part.digest)
          same[known].isWitnessed = same[known].isWitnessed || part.isWitnessed
        } else {
          same.append(
            Candidate(
              signature: signature, check: try keys.check(signature, over: part.envelope.signedBytes, in: part.path),
              place: part.path, parts: [part.digest], isWitnessed: part.isWitnessed))
        }
        candidates[signature.keyID] = same
      }
    }
    var signers: [(signer: Signer, signature: Envelope.Signature)] = []
    for (keyID, same) in candidates.sorted(by: { $0.key < $1.key }) {
      guard let best = same.min(by: { $0.precedes($1) }) else { continue }
      let key: MetadataKey?
      var unchecked: String?
      switch best.check {
      case .valid(let own): key = own
      case .unchecked(let own, let why):
        (key, unchecked) = (own, why)
        if let other = same.first(where: { $0.signature.bytes != same[0].signature.bytes }) {
          throw Finding(
            .mergeConflict,
            "Two different signatures name key \(shortened(keyID)), and neither can be checked: \(why).",
            hint: "Give --trusted with the root that names the key, or leave one of the files out.", place: other.place)
        }
      }
      signers.append(
        (
          Signer(
            keyID: keyID, key: key, unchecked: unchecked, isWitnessed: best.isWitnessed,
            parts: best.parts.sorted { $0.hex < $1.hex }), best.signature
        ))
    }
    return signers
  }
}
