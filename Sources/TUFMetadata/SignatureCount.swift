import Findings
import Keys

/// Which signatures of a file count for one role (TUF §5.3.4).
package struct SignatureCount: Hashable, Sendable {
  /// How many different keys must have signed.
  package let threshold: Int
  /// The key ids that count: one for each different key that made a valid signature, in the order of the file.
  package fileprivate(set) var counted: [String] = []
  /// Valid signatures by a key that counts already under another id.
  package fileprivate(set) var repeated: [String] = []
  /// Signatures by keys of the role that do not match.
  package fileprivate(set) var invalid: [String] = []
  /// Signatures by keys of the role that cannot be used here: nothing is known of them.
  package fileprivate(set) var unchecked: [String] = []
  /// Those of ``invalid`` that are RSA-PSS: a salt of 32 bytes is the only one that is checked here.
  package fileprivate(set) var salted: [String] = []
  /// Signatures by key ids that the role does not name.
  package fileprivate(set) var unknown: [String] = []

  package var isMet: Bool { counted.count >= threshold }

  /// Whether the threshold might be met by somebody who can check all signatures.
  package var mayBeMet: Bool { counted.count + unchecked.count >= threshold }

  /// `1 of 2 signatures needed …` with `whose` in the middle, and what could not be checked.
  package func unmet(by whose: String) -> String {
    let known = "\(counted.count) of \(threshold) signatures needed \(whose) are valid"
    return unchecked.isEmpty ? known + "." : known + ", and \(unchecked.count) could not be checked here."
  }

  /// What to do where the threshold is not met; `hint` where every signature was checked.
  package func hint(_ hint: String) -> String {
    mayBeMet
      ? "Verify with a program that knows the kinds of these keys; nothing is known of their signatures here."
      : hint
  }
}

extension Envelope {
  /// Counts the signatures for a role whose keys are in `keys`. A key counts once, whatever ids it hides under; empty
  /// placeholders count for nothing and are not reported.
  package func count(_ role: Role, _ keys: KeyRing) -> SignatureCount {
    var checker = SignatureChecker(self)
    return checker.count(role, keys)
  }
}

extension Envelope {
  /// Counts the signatures for a role, with warnings of those that do not count.
  package func judge(_ role: Role, _ keys: KeyRing) -> (count: SignatureCount, warnings: [Finding]) {
    let count = count(role, keys)
    return (
      count,
      warnings(
        unknown: Set(count.unknown),
        invalid: Set(count.invalid),
        unchecked: Set(count.unchecked),
        salted: Set(count.salted)
      )
    )
  }

  /// In the order of the file.
  func warnings(
    unknown: Set<String>,
    invalid: Set<String>,
    unchecked: Set<String>,
    salted: Set<String>
  ) -> [Finding] {
    let unreadable = unreadable.map { keyID in
      Finding(
        .signatureForm,
        .warning,
        "The signature by key \(shortened(keyID)) is not hexadecimal; it is not counted.",
        hint: "Leave it out of the next version, or find out what its writer meant by it."
      )
    }
    return unreadable
      + signatures.filter { !$0.bytes.isEmpty }.compactMap { signature in
        let name = shortened(signature.keyID)
        if unknown.contains(signature.keyID) {
          return Finding(
            .signatureUnknownKey,
            .warning,
            "A signature names key \(name), which is not of this role; it is ignored.",
            hint: "Leave it out of the next version."
          )
        }
        if unchecked.contains(signature.keyID) {
          return Finding(
            .signatureNotChecked,
            .warning,
            "The signature by key \(name) was not checked, for that key cannot be used here; it is not counted.",
            hint: "See what is said of the key. Whether the signature is right is not known."
          )
        }
        guard invalid.contains(signature.keyID) else { return nil }
        if salted.contains(signature.keyID) {
          return Finding(
            .signatureInvalid,
            .warning,
            "The RSA-PSS signature by key \(name) does not hold with a salt of 32 bytes; it is not counted.",
            hint:
              "Other lengths are not checked here; python-tuf counts them, and other clients do not. Sign with 32 bytes."
          )
        }
        return Finding(
          .signatureInvalid,
          .warning,
          "The signature by key \(name) does not match this file's signed part; it is not counted.",
          hint: "Compare the file with its source: the signed part, the signature or the key is another one."
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
  private let check: Ed25519Check
  private var results: [Check: Bool] = [:]

  init(_ envelope: Envelope, by check: Ed25519Check = .twoLibraries) {
    self.envelope = envelope
    self.check = check
  }

  mutating func count(_ role: Role, _ keys: KeyRing) -> SignatureCount {
    var count = SignatureCount(threshold: role.threshold)
    var signers: Set<PublicKey> = []
    let named = Set(role.keyIDs)
    for (place, signature) in envelope.signatures.enumerated() where !signature.bytes.isEmpty {
      guard named.contains(signature.keyID), let key = keys[signature.keyID] else {
        count.unknown.append(signature.keyID)
        continue
      }
      guard let publicKey = key.publicKey, publicKey.isVerifiable else {
        count.unchecked.append(signature.keyID)
        continue
      }
      guard isValid(place, key) else {
        count.invalid.append(signature.keyID)
        if key.scheme == .rsaPSSSHA256 { count.salted.append(signature.keyID) }
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
    let signature = envelope.signatures[place].bytes
    let isValid = publicKey.isValid(signature, over: envelope.signedBytes, scheme, by: self.check)
    results[check] = isValid
    return isValid
  }
}
