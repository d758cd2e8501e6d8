import Bundles
import CanonicalJSON
import Crypto
import Findings
import Keys
import Products
import Requests
import SampleMetadata
import SignatureMerge
import TUFMetadata
import UTC

/// A folder in memory.
struct MemoryFolder: ProductsSource {
  var files: [String: [UInt8]] = [:]

  func read(_ name: String) throws(Finding) -> [UInt8] {
    guard let bytes = files[name] else { throw Finding(.fileRefused, "Not there.", hint: "", place: name) }
    return bytes
  }

  func list() -> [ProductsFolder.Entry] {
    files.keys.sorted().map { ProductsFolder.Entry(path: $0, isRegular: true) }
  }

  func packed() throws -> [UInt8] {
    var archive: [UInt8] = []
    _ = try Bundle(self, time: .epoch).write { archive += $0 }
    return archive
  }
}

/// A root of three keys and the one after it: key 1 leaves, key 4 joins. Both need two signatures.
enum Joined {
  static func first() throws -> Root { try Samples.root(keys: [1, 2, 3], threshold: 2) }
  static func second(_ fields: JSONObject = JSONObject()) throws -> JSONObject {
    var root = try Samples.root(version: 2, keys: [2, 3, 4], threshold: 2)
    root.fields = fields
    return root.json
  }

  static func trusted() throws -> TrustedRoot {
    try TrustedRoot(Samples.signed(first().json, by: [1, 2]).serialized(), path: "1.root.json")
  }

  static func keyID(_ number: UInt8) throws -> String { try Signer(number).key.keyID }

  /// A metadata file, signed by keys of these numbers.
  static func file(_ numbers: [UInt8], _ signed: JSONObject? = nil, path: String = "a.json") throws -> SignaturePart {
    try part(try Samples.signed(signed ?? second(), by: numbers).serialized(), path)
  }

  static func part(_ bytes: [UInt8], _ path: String = "a.json", evidence: [Finding] = []) throws -> SignaturePart {
    try SignaturePart(bytes, path: path) { _ in evidence }
  }

  /// The folder of an answer, in the least that makes one.
  static func folder(_ envelope: Envelope, named path: String = "pending/2.root.json") -> MemoryFolder {
    let asked = Asked(id: "dora", name: "Dora", keyID: "00", slot: "9c")
    let wanted = SignatureWanted(payload: envelope.signedBytes, trusted: nil, signers: [asked])
    return MemoryFolder(files: [path: envelope.serialized(), SignaturePart.request: request(.sign(wanted))])
  }

  static func request(_ kind: Request.Kind) -> [UInt8] {
    Request(
      kind, engine: 9, release: "0.9.0", isRehearsal: false, repository: "r", title: "t",
      nonce: [UInt8](repeating: 0, count: Request.nonceCount)
    ).bytes
  }

  static func answer(_ number: UInt8, path: String = "a.tar", evidence: [Finding] = []) throws -> SignaturePart {
    try part(folder(Samples.signed(second(), by: [number])).packed(), path, evidence: evidence)
  }

  /// `signatures` written by hand.
  static func bytes(_ signed: JSONObject, _ signatures: [JSONValue], _ fields: JSONObject = [:]) -> [UInt8] {
    var object = fields
    object["signed"] = .object(signed)
    object["signatures"] = .array(signatures)
    return JSONValue.object(object).pretty()
  }
}

/// Somebody whose signatures are never the same twice.
struct OddSigner {
  let key: MetadataKey
  private let secret = P256.Signing.PrivateKey()

  init() throws {
    key = MetadataKey(try PublicKey(x963: Array(secret.publicKey.x963Representation), .ecdsaP256))
  }

  func signature(over bytes: [UInt8]) throws -> Envelope.Signature {
    Envelope.Signature(keyID: key.keyID, bytes: Array(try secret.signature(for: bytes).derRepresentation))
  }

  /// A root of version 1 that this key signs, with another beside it.
  func root() throws -> Root {
    var root = try Samples.root(keys: [1], threshold: 1)
    root.keys = KeyRing(root.keys.keys + [key])
    root[.root] = Role(keyIDs: [try Joined.keyID(1), key.keyID], threshold: 2)
    return root
  }
}
