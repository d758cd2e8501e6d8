import Advice
import CanonicalJSON
import Crypto
import Keys
import SampleMetadata
import TUFMetadata
import UTC

/// Roots that the tests give advice on.
enum Documents {
  static let time = UTCTime("2026-06-01T00:00:00Z") ?? .epoch

  static func advice(
    _ root: Root, after earlier: [Root] = [], signingDays: Int64? = nil, limit: Int = 3043, at time: UTCTime = Self.time
  ) -> RootAdvice {
    RootAdvice(
      on: RootDocument(root, place: "2.root.json"), after: earlier,
      AdviceTerms(time: time, signingDays: signingDays, messageLimit: limit))
  }

  /// A signed part as a file, with signatures by the keys of ``Signer``, and whether a P-256 key signs, too.
  static func file(_ signed: JSONObject, by numbers: [UInt8] = [1, 2], p256 keyID: String? = nil) throws -> [UInt8] {
    var envelope = try Samples.signed(signed, by: numbers)
    if let keyID {
      let signature = try p256Key.signature(for: envelope.signedBytes).derRepresentation
      envelope = envelope.adding(Envelope.Signature(keyID: keyID, bytes: Array(signature)))
    }
    return envelope.serialized()
  }

  static let p256Key = (try? P256.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 9, count: 32))) ?? .init()

  /// Stand-ins of one algorithm, as keys of a document.
  static func keys(_ count: Int, _ algorithm: PublicKey.Algorithm) -> [MetadataKey] {
    (1...max(1, count)).prefix(count).compactMap { PublicKey(standIn: $0, algorithm) }.map { MetadataKey($0) }
  }
}

extension Root {
  /// With other keys in its root role.
  func with(rootKeys: [MetadataKey], threshold: Int) -> Root {
    var root = self
    let others = Set(TopLevelRole.allCases.filter { $0 != .root }.flatMap { self[$0].keyIDs })
    root.keys = KeyRing(keys.keys.filter { others.contains($0.keyID) } + rootKeys)
    root[.root] = Role(keyIDs: rootKeys.map(\.keyID), threshold: threshold)
    return root
  }
}

extension JSONObject {
  /// The key id of a key object by TUF §4.2.
  var keyID: String { SHA256Digest(of: JSONValue.object(self).canonical()).hex }

  /// A root with one more key in `keys`, under an id, and in roles.
  func adding(_ key: JSONObject, id: String? = nil, to roles: [String]) throws -> JSONObject {
    let id = id ?? key.keyID
    var signed = try changing("keys.\(id)", to: .object(key))
    for role in roles {
      let ids = signed["roles"]?[role]?["keyids"]?.array ?? []
      signed = try signed.changing("roles.\(role).keyids", to: .array(ids + [.string(id)]))
    }
    return signed
  }
}
