import CanonicalJSON
import Crypto
import CryptoExtras
import Keys
import SampleMetadata
import TUFMetadata
import Testing
import UTC

/// A key of any kind that root metadata uses, and its signatures.
struct ChainKey: Sendable {
  enum Secret: Sendable {
    case ed25519(Curve25519.Signing.PrivateKey)
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)
  }

  let key: MetadataKey
  let secret: Secret

  /// Key `number` of a pool; the number decides the kind and the key. RSA keys are few, since they are slow to make.
  init(_ number: Int) throws {
    let seed = [UInt8](repeating: UInt8(1 + number % 250), count: 48)
    switch number % 8 {
    case 0, 1, 2, 3, 4:
      let secret = try Curve25519.Signing.PrivateKey(rawRepresentation: seed.prefix(32))
      self.secret = .ed25519(secret)
      key = MetadataKey(try PublicKey(ed25519: Array(secret.publicKey.rawRepresentation)))
    case 5:
      let secret = try P256.Signing.PrivateKey(rawRepresentation: seed.prefix(32))
      self.secret = .p256(secret)
      key = MetadataKey(try PublicKey(x963: Array(secret.publicKey.x963Representation), .ecdsaP256))
    case 6:
      let secret = try P384.Signing.PrivateKey(rawRepresentation: seed)
      self.secret = .p384(secret)
      key = MetadataKey(try PublicKey(x963: Array(secret.publicKey.x963Representation), .ecdsaP384))
    default:
      let secret = try _RSA.Signing.PrivateKey(keySize: .bits2048)
      self.secret = .rsa(secret)
      key = MetadataKey(try PublicKey(pem: secret.publicKey.pemRepresentation))
    }
  }

  func signature(over message: [UInt8], as keyID: String? = nil) throws -> Envelope.Signature {
    let bytes =
      switch secret {
      case .ed25519(let secret): Array(try secret.signature(for: message))
      case .p256(let secret): Array(try secret.signature(for: message).derRepresentation)
      case .p384(let secret): Array(try secret.signature(for: message).derRepresentation)
      case .rsa(let secret):
        Array(try secret.signature(for: SHA256.hash(data: message), padding: .PSS).rawRepresentation)
      }
    return Envelope.Signature(keyID: keyID ?? key.keyID, bytes: bytes)
  }
}

/// A chain of roots from a seed: rotations, thresholds up and down, keys replaced, and at most one fault in one step.
struct SeededChain {
  enum Fault: String, CaseIterable {
    case none, shortOnOldSide, shortOnNewSide, versionSkipped, versionRepeated, oddDate, oneKeyTwoIDs,
      damagedSignature,
      surplusSignature, placeholder, unreachableThreshold, missingKey, mirrors, unknownKeyType, wrongKeyID,
      notHex,
      signatureTwice, nameTwice, versionTrue, expiredStep, expiredEnd
  }

  static let pool = Result { try (0..<32).map { try ChainKey($0) } }

  let fault: Fault
  /// From 0, where the fault is.
  let place: Int
  private(set) var files: [[UInt8]] = []

  init(seed: UInt64) throws {
    var random = SplitMix(seed)
    let pool = try Self.pool.get()
    fault = Fault.allCases[random.below(Fault.allCases.count)]
    let count = 2 + random.below(4)
    // Most faults need a root before them; that `true` is taken for 1 shows in the first.
    place =
      switch fault {
      case .expiredEnd: count - 1
      case .expiredStep, .versionTrue: 0
      default: 1 + random.below(count - 1)
      }
    var holders = Array(random.shuffled(Array(pool.indices)).prefix(2 + random.below(4)))
    var previous: (signers: [Int], threshold: Int) = (holders, 1 + random.below(holders.count))
    var version: Int64 = 1
    for step in 0..<count {
      if step > 0 {
        let spare = random.shuffled(pool.indices.filter { !holders.contains($0) })
        for new in spare.prefix(random.below(3)) { holders[random.below(holders.count)] = new }
        if random.below(3) == 0, let more = spare.last, !holders.contains(more) { holders.append(more) }
        version += 1
      }
      let threshold = step == 0 ? previous.threshold : 1 + random.below(holders.count)
      let isFaulty = step == place
      if isFaulty, fault == .versionSkipped { version += 1 }
      if isFaulty, fault == .versionRepeated { version -= 1 }
      files.append(
        try Self.file(
          version,
          holders,
          threshold,
          previous,
          pool,
          isFaulty ? fault : .none,
          &random
        )
      )
      previous = (holders, threshold)
    }
  }

