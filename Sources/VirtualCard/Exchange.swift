import PIVTypes
import SmartCard

/// Blocks in, parts out: what lies between physical APDUs and the applet.
extension VirtualCard {
  /// The largest data field that is collected, also for objects.
  private var bufferCount: Int { max(min(memory.messageLimit, 65_535) + 10, 3072) }

  func answer(_ bytes: [UInt8], fault: Fault?) -> ResponseAPDU {
    guard let command = IncomingCommand(bytes) else { return ResponseAPDU(status: .wrongLength) }
    guard command.cla & 0xef == 0 else { return ResponseAPDU(status: .classNotSupported) }
    if command.ins == Instruction.getResponse { return nextPart(command.le) }
    session.rest = []
    if let overflowed = session.overflowed {
      guard command.ins != overflowed else { return ResponseAPDU(status: .wrongLength) }
      session.overflowed = nil
    }

    let header = [command.ins, command.p1, command.p2]
    var data = command.data
    if let chain = session.chain, chain.header == header { data = chain.data + data }
    session.chain = nil
    if command.cla & 0x10 != 0 {
      session.chain = CardSession.Chain(header: header, data: Array(data.prefix(bufferCount + 1)))
      return ResponseAPDU(status: .success)
    }
    let isChained = data.count > command.data.count
    guard data.count <= bufferCount else { return tooLong(command.ins, isChained) }
    let whole = carryOut(
      Request(command.ins, command.p1, command.p2, data),
      isChained: isChained,
      fault: fault
    )
    guard whole.data.count > command.le else { return whole }
    session.rest = whole.data
    return nextPart(command.le)
  }

  /// Measured on one real card: 6F00 at the end of a chain, and then the same command is refused
  /// until another one is sent; 6700 for an extended APDU.
  func tooLong(_ ins: UInt8, _ isChained: Bool) -> ResponseAPDU {
    guard isChained else { return ResponseAPDU(status: .wrongLength) }
    session.overflowed = ins
    return ResponseAPDU(status: .internalError)
  }

  private func nextPart(_ le: Int) -> ResponseAPDU {
    guard !session.rest.isEmpty else { return ResponseAPDU(status: .conditionsNotSatisfied) }
    let part = Array(session.rest.prefix(le))
    session.rest = Array(session.rest.dropFirst(le))
    let left = session.rest.count
    guard left > 0 else { return ResponseAPDU(data: part, status: .success) }
    return ResponseAPDU(data: part, status: StatusWord(0x6100 | UInt16(left > 255 ? 0 : left)))
  }
}

/// One whole command to the applet.
struct Request {
  let ins: UInt8
  let p1: UInt8
  let p2: UInt8
  let data: [UInt8]

  init(_ ins: UInt8, _ p1: UInt8, _ p2: UInt8, _ data: [UInt8]) {
    self.ins = ins
    self.p1 = p1
    self.p2 = p2
    self.data = data
  }
}

extension VirtualCard {
  /// Carries out one whole command (SP 800-73-4 part 2 §3; Yubico's instructions from F6 on).
  private func carryOut(_ request: Request, isChained: Bool, fault: Fault?) -> ResponseAPDU {
    if request.ins == Instruction.select { return select(request) }
    if profile.wantsPINDirectly, request.ins != Instruction.verify, request.ins != Instruction.generalAuthenticate {
      session.pinIsFresh = false
    }
    guard session.isSelected, !unknown.contains(request.ins), !profile.lacks.contains(request.ins),
      // Keys are moved and deleted since firmware 5.7.
      request.ins != Instruction.moveKey || memory.version >= FirmwareVersion(5, 7, 0)
    else {
      return ResponseAPDU(status: .instructionNotSupported)
    }
    return switch request.ins {
    case Instruction.verify: verify(request)
    case Instruction.changeReferenceData: changeReference(request)
    case Instruction.resetRetryCounter: resetRetryCounter(request)
    case Instruction.generateKeyPair: generate(request, fault)
    case Instruction.generalAuthenticate where request.p2 == 0x9b: authenticateManagement(request)
    case Instruction.generalAuthenticate: sign(request, isChained: isChained, fault)
    case Instruction.getData: getData(request)
    case Instruction.putData: putData(request)
    case Instruction.moveKey: moveKey(request)
    case Instruction.getMetadata: metadata(request)
    case Instruction.getSerial: serialNumber
    case Instruction.attest where profile.authority != nil: attest(request)
    case Instruction.setRetries: setTries(request)
    case Instruction.reset: reset()
    case Instruction.getVersion: ResponseAPDU(data: memory.version.bytes, status: .success)
    case Instruction.setManagementKey: setManagementKey(request)
    default: ResponseAPDU(status: .instructionNotSupported)
    }
  }

  static let applicationIdentifier: [UInt8] = [
    0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00,
  ]

  /// The issuer's security domain, of which nothing but its selection is here.
  private static let securityDomain: [UInt8] = [0xa0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00]

  /// By the five bytes of the registered provider or any longer part of the identifier.
  private func select(_ request: Request) -> ResponseAPDU {
    if profile.keepsStateAtSelect, request.p1 == 0x04, request.data == Self.securityDomain {
      session = CardSession()
      return ResponseAPDU(status: .success)
    }
    guard request.p1 == 0x04, request.data.count >= 5, Self.applicationIdentifier.starts(with: request.data)
    else {
      return ResponseAPDU(status: .notFound)
    }
    if !profile.keepsStateAtSelect || !session.isSelected { session = CardSession() }
    session.isSelected = true
    let template = TLV(
      0x61,
      [
        TLV(0x4f, Array(Self.applicationIdentifier.dropFirst(5))),
        TLV(0x79, [TLV(0x4f, Array(Self.applicationIdentifier.prefix(5)))]),
      ]
    )
    return ResponseAPDU(data: template.encoded, status: .success)
  }

  private var serialNumber: ResponseAPDU {
    let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: memory.serial >> UInt32($0)) }
    return ResponseAPDU(data: bytes, status: .success)
  }
}

extension FirmwareVersion {
  var bytes: [UInt8] { [major, minor, patch] }
}
