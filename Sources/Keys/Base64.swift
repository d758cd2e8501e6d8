/// Base64 with padding (RFC 4648 §4): one text for each byte sequence, and no other text is read.
package enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")

  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var group: UInt32 = 0
    var held = 0
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      held += 1
      if held == 3 {
        for shift in [18, 12, 6, 0] { text.append(alphabet[Int(group >> UInt32(shift) & 63)]) }
        group = 0
        held = 0
      }
    }
    if held == 1 {
      text += [alphabet[Int(group >> 2)], alphabet[Int(group << 4 & 63)], padding, padding]
    } else if held == 2 {
      text += [
        alphabet[Int(group >> 10)], alphabet[Int(group >> 4 & 63)], alphabet[Int(group << 2 & 63)], padding,
      ]
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes; nil where a character is outside the alphabet (white space too), padding is missing or
  /// superfluous, or the unused bits of the last character are not zero (RFC 4648 §3.3 and §3.5).
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var group: UInt32 = 0
    var held = 0
    var padded = 0
    for character in text.utf8 {
      if character == padding {
        guard held >= 2, held + padded < 4 else { return nil }
        padded += 1
        continue
      }
      guard padded == 0, let value = value(of: character) else { return nil }
      group = group << 6 | UInt32(value)
      held += 1
      if held == 4 {
        bytes += [UInt8(group >> 16), UInt8(group >> 8 & 255), UInt8(group & 255)]
        group = 0
        held = 0
      }
    }
    switch (held, padded) {
    case (0, 0): return bytes
    case (2, 2) where group & 15 == 0: return bytes + [UInt8(group >> 4)]
    case (3, 1) where group & 3 == 0: return bytes + [UInt8(group >> 10), UInt8(group >> 2 & 255)]
    default: return nil
    }
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
