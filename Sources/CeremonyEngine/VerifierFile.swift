import CanonicalJSON
import Findings
import Keys
import Products

/// A file of `verify/`: what a stranger needs to verify the folder when this program is gone. Releases have their own, so
/// the first record says which these are, and a replay by a later release compares them with that.
public struct VerifierFile: Hashable, Sendable {
  package static let folder = "verify"

  /// In the products folder.
  public let path: String
  public let count: Int
  public let digest: SHA256Digest

  package init(_ name: String, _ bytes: [UInt8]) {
    path = "\(Self.folder)/\(name)"
    count = bytes.count
    digest = SHA256Digest(of: bytes)
  }

  /// As records hold it: exactly its path, its size in bytes and its SHA-256.
  package var json: JSONObject {
    ["path": .string(path), "bytes": .integer(Int64(count)), "sha256": .string(digest.hex)]
  }

  /// Those that a first record names; none before engine version 5. nil where they are not named as that writes them.
  static func named(by beginning: JSONObject) -> [VerifierFile]? {
    let engine = beginning["engine"]?.integer ?? 0
    guard EngineVersion.known.contains(engine), engine >= EngineVersion.withVerifiers else { return [] }
    guard let list = beginning["verify"]?.array, !list.isEmpty else { return nil }
    let files = list.compactMap { $0.object.flatMap(VerifierFile.init) }
    return files.count == list.count && Set(files.map(\.path)).count == files.count ? files : nil
  }

  /// nil for what is no file of `verify/` itself.
  private init?(_ object: JSONObject) {
    guard let path = object["path"]?.string, ProductsFolder.isSafe(path),
      path.hasPrefix(Self.folder + "/"), path.utf8.count(where: { $0 == UInt8(ascii: "/") }) == 1,
      let count = object["bytes"]?.integer, object.names == ["bytes", "path", "sha256"],
      let digest = object["sha256"]?.string.flatMap(SHA256Digest.init(hex:))
    else { return nil }
    (self.path, self.count, self.digest) = (path, Int(count), digest)
  }
}

extension Finding {
  package static func verifierChanged(_ file: VerifierFile) -> Finding {
    Finding(
      .productChanged, "\(file.path) is not the file that the first record names.",
      hint: "Do not run it. Compare the folder with another copy.", place: file.path)
  }
}
