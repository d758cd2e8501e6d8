extension JSONValue {
  /// The OLPC canonical form, which is what TUF signs and hashes (TUF §4.2): names sorted by code point, no white
  /// space, only `"` and `\` escaped, everything else raw UTF-8. Byte for byte what securesystemslib writes.
  package func canonical() -> [UInt8] {
    var bytes: [UInt8] = []
    appendCanonical(to: &bytes)
    return bytes
  }

  private func appendCanonical(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): bytes.append(contentsOf: String(value).utf8)
    case .string(let text): appendQuoted(text, to: &bytes)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        value.appendCanonical(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let object):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        appendQuoted(member.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.appendCanonical(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }
}

private func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
  bytes.append(UInt8(ascii: "\""))
  let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { utf8 in
    if utf8.contains(where: isEscaped) {
      appendEscaped(utf8, to: &bytes)
    } else {
      bytes.append(contentsOf: utf8)
    }
  }
  if isWritten == nil { appendEscaped(text.utf8, to: &bytes) }
  bytes.append(UInt8(ascii: "\""))
}

private func appendEscaped(_ utf8: some Sequence<UInt8>, to bytes: inout [UInt8]) {
  for byte in utf8 {
    if isEscaped(byte) { bytes.append(UInt8(ascii: "\\")) }
    bytes.append(byte)
  }
}

private func isEscaped(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") }
