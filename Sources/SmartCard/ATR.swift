/// What a card says of itself when it is powered (ISO 7816-3 §8.2).
public struct ATR: Hashable, Sendable {
  public let bytes: [UInt8]
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether the card capabilities in the historical bytes offer extended Lc and Le
  /// (ISO 7816-4 §8.1.1.2.7, third byte, 40). False for anything that cannot be read.
  public var offersExtendedLength: Bool {
    guard let capabilities = compactTLV(tag: 7), capabilities.count >= 3 else { return false }
    return capabilities[capabilities.startIndex + 2] & 0x40 != 0
  }

  /// The historical bytes, without interface bytes and check byte; nil for an ATR that is too short for what it announces.
  var historicalBytes: ArraySlice<UInt8>? {
    guard bytes.count >= 2 else { return nil }
    let count = Int(bytes[1] & 0x0f)
    var announced = bytes[1] >> 4
    var index = 2
    while announced != 0 {
      let hasNext = announced & 0x8 != 0
      index += announced.nonzeroBitCount
      guard hasNext else { break }
      guard index <= bytes.count, index >= 1 else { return nil }
      announced = bytes[index - 1] >> 4
    }
    guard index + count <= bytes.count else { return nil }
    return bytes[index..<(index + count)]
  }

  /// The value of a COMPACT-TLV object in the historical bytes (ISO 7816-4 §8.1.1).
  private func compactTLV(tag: UInt8) -> ArraySlice<UInt8>? {
    guard var rest = historicalBytes, let category = rest.popFirst(), category == 0x80 || category == 0x00
    else {
      return nil
    }
    while let head = rest.popFirst() {
      let count = Int(head & 0x0f)
      guard count <= rest.count else { return nil }
      if head >> 4 == tag { return rest.prefix(count) }
      rest = rest.dropFirst(count)
    }
    return nil
  }
}
