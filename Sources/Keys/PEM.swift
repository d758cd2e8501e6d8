/// Textual encoding of DER (RFC 7468), written as OpenSSL writes it and read without tolerance for stray
/// text.
package enum PEM {
  /// One block: the label (`PUBLIC KEY`, `CERTIFICATE`) and the DER inside.
  package struct Block: Hashable, Sendable {
    package let label: String
    package let bytes: [UInt8]
  }

  /// Lines of 64 characters and a final newline.
  package static func encode(_ label: String, _ der: [UInt8]) -> String {
    var text = "-----BEGIN \(label)-----\n"
    var rest = Substring(Base64.encode(der))
    while !rest.isEmpty {
      text += rest.prefix(64) + "\n"
      rest = rest.dropFirst(64)
    }
    return text + "-----END \(label)-----\n"
  }

  /// Every block of a text, in order; at least one.
  ///
  /// Lines end with LF or CRLF, the last line with or without. Empty lines may stand between blocks; anything
  /// else outside a block, a header inside one, a label that ends differently or bad base64 is refused with
  /// its line.
  package static func decode(_ text: String) throws(PEMError) -> [Block] {
    var blocks: [Block] = []
    var label: Substring?
    var base64 = ""
    var number = 0
    for var line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(
      Substring.init
    ) {
      number += 1
      if line.unicodeScalars.last == "\r" { line = Substring(line.unicodeScalars.dropLast()) }
      if let open = label {
        if line.hasPrefix("-----") {
          guard line == "-----END \(open)-----" else { throw PEMError(.footer, line: number) }
          guard let bytes = Base64.decode(base64), !bytes.isEmpty else {
            throw PEMError(.base64, line: number)
          }
          blocks.append(Block(label: String(open), bytes: bytes))
          label = nil
          base64 = ""
        } else {
          base64 += line
        }
      } else if !line.isEmpty {
        guard line.hasPrefix("-----BEGIN "), line.hasSuffix("-----"), line.utf8.count > 16 else {
          throw PEMError(.strayText, line: number)
        }
        label = line.dropFirst(11).dropLast(5)
      }
    }
    guard label == nil else { throw PEMError(.unfinished, line: number) }
    guard !blocks.isEmpty else { throw PEMError(.empty, line: number) }
    return blocks
  }
}

/// Why a text is not PEM, and in which line (from 1).
package struct PEMError: Error, Hashable, Sendable {
  package enum Reason: String, Sendable {
    case empty = "there is no -----BEGIN line"
    case strayText = "there is text outside -----BEGIN and -----END"
    case footer = "the -----END line does not match the -----BEGIN line"
    case base64 = "what stands between -----BEGIN and -----END is not base64"
    case unfinished = "the -----END line is missing"
  }

  package let reason: Reason
  package let line: Int

  init(_ reason: Reason, line: Int) {
    self.reason = reason
    self.line = line
  }
}
