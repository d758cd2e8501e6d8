/// A card's answer: data and two status bytes.
public struct ResponseAPDU: Hashable, Sendable {
  public let data: [UInt8]
  public let status: StatusWord

  public init(data: [UInt8] = [], status: StatusWord) {
    self.data = data
    self.status = status
  }

  /// nil for fewer than two bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else { return nil }
    data = Array(bytes.dropLast(2))
    status = StatusWord(UInt16(bytes[bytes.count - 2]) << 8 | UInt16(bytes[bytes.count - 1]))
  }

  public var bytes: [UInt8] { data + [status.sw1, status.sw2] }
}

/// SW1 and SW2 (ISO 7816-4 §5.6).
public struct StatusWord: Hashable, Sendable, CustomStringConvertible {
  public let value: UInt16
  public init(_ value: UInt16) { self.value = value }

  public var sw1: UInt8 { UInt8(value >> 8) }
  public var sw2: UInt8 { UInt8(truncatingIfNeeded: value) }

  /// The tries that 63Cx says are left.
  public var triesLeft: Int? { value & 0xfff0 == 0x63c0 ? Int(value & 0xf) : nil }

  /// Four upper-case hexadecimal digits, as the standards write them.
  public var description: String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  public static let success = StatusWord(0x9000)
  public static let executionError = StatusWord(0x6600)
  public static let wrongLength = StatusWord(0x6700)
  public static let securityNotSatisfied = StatusWord(0x6982)
  public static let blocked = StatusWord(0x6983)
  public static let conditionsNotSatisfied = StatusWord(0x6985)
  public static let wrongData = StatusWord(0x6a80)
  public static let functionNotSupported = StatusWord(0x6a81)
  public static let notFound = StatusWord(0x6a82)
  public static let notEnoughMemory = StatusWord(0x6a84)
  public static let wrongParameters = StatusWord(0x6a86)
  public static let referenceNotFound = StatusWord(0x6a88)
  public static let wrongReference = StatusWord(0x6b00)
  public static let instructionNotSupported = StatusWord(0x6d00)
  public static let classNotSupported = StatusWord(0x6e00)
  public static let internalError = StatusWord(0x6f00)
}
