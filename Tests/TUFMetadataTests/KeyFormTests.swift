import CanonicalJSON
import Crypto
import Findings
import Keys
import SampleMetadata
import TUFMetadata
import Testing

private let p256 = try? P256.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 5, count: 32))
private let p384 = try? P384.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 5, count: 48))

/// The key under one role of a root: the reader's verdict on every form that real roots use.
private func read(_ key: JSONObject, id: String) throws -> (key: MetadataKey, codes: [Finding.Code]) {
  var signed = try Samples.root().json
  signed = try signed.changing("keys.\(id)", to: .object(key))
  let (root, oddities) = try Root.read(signed)
  return (try #require(root.keys[id]), oddities.map(\.code))
}

@Test(arguments: [
  ("ecdsa", "ecdsa-sha2-nistp256", false), ("ecdsa", "ecdsa-sha2-nistp256", true),
  ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", false), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", true),
  ("ecdsa", "ecdsa-sha2-nistp384", false), ("ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", true),
])
func readsECDSA(type: String, scheme: String, asHex: Bool) throws {
  let isP384 = scheme.hasSuffix("384")
  let first = try #require(p256)
  let second = try #require(p384)
  let point = Array(isP384 ? second.publicKey.x963Representation : first.publicKey.x963Representation)
  let pem = isP384 ? second.publicKey.pemRepresentation : first.publicKey.pemRepresentation
  let (key, codes) = try read(
    [
      "keytype": .string(type), "scheme": .string(scheme),
      "keyval": ["public": .string(asHex ? Hex.encode(point) : pem)],
    ],
    id: "0011"
  )
  #expect(codes == (asHex ? [.keyIDMismatch, .keyHexPoint] : [.keyIDMismatch]))
  #expect(key.publicKey == (try PublicKey(x963: point, isP384 ? .ecdsaP384 : .ecdsaP256)))
  let message = Array("message".utf8)
  let signature =
    isP384
    ? try second.signature(for: message).derRepresentation
    : try first.signature(for: message).derRepresentation
  #expect(key.publicKey?.isValid(Array(signature), over: message, try #require(key.scheme)) == true)
}

private let ed25519Hex = String(repeating: "0", count: 64)

private let unusable: [(JSONObject, Finding.Code)] = [
  (["keytype": "sphincs", "scheme": "x", "keyval": ["public": "00"]], .keyUnknown),
  (["keytype": "ed25519", "scheme": "ed25519ph", "keyval": ["public": .string(ed25519Hex)]], .keyUnknown),
  (["keytype": "rsa", "scheme": "ed25519", "keyval": ["public": .string(ed25519Hex)]], .keyUnknown),
  (["keytype": "ed25519", "scheme": "ed25519", "keyval": [:]], .keyUnknown),
  (["keytype": "ed25519", "scheme": "ed25519", "keyval": ["public": "00"]], Finding.Code.keyLength),
  (["keytype": "ed25519", "scheme": "ed25519", "keyval": ["public": "zz"]], Finding.Code.keyEncoding),
  (
    ["keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": ["public": "04"]],
    Finding.Code.keyLength
  ),
  (
    ["keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": ["public": "PEM"]],
    Finding.Code.keyPEM
  ),
]

@Test(arguments: unusable)
func warnsOfKeysThatVerifyNothing(fields: JSONObject, code: Finding.Code) throws {
  let (key, codes) = try read(fields, id: "0011")
  #expect(codes == [.keyIDMismatch, code])
  #expect(key.publicKey == nil && key.scheme == nil)
}

/// A PEM of one curve under the scheme of another is no key of that scheme.
@Test func refusesTheKeyOfAnotherCurve() throws {
  let pem = try #require(p384).publicKey.pemRepresentation
  let (key, _) = try read(
    ["keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": ["public": .string(pem)]],
    id: "0011"
  )
  #expect(key.publicKey == nil)
}

@Test func knowsThreeKeyIDRules() throws {
  let plain = try Signer(1).key
  #expect(plain.idRule == .wholeObject)
  let part = try read(plain.fields.changing("x-name", to: "n"), id: plain.keyID)
  #expect(part.key.idRule == .partOfObject)
  #expect(part.codes == [.keyIDOtherRule])
  let withHashes = try Signer(1, extensions: ["keyid_hash_algorithms": ["sha256", "sha512"]]).key
  let old = try read(plain.fields, id: withHashes.keyID)
  #expect(old.key.idRule == .partOfObject)
  #expect(try read(plain.fields, id: "00").codes.contains(.keyIDMismatch))
}

/// ML-DSA-44 is read and sized, and nothing is claimed of its signatures: neither that they hold nor that they do not.
@Suite struct MLDSA44Tests {
  private let key = PublicKey(standIn: 1, .mlDSA44).map { MetadataKey($0) }

  @Test func isReadAsWhatItIs() throws {
    let fields = try #require(key).fields
    let (read, codes) = try read(fields, id: try #require(key).keyID)
    #expect(read.publicKey?.algorithm == .mlDSA44 && read.publicKey?.isVerifiable == false)
    #expect(codes == [.keyUnknown])
    #expect(read.trouble?.what.contains("ML-DSA-44 key. It was read") == true)
    // As large as others measured it.
    #expect(JSONValue.object(fields).canonical().count == 1926)
  }

  @Test(arguments: [
    ("ml-dsa-44/1", 1311, Finding.Code.keyLength), ("ml-dsa-65/1", 1312, .keyOtherKind),
    ("ml-dsa-44/2", 1312, .keyUnknown),
  ])
  func aDamagedKeyIsNoKey(scheme: String, bytes: Int, code: Finding.Code) throws {
    let whole = try #require(key?.publicKey)
    let pem = PEM.encode("PUBLIC KEY", Array(whole.spki.prefix(whole.spki.count - 1312 + bytes)))
    let (read, codes) = try read(
      ["keytype": "ml-dsa", "scheme": .string(scheme), "keyval": ["public": .string(pem)]], id: "0011")
    #expect(codes == [.keyIDMismatch, code])
    #expect(read.publicKey == nil)
  }

  @Test func itsSignatureIsNotChecked() throws {
    let key = try #require(key)
    var root = try Samples.root(threshold: 3)
    root.keys = KeyRing(root.keys.keys + [key])
    root[.root].keyIDs.append(key.keyID)
    let file = try Samples.signed(root.json, by: [1, 2]).adding(
      Envelope.Signature(keyID: key.keyID, bytes: [UInt8](repeating: 1, count: 2420)))
    let (count, warnings) = file.judge(root[.root], root.keys)
    #expect(count.counted.count == 2 && count.unchecked == [key.keyID] && count.invalid == [])
    #expect(!count.isMet && count.mayBeMet)
    #expect(warnings.map(\.code) == [.signatureNotChecked])
  }

  /// Its bytes tell it from others, so that two ids of one key are one key.
  @Test func isOneKeyUnderTwoIDs() throws {
    let key = try #require(key)
    var root = try Samples.root().json
    for id in [key.keyID, "0011"] { root = try root.changing("keys.\(id)", to: key.json) }
    let oddities = try Root.read(root).oddities
    #expect(oddities.map(\.code).contains(.keyDuplicate))
  }
}
