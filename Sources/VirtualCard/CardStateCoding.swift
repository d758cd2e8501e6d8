import CanonicalJSON
import Keys
import PIVTypes

extension VirtualCard {
  /// The card's memory as canonical JSON: private keys, PIN, PUK and management key in plain hexadecimal.
  package var state: [UInt8] { memory.json.canonical() }

  /// A card as ``state`` left it, just powered.
  ///
  /// Throws ``StateError`` with the name of what is missing or wrong, "JSON" where it is none.
  package convenience init(state bytes: [UInt8]) throws(StateError) {
    guard let json = try? JSONValue(canonical: bytes) else { throw StateError(field: "JSON") }
    self.init(memory: try CardState(json))
  }

  /// A stored card that cannot be read.
  package struct StateError: Error, Hashable, Sendable {
    package let field: String
  }
}

extension CardState {
  fileprivate static let format = "tuf-ceremony virtual card 1"

  fileprivate var json: JSONValue {
    let keys = self.keys.map { slot, stored in (slot.description, stored.json) }
    let objects = self.objects.map { object, content in
      (object.description, JSONValue.string(Hex.encode(content)))
    }
    var json: JSONObject = [
      "attestation-key": attestationKey.map { .string(Hex.encode($0.scalar)) } ?? .null,
      "draws": .integer(Int64(clamping: randomness.draws)),
      "factory-algorithm": .integer(Int64(factoryAlgorithm.rawValue)),
      "format": .string(Self.format),
      "keys": .object(JSONObject(keys)),
      "management-algorithm": .integer(Int64(managementAlgorithm.rawValue)),
      "management-key": .string(Hex.encode(managementKey)),
      "message-limit": .integer(Int64(messageLimit)),
      "model": .string(profile.name),
      "objects": .object(JSONObject(objects)),
      "pin": pin.json,
      "puk": puk.json,
      "seed": randomness.seed.map { .string(Hex.encode($0)) } ?? .null,
      "serial": .integer(Int64(serial)),
      "version": .string(Hex.encode(version.bytes)),
    ]
    if let ownCertificate { json["attestation-certificate"] = .string(Hex.encode(ownCertificate)) }
    if isMarked != profile.isMarked { json["marked"] = .bool(isMarked) }
    return .object(json)
  }

  fileprivate init(_ json: JSONValue) throws(VirtualCard.StateError) {
    let fields = Fields(json)
    guard try fields.text("format") == Self.format else { throw VirtualCard.StateError(field: "format") }
    let version = try fields.bytes("version")
    guard version.count == 3 else { throw VirtualCard.StateError(field: "version") }
    let profile = try fields.known("model", CardProfile(try fields.text("model")))
    self.init(
      serial: try fields.number("serial"),
      profile: profile,
      isMarked: json["marked"] == nil ? profile.isMarked : try fields.known("marked", json["marked"]?.bool),
      version: FirmwareVersion(version[0], version[1], version[2]),
      messageLimit: try fields.number("message-limit"),
      factoryAlgorithm: try fields.algorithm("factory-algorithm"),
      randomness: Randomness(seed: try fields.optionalBytes("seed"), draws: try fields.number("draws"))
    )
    // Drawn again by the factory's initializer; the stored one and the stored count hold.
    randomness = Randomness(seed: randomness.seed, draws: try fields.number("draws"))
    attestationKey = nil
    if let scalar = try fields.optionalBytes("attestation-key") {
      let algorithm: KeyAlgorithm = profile.authority == .itself ? .ecdsaP384 : .ed25519
      attestationKey = try fields.known("attestation-key", SoftwareKey(algorithm, scalar: scalar))
    }
    ownCertificate = json["attestation-certificate"] == nil ? nil : try fields.bytes("attestation-certificate")
    objects = [:]
    managementAlgorithm = try fields.algorithm("management-algorithm")
    managementKey = try fields.bytes("management-key")
    guard managementKey.count == managementAlgorithm.keyCount else {
      throw VirtualCard.StateError(field: "management-key")
    }
    pin = try Reference(fields.inside("pin"))
    puk = try Reference(fields.inside("puk"))
    for member in try fields.object("keys").members {
      let slot = try fields.known("keys", Slot(member.name))
      keys[slot] = try StoredKey(Fields(member.value))
    }
    for member in try fields.object("objects").members {
      let tag = try fields.known("objects", UInt32(member.name, radix: 16))
      objects[DataObject(tag)] = try fields.known("objects", member.value.string.flatMap { Hex.decode($0) })
    }
  }
}

extension CardState.Reference {
  fileprivate var json: JSONValue {
    [
      "tries-left": .integer(Int64(triesLeft)), "tries-total": .integer(Int64(triesTotal)),
      "value": .string(Hex.encode(value)),
    ]
  }

  fileprivate init(_ fields: Fields) throws(VirtualCard.StateError) {
    value = try fields.bytes("value")
    triesTotal = try fields.number("tries-total")
    triesLeft = try fields.number("tries-left")
    guard value.count == 8 else { throw VirtualCard.StateError(field: "value") }
  }
}

extension CardState.StoredKey {
  fileprivate var json: JSONValue {
    [
      "algorithm": .string(key.algorithm.description), "pin-policy": .string(pinPolicy.description),
      "private": .string(Hex.encode(key.scalar)), "touch-policy": .string(touchPolicy.description),
    ]
  }

  fileprivate init(_ fields: Fields) throws(VirtualCard.StateError) {
    let algorithm = try fields.known("algorithm", KeyAlgorithm(try fields.text("algorithm")))
    key = try fields.known("private", SoftwareKey(algorithm, scalar: try fields.bytes("private")))
    pinPolicy = try fields.known("pin-policy", PINPolicy(try fields.text("pin-policy")))
    touchPolicy = try fields.known("touch-policy", TouchPolicy(try fields.text("touch-policy")))
  }
}

/// The members of a stored object, each read with its name at hand for the error.
private struct Fields {
  private let json: JSONValue
  init(_ json: JSONValue) { self.json = json }

  func known<Value>(_ name: String, _ value: Value?) throws(VirtualCard.StateError) -> Value {
    guard let value else { throw VirtualCard.StateError(field: name) }
    return value
  }

  func text(_ name: String) throws(VirtualCard.StateError) -> String { try known(name, json[name]?.string) }
  func object(_ name: String) throws(VirtualCard.StateError) -> JSONObject {
    try known(name, json[name]?.object)
  }
  func inside(_ name: String) throws(VirtualCard.StateError) -> Fields { Fields(.object(try object(name))) }

  func bytes(_ name: String) throws(VirtualCard.StateError) -> [UInt8] {
    try known(name, Hex.decode(try text(name)))
  }

  func optionalBytes(_ name: String) throws(VirtualCard.StateError) -> [UInt8]? {
    if json[name] == .null { return nil }
    return try bytes(name)
  }

  func number<Number: FixedWidthInteger>(_ name: String) throws(VirtualCard.StateError) -> Number {
    try known(name, json[name]?.integer.flatMap { Number(exactly: $0) })
  }

  func algorithm(_ name: String) throws(VirtualCard.StateError) -> ManagementAlgorithm {
    try known(name, ManagementAlgorithm(rawValue: try number(name)))
  }
}
