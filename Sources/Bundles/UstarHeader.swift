import Findings
import Products
import UTC

/// The 512 bytes before a file in a tar archive (POSIX.1-1988 ustar), in the one form that a bundle has:
/// a regular file of mode 0644, owned by nobody in particular.
struct UstarHeader: Hashable {
  /// Relative, `/` between its parts.
  let name: String
  /// Bytes of the content, below 8 GiB.
  let size: Int
  let time: UTCTime

  static let length = 512

  /// Zeros after a content of `size` bytes, up to the next header.
  static func padding(after size: Int) -> Int { (length - size % length) % length }

  /// Throws `BUNDLE-NAME` for a name that does not fit: 100 bytes, or 256 where a `/` divides it into
  /// at most 155 before it and 100 behind it.
  func encoded() throws(Finding) -> [UInt8] {
    guard let (prefix, rest) = Self.divided(name), size >= 0, size < 1 << 33, time.seconds < 1 << 33 else {
      throw Finding(
        .bundleName, "\(name) does not fit into a tar archive.", hint: "Give the file a shorter name.", place: name)
    }
    var bytes: [UInt8] = []
    func put(_ content: [UInt8], _ width: Int) {
      bytes += content.prefix(width)
      bytes += [UInt8](repeating: 0, count: max(0, width - content.count))
    }
    put(rest, 100)
    put(Self.octal(0o644, 7), 8)
    put(Self.octal(0, 7), 8)
    put(Self.octal(0, 7), 8)
    put(Self.octal(Int64(size), 11), 12)
    put(Self.octal(time.seconds, 11), 12)
    put(Array("        ".utf8), 8)
    put(Array("0".utf8), 1)
    put([], 100)
    put(Array("ustar".utf8), 6)
    put(Array("00".utf8), 2)
    put([], 32)
    put([], 32)
    put(Self.octal(0, 7), 8)
    put(Self.octal(0, 7), 8)
    put(prefix, 155)
    put([], 12)
    let sum = bytes.reduce(Int64(0)) { $0 + Int64($1) }
    bytes.replaceSubrange(148..<156, with: Self.octal(sum, 6) + [0, 0x20])
    return bytes
  }

  /// nil for anything that ``encoded()`` would not have written: another type, a link, a device, another owner.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.length, let size = Self.number(bytes[124..<136]),
      let seconds = Self.number(bytes[136..<148]), let time = UTCTime(seconds: seconds),
      let rest = Self.text(bytes[0..<100]), let prefix = Self.text(bytes[345..<500])
    else { return nil }
    self.init(name: prefix.isEmpty ? rest : "\(prefix)/\(rest)", size: Int(size), time: time)
    guard (try? encoded()) == bytes else { return nil }
  }

  init(name: String, size: Int, time: UTCTime) {
    self.name = name
    self.size = size
    self.time = time
  }

  /// At the last `/` that leaves at most 100 bytes behind it, where the whole is longer than that.
  private static func divided(_ name: String) -> (prefix: [UInt8], rest: [UInt8])? {
    let bytes = Array(name.utf8)
    if bytes.count <= 100 { return bytes.isEmpty ? nil : ([], bytes) }
    guard let slash = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "/") && bytes.count - $0 - 1 <= 100 }),
      slash <= 155, slash > 0, slash + 1 < bytes.count
    else { return nil }
    return (Array(bytes[..<slash]), Array(bytes[(slash + 1)...]))
  }

  private static func octal(_ value: Int64, _ digits: Int) -> [UInt8] {
    let text = Array(String(value, radix: 8).utf8)
    return [UInt8](repeating: UInt8(ascii: "0"), count: max(0, digits - text.count)) + text
  }

  /// Octal digits and one NUL.
  private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
    guard field.last == 0 else { return nil }
    var value: Int64 = 0
    for byte in field.dropLast() {
      guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) else { return nil }
      value = value << 3 | Int64(byte - UInt8(ascii: "0"))
    }
    return value
  }

  private static func text(_ field: ArraySlice<UInt8>) -> String? {
    String(validating: field.prefix { $0 != 0 }, as: UTF8.self)
  }
}
