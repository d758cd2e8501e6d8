import CanonicalJSON
import Keys
import PIV
import PIVTypes

/// A PIV operation as the engine asks for it. Each selects the application and authenticates by itself,
/// so that it can be repeated on a card that was pulled and inserted again.
package enum CardOperation: Hashable, Sendable {
  /// Version, serial and CHUID; nothing is changed and no PIN is used.
  case identify
  /// What these slots hold.
  case inspect([Slot])
  /// Which commands the card knows, found out without changing anything.
  case abilities(AbilityQuestions)
  /// Makes keys in slots that still are empty, and deletes them again where the card can: whether it makes them at all.
  case tryKeys([KeyTrial])
  /// Blocks PIN and PUK and resets the application, unless the card does not know how.
  case reset
  /// Sets the tries, with factory PIN and management key, unless they are so already.
  case setTries(pin: Int, puk: Int)
  case changePUK(to: SecretHandle)
  case changePIN(to: SecretHandle)
  /// How many tries the PIN has left, without using one.
  case pinTries
  /// How many tries the PUK has left, where the card says.
  case pukTries
  /// A new PIN with the PUK.
  case unblockPIN(puk: SecretHandle, to: SecretHandle)
  /// Writes CHUID and CCC.
  case writeIdentity(guid: [UInt8], ccc: [UInt8])
  case generate(Slot, KeyAlgorithm, PINPolicy, TouchPolicy)
  /// The attestation of a slot and the certificate of F9.
  case attest(Slot)
  /// Deletes the key in a slot, while the factory's management key opens the card.
  case deleteKey(Slot)
  case readMetadata(Slot)
  /// Puts a certificate into a slot's object and reads it back.
  case installCertificate(Slot, [UInt8])
  /// Sets it; where it is kept, also puts it behind the card's PIN, and proves that the card took it.
  case setManagementKey(SecretHandle, isKept: Bool)
  /// Tries the factory's management key, which must not open the card any more.
  case tryFactoryKey
  /// What the card says of PIN, PUK and management key.
  case credentials
  /// Verifies the PIN and signs.
  case sign(Slot, KeyAlgorithm, TouchPolicy, message: [UInt8], pin: SecretHandle)
}

/// A key that a card will have to make.
package struct KeyTrial: Hashable, Sendable {
  let slot: Slot
  let algorithm: KeyAlgorithm
  let pin: PINPolicy
  let touch: TouchPolicy

  package init(slot: Slot, algorithm: KeyAlgorithm, pin: PINPolicy, touch: TouchPolicy) {
    self.slot = slot
    self.algorithm = algorithm
    self.pin = pin
    self.touch = touch
  }
}

/// What came of a ``CardOperation``.
package enum CardOutcome: Hashable, Sendable {
  case done
  case identity(CardIdentity)
  /// Every slot that is not known to be empty.
  case holdings([Holding])
  case abilities(CardAbilities)
  /// It was so already; nothing was changed.
  case unchanged
  /// The card does not know the command; nothing was changed.
  case unsupported
  case publicKey([UInt8])
  /// DER, leaf first.
  case attestation(leaf: [UInt8], intermediate: [UInt8])
  /// The card has attestation, and what it answers is none.
  case unattested(PIVError)
  case slot(SlotReading)
  /// Whether the factory's management key opens the card.
  case factoryKey(opens: Bool)
  case certificate([UInt8]?)
  case credentials(pin: CredentialMetadata?, puk: CredentialMetadata?, management: CredentialMetadata?)
  case signature([UInt8])
  /// nil where the card does not say.
  case tries(Int?)
}

/// Who a card is.
package struct CardIdentity: Hashable, Sendable {
  package let serial: UInt32?
  package let firmware: FirmwareVersion?
  /// 16 bytes of the CHUID, where one is there.
  package let guid: [UInt8]?
  /// Whether it carries the mark of our own virtual cards.
  package let isVirtual: Bool

  package init(serial: UInt32?, firmware: FirmwareVersion?, guid: [UInt8]?, isVirtual: Bool) {
    self.serial = serial
    self.firmware = firmware
    self.guid = guid
    self.isVirtual = isVirtual
  }

  /// nil where nothing tells this card from another.
  package var name: CardName? { serial.map { .serial($0) } ?? guid.map { .guid($0) } }
}

