import PIVTypes
import SmartCard

/// Key slots of the applet.
extension VirtualCard {
  func generate(_ request: Request, _ fault: Fault?) -> ResponseAPDU {
    guard session.isManagementAuthenticated else { return ResponseAPDU(status: .securityNotSatisfied) }
    guard request.p1 == 0, let slot = slot(request.p2), slot != .attestation else {
      return ResponseAPDU(status: .wrongParameters)
    }
    guard let outer = try? TLV.parseOne(request.data), outer.tag == 0xac, let fields = try? outer.children(),
      let wanted = fields.value(of: 0x80)?.only,
      let pinPolicy = Self.policy(fields.value(of: 0xaa), PINPolicy.init(rawValue:), slot.defaultPINPolicy),
      let touchPolicy = Self.policy(fields.value(of: 0xab), TouchPolicy.init(rawValue:), .never)
    else { return ResponseAPDU(status: .wrongData) }
    guard let algorithm = profile.algorithms.first(where: { $0.rawValue == wanted }) else {
      return ResponseAPDU(status: profile.cannotMake)
    }
    guard profile.touchPolicies.contains(touchPolicy) else { return ResponseAPDU(status: profile.cannotTouch) }
    guard let key = SoftwareKey.generate(algorithm, &memory.randomness) else {
      return ResponseAPDU(status: .internalError)
    }
    memory.keys[slot] = CardState.StoredKey(key: key, pinPolicy: pinPolicy, touchPolicy: touchPolicy)
    var shown = key
    if case .wrongPublicKey = fault { shown = SoftwareKey.generate(algorithm, &memory.randomness) ?? key }
    return ResponseAPDU(data: TLV(0x7f49, [TLV(0x86, shown.publicKey)]).encoded, status: .success)
  }

  /// The policy that was asked for, or the slot's own; nil for one that does not exist.
  private static func policy<Policy>(_ asked: [UInt8]?, _ make: (UInt8) -> Policy?, _ own: Policy) -> Policy? {
    guard let asked, asked != [0] else { return own }
    return asked.only.flatMap(make)
  }

  /// A slot that this card has.
  private func slot(_ reference: UInt8) -> Slot? {
    guard (0x82...0x95).contains(reference), reference >= 0x82 + profile.retiredSlots else {
      return Slot(reference: reference)
    }
    return nil
  }

  func sign(_ request: Request, isChained: Bool, _ fault: Fault?) -> ResponseAPDU {
    guard let slot = slot(request.p2) else { return ResponseAPDU(status: .wrongParameters) }
    guard let stored = memory.keys[slot] else { return ResponseAPDU(status: profile.noKey) }
    guard request.p1 == stored.key.algorithm.rawValue else { return ResponseAPDU(status: profile.otherAlgorithm) }
    guard let template = try? TLV.parseOne(request.data), template.tag == 0x7c,
      let fields = try? template.children(),
      fields.value(of: 0x82) == [], let message = fields.value(of: 0x81)
    else { return ResponseAPDU(status: .wrongData) }
    switch stored.key.algorithm {
    case .ed25519:
      let extended = isChained ? nil : profile.extendedMessageLimit
      guard message.count <= min(memory.messageLimit, extended ?? .max) else { return tooLong(request.ins, isChained) }
    // Exactly the digest: nothing is padded or cut off.
    case .ecdsaP256:
      guard message.count == 32 else { return ResponseAPDU(status: .wrongData) }
    case .ecdsaP384:
      guard message.count == 48 else { return ResponseAPDU(status: .wrongData) }
    }

    let isAllowed =
      switch stored.pinPolicy {
      case .never: true
      case .once: session.pinIsVerified
      case .always: session.pinIsFresh
      }
    guard isAllowed else { return ResponseAPDU(status: .securityNotSatisfied) }
    if stored.pinPolicy != .never { session.pinIsFresh = false }
    if stored.pinPolicy == .always, !profile.wantsPINDirectly { session.forgetPIN() }
    guard stored.touchPolicy == .never || isTouched() else { return ResponseAPDU(status: profile.notTouched) }
    guard var signature = stored.key.sign(message) else { return ResponseAPDU(status: .wrongData) }
    switch fault {
    case .wrongSignature:
      if let last = signature.popLast() { signature.append(last ^ 1) }
    case .signatureOverFirst32Bytes:
      signature = stored.key.sign(Array(message.prefix(32))) ?? signature
    default: break
    }
    return ResponseAPDU(data: TLV(0x7c, [TLV(0x82, signature)]).encoded, status: .success)
  }

