import PIVTypes
import SmartCard

/// Data objects (SP 800-73-4 part 2 §3.1.2 and §3.3.1).
extension PIVSession {
  /// The content of an object, without its outer 53 (of the discovery object, without 7E); nil where there is none.
  public func readObject(_ object: DataObject) throws(PIVError) -> [UInt8]? {
    let answer = try send(CommandAPDU(Instruction.getData, 0x3f, 0xff, data: .plain(object.tagList)))
    switch answer.status {
    case .success: break
    case .notFound, .referenceNotFound: return nil
    case .securityNotSatisfied: throw .pinNotVerified
    default: throw refusal(.getData, answer.status)
    }
    let outer: UInt32 = object == .discovery ? 0x7e : 0x53
    guard let found = try? TLV.parseOne(answer.data), found.tag == outer else { throw .malformed(.getData) }
    return found.value.isEmpty ? nil : found.value
  }

  /// Writes an object; empty content deletes it. Needs management authentication.
  public func writeObject(_ object: DataObject, _ content: [UInt8]) throws(PIVError) {
    let data = object.tagList + TLV(0x53, content).encoded
    let answer = try send(CommandAPDU(Instruction.putData, 0x3f, 0xff, data: .plain(data), le: nil))
    switch answer.status {
    case .success: return
    case .securityNotSatisfied: throw .managementNotAuthenticated
    default: throw refusal(.putData, answer.status)
    }
  }

  /// The certificate in a slot's certificate object, DER; nil where there is none.
  ///
  /// Reads `70 certificate, 71 00, FE` (SP 800-73-4 part 1, table 10) and a bare certificate, which one card
  /// keeps for F9. Throws ``PIVError/malformed(_:)`` for anything else, a compressed certificate included.
  public func readCertificate(_ slot: Slot) throws(PIVError) -> [UInt8]? {
    guard let content = try readObject(slot.certificateObject) else { return nil }
    guard let certificate = Self.certificate(in: content) else { throw .malformed(.getData) }
    return certificate
  }

  /// The certificate in what ``readObject(_:)`` read; nil where there is no plain one.
  package static func certificate(in content: [UInt8]) -> [UInt8]? {
    guard let fields = try? TLV.parse(content) else { return nil }
    if fields.count == 1, fields[0].tag == 0x30 { return content }
    guard let certificate = fields.value(of: 0x70), fields.value(of: 0x71) ?? [0] == [0],
      let inner = try? TLV.parseOne(certificate), inner.tag == 0x30
    else { return nil }
    return certificate
  }

  /// Puts a DER certificate into a slot's certificate object, so that other programs see the key.
  public func writeCertificate(_ certificate: [UInt8], _ slot: Slot) throws(PIVError) {
    let fields = [TLV(0x70, certificate), TLV(0x71, [0]), TLV(0xfe)]
    try writeObject(slot.certificateObject, fields.flatMap(\.encoded))
  }
}

extension DataObject {
  /// `5C L tag` (SP 800-73-4 part 2, table 6).
  var tagList: [UInt8] {
    let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: tag >> UInt32($0)) }
    return TLV(0x5c, Array(bytes.drop { $0 == 0 })).encoded
  }
}
