import Crypto
import CryptoExtras
import Findings
import Foundation
import Judges
import Keys
import Testing

/// A key whose encoding others fixed: RFC 8410 §10.1.
let rfc8410 = """
  -----BEGIN PUBLIC KEY-----
  MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
  -----END PUBLIC KEY-----

  """

@Suite struct PublicKeyTests {
  static let p256 = P256.Signing.PrivateKey().publicKey
  static let p384 = P384.Signing.PrivateKey().publicKey

  @Test func `An Ed25519 key has the encoding of RFC 8410`() throws {
    let key = try PublicKey(pem: rfc8410)
    #expect(key.algorithm == .ed25519)
    #expect(Hex.encode(key.bytes) == "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1")
    #expect(key.pem == rfc8410)
    #expect(try PublicKey(ed25519: key.bytes) == key)
  }

  @Test func `ECDSA keys are the same key from a point, DER and PEM`() throws {
    for (key, der, pem) in [
      (
        try PublicKey(x963: Array(Self.p256.x963Representation), .ecdsaP256), Self.p256.derRepresentation,
        Self.p256.pemRepresentation
      ),
      (
        try PublicKey(x963: Array(Self.p384.x963Representation), .ecdsaP384), Self.p384.derRepresentation,
        Self.p384.pemRepresentation
      ),
    ] {
      #expect(key.spki == Array(der))
      #expect(try PublicKey(spki: Array(der)) == key)
      #expect(try PublicKey(pem: pem) == key)
      #expect(try PublicKey(pem: key.pem) == key)
      #expect(key.weakness == nil)
    }
  }

  @Test func `RSA keys of 2048 to 8192 bits are let in`() throws {
    let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048).publicKey
    let key = try PublicKey(spki: Array(rsa.derRepresentation))
    #expect(key.algorithm == .rsa && key.spki == Array(rsa.derRepresentation))
    #expect(try PublicKey(pem: rsa.pemRepresentation) == key)
    #expect(Self.code { try PublicKey(spki: Array(rsa.pkcs1DERRepresentation)) } == "KEY-ENCODING")
    // The public part alone is needed: an odd number of the right length stands for the modulus.
    for (bits, code) in [
      (2047, "KEY-RSA-SIZE"), (2048, nil), (8192, nil), (8200, "KEY-RSA-SIZE or KEY-ENCODING"),
    ] {
      var modulus = [UInt8](repeating: 0xff, count: (bits + 7) / 8)
      if bits % 8 != 0 { modulus[0] >>= UInt8(8 - bits % 8) }
      guard let made = try? _RSA.Signing.PublicKey(n: modulus, e: [1, 0, 1]) else {
        #expect(code != nil)
        continue
      }
      #expect(Self.code { try PublicKey(spki: Array(made.derRepresentation)) } == code)
    }
  }

  @Test(arguments: [
    (PublicKey.Algorithm.ecdsaP256, 64, "KEY-LENGTH"), (.ecdsaP256, 66, "KEY-LENGTH"),
    (.ecdsaP256, 0, "KEY-LENGTH"),
    (.ecdsaP256, 65, "KEY-POINT"), (.ecdsaP384, 96, "KEY-LENGTH"), (.ecdsaP384, 97, "KEY-POINT"),
    (.ed25519, 65, "KEY-ENCODING"), (.rsa, 65, "KEY-ENCODING"),
  ])
  func `A point of another length or off the curve is refused`(
    algorithm: PublicKey.Algorithm,
    count: Int,
    code: String
  ) {
    var bytes = [UInt8](repeating: 1, count: count)
    if count > 0 { bytes[0] = 4 }
    #expect(Self.code { try PublicKey(x963: bytes, algorithm) } == code)
  }

  @Test func `Compressed and hybrid points are refused`() throws {
    let compressed = Array(Self.p256.compressedRepresentation)
    #expect(Self.code { try PublicKey(x963: compressed, .ecdsaP256) } == "KEY-LENGTH")
    var hybrid = Array(Self.p256.x963Representation)
    hybrid[0] = 6 + (hybrid[64] & 1)
    #expect(Self.code { try PublicKey(x963: hybrid, .ecdsaP256) } == "KEY-POINT")
  }

  @Test func `An Ed25519 key of another length or off the curve is refused`() {
    for count in [0, 31, 33] {
      #expect(Self.code { try PublicKey(ed25519: [UInt8](repeating: 1, count: count)) } == "KEY-LENGTH")
    }
    let two: [UInt8] = [2] + [UInt8](repeating: 0, count: 31)
    #expect(Self.code { try PublicKey(ed25519: two) } == "KEY-POINT")
    let three: [UInt8] = [3] + [UInt8](repeating: 0, count: 31)
    #expect(Self.code { try PublicKey(ed25519: three) } == nil)
  }

  @Test(arguments: [
    ("", "KEY-PEM"), ("x", "KEY-PEM"), (rfc8410 + rfc8410, "KEY-PEM"), (" " + rfc8410, "KEY-PEM"),
    (rfc8410.replacing("PUBLIC KEY", with: "CERTIFICATE"), "KEY-PEM"),
    (rfc8410.replacing("MCow", with: "MCo"), "KEY-PEM"),
    (rfc8410.replacing("MCow", with: "MCww"), "KEY-ENCODING"),
    (rfc8410.replacing("K2Vw", with: "K2Vu"), "KEY-ENCODING"),
    (rfc8410.replacing("ZuE=", with: "ZuEA"), "KEY-LENGTH"),
    (rfc8410.replacing("ZuE=", with: ""), "KEY-LENGTH"),
  ])
  func `A PEM with one thing wrong is refused`(pem: String, code: String) {
    #expect(Self.code { try PublicKey(pem: pem) } == code)
  }

  @Test func `One bit changed in a DER key is refused or another key`() throws {
    let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048).publicKey
    var changed = 0
    for der in [
      try PublicKey(pem: rfc8410).spki, Array(Self.p256.derRepresentation), Array(rsa.derRepresentation),
    ] {
      let key = try PublicKey(spki: der)
      for place in der.indices {
        for bit in 0..<8 {
          var other = der
          other[place] ^= 1 << UInt8(bit)
          changed += 1
          if let found = try? PublicKey(spki: other) { #expect(found != key && found.spki == other) }
        }
      }
      for count in 0..<der.count {
        #expect(throws: KeyError.self) { try PublicKey(spki: Array(der.prefix(count))) }
      }
      #expect(throws: KeyError.self) { try PublicKey(spki: der + [0]) }
    }
    #expect(changed > 3000)
  }

  @Test func `PEM is what pyca cryptography writes`() throws {
    let script = """
      import sys
      from cryptography.hazmat.primitives.serialization import load_der_public_key, Encoding, PublicFormat
      for h in sys.argv[1:]:
          k = load_der_public_key(bytes.fromhex(h))
          print(k.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).hex())
      """
    let rsa = try _RSA.Signing.PrivateKey(keySize: .bits3072).publicKey
    let keys = try [
      PublicKey(pem: rfc8410), PublicKey(spki: Array(Self.p256.derRepresentation)),
      PublicKey(spki: Array(Self.p384.derRepresentation)), PublicKey(spki: Array(rsa.derRepresentation)),
    ]
    let arguments = keys.map { Hex.encode($0.spki) }
    guard
      let lines = try Python.lines(of: script, arguments, skipping: keys.count, "PEM keys by another program")
    else { return }
    #expect(lines == keys.map { Hex.encode(Array($0.pem.utf8)) })
  }

  private static func code(_ body: () throws -> PublicKey) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? KeyError)?.finding.code.description ?? "\(error)"
    }
  }
}
