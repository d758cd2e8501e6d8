import Findings
import TUFMetadata

/// A metadata file that is read only when it is judged.
package struct MetadataFile: Sendable {
  /// As the user will recognise it; shown, never opened.
  package let path: String
  /// From the file's name.
  package let name: MetadataName
  package let read: @Sendable () -> Result<[UInt8], Finding>

  package init(path: String, name: MetadataName, read: @escaping @Sendable () -> Result<[UInt8], Finding>) {
    self.path = path
    self.name = name
    self.read = read
  }
}

/// What a file's name says: `N.ROLE.json` or `ROLE.json` (TUF §7).
package struct MetadataName: Hashable, Sendable {
  package let version: Int64?
  package let role: String

  /// nil for a name that does not end in `.json`, or has nothing before it. `%XX` in a role's name is decoded, as
  /// python-tuf writes delegated names.
  package init?(_ fileName: String) {
    guard fileName.utf8.count > 5, fileName.hasSuffix(".json") else { return nil }
    let stem = fileName.dropLast(5)
    if let dot = stem.firstIndex(of: "."), dot != stem.startIndex, stem[..<dot].utf8.allSatisfy(isDigit),
      let number = Int64(stem[..<dot])
    {
      version = number
      role = Self.decoded(stem[stem.index(after: dot)...])
    } else {
      version = nil
      role = Self.decoded(stem)
    }
    if role.isEmpty { return nil }
  }

  package init(version: Int64?, role: String) {
    self.version = version
    self.role = role
  }

  package var topLevelRole: TopLevelRole? { TopLevelRole(rawValue: role) }

  /// The name under which clients ask for the file, as python-tuf writes it: what is not a letter, a digit or one of
  /// `_.-~` is `%XX`. nil where such a name would be read as another role's.
  package var requested: String? {
    var name = version.map { "\($0)." } ?? ""
    for byte in role.utf8 {
      let isPlain = isDigit(byte) || isLetter(byte) || Array("_.-~".utf8).contains(byte)
      name += isPlain ? String(UnicodeScalar(byte)) : "%" + hex(byte >> 4) + hex(byte & 15)
    }
    name += ".json"
    guard let read = MetadataName(name), read.version == version, read.role.utf8.elementsEqual(role.utf8) else {
      return nil
    }
    return name
  }

  private static func decoded(_ text: Substring) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    let bytes = Array(text.utf8)
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        decoded.append(byte)
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return String(validating: decoded, as: UTF8.self) ?? String(text)
  }
}

private func hex(_ nibble: UInt8) -> String { String(nibble, radix: 16, uppercase: true) }

private func isLetter(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

/// The metadata of one repository: a folder, with its `root_history` where it has one.
package struct MetadataRepository: Sendable {
  package let path: String
  /// In any order; sorted here by path.
  package let files: [MetadataFile]

  package init(path: String, files: [MetadataFile]) {
    self.path = path
    self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }
}
