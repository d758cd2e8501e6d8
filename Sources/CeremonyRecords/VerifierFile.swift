import CanonicalJSON
import Findings
import Keys
import Products

/// A file of `verify/`: what a stranger needs to verify the folder when this program is gone. Releases have their own, so
/// the first record says which these are, and a replay by a later release compares them with that.
package struct VerifierFile: Hashable, Sendable {
  package static let folder = "verify"

  /// In the products folder.
  package let path: String
  package let count: Int
  package let digest: SHA256Digest

  package init(_ name: String, _ bytes: [UInt8]) {
    path = "\(Self.folder)/\(name)"
    count = bytes.count
    digest = SHA256Digest(of: bytes)
  }

  /// As records hold it.
  package var file: BoundFile { BoundFile(path: path, count: Int64(count), digest: digest) }

  /// The same: exactly its path, its size in bytes and its SHA-256.
  package var json: JSONObject { file.json }

  /// Those that a first record names; none before engine version 5. nil where they are not named as that writes them.
  package static func named(by beginning: JSONObject) -> [VerifierFile]? {
    let engine = beginning["engine"]?.integer ?? 0
    guard EngineVersion.known.contains(engine), engine >= EngineVersion.withVerifiers else { return [] }
    guard let list = beginning["verify"]?.array, !list.isEmpty else { return nil }
    let files = list.compactMap { $0.object.flatMap(VerifierFile.init) }
    return files.count == list.count && Set(files.map(\.path)).count == files.count ? files : nil
  }

  /// nil for what is no file of `verify/` itself.
  private init?(_ object: JSONObject) {
    guard let file = BoundFile(fields: object), file.json == object, ProductsFolder.isSafe(file.path),
      file.path.hasPrefix(Self.folder + "/"), file.path.utf8.count(where: { $0 == UInt8(ascii: "/") }) == 1,
      let count = Int(exactly: file.count)
    else { return nil }
    (path, self.count, digest) = (file.path, count, file.digest)
  }
}

extension Finding {
  package static func verifierChanged(_ file: VerifierFile) -> Finding {
    Finding(
      .productChanged, "\(file.path) is not the file that the first record names.",
      hint: "Do not run it. Compare the folder with another copy.", place: file.path)
  }
}
