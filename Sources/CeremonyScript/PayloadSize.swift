import Crypto
import Findings
import Keys
import PIVTypes
import TUFMetadata
import UTC

/// How many bytes a card of a role will be asked to sign.
package struct PayloadSize: Hashable, Sendable {
  package let role: String
  package let mode: Mode
  /// Bytes of the canonical signed part.
  package let bytes: Int
  /// The most that the card model signs; nil where it signs a digest.
  package let limit: Int?

  package var fits: Bool { limit.map { bytes <= $0 } ?? true }
}

extension Script {
  /// The exact size of every payload, before any key exists: keys of one type all have the same length.
  ///
  /// - Parameter online: the online keys as they were read.
  package func payloadSizes(online: [String: PublicKey], at now: UTCTime) -> [PayloadSize] {
    Mode.allCases.flatMap { mode in
      signedRoles.compactMap { role in
        guard let size = standIn(for: role, online: online, mode, at: now)?.count else { return nil }
        return PayloadSize(
          role: role.name, mode: mode, bytes: size, limit: rules(for: role, mode, at: now).payloadLimit)
      }
    }
  }

  /// What the review says of a role's metadata with keys that stand in for those of the ceremony.
  func reviewFindings(for role: OfflineRole, online: [String: PublicKey], _ mode: Mode, at now: UTCTime) -> [Finding] {
    guard let expires = expiry(of: role.name, mode, at: now) else { return [] }
    let rules = rules(for: role, mode, at: now)
    return role.name == "root"
      ? root(standInKeys(online), expires: expires, mode).findings(after: nil, rules)
      : targets(expires: expires, mode).findings(after: nil, rules)
  }

  private func standIn(
    for role: OfflineRole, online: [String: PublicKey], _ mode: Mode, at now: UTCTime
  ) -> [UInt8]? {
    guard let expires = expiry(of: role.name, mode, at: now) else { return nil }
    let signed =
      role.name == "root"
      ? root(standInKeys(online), expires: expires, mode).json : targets(expires: expires, mode).json
    return Envelope(signed: signed).signedBytes
  }

  func standInKeys(_ online: [String: PublicKey]) -> ScriptKeys {
    var offline: [String: [String: PublicKey]] = [:]
    var number: UInt8 = 0
    for role in offlineRoles {
      for keyholder in role.keyholders {
        number &+= 1
        offline[role.name, default: [:]][keyholder] = PublicKey(standIn: number, role.algorithm)
      }
    }
    return ScriptKeys(offline: offline, online: online)
  }
}

extension PublicKey {
  /// A key whose private half is a small number, for measuring.
  fileprivate init?(standIn number: UInt8, _ algorithm: KeyAlgorithm) {
    func scalar(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count - 1) + [number] }
    switch algorithm {
    case .ed25519:
      guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: scalar(32)).publicKey else { return nil }
      try? self.init(ed25519: Array(key.rawRepresentation))
    case .ecdsaP256:
      guard let key = try? P256.Signing.PrivateKey(rawRepresentation: scalar(32)).publicKey else { return nil }
      try? self.init(x963: Array(key.x963Representation), .ecdsaP256)
    case .ecdsaP384:
      guard let key = try? P384.Signing.PrivateKey(rawRepresentation: scalar(48)).publicKey else { return nil }
      try? self.init(x963: Array(key.x963Representation), .ecdsaP384)
    }
  }
}

extension OnlineKey {
  /// The key itself. Throws where it is not a sound key of a type that TUF clients verify.
  ///
  /// - Parameters:
  ///   - content: of the file that the script names; ignored for a key that stands in the script.
  ///   - script: whose key it is; without it the finding has no place.
  package func publicKey(_ content: [UInt8]?, in script: Script? = nil) throws(Finding) -> PublicKey {
    let place = script?.place(of: "online-keys.\(id)")
    let key: PublicKey
    do {
      switch source {
      case .ed25519(let bytes): key = try PublicKey(ed25519: bytes)
      case .file: key = try PublicKey(pem: String(decoding: content ?? [], as: UTF8.self))
      }
    } catch {
      throw Finding(
        .onlineKey, "The online key “\(id)” is not a public key that TUF clients verify: \(error.finding.what)",
        hint: "Ed25519 in hex, or a PUBLIC KEY in PEM: Ed25519, P-256, P-384 or RSA.", place: place)
    }
    guard key.weakness == nil else {
      throw Finding(
        .onlineKey, "The online key “\(id)” is weak: others can make signatures that match it.",
        hint: "Have the service make a new key.", place: place)
    }
    return key
  }
}
