import CanonicalJSON
import Findings

/// Text on which implementations of canonical JSON disagree: normal forms, the order of names, escapes.
package enum TextCheck {
  /// At most one finding for each kind and place.
  static func findings(in value: JSONValue) -> [Finding] {
    var findings: [Finding] = []
    walk(value, "signed", &findings)
    return findings
  }

  private static func walk(_ value: JSONValue, _ path: String, _ findings: inout [Finding]) {
    switch value {
    case .null, .bool, .integer: break
    case .string(let text):
      // A PEM's line feeds are in every ECDSA and RSA key, and all clients agree on them.
      let isPublicKey = path.hasSuffix(".keyval.public")
      if !text.utf8.allSatisfy({ (0x20...0x7E).contains($0) || (isPublicKey && $0 == 0x0A) }) {
        findings.append(
          Finding(
            .textNotASCII,
            "The text at \(path) holds characters beyond printable ASCII.",
            hint: "Clients write such text in different ways. Use plain ASCII."
          )
        )
      }
    case .array(let values):
      for (index, value) in values.enumerated() { walk(value, "\(path)[\(index)]", &findings) }
    case .object(let object):
      for member in object.members {
        let place = "\(path).\(shown(member.name))"
        if !(path == "signed.targets" ? isPath(member.name) : isPlain(member.name)) {
          findings.append(
            Finding(
              .nameCharacters,
              "The name at \(place) holds characters that clients sort in different ways.",
              hint: "Use letters, digits, dots, hyphens and underscores."
            )
          )
        }
        walk(member.value, place, &findings)
      }
    }
  }

  /// The same for the path of a target file: also what is written in paths, and sorted alike.
  package static func isPath(_ name: String) -> Bool {
    isPlain(name.filter { !pathMarks.contains($0) }) || !name.isEmpty && name.allSatisfy(pathMarks.contains)
  }

  private static let pathMarks: Set<Character> = ["/", "+", "~", "@", ":", "=", ",", "%"]

  /// Whether every client sorts and writes such a name alike.
  package static func isPlain(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