extension CardOperation {
  /// The record that announces the operation: its name and its public parameters.
  package var json: JSONObject {
    switch self {
    case .identify: ["task": "identify"]
    case .inspect(let slots):
      ["task": "inspect", "slots": .array(slots.map { .string($0.description) })]
    case .abilities(let questions):
      [
        "task": "abilities", "slot": .string(questions.slot.description),
        "attestation": .bool(questions.attestation), "kept": .bool(questions.keptKey),
        "reset": .bool(questions.reset), "deletion": .bool(questions.deletion),
      ]
    case .tryKeys(let trials):
      [
        "task": "try-keys",
        "keys": .array(
          trials.map {
            [
              "slot": .string($0.slot.description), "algorithm": .string($0.algorithm.description),
              "pin-policy": .string($0.pin.description), "touch-policy": .string($0.touch.description),
            ]
          }),
      ]
    case .reset: ["task": "reset"]
    case .setTries(let pin, let puk):
      ["task": "set-tries", "pin": .integer(Int64(pin)), "puk": .integer(Int64(puk))]
    case .changePUK(let handle): ["task": "change-puk", "secret": .string(handle.description)]
    case .changePIN(let handle): ["task": "change-pin", "secret": .string(handle.description)]
    case .pinTries: ["task": "pin-tries"]
    case .pukTries: ["task": "puk-tries"]
    case .unblockPIN(_, let handle): ["task": "unblock-pin", "secret": .string(handle.description)]
    case .writeIdentity(let guid, _): ["task": "write-identity", "guid": .string(Hex.encode(guid))]
    case .generate(let slot, let algorithm, let pin, let touch):
      [
        "task": "generate", "slot": .string(slot.description), "algorithm": .string(algorithm.description),
        "pin-policy": .string(pin.description), "touch-policy": .string(touch.description),
      ]
    case .attest(let slot): ["task": "attest", "slot": .string(slot.description)]
    case .deleteKey(let slot): ["task": "delete-key", "slot": .string(slot.description)]
    case .readMetadata(let slot): ["task": "read-metadata", "slot": .string(slot.description)]
    case .installCertificate(let slot, let certificate):
      [
        "task": "install-certificate", "slot": .string(slot.description),
        "sha256": .string(SHA256Digest(of: certificate).hex),
      ]
    case .setManagementKey(let handle, let isKept):
      ["task": "set-management-key", "secret": .string(handle.description), "kept": .bool(isKept)]
    case .tryFactoryKey: ["task": "try-factory-key"]
    case .credentials: ["task": "credentials"]
    case .sign(let slot, let algorithm, _, let message, _):
      [
        "task": "sign", "slot": .string(slot.description), "algorithm": .string(algorithm.description),
        "bytes": .integer(Int64(message.count)), "sha256": .string(SHA256Digest(of: message).hex),
      ]
    }
  }

