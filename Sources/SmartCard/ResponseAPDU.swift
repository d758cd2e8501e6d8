/// A card's answer: data and two status bytes.
package struct ResponseAPDU: Hashable, Sendable {
  package let data: [UInt8]
  package let status: StatusWord

  package init(data: [UInt8] = [], status: StatusWord) {
    self.data = data
    self.status = status
  }

  /// nil for fewer than two bytes.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else { return nil }
    data = Array(bytes.dropLast(2))
    status = StatusWord(UInt16(bytes[bytes.count - 2]) << 8 | UInt16(bytes[bytes.count - 1]))
  }

  package var bytes: [UInt8] { data + [status.sw1, status.sw2] }
}

/// SW1 and SW2 (ISO 7816-4 §5.6).
package struct StatusWord: Hashable, Sendable, CustomStringConvertible {
  package let value: UInt16
  package init(_ value: UInt16) { self.value = value }

  package var sw1: UInt8 { UInt8(value >> 8) }
  package var sw2: UInt8 { UInt8(truncatingIfNeeded: value) }

  /// The tries that 63Cx says are left.
  package var triesLeft: Int? { value & 0xfff0 == 0x63c0 ? Int(value & 0xf) : nil }

  /// Four upper-case hexadecimal digits, as the standards write them.
  package var description: String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  package static let success = StatusWord(0x9000)
  package static let executionError = StatusWord(0x6600)
  package static let wrongLength = StatusWord(0x6700)
  package static let securityNotSatisfied = StatusWord(0x6982)
  package static let blocked = StatusWord(0x6983)
  package static let conditionsNotSatisfied = StatusWord(0x6985)
  package static let wrongData = StatusWord(0x6a80)
  package static let functionNotSupported = StatusWord(0x6a81)
  package static let notFound = StatusWord(0x6a82)
  package static let notEnoughMemory = StatusWord(0x6a84)
  package static let wrongParameters = StatusWord(0x6a86)
  package static let referenceNotFound = StatusWord(0x6a88)
  package static let wrongReference = StatusWord(0x6b00)
  package static let instructionNotSupported = StatusWord(0x6d00)
  package static let classNotSupported = StatusWord(0x6e00)
  package static let internalError = StatusWord(0x6f00)
}
