import PIVTypes
import SmartCard

extension PIVSession {
  /// What a slot holds (Yubico F7); nil for an empty slot and for one that the card does not have.
  ///
  /// Throws ``PIVError/notSupported(_:)`` where the card does not know the command, so that
  /// "empty" and "cannot say" are never confused.
  public func slotMetadata(_ slot: Slot) throws(PIVError) -> SlotMetadata? {
    switch try slotReading(slot) {
    case .key(let metadata): metadata
    case .empty, .blank: nil
    case .notSaid(let status): throw .refused(.metadata, status)
    case .unknown: throw .notSupported(.metadata)
    }
  }

  /// The same with every answer apart from the others.
  ///
  /// The command is Yubico's and in no standard. Cards that have it say 6A88 of an empty slot; one says 6A86 of the retired
  /// slots that it does not have. The same of a slot that every PIV card has (SP 800-73-4 part 1, table 4b), or another
  /// word about the reference or the parameters, says nothing of a key.
  public func slotReading(_ slot: Slot) throws(PIVError) -> SlotReading {
    let answer = try send(CommandAPDU(Instruction.getMetadata, 0, slot.reference))
    switch answer.status {
    case .success: break
    case .referenceNotFound: return .empty
    case .wrongParameters where slot.isRetired: return .blank
    case .notFound, .wrongData, .wrongParameters, .wrongReference: return .notSaid(answer.status)
    case .instructionNotSupported, .classNotSupported, .functionNotSupported: return .unknown
    default: throw refusal(.metadata, answer.status)
    }
    // One card keeps a slot's policies without a key, and after a reset nothing at all.
    guard !answer.data.isEmpty else { return .blank }
    let fields = try metadataFields(answer.data)
    if fields.allSatisfy({ $0.tag == 0x02 || $0 == TLV(0x03, [0]) }) { return .empty }
    guard let algorithm = fields.value(of: 0x01), algorithm.count == 1, let key = fields.value(of: 0x04)
    else { throw .malformed(.metadata) }
    var policies: [UInt8]?
    if let found = fields.value(of: 0x02) {
      guard found.count == 2 else { throw .malformed(.metadata) }
      policies = found
    }
    return .key(
      SlotMetadata(
        algorithm: algorithm[0],
        pinPolicy: policies.flatMap { PINPolicy(rawValue: $0[0]) },
        touchPolicy: policies.flatMap { TouchPolicy(rawValue: $0[1]) },
        origin: fields.value(of: 0x03).flatMap { $0.count == 1 ? KeyOrigin(rawValue: $0[0]) : nil },
        publicKey: try publicKey(algorithm: algorithm[0], template: key)
      ))
  }

  /// What the card says of its PIN (Yubico F7, reference 80).
  public func pinMetadata() throws(PIVError) -> CredentialMetadata { try credentialMetadata(0x80) }

  /// What the card says of its PUK (Yubico F7, reference 81).
  public func pukMetadata() throws(PIVError) -> CredentialMetadata { try credentialMetadata(0x81) }

  /// What the card says of its management key (Yubico F7, reference 9B): algorithm and whether it is the factory's.
  public func managementKeyMetadata() throws(PIVError) -> CredentialMetadata { try credentialMetadata(0x9b) }

  private func credentialMetadata(_ reference: UInt8) throws(PIVError) -> CredentialMetadata {
    let answer = try send(CommandAPDU(Instruction.getMetadata, 0, reference))
    guard answer.status == .success else { throw refusal(.metadata, answer.status) }
    let fields = try metadataFields(answer.data)
    let factory = fields.value(of: 0x05)
    guard factory == nil || factory == [0] || factory == [1] else { throw .malformed(.metadata) }
    let tries = fields.value(of: 0x06)
    guard tries == nil || tries?.count == 2 else { throw .malformed(.metadata) }
    var algorithm: ManagementAlgorithm?
    if reference == 0x9b, let found = fields.value(of: 0x01) {
      guard found.count == 1, let known = ManagementAlgorithm(rawValue: found[0]) else {
        throw .malformed(.metadata)
      }
      algorithm = known
    }
    return CredentialMetadata(
      isFactory: factory.map { $0 == [1] },
      triesTotal: tries.map { Int($0[0]) },
      triesLeft: tries.map { Int($0[1]) },
      algorithm: algorithm
    )
  }

  private func metadataFields(_ data: [UInt8]) throws(PIVError) -> [TLV] {
    guard let fields = try? TLV.parse(data), !fields.isEmpty, Set(fields.map(\.tag)).count == fields.count
    else {
      throw .malformed(.metadata)
    }
    return fields
  }

  /// A key that we can use is checked for its shape; another algorithm's is passed on as the card writes it.
  private func publicKey(algorithm: UInt8, template: [UInt8]) throws(PIVError) -> [UInt8] {
    guard let known = KeyAlgorithm(rawValue: algorithm) else { return template }
    guard let key = known.publicKey(inTemplate: template) else { throw .malformed(.metadata) }
    return key
  }
}

/// What a card answers when it is asked what a slot holds.
public enum SlotReading: Hashable, Sendable {
  case key(SlotMetadata)
  case empty
  /// Success and not a word, or no such slot: no key, as far as the card says anything.
  case blank
  /// The card knows the command, and not what it is asked about: what the slot holds is not known.
  case notSaid(StatusWord)
  /// The card does not know the command.
  case unknown
}

extension KeyAlgorithm {
  /// Bytes in a public key as a card writes it: 32 of Ed25519, or an uncompressed point.
  public var publicKeyCount: Int {
    switch self {
    case .ed25519: 32
    case .ecdsaP256: 65
    case .ecdsaP384: 97
    }
  }

  /// The key in `86 L key`, the inside of 7F49 (SP 800-73-4 part 2 table 19); nil for anything else.
  func publicKey(inTemplate bytes: [UInt8]) -> [UInt8]? {
    guard let object = try? TLV.parseOne(bytes), object.tag == 0x86, object.value.count == publicKeyCount
    else {
      return nil
    }
    return self == .ed25519 || object.value.first == 4 ? object.value : nil
  }
}