  /// Does it. Deterministic: which commands are sent depends on the operation and the card's answers alone.
  package func perform(on session: PIVSession) throws(PIVError) -> CardOutcome {
    try session.select()
    switch self {
    case .identify:
      let firmware = try session.firmwareVersion()
      let serial = try session.serial()
      let chuid = try session.readObject(.chuid).flatMap(CHUID.init(_:))
      let mark = try session.readObject(.virtualCardMark)
      return .identity(
        CardIdentity(
          serial: serial == 0 ? nil : serial, firmware: firmware, guid: chuid?.guid, isVirtual: mark != nil))
    case .inspect(let slots):
      return .holdings(try session.holdings(in: slots))
    case .abilities(let questions):
      return .abilities(try session.abilities(questions))
    case .tryKeys(let trials):
      // What was said to be empty is asked once more before something is put there.
      let held = try session.holdings(in: trials.map(\.slot)).occupied
      guard held.isEmpty else { return .holdings(held) }
      return try session.tryKeys(trials) ? .done : .unsupported
    case .reset:
      try session.reset()
      return .done
    case .setTries(let pin, let puk):
      if try session.triesAre(pin: pin, puk: puk) { return .unchanged }
      try session.authenticateFactory()
      try session.verifyPIN(FactorySecret.pin.handle)
      do throws(PIVError) {
        try session.setTries(pin: UInt8(clamping: pin), puk: UInt8(clamping: puk))
      } catch .notSupported {
        return .unsupported
      }
      return .done
    case .changePUK(let handle):
      try session.changePUK(from: FactorySecret.puk.handle, to: handle)
      return .done
    case .changePIN(let handle):
      try session.changePIN(from: FactorySecret.pin.handle, to: handle)
      return .done
    case .pinTries:
      // A card whose PIN is verified already says so instead of the number.
      if let left = try session.pinTriesLeft() { return .tries(left) }
      return .tries(try session.known { () throws(PIVError) in try session.pinMetadata() }?.triesLeft)
    case .pukTries:
      return .tries(try session.known { () throws(PIVError) in try session.pukMetadata() }?.triesLeft)
    case .unblockPIN(let puk, let handle):
      try session.unblockPIN(puk: puk, newPIN: handle)
      return .done
    case .writeIdentity(let guid, let ccc):
      guard let chuid = CHUID(guid: guid), let container = CardCapabilityContainer(identifier: ccc) else {
        throw .malformed(.putData)
      }
      try session.authenticateFactory()
      try session.writeObject(.chuid, chuid.encoded)
      try session.writeObject(.cardCapabilityContainer, container.encoded)
      return .done
    case .generate(let slot, let algorithm, let pin, let touch):
      try session.authenticateFactory()
      return .publicKey(try session.generate(slot, algorithm, pinPolicy: pin, touchPolicy: touch))
    case .attest(let slot):
      do throws(PIVError) {
        let leaf = try session.attest(slot)
        guard let intermediate = try session.readCertificate(.attestation) else {
          return .unattested(.noKey(.attestation))
        }
        return .attestation(leaf: leaf, intermediate: intermediate)
      } catch {
        switch error {
        case .notSupported: return .unsupported
        case .noAnswer: throw error
        default: return .unattested(error)
        }
      }
    case .deleteKey(let slot):
      try session.authenticateFactory()
      try session.deleteKey(slot)
      return .done
    case .readMetadata(let slot):
      return .slot(try session.slotReading(slot))
    case .installCertificate(let slot, let certificate):
      try session.authenticateFactory()
      try session.writeCertificate(certificate, slot)
      return .certificate(try session.readCertificate(slot))
    case .setManagementKey(let handle, let isKept):
      // The proof of the key left the PIN verified, and then any card shows what is behind it.
      if isKept { try session.selectAnew() }
      let algorithm = try session.authenticateFactory()
      if isKept { try session.keepManagementKey(handle, algorithm: algorithm) }
      try session.setManagementKey(handle, algorithm: algorithm)
      if isKept { try session.authenticateManagement(handle, algorithm: algorithm) }
      return .done
    case .tryFactoryKey:
      return .factoryKey(opens: try session.factoryKeyOpens(algorithm: try session.managementAlgorithm()))
    case .credentials:
      return .credentials(
        pin: try session.known { () throws(PIVError) in try session.pinMetadata() },
        puk: try session.known { () throws(PIVError) in try session.pukMetadata() },
        management: try session.known { () throws(PIVError) in try session.managementKeyMetadata() })
    case .sign(let slot, let algorithm, let touch, let message, let pin):
      try session.verifyPIN(pin)
      return .signature(try session.sign(message, in: slot, algorithm, touch: touch))
    }
  }
}

extension PIVSession {
  /// Whether the keys could be tried: where the factory's management key does not open the card, nothing is.
  ///
  /// Throws ``PIVError/notSupported(_:)`` for a card that does not know RESET, with nothing made; and as
  /// ``generate(_:_:pinPolicy:touchPolicy:)`` does for a key that the card does not make.
  fileprivate func tryKeys(_ trials: [KeyTrial]) throws(PIVError) -> Bool {
    // A key that is not deleted goes with the reset.
    try requireReset()
    guard try read({ () throws(PIVError) in try authenticateFactory() }) != nil else { return false }
    var deletes = true
    for trial in trials {
      _ = try generate(trial.slot, trial.algorithm, pinPolicy: trial.pin, touchPolicy: trial.touch)
      if deletes { deletes = try read { () throws(PIVError) in try deleteKey(trial.slot) } != nil }
    }
    return true
  }

  /// nil where the card does not know the command.
  fileprivate func known<Value>(_ read: () throws(PIVError) -> Value) throws(PIVError) -> Value? {
    do throws(PIVError) {
      return try read()
    } catch .notSupported {
      return nil
    }
  }

  /// Whether the card says that it has these numbers of tries.
  fileprivate func triesAre(pin: Int, puk: Int) throws(PIVError) -> Bool {
    guard try read({ () throws(PIVError) in try pinMetadata() })?.triesTotal == pin else { return false }
    return try read({ () throws(PIVError) in try pukMetadata() })?.triesTotal == puk
  }

  /// Puts the management key behind the PIN, and names the alternative where the card refuses.
  fileprivate func keepManagementKey(_ key: SecretHandle, algorithm: ManagementAlgorithm) throws(PIVError) {
    do throws(PIVError) {
      try storeManagementKey(key, algorithm: algorithm)
    } catch {
      switch error {
      case .refused, .notSupported, .full: throw .managementKeyNotKept
      default: throw error
      }
    }
  }
}
