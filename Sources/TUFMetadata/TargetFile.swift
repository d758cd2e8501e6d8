import CanonicalJSON
import Keys

/// A target file as metadata lists it (TUF §4.5): its path, its length and its digest. The file itself goes nowhere.
package struct TargetFile: Hashable, Sendable {
  /// With `/` between its parts.
  package let path: String
  /// Bytes.
  package let length: Int64
  package let sha256: SHA256Digest

  package init(path: String, length: Int64, sha256: SHA256Digest) {
    self.path = path
    self.length = length
    self.sha256 = sha256
  }

  /// What stands under its path.
  package var entry: JSONObject {
    ["length": .integer(length), "hashes": .object(["sha256": .string(sha256.hex)])]
  }

  /// nil for anything but such an entry.
  package init?(path: String, entry: JSONObject) {
    guard let length = entry["length"]?.integer, length >= 0,
      let digest = entry["hashes"]?["sha256"]?.string.flatMap(SHA256Digest.init(hex:))
    else { return nil }
    self.init(path: path, length: length, sha256: digest)
    guard self.entry == entry else { return nil }
  }
}

extension [TargetFile] {
  /// The `targets` of metadata that lists them.
  package var listing: JSONObject { JSONObject(map { ($0.path, .object($0.entry)) }) }
}
