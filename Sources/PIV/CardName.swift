import Keys

/// What tells one card from another: its serial, or where it has none the GUID of its CHUID.
package enum CardName: Hashable, Sendable, CustomStringConvertible, ExpressibleByIntegerLiteral {
  case serial(UInt32)
  /// 16 bytes.
  case guid([UInt8])

  package init(integerLiteral serial: UInt32) { self = .serial(serial) }

  /// Reads digits, or `guid-` and 32 hexadecimal digits; nil for anything else, and for a serial of zero.
  package init?(_ text: String) {
    if let serial = UInt32(text), serial > 0, String(serial) == text {
      self = .serial(serial)
    } else if text.hasPrefix("guid-"), let guid = Hex.decode(text.dropFirst(5).lowercased()), guid.count == 16 {
      self = .guid(guid)
    } else {
      return nil
    }
  }

  package var description: String {
    switch self {
    case .serial(let serial): String(serial)
    case .guid(let guid): "guid-\(Hex.encode(guid))"
    }
  }
}
