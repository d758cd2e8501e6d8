import PIVTypes
import SmartCard

/// Data objects of the applet (SP 800-73-4 part 2 §3.1.2 and §3.3.1).
extension VirtualCard {
  func getData(_ request: Request) -> ResponseAPDU {
    guard request.p1 == 0x3f, request.p2 == 0xff else { return ResponseAPDU(status: .wrongParameters) }
    guard let list = try? TLV.parseOne(request.data), let object = list.namedObject else {
      return ResponseAPDU(status: .wrongData)
    }
    if object == .discovery { return ResponseAPDU(data: Self.discovery.encoded, status: .success) }
    if object == .printedInformation, !profile.lacksObjects.contains(object), !session.pinIsVerified {
      return ResponseAPDU(status: .securityNotSatisfied)
    }
    guard !profile.lacksObjects.contains(object), let content = content(of: object) else {
      return ResponseAPDU(status: .notFound)
    }
    return ResponseAPDU(data: TLV(0x53, content).encoded, status: .success)
  }

  func putData(_ request: Request) -> ResponseAPDU {
    guard session.isManagementAuthenticated else { return ResponseAPDU(status: .securityNotSatisfied) }
    guard request.p1 == 0x3f, request.p2 == 0xff else { return ResponseAPDU(status: .wrongParameters) }
    guard let fields = try? TLV.parse(request.data), fields.count == 2, fields[1].tag == 0x53,
      let object = fields[0].namedObject
    else { return ResponseAPDU(status: .wrongData) }
    // The mark stays, whatever is written; so does the certificate of F9.
    guard object != Self.markObject, object != Slot.attestation.certificateObject, object != .discovery else {
      return ResponseAPDU(status: .securityNotSatisfied)
    }
    guard !profile.lacksObjects.contains(object) else { return ResponseAPDU(status: .notFound) }
    memory.objects[object] = fields[1].value.isEmpty ? nil : fields[1].value
    return ResponseAPDU(status: .success)
  }

  private func content(of object: DataObject) -> [UInt8]? {
    switch object {
    case Self.markObject where memory.isMarked: Self.markContent
    case Slot.attestation.certificateObject:
      memory.attestationCertificate.map { certificate in
        [TLV(0x70, certificate), TLV(0x71, [0]), TLV(0xfe)].flatMap(\.encoded)
      }
    default: memory.objects[object]
    }
  }

  /// The application identifier, and that the PIN of the card itself is the only one (table 18).
  private static let discovery = TLV(0x7e, [TLV(0x4f, applicationIdentifier), TLV(0x5f2f, [0x40, 0x10])])
}

extension TLV {
  /// The object that a tag list 5C names.
  fileprivate var namedObject: DataObject? {
    guard tag == 0x5c, (1...3).contains(value.count) else { return nil }
    return DataObject(value.reduce(0) { $0 << 8 | UInt32($1) })
  }
}
