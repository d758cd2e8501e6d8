import CanonicalJSON
import Keys
import Transcript

/// What the secret port is asked to do with one-time keys, which the engine knows by role and number only.
package enum OneTimeOperation: Hashable, Sendable {
  /// - Parameter number: from 1.
  case make(role: String, number: Int)
  case sign(role: String, number: Int, message: [UInt8])
  /// All of them.
  case wipe
}

/// A one-time key was made, signed, or was wiped with all others; never its private half.
package enum OneTimeRecord: ReadableRecordBody, Hashable {
  /// - Parameter publicKey: 32 bytes of Ed25519.
  case made(role: String, number: Int, publicKey: [UInt8])
  case signed(role: String, number: Int, payload: SHA256Digest, signature: [UInt8])
  /// - Parameter count: how many there were.
  case wiped(count: Int)

  package static let kind = RecordKind.oneTime

  package var json: JSONObject {
    switch self {
    case .made(let role, let number, let key):
      ["work": "make", "role": .string(role), "number": .integer(Int64(number)), "public": .string(Hex.encode(key))]
    case .signed(let role, let number, let payload, let signature):
      [
        "work": "sign", "role": .string(role), "number": .integer(Int64(number)), "payload": .string(payload.hex),
        "sig": .string(Hex.encode(signature)),
      ]
    case .wiped(let count): ["work": "wipe", "keys": .integer(Int64(count))]
    }
  }

  package init?(fields body: JSONObject) {
    func bytes(_ name: String, _ count: Int) -> [UInt8]? {
      body[name]?.string.flatMap(Hex.decode).flatMap { $0.count == count ? $0 : nil }
    }
    let number = body["number"]?.integer.map { Int($0) } ?? 0
    switch (body["work"]?.string, body["role"]?.string) {
    case ("make", let role?):
      guard let key = bytes("public", 32) else { return nil }
      self = .made(role: role, number: number, publicKey: key)
    case ("sign", let role?):
      guard let payload = body["payload"]?.string.flatMap(SHA256Digest.init(hex:)), let signature = bytes("sig", 64)
      else { return nil }
      self = .signed(role: role, number: number, payload: payload, signature: signature)
    case ("wipe", nil):
      guard let count = body["keys"]?.integer else { return nil }
      self = .wiped(count: Int(count))
    default: return nil
    }
    guard json == body else { return nil }
  }

  /// Whether it can be what came of this.
  package func answers(_ operation: OneTimeOperation) -> Bool {
    switch (operation, self) {
    case (.make(let role, let number), .made(let made, let which, _)): (made, which) == (role, number)
    case (.sign(let role, let number, let message), .signed(let signed, let which, let payload, _)):
      (signed, which) == (role, number) && payload == SHA256Digest(of: message)
    case (.wipe, .wiped): true
    default: false
    }
  }
}
