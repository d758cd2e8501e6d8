import Crypto
import PIV
import PIVTypes

/// Everything that a virtual card keeps when it is pulled: its non-volatile memory.
struct CardState: Hashable {
  let serial: UInt32
  let profile: CardProfile
  /// Whether it says that it is one of ours.
  let isMarked: Bool
  let version: FirmwareVersion
  /// The most bytes that Ed25519 signs.
  let messageLimit: Int
  /// Of the factory management key.
  let factoryAlgorithm: ManagementAlgorithm

  var randomness: Randomness
  var pin: Reference
  var puk: Reference
  var managementKey = FactorySecret.managementKey.value
  var managementAlgorithm: ManagementAlgorithm
  var keys: [Slot: StoredKey] = [:]
  var objects: [DataObject: [UInt8]] = [:]
  /// The attestation key of F9; nil for a card without attestation, and after it was deleted for ever.
  var attestationKey: SoftwareKey?
  /// The certificate of F9 of a card that vouches for itself.
  var ownCertificate: [UInt8]?

  /// A PIN or a PUK.
  struct Reference: Hashable {
    /// Padded with FF to eight bytes.
    var value: [UInt8]
    var triesTotal: UInt8
    var triesLeft: UInt8

    init(value: [UInt8], tries: UInt8) {
      self.value = value
      triesTotal = tries
      triesLeft = tries
    }
  }

  struct StoredKey: Hashable {
    let key: SoftwareKey
    let pinPolicy: PINPolicy
    let touchPolicy: TouchPolicy
  }

  /// A card from the factory.
  init(
    serial: UInt32,
    profile: CardProfile,
    isMarked: Bool,
    version: FirmwareVersion,
    messageLimit: Int,
    factoryAlgorithm: ManagementAlgorithm,
    randomness: Randomness
  ) {
    self.serial = serial
    self.profile = profile
    self.isMarked = isMarked
    self.version = version
    self.messageLimit = messageLimit
    self.factoryAlgorithm = factoryAlgorithm
    self.randomness = randomness
    managementAlgorithm = factoryAlgorithm
    pin = Reference(value: FactorySecret.pin.padded, tries: profile.pinTries)
    puk = Reference(value: FactorySecret.puk.padded, tries: profile.pukTries)
    if profile.authority == .rehearsal { attestationKey = SoftwareKey.generate(.ed25519, &self.randomness) }
    putFactoryObjects()
  }

  /// As from the factory, but for an attestation key that somebody else vouches for.
  mutating func reset() {
    pin = Reference(value: FactorySecret.pin.padded, tries: profile.pinTries)
    puk = Reference(value: FactorySecret.puk.padded, tries: profile.pukTries)
    managementKey = FactorySecret.managementKey.value
    managementAlgorithm = factoryAlgorithm
    keys = [:]
    objects = [:]
    putFactoryObjects()
  }

  private mutating func putFactoryObjects() {
    if profile.hasFactoryCHUID {
      let guid = Array(SHA256.hash(data: Array("virtual card \(serial)".utf8)).prefix(16))
      objects[.chuid] = CHUID(guid: guid)?.encoded
    }
    if profile.authority == .itself {
      attestationKey = SoftwareKey.generate(.ecdsaP384, &randomness)
      ownCertificate = attestationKey.flatMap { CertificateMaker.ownDevice($0, version) }
    }
  }

  var hasFactoryPIN: Bool { pin.value == FactorySecret.pin.padded }
  var hasFactoryPUK: Bool { puk.value == FactorySecret.puk.padded }
  var hasFactoryManagementKey: Bool {
    managementKey == FactorySecret.managementKey.value && managementAlgorithm == factoryAlgorithm
  }

  /// The key in a slot, that of F9 included.
  func key(in slot: Slot) -> StoredKey? {
    guard slot == .attestation else { return keys[slot] }
    return attestationKey.map { StoredKey(key: $0, pinPolicy: .never, touchPolicy: .never) }
  }
}

extension FactorySecret {
  /// The value as PIN and PUK commands carry it.
  var padded: [UInt8] { value + [UInt8](repeating: 0xff, count: max(0, 8 - value.count)) }
}
