/// A PIV key reference (SP 800-73-4 part 1 §4, table 4b; Yubico's attestation slot F9).
package struct Slot: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let reference: UInt8

  /// 9a, 9c, 9d, 9e, the retired 82–95, or f9; otherwise nil.
  package init?(reference: UInt8) {
    switch reference {
    case 0x9a, 0x9c, 0x9d, 0x9e, 0x82...0x95, 0xf9: self.reference = reference
    default: return nil
    }
  }

  /// Two lower- or upper-case hexadecimal digits.
  package init?(_ text: String) {
    guard text.utf8.count == 2, let reference = UInt8(text, radix: 16) else { return nil }
    self.init(reference: reference)
  }

  private init(known reference: UInt8) { self.reference = reference }

  package static let authentication = Slot(known: 0x9a)
  package static let signature = Slot(known: 0x9c)
  package static let keyManagement = Slot(known: 0x9d)
  package static let cardAuthentication = Slot(known: 0x9e)
  package static let attestation = Slot(known: 0xf9)
  /// The 24 slots that can hold a keyholder's key, in the order in which a card is shown.
  package static let all: [Slot] =
    [authentication, signature, keyManagement, cardAuthentication] + (0x82...0x95).map { Slot(known: $0) }

  /// One of the 20 for keys that were replaced, of which a card need not have all.
  package var isRetired: Bool { (0x82...0x95).contains(reference) }

  package var description: String { String(reference, radix: 16) }
  package static func < (a: Slot, b: Slot) -> Bool { a.reference < b.reference }

  /// The data object that holds this slot's certificate (SP 800-73-4 part 1, table 3; 5FFF01 is Yubico's).
  package var certificateObject: DataObject {
    switch reference {
    case 0x9a: DataObject(0x5fc105)
    case 0x9c: DataObject(0x5fc10a)
    case 0x9d: DataObject(0x5fc10b)
    case 0x9e: DataObject(0x5fc101)
    case 0xf9: DataObject(0x5fff01)
    default: DataObject(0x5fc10d + UInt32(reference - 0x82))
    }
  }
}

/// The tag of a PIV data object, three bytes (SP 800-73-4 part 1, table 3), or one byte for the discovery object 7E.
package struct DataObject: Hashable, Sendable, CustomStringConvertible {
  package let tag: UInt32
  package init(_ tag: UInt32) { self.tag = tag }

  package static let chuid = DataObject(0x5fc102)
  package static let cardCapabilityContainer = DataObject(0x5fc107)
  /// PIN-protected; Yubico's tools keep a management key here.
  package static let printedInformation = DataObject(0x5fc109)
  /// Where Yubico's tools note how a card is managed.
  package static let managementData = DataObject(0x5fff00)
  package static let discovery = DataObject(0x7e)
  /// Of our own: what tells one of our virtual cards from a real one.
  package static let virtualCardMark = DataObject(0x5fff54)

  package var description: String { String(tag, radix: 16) }
}
