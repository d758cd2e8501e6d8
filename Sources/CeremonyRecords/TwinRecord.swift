import CanonicalJSON
import Keys
import Transcript

/// Which stand-in key takes the place of which key of the real root, in a rehearsal.
package struct TwinRecord: ReadableRecordBody {
  package static let kind = RecordKind.twin

  /// SHA-256 of the real root's file.
  package let root: SHA256Digest
  /// In the order in which the stand-ins were made.
  package let keys: [Pair]

  package struct Pair: Hashable, Sendable {
    /// The key id in the real root.
    package let original: String
    /// The key id in the twin.
    package let standIn: String

    package init(original: String, standIn: String) {
      self.original = original
      self.standIn = standIn
    }
  }

  package init(root: SHA256Digest, keys: [Pair]) {
    self.root = root
    self.keys = keys
  }

  package var json: JSONObject {
    [
      "root": .string(root.hex),
      "keys": .array(keys.map { ["keyid": .string($0.original), "stand-in": .string($0.standIn)] }),
    ]
  }

  package init?(fields body: JSONObject) {
    guard let root = body["root"]?.string.flatMap(SHA256Digest.init(hex:)), let list = body["keys"]?.array else {
      return nil
    }
    keys = list.compactMap { entry in
      guard let original = entry["keyid"]?.string, let standIn = entry["stand-in"]?.string else { return nil }
      return Pair(original: original, standIn: standIn)
    }
    self.root = root
    guard keys.count == list.count else { return nil }
  }
}