  private static func file(
    _ version: Int64,
    _ holders: [Int],
    _ threshold: Int,
    _ previous: (signers: [Int], threshold: Int),
    _ pool: [ChainKey],
    _ fault: Fault,
    _ random: inout SplitMix
  ) throws -> [UInt8] {
    let online = pool[random.below(2)].key
    let role = Role(keyIDs: [online.keyID], threshold: 1)
    let keys = holders.map { pool[$0].key } + [online]
    let expires =
      fault == .expiredStep || fault == .expiredEnd ? "2024-01-01T00:00:00Z" : "2027-01-01T00:00:00Z"
    let root = Root(
      version: version,
      expires: try #require(UTCTime(expires)),
      keys: keys,
      roles: [
        .root: Role(keyIDs: holders.map { pool[$0].key.keyID }, threshold: threshold), .targets: role,
        .snapshot: role,
        .timestamp: role,
      ]
    )
    var signed = root.json
    var signers = Array(previous.signers.prefix(previous.threshold))
    for holder in holders
    where !signers.contains(holder) && Set(signers).intersection(holders).count < threshold {
      signers.append(holder)
    }
    switch fault {
    case .shortOnOldSide: signers.removeAll { $0 == previous.signers[0] }
    case .shortOnNewSide:
      let extra = Set(signers).intersection(holders).count - threshold + 1
      for holder in signers.filter(holders.contains).suffix(extra) { signers.removeAll { $0 == holder } }
    case .oddDate: signed["expires"] = "2027-01-01T00:00:00.5Z"
    case .unreachableThreshold: signed = try signed.changing("roles.targets.threshold", to: 2)
    case .missingKey: signed = try signed.changing("roles.targets.keyids", to: ["00"])
    case .mirrors: signed = try signed.changing("roles.mirrors", to: ["keyids": [], "threshold": 1])
    case .unknownKeyType:
      signed = try signed.changing(
        "keys.00",
        to: ["keytype": "lattice", "scheme": "lattice", "keyval": ["public": "00"]]
      )
    case .wrongKeyID: signed = try signed.changing("keys.00", to: pool[9].key.json)
    case .versionTrue: signed["version"] = true
    case .oneKeyTwoIDs: return try twoIDs(signed, pool[signers[0]], signers.map { pool[$0] }, holders, pool)
    default: break
    }
    return try signedFile(signed, signers.map { pool[$0] }, fault, pool)
  }

  /// The root keys are one key under two ids, with a threshold of two.
  private static func twoIDs(
    _ signed: JSONObject,
    _ twin: ChainKey,
    _ signers: [ChainKey],
    _ holders: [Int],
    _ pool: [ChainKey]
  ) throws -> [UInt8] {
    let other = MetadataKey(try #require(twin.key.publicKey), extensions: ["x-name": "twin"])
    var signed = try signed.changing("keys.\(other.keyID)", to: other.json)
    signed = try signed.changing("keys.\(twin.key.keyID)", to: twin.key.json)
    signed = try signed.changing("roles.root.keyids", to: [.string(twin.key.keyID), .string(other.keyID)])
    signed = try signed.changing("roles.root.threshold", to: 2)
    var envelope = Envelope(signed: signed)
    for signer in signers { envelope = envelope.adding(try signer.signature(over: envelope.signedBytes)) }
    envelope = envelope.adding(try twin.signature(over: envelope.signedBytes, as: other.keyID))
    return envelope.serialized()
  }

  private static func signedFile(
    _ signed: JSONObject,
    _ signers: [ChainKey],
    _ fault: Fault,
    _ pool: [ChainKey]
  ) throws -> [UInt8] {
    var envelope = Envelope(signed: signed)
    for signer in signers { envelope = envelope.adding(try signer.signature(over: envelope.signedBytes)) }
    switch fault {
    case .surplusSignature:
      envelope = envelope.adding(
        try pool[0].signature(over: envelope.signedBytes, as: String(repeating: "7", count: 64))
      )
    case .damagedSignature:
      let first = try #require(envelope.signatures.first)
      envelope = envelope.adding(
        Envelope.Signature(keyID: first.keyID, bytes: [first.bytes[0] ^ 1] + first.bytes.dropFirst())
      )
    default: break
    }
    var json = try #require(envelope.json.object)
    var signatures = try #require(json["signatures"]?.array)
    switch fault {
    case .placeholder: signatures.append(["keyid": .string(String(repeating: "8", count: 64)), "sig": ""])
    case .notHex: signatures.append(["keyid": .string(String(repeating: "9", count: 64)), "sig": "not hex"])
    case .signatureTwice: signatures.append(try #require(signatures.first))
    default: break
    }
    json["signatures"] = .array(signatures)
    let bytes = JSONValue.object(json).pretty()
    guard fault == .nameTwice else { return bytes }
    let text = String(decoding: bytes, as: UTF8.self)
    return Array("{ \"signatures\": [],\(text.dropFirst())".utf8)
  }
}

/// SplitMix64: the same numbers from the same seed, everywhere.
struct SplitMix {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x2545_F491_4F6C_DD1D }

  mutating func below(_ limit: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(limit, 1)))
  }

  mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var elements = elements
    for index in elements.indices.dropFirst() { elements.swapAt(index, below(index + 1)) }
    return elements
  }
}