  /// Moves a key to another slot, or deletes it where P1 is FF.
  func moveKey(_ request: Request) -> ResponseAPDU {
    guard session.isManagementAuthenticated else { return ResponseAPDU(status: .securityNotSatisfied) }
    guard let source = slot(request.p2) else { return ResponseAPDU(status: .wrongParameters) }
    if request.p1 == 0xff, source == .attestation, memory.attestationKey != nil {
      memory.attestationKey = nil
      return ResponseAPDU(status: .success)
    }
    guard let stored = memory.keys[source] else { return ResponseAPDU(status: .referenceNotFound) }
    if request.p1 != 0xff {
      guard let target = Slot(reference: request.p1), target != .attestation, memory.keys[target] == nil
      else {
        return ResponseAPDU(status: .wrongParameters)
      }
      memory.keys[target] = stored
    }
    memory.keys[source] = nil
    return ResponseAPDU(status: .success)
  }

  func metadata(_ request: Request) -> ResponseAPDU {
    guard request.p1 == 0 else { return ResponseAPDU(status: .wrongParameters) }
    let fields: [TLV]
    switch request.p2 {
    case 0x80: fields = memory.pin.metadata(isFactory: profile.saysFactory ?? memory.hasFactoryPIN)
    case 0x81: fields = memory.puk.metadata(isFactory: profile.saysFactory ?? memory.hasFactoryPUK)
    case 0x9b:
      fields = [
        TLV(0x01, [memory.managementAlgorithm.rawValue]), TLV(0x02, [0x00, 0x01]),
        TLV(0x05, [profile.saysFactory ?? memory.hasFactoryManagementKey ? 1 : 0]),
      ]
    default:
      guard let slot = slot(request.p2) else { return ResponseAPDU(status: profile.noSlot) }
      guard let stored = memory.key(in: slot) else {
        guard profile.emptySlot == .policies, !slot.isRetired else { return ResponseAPDU(status: .referenceNotFound) }
        let policies = [slot.defaultPINPolicy.rawValue, TouchPolicy.never.rawValue]
        return ResponseAPDU(data: TLV(0x02, policies).encoded + TLV(0x03, [0]).encoded, status: .success)
      }
      fields = [
        TLV(0x01, [stored.key.algorithm.rawValue]),
        TLV(0x02, [stored.pinPolicy.rawValue, stored.touchPolicy.rawValue]),
        TLV(0x03, [profile.origin]), TLV(0x04, [TLV(0x86, stored.key.publicKey)]),
      ]
    }
    return ResponseAPDU(data: fields.flatMap(\.encoded), status: .success)
  }
}

extension CardState.Reference {
  fileprivate func metadata(isFactory: Bool) -> [TLV] {
    [TLV(0x01, [0xff]), TLV(0x05, [isFactory ? 1 : 0]), TLV(0x06, [triesTotal, triesLeft])]
  }
}

extension Slot {
  /// What a slot asks for where GENERATE does not say.
  fileprivate var defaultPINPolicy: PINPolicy {
    switch self {
    case .signature: .always
    case .cardAuthentication: .never
    default: .once
    }
  }
}

extension [UInt8] {
  /// The byte of an array of one.
  fileprivate var only: UInt8? { count == 1 ? self[0] : nil }
}
