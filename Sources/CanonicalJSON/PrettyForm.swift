extension JSONValue {
  /// The form for people in which python-tuf's serializer writes metadata files: sorted names, an indent of one
  /// space, everything beyond printable ASCII escaped, and a final line feed.
  package func pretty() -> [UInt8] {
    var bytes: [UInt8] = []
    appendPretty(to: &bytes, depth: 0)
    bytes.append(0x0A)
    return bytes
  }

  private func appendPretty(to bytes: inout [UInt8], depth: Int) {
    switch self {
    case .null, .bool, .integer: bytes.append(contentsOf: canonical())
    case .string(let text): appendASCII(text, to: &bytes)
    case .array(let values):
      appendContainer("[", values, "]", to: &bytes, depth: depth) { value, bytes in
        value.appendPretty(to: &bytes, depth: depth + 1)
      }
    case .object(let object):
      appendContainer("{", object.members, "}", to: &bytes, depth: depth) { member, bytes in
        appendASCII(member.name, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        member.value.appendPretty(to: &bytes, depth: depth + 1)
      }
    }
  }
}

/// Brackets around one item a line; an empty container has no lines.
private func appendContainer<Item>(
  _ open: String,
  _ items: [Item],
  _ close: String,
  to bytes: inout [UInt8],
  depth: Int,
  item: (Item, inout [UInt8]) -> Void
) {
  func newLine(_ depth: Int) {
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth))
  }
  bytes.append(contentsOf: open.utf8)
  for (index, next) in items.enumerated() {
    if index > 0 { bytes.append(UInt8(ascii: ",")) }
    newLine(depth + 1)
    item(next, &bytes)
  }
  if !items.isEmpty { newLine(depth) }
  bytes.append(contentsOf: close.utf8)
}

private func appendASCII(_ text: String, to bytes: inout [UInt8]) {
  bytes.append(UInt8(ascii: "\""))
  for unit in text.utf16 {
    switch unit {
    case 0x22: bytes.append(contentsOf: "\\\"".utf8)
    case 0x5C: bytes.append(contentsOf: "\\\\".utf8)
    case 0x0A: bytes.append(contentsOf: "\\n".utf8)
    case 0x0D: bytes.append(contentsOf: "\\r".utf8)
    case 0x09: bytes.append(contentsOf: "\\t".utf8)
    case 0x0C: bytes.append(contentsOf: "\\f".utf8)
    case 0x08: bytes.append(contentsOf: "\\b".utf8)
    case 0x20...0x7E: bytes.append(UInt8(unit))
    default:
      let digits = String(unit, radix: 16)
      bytes.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8)
    }
  }
  bytes.append(UInt8(ascii: "\""))
}
