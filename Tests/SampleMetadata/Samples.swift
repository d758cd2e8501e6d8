import CanonicalJSON
import Crypto
import Findings
import Keys
import TUFMetadata
import UTC

/// A keyholder with a key of a fixed seed.
package struct Signer: Sendable {
  package let key: MetadataKey
  private let seed: [UInt8]

  package init(_ number: UInt8, extensions: JSONObject = JSONObject()) throws {
    seed = [UInt8](repeating: number, count: 32)
    let bytes = try Curve25519.Signing.PrivateKey(rawRepresentation: seed).publicKey.rawRepresentation
    key = MetadataKey(try PublicKey(ed25519: Array(bytes)), extensions: extensions)
  }

  package func signature(over message: [UInt8], as keyID: String? = nil) throws -> Envelope.Signature {
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    return Envelope.Signature(keyID: keyID ?? self.key.keyID, bytes: Array(try key.signature(for: message)))
  }
}

package enum Samples {
  package static func time(_ text: String) throws -> UTCTime { try needed(UTCTime(text)) }

  /// Root keys by number with a threshold, one online key (200) for the other roles.
  package static func root(
    version: Int64 = 1,
    keys numbers: [UInt8] = [1, 2, 3],
    threshold: Int = 2,
    online: UInt8 = 200,
    expires: String = "2027-01-01T00:00:00Z"
  ) throws -> Root {
    let holders = try numbers.map { try Signer($0).key }
    let online = try Signer(online).key
    let onlineRole = Role(keyIDs: [online.keyID], threshold: 1)
    return Root(
      version: version,
      expires: try time(expires),
      keys: holders + [online],
      roles: [
        .root: Role(keyIDs: holders.map(\.keyID), threshold: threshold), .targets: onlineRole,
        .snapshot: onlineRole,
        .timestamp: onlineRole,
      ]
    )
  }

  package static func signed(_ signed: JSONObject, by numbers: [UInt8]) throws -> Envelope {
    var envelope = Envelope(signed: signed)
    for number in numbers {
      let signer = try Signer(number)
      envelope = envelope.adding(try signer.signature(over: envelope.signedBytes))
    }
    return envelope
  }
}

extension JSONValue {
  /// This value with one place changed or removed; a number in the path is an index.
  package func changing(_ path: ArraySlice<String>, to new: JSONValue?) -> JSONValue? {
    guard let name = path.first else { return new }
    switch self {
    case .object(var object):
      object[name] = (object[name] ?? .object([:])).changing(path.dropFirst(), to: new)
      return .object(object)
    case .array(var values):
      guard let index = Int(name), values.indices.contains(index) else { return self }
      if let value = values[index].changing(path.dropFirst(), to: new) {
        values[index] = value
      } else {
        values.remove(at: index)
      }
      return .array(values)
    default: return self
    }
  }
}

extension JSONObject {
  /// Dots separate the names of `path`.
  package func changing(_ path: String, to new: JSONValue?) throws -> JSONObject {
    let names = path.split(separator: ".").map(String.init)
    return try needed(JSONValue.object(self).changing(names[...], to: new)?.object)
  }
}

/// A sample that cannot be made is a mistake in a test.
struct NoSample: Error {}

private func needed<Value>(_ value: Value?) throws -> Value {
  guard let value else { throw NoSample() }
  return value
}
