/// The offset of the first byte that cannot stand where it stands in UTF-8 (RFC 3629 §4), or nil.
func firstInvalidUTF8(in bytes: [UInt8]) -> Int? {
  bytes.withUnsafeBytes { raw in
    var offset = 0
    while offset < raw.count {
      // Eight ASCII bytes at a time: metadata is nearly all ASCII.
      while offset + 8 <= raw.count,
        raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        offset += 8
      }
      guard offset < raw.count else { break }
      guard let length = sequenceLength(raw[offset...]) else { return offset }
      offset += length
    }
    return nil
  }
}

/// The length of the valid sequence at the start, or nil.
private func sequenceLength(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
  let start = bytes.startIndex
  let first = bytes[start]
  if first < 0x80 { return 1 }
  let (length, second): (Int, ClosedRange<UInt8>)
  switch first {
  case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
  case 0xE0: (length, second) = (3, 0xA0...0xBF)
  case 0xED: (length, second) = (3, 0x80...0x9F)
  case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
  case 0xF0: (length, second) = (4, 0x90...0xBF)
  case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
  case 0xF4: (length, second) = (4, 0x80...0x8F)
  default: return nil
  }
  guard bytes.count >= length, second.contains(bytes[start + 1]) else { return nil }
  for index in start + 2..<start + length where bytes[index] & 0xC0 != 0x80 { return nil }
  return length
}
