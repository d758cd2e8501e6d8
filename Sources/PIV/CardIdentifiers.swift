import SmartCard

/// The Card Holder Unique Identifier, unsigned, as cards without an issuer carry it (SP 800-73-4 part 1 §3.1.2).
package struct CHUID: Hashable, Sendable {
  /// 16 bytes that identify the card where it has no serial.
  package let guid: [UInt8]
  /// `YYYYMMDD`.
  package let expiration: String

  /// nil unless `guid` has 16 bytes and `expiration` eight digits.
  package init?(guid: [UInt8], expiration: String = "20501231") {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard guid.count == 16, expiration.utf8.count == 8, expiration.utf8.allSatisfy(digits.contains) else {
      return nil
    }
    self.guid = guid
    self.expiration = expiration
  }

  /// Reads an object's content; nil where GUID or expiration are missing, repeated or of another shape.
  package init?(_ content: [UInt8]) {
    guard let fields = try? TLV.parse(content), let guid = fields.value(of: 0x34),
      let expiration = fields.value(of: 0x35)
    else { return nil }
    self.init(guid: guid, expiration: String(decoding: expiration, as: UTF8.self))
  }

  /// The object's content: FASC-N, GUID, expiration, an empty signature and error code.
  package var encoded: [UInt8] {
    let fields = [
      TLV(0x30, Self.fascN), TLV(0x34, guid), TLV(0x35, Array(expiration.utf8)), TLV(0x3e), TLV(0xfe),
    ]
    return fields.flatMap(\.encoded)
  }

  /// The identifier of a card outside the federal system: agency, system and credential codes of nines and zeros.
  private static let fascN: [UInt8] = [
    0xd4, 0xe7, 0x39, 0xda, 0x73, 0x9c, 0xed, 0x39, 0xce, 0x73, 0x9d, 0x83, 0x68,
    0x58, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0xc8, 0x42, 0x10, 0xc3, 0xeb,
  ]
}

/// The Card Capability Container, which Windows and macOS look for (SP 800-73-4 part 1 §3.1.1).
package struct CardCapabilityContainer: Hashable, Sendable {
  /// 14 bytes that identify the card.
  package let identifier: [UInt8]

  /// nil unless `identifier` has 14 bytes.
  package init?(identifier: [UInt8]) {
    guard identifier.count == 14 else { return nil }
    self.identifier = identifier
  }

  /// The object's content: an identifier and the mandatory empty fields.
  package var encoded: [UInt8] {
    let known: [TLV] = [
      TLV(0xf0, [0xa0, 0x00, 0x00, 0x01, 0x16, 0xff, 0x02] + identifier),
      TLV(0xf1, [0x21]), TLV(0xf2, [0x21]), TLV(0xf3), TLV(0xf4, [0x00]), TLV(0xf5, [0x10]),
    ]
    return (known + [0xf6, 0xf7, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe].map { TLV($0) }).flatMap(\.encoded)
  }
}
