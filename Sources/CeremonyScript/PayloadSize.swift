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
  /// How many of the bytes are the rehearsal's mark, where virtual cards sign it besides; otherwise 0.
  package let mark: Int

  package var fits: Bool { limit.map { bytes - mark <= $0 } ?? true }

  /// How many they are without the mark, in words, where they fit for that alone; otherwise empty.
  package var besides: String {
    guard let limit, bytes > limit, fits else { return "" }
    return ", \(bytes - mark) without the rehearsal's mark"
  }
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
          role: role.name, mode: mode, bytes: size, limit: payloadLimit(for: role.name),
          mark: mode == .rehearsal && isOnVirtualCards ? Header.rehearsalMarkSize : 0)
      }
    }
  }

  /// What the review says of a role's metadata with keys that stand in for those of the ceremony.
  func reviewFindings(for role: OfflineRole, online: [String: PublicKey], _ mode: Mode, at now: UTCTime) -> [Finding] {
    guard let expires = expiry(of: role.name, mode, at: now) else { return [] }
    let rules = rules(for: role, mode, at: now)
    return role.name == "root"
      ? root(standInKeys(online), expires: expires, mode).findings(after: baseline?.root, rules)
      : targets(role.name, standInKeys(online), expires: expires, mode).findings(
        after: targetsBefore(role.name), listed: listing(of: role.name), rules)
  }

  /// The root that the steps build, with keys that stand in for those of the ceremony, and whose each of its keys is, by
  /// key id. nil where the steps build none, or the script does not say when it expires.
  package func expectedRoot(
    online: [String: PublicKey], _ mode: Mode, at now: UTCTime
  ) -> (root: Root, names: [String: String])? {
    guard signedRoles.contains(where: { $0.name == TopLevelRole.root.rawValue }),
      let expires = expiry(of: TopLevelRole.root.rawValue, mode, at: now)
    else { return nil }
    let keys = standInKeys(online)
    var names: [String: String] = [:]
    for role in offlineRoles {
      for keyholder in role.keyholders {
        guard let key = keys.offline[role.name]?[keyholder] else { continue }
        let object = keptKey(of: keyholder, role.name) ?? metadataKey(key, of: keyholder)
        names[object.keyID] = name(of: keyholder)
      }
    }
    for role in oneTimeRoles {
      for name in role.oneTimeNames {
        guard let key = keys.offline[role.name]?[name] else { continue }
        names[MetadataKey(key).keyID] = "a one-time key of \(role.name)"
      }
    }
    for one in onlineKeys {
      guard let key = online[one.id].map({ metadataKey($0, of: one) }) else { continue }
      names[key.keyID] = names[key.keyID].map { "\($0), \(one.id)" } ?? "the online key \(one.id)"
    }
    return (root(keys, expires: expires, mode), names)
  }

  private func standIn(
    for role: OfflineRole, online: [String: PublicKey], _ mode: Mode, at now: UTCTime
  ) -> [UInt8]? {
    guard let expires = expiry(of: role.name, mode, at: now) else { return nil }
    let signed =
      role.name == "root"
      ? root(standInKeys(online), expires: expires, mode).json
      : targets(role.name, standInKeys(online), expires: expires, mode).json
    return Envelope(signed: signed).signedBytes
  }

  func standInKeys(_ online: [String: PublicKey]) -> ScriptKeys {
    var offline: [String: [String: PublicKey]] = [:]
    var number = 0
    for role in offlineRoles {
      for keyholder in role.keyholders {
        number += 1
        offline[role.name, default: [:]][keyholder] = PublicKey(
          standIn: number, (cardRole(role.name, of: keyholder) ?? role).algorithm.ofKeys)
      }
      for name in role.oneTimeNames {
        number += 1
        offline[role.name, default: [:]][name] = PublicKey(standIn: number, .ed25519)
      }
    }
    return ScriptKeys(offline: offline, online: online)
  }
}

extension OnlineKey {
  /// The key object, with the custom fields that the script gives it. Its id counts them in.
  func metadataKey(_ key: PublicKey) -> MetadataKey { MetadataKey(key, extensions: fields) }

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

extension KeyAlgorithm {
  /// The algorithm of the keys that a card makes with it.
  var ofKeys: PublicKey.Algorithm {
    switch self {
    case .ed25519: .ed25519
    case .ecdsaP256: .ecdsaP256
    case .ecdsaP384: .ecdsaP384
    }
  }
}
