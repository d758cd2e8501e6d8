import Crypto
import CryptoExtras
import Foundation
import Judges
import Keys
import Testing

@Suite struct SignatureTests {
  // RFC 8032 §7.1, tests 1 to 3
  @Test(arguments: [
    (
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
  ])
  func `RFC 8032's signatures are accepted, and with one bit changed are not`(
    key: String,
    message: String,
    signature: String
  ) throws {
    let key = try PublicKey(ed25519: #require(Hex.decode(key)))
    let message = try #require(Hex.decode(message))
    let signature = try #require(Hex.decode(signature))
    #expect(key.isValid(signature, over: message, .ed25519))
    #expect(PublicKey.weakness(ofEd25519Signature: signature) == nil)
    #expect(key.weakness == nil)
    #expect(!key.isValid(signature, over: message + [0], .ed25519))
    for place in signature.indices {
      for bit in 0..<8 {
        var other = signature
        other[place] ^= 1 << UInt8(bit)
        #expect(!key.isValid(other, over: message, .ed25519))
      }
    }
    for count in 0..<64 { #expect(!key.isValid(Array(signature.prefix(count)), over: message, .ed25519)) }
    #expect(!key.isValid(signature + [0], over: message, .ed25519))
    for scheme in SignatureScheme.allCases where scheme != .ed25519 {
      #expect(!key.isValid(signature, over: message, scheme))
    }
  }

  // RFC 6979 §A.2.5 and §A.2.6, the message "sample"
  @Test(arguments: [
    (
      PublicKey.Algorithm.ecdsaP256, SignatureScheme.ecdsaSHA256,
      "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
      "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
      "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
      "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    ),
    (
      .ecdsaP384, .ecdsaSHA384,
      "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13",
      "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720",
      "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
      "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"
    ),
  ])
  func `RFC 6979's signatures are accepted in DER and in no other form`(
    algorithm: PublicKey.Algorithm,
    scheme: SignatureScheme,
    x: String,
    y: String,
    r: String,
    s: String
  ) throws {
    let key = try PublicKey(x963: #require(Hex.decode("04" + x + y)), algorithm)
    let (r, s) = (try #require(Hex.decode(r)), try #require(Hex.decode(s)))
    let message = Array("sample".utf8)
    let signature = Self.der(r, s)
    #expect(key.isValid(signature, over: message, scheme))
    #expect(!key.isValid(signature, over: message + [0], scheme))
    for other in SignatureScheme.allCases where other != scheme {
      #expect(!key.isValid(signature, over: message, other))
    }
    let refused: [[UInt8]] = [
      [], [0x30], [0x30, 0], signature + [0], Array(signature.dropLast()), r + s,
      Self.der([0, 0] + r, s), Self.der([], s), Self.der([0], s), Self.der(r, [0]), Self.der([0], [0]),
      Self.der(r, [UInt8](repeating: 0x7f, count: 200)), Self.der([UInt8](repeating: 0xff, count: 66), s),
      // negative
      [0x30, UInt8(r.count + s.count + 4), 2, UInt8(r.count)] + r + [2, UInt8(s.count)] + s,
      // a length in the long form where the short one would do
      [0x30, 0x81] + signature.dropFirst(),
    ]
    for (index, other) in refused.enumerated() {
      #expect(!key.isValid(other, over: message, scheme), "case \(index)")
    }
    for place in signature.indices {
      for bit in 0..<8 {
        var other = signature
        other[place] ^= 1 << UInt8(bit)
        #expect(!key.isValid(other, over: message, scheme))
      }
    }
  }

  @Test func `RSA signatures count under their own padding alone`() throws {
    let secret = try _RSA.Signing.PrivateKey(keySize: .bits2048)
    let key = try PublicKey(spki: Array(secret.publicKey.derRepresentation))
    let message = Array("sample".utf8)
    let digest = SHA256.hash(data: message)
    for (scheme, padding) in [
      (SignatureScheme.rsaPSSSHA256, _RSA.Signing.Padding.PSS), (.rsaPKCS1SHA256, .insecurePKCS1v1_5),
    ] {
      let signature = Array(try secret.signature(for: digest, padding: padding).rawRepresentation)
      for other in SignatureScheme.allCases {
        #expect(key.isValid(signature, over: message, other) == (other == scheme))
      }
      #expect(!key.isValid(signature, over: message + [0], scheme))
      for other in [[], Array(signature.dropLast()), [0] + signature, [UInt8](repeating: 0xff, count: 256)] {
        #expect(!key.isValid(other, over: message, scheme))
      }
    }
  }

  @Test func `Signatures that others made get the verdict of others`() throws {
    guard let lines = try Python.lines(of: Self.judge, skipping: 1, "signatures by other programs") else { return }
    let schemes = [
      "ed25519": SignatureScheme.ed25519, "p256": .ecdsaSHA256, "p384": .ecdsaSHA384,
      "pss": .rsaPSSSHA256, "pkcs1": .rsaPKCS1SHA256,
    ]
    var counts: [String: [Bool: Int]] = [:]
    for line in lines {
      if line == "SKIPPED" {
        print("SKIPPED Ed25519 and NIST vectors: cryptography_vectors is not installed")
        continue
      }
      let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      let scheme = try #require(schemes[words[0]])
      let key = try PublicKey(spki: #require(Hex.decode(words[1])))
      let expected = words[4] == "1"
      let (message, signature) = (try #require(Hex.decode(words[2])), try #require(Hex.decode(words[3])))
      #expect(key.isValid(signature, over: message, scheme) == expected, "\(line)")
      counts[words[0], default: [:]][expected, default: 0] += 1
    }
    print(
      "signatures by others:",
      counts.sorted { $0.key < $1.key }.map {
        "\($0.key) \($0.value[true] ?? 0) good \($0.value[false] ?? 0) bad"
      }
    )
    for scheme in schemes.keys {
      #expect((counts[scheme]?[true] ?? 0) > 0 && (counts[scheme]?[false] ?? 0) > 0)
    }
  }

  private static func der(_ r: [UInt8], _ s: [UInt8]) -> [UInt8] {
    func length(_ count: Int) -> [UInt8] { count < 128 ? [UInt8(count)] : [0x81, UInt8(count & 255)] }
    func integer(_ value: [UInt8]) -> [UInt8] {
      let signed = (value.first ?? 0) & 0x80 == 0 ? value : [0] + value
      return [2] + length(signed.count) + signed
    }
    let body = integer(r) + integer(s)
    return [0x30] + length(body.count) + body
  }

  /// Prints `scheme spki message signature 0|1`: RSA signatures by pyca cryptography and, where they are
  /// installed, its copies of the Ed25519 and NIST vectors.
  private static let judge = """
    import re
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    def show(scheme, key, message, signature, good):
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        print(scheme, spki.hex(), message.hex(), signature.hex(), int(good))

    sha256 = hashes.SHA256()
    for bits in (2048, 3072, 4096):
        key = rsa.generate_private_key(65537, bits)
        for name, pad, good in (
            ('pss', padding.PSS(padding.MGF1(sha256), 32), 1),
            ('pss', padding.PSS(padding.MGF1(sha256), 0), 0),
            ('pss', padding.PSS(padding.MGF1(hashes.SHA1()), 32), 0), ('pkcs1', padding.PKCS1v15(), 1)):
            signature = key.sign(b'message', pad, sha256)
            show(name, key.public_key(), b'message', signature, good)
            show(name, key.public_key(), b'Message', signature, 0)
    for name, curve, digest in (('p256', ec.SECP256R1(), sha256), ('p384', ec.SECP384R1(), hashes.SHA384())):
        key = ec.generate_private_key(curve)
        for n in range(8):
            signature = key.sign(b'%d' % n, ec.ECDSA(digest))
            show(name, key.public_key(), b'%d' % n, signature, 1)
            show(name, key.public_key(), b'%d' % (n + 1), signature, 0)
    key = ed25519.Ed25519PrivateKey.generate()
    for n in range(8):
        show('ed25519', key.public_key(), b'%d' % n, key.sign(b'%d' % n), 1)
        show('ed25519', key.public_key(), b'%d' % (n + 1), key.sign(b'%d' % n), 0)
    try:
        from cryptography_vectors import open_vector_file
    except ImportError:
        print('SKIPPED')
        raise SystemExit
    with open_vector_file('asymmetric/Ed25519/sign.input', 'r') as lines:
        for line in lines:
            _, key, message, signed, _ = line.split(':')
            key = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
            show('ed25519', key, bytes.fromhex(message), bytes.fromhex(signed)[:64], 1)
    with open_vector_file('asymmetric/ECDSA/FIPS_186-3/SigVer.rsp', 'r') as file:
        text = file.read()
    for section, name, curve in (
        ('P-256,SHA-256', 'p256', ec.SECP256R1()), ('P-384,SHA-384', 'p384', ec.SECP384R1())):
        body = text.split('[' + section + ']')[1].split('[')[0]
        pattern = r'Msg = (\\w+)\\s+Qx = (\\w+)\\s+Qy = (\\w+)\\s+R = (\\w+)\\s+S = (\\w+)\\s+Result = (.)'
        for m in re.finditer(pattern, body):
            message, x, y, r, s = bytes.fromhex(m[1]), *(int(v, 16) for v in m.group(2, 3, 4, 5))
            try: key = ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
            except ValueError: continue
            show(name, key, message, encode_dss_signature(r, s), m[6] == 'P')
    """
}
