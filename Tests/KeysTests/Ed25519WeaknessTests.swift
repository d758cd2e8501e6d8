import Crypto
import Keys
import Testing

@Suite struct Ed25519WeaknessTests {
  /// The eight points whose order divides 8, as RFC 8032 writes them.
  static let smallOrder = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
  ]

  /// x is zero and its sign is set, or y is p, p + 1 or p + 3.
  static let nonCanonical = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ]

  /// The key of RFC 8032's first test plus a point of order 2, 4 and 8.
  static let mixedOrder = [
    "16a567fe7d4ef5482ab4012c369bf8c5f11e8d0c2559dcda50fde59708f8aee5",
    "40c7570f4dd54835b9131184410ed4a0cc93e7d9ad053cbc6d07a62426999582",
    "3b5b475c4b82dd1572799fc546f4c6c03e478c6654aa4c7f945b347ea32af60d",
  ]

  @Test(arguments: [
    (smallOrder, Ed25519Weakness.smallOrder), (nonCanonical, .nonCanonical), (mixedOrder, .mixedOrder),
  ])
  func `A weak point is named as key and as R`(points: [String], weakness: Ed25519Weakness) throws {
    for point in points {
      let bytes = try #require(Hex.decode(point))
      #expect(try PublicKey(ed25519: bytes).weakness == weakness, "\(point)")
      #expect(PublicKey.weakness(ofEd25519Signature: bytes + [UInt8](repeating: 0, count: 32)) == weakness)
    }
  }

  @Test func `Fresh keys are not weak`() throws {
    for _ in 0..<32 {
      let key = Curve25519.Signing.PrivateKey()
      #expect(try PublicKey(ed25519: Array(key.publicKey.rawRepresentation)).weakness == nil)
      #expect(PublicKey.weakness(ofEd25519Signature: Array(try key.signature(for: [1, 2, 3]))) == nil)
    }
  }

  @Test func `What is no point is not called weak`() {
    let two: [UInt8] = [2] + [UInt8](repeating: 0, count: 63)
    #expect(PublicKey.weakness(ofEd25519Signature: two) == nil)
    #expect(PublicKey.weakness(ofEd25519Signature: []) == nil)
  }

  @Test func `A signature that one library alone accepts does not count`() throws {
    // The neutral point as key and as R with S = 0 satisfies the equation for every message.
    let neutral = try #require(Hex.decode(Self.smallOrder[0]))
    let forged = neutral + [UInt8](repeating: 0, count: 32)
    let message: [UInt8] = [1, 2, 3]
    let alone = try Curve25519.Signing.PublicKey(rawRepresentation: neutral)
    #expect(alone.isValidSignature(forged, for: message))
    #expect(!(try PublicKey(ed25519: neutral).isValid(forged, over: message, .ed25519)))
    #expect(!(try PublicKey(ed25519: neutral).isValid(forged, over: message, .ed25519, by: .libsodium)))
  }

  /// Weak keys with honest and weak R, an honest key with weak R, a changed signature, another message: where a history
  /// of roots is verified, one library is asked, and no signature may count for that.
  @Test func `What libsodium alone accepts both accept`() throws {
    let message: [UInt8] = [1, 2, 3]
    let signer = Curve25519.Signing.PrivateKey()
    let honest = Array(try signer.signature(for: message))
    let key = try PublicKey(ed25519: Array(signer.publicKey.rawRepresentation))
    func accepted(_ key: PublicKey, _ signature: [UInt8], _ message: [UInt8]) -> [Bool] {
      [.libsodium, .twoLibraries].map { key.isValid(signature, over: message, .ed25519, by: $0) }
    }
    #expect(accepted(key, honest, message) == [true, true])
    #expect(accepted(key, honest, message + [4]) == [false, false])
    for bit in 0..<512 {
      var changed = honest
      changed[bit / 8] ^= 1 << (bit % 8)
      #expect(accepted(key, changed, message) == [false, false], "bit \(bit)")
    }
    let weak = try (Self.smallOrder + Self.nonCanonical + Self.mixedOrder).map { try #require(Hex.decode($0)) }
    let zero = [UInt8](repeating: 0, count: 32)
    for point in weak {
      #expect(accepted(key, point + honest.suffix(32), message) == [false, false])
      for r in weak + [Array(honest.prefix(32))] {
        for s in [zero, Array(honest.suffix(32))] {
          let both = try accepted(PublicKey(ed25519: point), r + s, message)
          #expect(both == [false, false], "key \(Hex.encode(point)), R \(Hex.encode(r))")
        }
      }
    }
  }

  @Test func `An S beyond the group order is refused`() throws {
    let key = Curve25519.Signing.PrivateKey()
    let message: [UInt8] = [1, 2, 3]
    var signature = Array(try key.signature(for: message))
    let verifier = try PublicKey(ed25519: Array(key.publicKey.rawRepresentation))
    #expect(verifier.isValid(signature, over: message, .ed25519))
    let order = try #require(Hex.decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"))
    var carry: UInt16 = 0
    for (place, byte) in order.enumerated() {
      carry += UInt16(signature[32 + place]) + UInt16(byte)
      signature[32 + place] = UInt8(carry & 255)
      carry >>= 8
    }
    #expect(!verifier.isValid(signature, over: message, .ed25519))
    #expect(!verifier.isValid(signature, over: message, .ed25519, by: .libsodium))
  }
}
