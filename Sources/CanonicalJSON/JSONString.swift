import Findings

extension JSONParser {
  /// A string from its opening to its closing quote. Strings without escapes are copied in one piece.
  mutating func string() throws(JSONError) -> String {
    offset += 1
    var run = offset
    var unescaped: [UInt8] = []
    while true {
      offset = endOfPlainRun(from: offset)
      guard let byte = peek else { throw unexpectedEnd() }
      switch byte {
      case UInt8(ascii: "\""):
        defer { offset += 1 }
        let last = bytes[run..<offset]
        return unescaped.isEmpty ? text(last) : text((unescaped + last)[...])
      case UInt8(ascii: "\\"):
        unescaped.append(contentsOf: bytes[run..<offset])
        try escape(into: &unescaped)
        run = offset
      default:
        throw error(.jsonControlCharacter, "A control character stands unescaped inside a string.")
      }
    }
  }

  /// The first place at or after `start` where something must be decided.
  private func endOfPlainRun(from start: Int) -> Int {
    let lowest: UInt8 = allowsRawControls ? 0 : 0x20
    return bytes.withUnsafeBufferPointer { bytes in
      var index = start
      while index < bytes.count {
        let byte = bytes[index]
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < lowest { break }
        index += 1
      }
      return index
    }
  }

  private func text(_ utf8: ArraySlice<UInt8>) -> String {
    utf8.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }

  private mutating func escape(into unescaped: inout [UInt8]) throws(JSONError) {
    let start = offset
    offset += 1
    guard let letter = peek else { throw unexpectedEnd() }
    offset += 1
    if letter != UInt8(ascii: "\""), letter != UInt8(ascii: "\\") { isCanonical = false }
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
    case UInt8(ascii: "b"): unescaped.append(0x08)
    case UInt8(ascii: "f"): unescaped.append(0x0C)
    case UInt8(ascii: "n"): unescaped.append(0x0A)
    case UInt8(ascii: "r"): unescaped.append(0x0D)
    case UInt8(ascii: "t"): unescaped.append(0x09)
    case UInt8(ascii: "u"):
      unescaped.append(contentsOf: UTF8.encode(try scalar(from: start)).map(Array.init) ?? [])
    default: throw error(.jsonSyntax, "JSON knows no such escape.", at: start)
    }
  }

  /// The code point of `\uXXXX`, or of a pair of them, whose first backslash is at `start`.
  private mutating func scalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
    let first = UInt32(try codeUnit(from: start))
    if let scalar = Unicode.Scalar(first) { return scalar }
    let isFollowed = bytes[offset...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
    guard first < 0xDC00, isFollowed else { throw loneSurrogate(at: start) }
    let secondStart = offset
    offset += 2
    let second = UInt32(try codeUnit(from: secondStart))
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    else { throw loneSurrogate(at: start) }
    return scalar
  }

  private func loneSurrogate(at start: Int) -> JSONError {
    error(.jsonLoneSurrogate, "Half of a surrogate pair stands alone here.", at: start)
  }

  private mutating func codeUnit(from start: Int) throws(JSONError) -> UInt16 {
    guard offset + 4 <= bytes.count else { throw unexpectedEnd() }
    var unit: UInt16 = 0
    for byte in bytes[offset..<offset + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error(.jsonSyntax, "Four hexadecimal digits were expected after \\u.", at: start)
      }
      unit = unit << 4 | UInt16(digit)
    }
    offset += 4
    return unit
  }
}
