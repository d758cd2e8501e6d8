import UTC

/// An `expires` as it stands in the wild: TUF's exact form, or with fractions of a second or an offset (RFC 3339 §5.6),
/// as the first roots of sigstore had it.
enum ExpiryTime {
  /// The moment, fractions dropped, and whether it was written in the exact form; nil where no moment can be read.
  static func read(_ text: String) -> (time: UTCTime, isExact: Bool)? {
    if let time = UTCTime(text) { return (time, true) }
    let bytes = Array(text.utf8)
    guard bytes.count > 19, bytes.count <= 40,
      let local = UTCTime(String(decoding: bytes[..<19], as: UTF8.self) + "Z")
    else { return nil }
    var rest = bytes[19...]
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      let digits = rest.prefix { isDigit($0) }
      guard !digits.isEmpty else { return nil }
      rest = rest.dropFirst(digits.count)
    }
    guard let offset = offset(Array(rest)) else { return nil }
    return (local.adding(seconds: -offset), false)
  }

  /// Seconds east of UTC of `Z`, `+HH:MM` or `-HH:MM`.
  private static func offset(_ bytes: [UInt8]) -> Int64? {
    if bytes == [UInt8(ascii: "Z")] { return 0 }
    guard bytes.count == 6, bytes[3] == UInt8(ascii: ":") else { return nil }
    let digits = [bytes[1], bytes[2], bytes[4], bytes[5]]
    guard digits.allSatisfy(isDigit) else { return nil }
    let values = digits.map { Int64($0 - UInt8(ascii: "0")) }
    let (hours, minutes) = (values[0] * 10 + values[1], values[2] * 10 + values[3])
    guard hours < 24, minutes < 60 else { return nil }
    switch bytes[0] {
    case UInt8(ascii: "+"): return hours * 3600 + minutes * 60
    case UInt8(ascii: "-"): return -(hours * 3600 + minutes * 60)
    default: return nil
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
