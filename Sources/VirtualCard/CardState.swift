import PIV
import PIVTypes

/// Everything that a virtual card keeps when it is pulled: its non-volatile memory.
struct CardState: Hashable {
  let serial: UInt32
  let model: VirtualCard.Model
  let version: FirmwareVersion
  /// The most bytes that Ed25519 signs.
  let messageLimit: Int
  /// Of the factory management key.
  let factoryAlgorithm: ManagementAlgorithm

  var randomness: Randomness
  var pin = Reference(value: FactorySecret.pin.padded)
  var puk = Reference(value: FactorySecret.puk.padded)
  var managementKey = FactorySecret.managementKey.value
  var managementAlgorithm: ManagementAlgorithm
  var keys: [Slot: StoredKey] = [:]
  var objects: [DataObject: [UInt8]] = [:]
  /// The attestation key of F9; nil for a bare card, and after it was deleted for ever.
  var attestationKey: SoftwareKey?

  /// A PIN or a PUK.
  struct Reference: Hashable {
    /// Padded with FF to eight bytes.
    var value: [UInt8]
    var triesTotal: UInt8
    var triesLeft: UInt8

    init(value: [UInt8], tries: UInt8 = 3) {
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
    model: VirtualCard.Model,
    version: FirmwareVersion,
    messageLimit: Int,
    factoryAlgorithm: ManagementAlgorithm,
    randomness: Randomness
  ) {
    self.serial = serial
    self.model = model
    self.version = version
    self.messageLimit = messageLimit
    self.factoryAlgorithm = factoryAlgorithm
    self.randomness = randomness
    managementAlgorithm = factoryAlgorithm
    if model == .yubikey { attestationKey = SoftwareKey.generate(.ed25519, &self.randomness) }
  }

  /// As from the factory, but for the attestation key.
  mutating func reset() {
    pin = Reference(value: FactorySecret.pin.padded)
    puk = Reference(value: FactorySecret.puk.padded)
    managementKey = FactorySecret.managementKey.value
    managementAlgorithm = factoryAlgorithm
    keys = [:]
    objects = [:]
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
