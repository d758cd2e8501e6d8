import PIV
import PIVTypes
import SmartCard

/// A PIV card in software, for rehearsals and tests (SP 800-73-4 with Yubico's extensions).
///
/// Ed25519, P-256 and P-384; PIN, PUK and policies with the side effects that real cards have. With a seed
/// everything but ECDSA signatures is the same on every run. Its state is hardware: it holds private keys
/// and PINs, and belongs into `virtual-cards/` alone.
package final class VirtualCard: CardChannel {
  var memory: CardState
  var session = CardSession()
  private var faults: [Int: Fault] = [:]
  private var replacement: VirtualCard?

  /// Whether somebody touches the card when it waits for it.
  package var isTouched: () -> Bool = { true }
  /// Whether it is in its reader.
  package private(set) var isPresent = true
  /// Instructions that it answers with 6D00, as a card that never had them does.
  package var unknown: Set<UInt8> = []
  private var isMute = false
  /// Whether every answer comes in parts of one byte that never end.
  private var isDripping = false
  /// Whether it keeps its reader waiting until it is pulled.
  package private(set) var isSilent = false
  /// How many physical APDUs it was sent; the next one is the exchange of this number.
  package private(set) var exchanges = 0

  /// A card from the factory.
  ///
  /// `messageLimit` is the most bytes that Ed25519 signs. `factoryAlgorithm` is that of the factory management key,
  /// AES-192 or TDEA. What is nil is as the model has it. Without a seed everything is drawn from the system's generator.
  package init(
    serial: UInt32,
    model: CardProfile = .yubikey,
    isMarked: Bool? = nil,
    seed: [UInt8]? = nil,
    messageLimit: Int? = nil,
    version: FirmwareVersion? = nil,
    factoryAlgorithm: ManagementAlgorithm? = nil
  ) {
    memory = CardState(
      serial: serial,
      profile: model,
      isMarked: isMarked ?? model.isMarked,
      version: version ?? model.version,
      messageLimit: messageLimit ?? model.messageLimit,
      factoryAlgorithm: factoryAlgorithm ?? model.managementAlgorithms[0],
      randomness: Randomness(seed: seed)
    )
  }

  init(memory: CardState) { self.memory = memory }

  package var serial: UInt32 { memory.serial }
  /// Whether one of its slots holds the key with this public half, as a card writes it.
  package func holds(_ publicKey: [UInt8]) -> Bool { memory.keys.values.contains { $0.key.publicKey == publicKey } }
  package var model: CardProfile { memory.profile }
  /// Whether it says that it is one of ours, by which a real ceremony refuses it.
  package var isMarked: Bool { memory.isMarked }
  var profile: CardProfile { memory.profile }

  /// What the card says when it is powered: command chaining and extended length in its capabilities, and no interface
  /// bytes but the protocols, as cards in contactless readers answer. Yubico's tools take a card with more of them
  /// for a USB device and look for a name of theirs on its reader.
  package static let atr: [UInt8] = [
    0x3b, 0x8a, 0x80, 0x01, 0x80, 0x73, 0xc0, 0x21, 0xc0, 0x54, 0x55, 0x46, 0x56, 0x43, 0x8b,
  ]

  /// Pulls the card; PIN and management state are gone.
  package func pull() {
    powerCycle()
    isSilent = false
    isPresent = false
  }

  /// Puts the card into its reader.
  package func insert() { isPresent = true }

  /// What power off or a reset does: everything but the memory is forgotten.
  package func powerCycle() { session = CardSession() }

  /// Lets something go wrong at the exchange of this number, counted from 0 since the card was made.
  package func inject(_ fault: Fault, at exchange: Int) { faults[exchange] = fault }

  /// How many injected faults have not happened.
  package var pendingFaults: Int { faults.count }

  /// Takes back every fault that was injected and has not happened, and brings a dead card to life.
  package func mend() {
    faults = [:]
    isMute = false
    isSilent = false
    isDripping = false
  }

  package func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    let bytes = try command.withEncoded { Array($0) }
    return try exchange(bytes)
  }

  /// Answers one physical APDU. No bytes come back where the card is pulled or lets the time run out.
  package func process(_ command: [UInt8]) -> [UInt8] { (try? exchange(command))?.bytes ?? [] }

  private func exchange(_ bytes: [UInt8]) throws(CardFailure) -> ResponseAPDU {
    if let replacement { return try replacement.exchange(bytes) }
    guard isPresent else { throw .removed }
    let fault = faults.removeValue(forKey: exchanges)
    exchanges += 1
    if isMute || isSilent { throw .timeout }
    if isDripping { return ResponseAPDU(data: [0], status: StatusWord(0x6101)) }
    switch fault {
    case .removed:
      pull()
      throw .removed
    case .replaced(let other):
      pull()
      replacement = other
      throw .removed
    case .status(let status):
      session.chain = nil
      return ResponseAPDU(status: status)
    case .timeout:
      _ = answer(bytes, fault: nil)
      throw .timeout
    case .looseContact:
      _ = answer(bytes, fault: nil)
      throw .communication
    case .drip:
      _ = answer(bytes, fault: nil)
      isDripping = true
      return ResponseAPDU(data: [0], status: StatusWord(0x6101))
    case .never:
      _ = answer(bytes, fault: nil)
      isSilent = true
      throw .timeout
    case .mute:
      isMute = true
      throw .timeout
    case .truncated:
      let whole = answer(bytes, fault: nil)
      return ResponseAPDU(data: Array(whole.data.prefix(whole.data.count / 2)), status: whole.status)
    case .garbage(let data):
      _ = answer(bytes, fault: nil)
      return ResponseAPDU(data: data, status: .success)
    case .wrongSignature, .signatureOverFirst32Bytes, .wrongPublicKey, nil:
      return answer(bytes, fault: fault)
    }
  }
}

/// What a card forgets when it loses power.
struct CardSession {
  var isSelected = false
  var pinIsVerified = false
  /// Whether a VERIFY succeeded since a key was used, or directly before.
  var pinIsFresh = false
  var isManagementAuthenticated = false
  /// What the host must return to prove the management key.
  var witness: [UInt8]?
  /// What the host must encrypt to prove the management key.
  var challenge: [UInt8]?
  /// The command whose blocks are being collected.
  var chain: Chain?
  /// The instruction whose chain was too long; refused until another one comes.
  var overflowed: UInt8?
  /// The rest of an answer, for GET RESPONSE.
  var rest: [UInt8] = []

  mutating func forgetPIN() {
    pinIsVerified = false
    pinIsFresh = false
  }

  struct Chain {
    let header: [UInt8]
    var data: [UInt8]
  }
}
