/// One BER-TLV data object as PIV uses it (ISO 7816-4 §5.2.2): a tag of one to three bytes, a definite length, a value.
package struct TLV: Hashable, Sendable {
  package let tag: UInt32
  package let value: [UInt8]

  package init(_ tag: UInt32, _ value: [UInt8] = []) {
    self.tag = tag
    self.value = value
  }

  /// A constructed object.
  package init(_ tag: UInt32, _ children: [TLV]) { self.init(tag, children.flatMap(\.encoded)) }

  /// Tag, shortest length, value.
  package var encoded: [UInt8] { Self.bytes(of: tag) + Self.length(value.count) + value }

  /// The objects that fill `bytes` exactly.
  ///
  /// Throws ``TLVError``; nothing is skipped, so that padding and trailing bytes are refused.
  package static func parse(_ bytes: some Collection<UInt8>) throws(TLVError) -> [TLV] {
    var rest = Array(bytes)[...]
    var objects: [TLV] = []
    while !rest.isEmpty { objects.append(try next(&rest)) }
    return objects
  }

  /// The single object that fills `bytes` exactly; throws ``TLVError/trailing`` where more follows.
  package static func parseOne(_ bytes: some Collection<UInt8>) throws(TLVError) -> TLV {
    var rest = Array(bytes)[...]
    let object = try next(&rest)
    guard rest.isEmpty else { throw .trailing }
    return object
  }

  /// The objects inside this one.
  package func children() throws(TLVError) -> [TLV] { try Self.parse(value) }

  private static func next(_ rest: inout ArraySlice<UInt8>) throws(TLVError) -> TLV {
    let tag = try takeTag(&rest)
    let count = try takeLength(&rest)
    guard count <= rest.count else { throw .truncated }
    let value = Array(rest.prefix(count))
    rest = rest.dropFirst(count)
    return TLV(tag, value)
  }

  private static func takeTag(_ rest: inout ArraySlice<UInt8>) throws(TLVError) -> UInt32 {
    guard let first = rest.popFirst() else { throw .truncated }
    guard first & 0x1f == 0x1f else { return UInt32(first) }
    var tag = UInt32(first)
    for position in 1...2 {
      guard let byte = rest.popFirst() else { throw .truncated }
      // A leading 80 would be a longer way to write a smaller number (X.690 §8.1.2.4.2).
      guard position > 1 || byte != 0x80 else { throw .badTag }
      tag = tag << 8 | UInt32(byte)
      if byte & 0x80 == 0 { return tag }
    }
    throw .badTag
  }

  private static func takeLength(_ rest: inout ArraySlice<UInt8>) throws(TLVError) -> Int {
    guard let first = rest.popFirst() else { throw .truncated }
    guard first >= 0x80 else { return Int(first) }
    let width = Int(first & 0x7f)
    guard (1...3).contains(width) else { throw .badLength }
    guard rest.count >= width else { throw .truncated }
    let count = rest.prefix(width).reduce(0) { $0 << 8 | Int($1) }
    rest = rest.dropFirst(width)
    return count
  }

  private static func bytes(of tag: UInt32) -> [UInt8] {
    let all = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: tag >> UInt32($0)) }
    return Array(all.drop { $0 == 0 }.isEmpty ? [0] : all.drop { $0 == 0 })
  }

  private static func length(_ count: Int) -> [UInt8] {
    let low = UInt8(truncatingIfNeeded: count)
    return switch count {
    case ..<0x80: [low]
    case ..<0x100: [0x81, low]
    case ..<0x1_0000: [0x82, UInt8(truncatingIfNeeded: count >> 8), low]
    default: [0x83, UInt8(truncatingIfNeeded: count >> 16), UInt8(truncatingIfNeeded: count >> 8), low]
    }
  }
}

extension [TLV] {
  /// The value of the only object with this tag; nil where there is none or more than one.
  package func value(of tag: UInt32) -> [UInt8]? {
    let found = filter { $0.tag == tag }
    return found.count == 1 ? found[0].value : nil
  }
}

/// Why bytes are not BER-TLV.
package enum TLVError: Error, Hashable, Sendable {
  /// They end inside an object.
  case truncated
  /// A tag of more than three bytes or with a leading 80.
  case badTag
  /// An indefinite length, or one of more than three bytes.
  case badLength
  /// Something follows the only object that was expected.
  case trailing
}
