import Findings
import Keys

/// Which signatures of a file count for one role (TUF §5.3.4).
public struct SignatureCount: Hashable, Sendable {
  /// How many different keys must have signed.
  public let threshold: Int
  /// The key ids that count: one for each different key that made a valid signature, in the order of the file.
  public fileprivate(set) var counted: [String] = []
  /// Valid signatures by a key that counts already under another id.
  public fileprivate(set) var repeated: [String] = []
  /// Signatures by keys of the role that do not match.
  public fileprivate(set) var invalid: [String] = []
  /// Signatures by key ids that the role does not name.
  public fileprivate(set) var unknown: [String] = []

  public var isMet: Bool { counted.count >= threshold }
}

extension Envelope {
  /// Counts the signatures for a role whose keys are in `keys`. A key counts once, whatever ids it hides under; empty
  /// placeholders count for nothing and are not reported.
  public func count(_ role: Role, _ keys: KeyRing) -> SignatureCount {
    var checker = SignatureChecker(self)
    return checker.count(role, keys)
  }
}

extension Envelope {
  /// Counts the signatures for a role, with warnings of those that do not count.
  public func judge(_ role: Role, _ keys: KeyRing) -> (count: SignatureCount, warnings: [Finding]) {
    let count = count(role, keys)
    return (count, warnings(unknown: Set(count.unknown), invalid: Set(count.invalid)))
  }

  /// In the order of the file.
  func warnings(unknown: Set<String>, invalid: Set<String>) -> [Finding] {
    signatures.filter { !$0.bytes.isEmpty }.compactMap { signature in
      let name = shortened(signature.keyID)
      if unknown.contains(signature.keyID) {
        return Finding(
          .signatureUnknownKey,
          .warning,
          "A signature names key \(name), which is not of this role; it is ignored.",
          hint: "Leave it out of the next version."
        )
      }
      guard invalid.contains(signature.keyID) else { return nil }
      return Finding(
        .signatureInvalid,
        .warning,
        "The signature by key \(name) does not match; it is not counted.",
        hint: "That keyholder has to sign again, over exactly this file's signed part."
      )
    }
  }
}

/// Checks each signature at most once for each key, for the several roles that one file is judged by.
struct SignatureChecker {
  private struct Check: Hashable {
    let signature: Int
    let key: PublicKey
    let scheme: SignatureScheme
  }

  private let envelope: Envelope
  private var results: [Check: Bool] = [:]

  init(_ envelope: Envelope) { self.envelope = envelope }

  mutating func count(_ role: Role, _ keys: KeyRing) -> SignatureCount {
    var count = SignatureCount(threshold: role.threshold)
    var signers: Set<PublicKey> = []
    let named = Set(role.keyIDs)
    for (place, signature) in envelope.signatures.enumerated() where !signature.bytes.isEmpty {
      guard named.contains(signature.keyID), let key = keys[signature.keyID] else {
        count.unknown.append(signature.keyID)
        continue
      }
      guard let publicKey = key.publicKey, isValid(place, key) else {
        count.invalid.append(signature.keyID)
        continue
      }
      if signers.insert(publicKey).inserted {
        count.counted.append(signature.keyID)
      } else {
        count.repeated.append(signature.keyID)
      }
    }
    return count
  }

  private mutating func isValid(_ place: Int, _ key: MetadataKey) -> Bool {
    guard let publicKey = key.publicKey, let scheme = key.scheme else { return false }
    let check = Check(signature: place, key: publicKey, scheme: scheme)
    if let known = results[check] { return known }
    let isValid = publicKey.isValid(envelope.signatures[place].bytes, over: envelope.signedBytes, scheme)
    results[check] = isValid
    return isValid
  }
}
