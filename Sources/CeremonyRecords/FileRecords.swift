import CanonicalJSON
import Keys
import Transcript

/// A file of the products folder as a record binds it.
package struct BoundFile: Hashable, Sendable {
  /// Relative to the folder, `/` between its parts.
  package let path: String
  /// Bytes.
  package let count: Int64
  package let digest: SHA256Digest

  package init(path: String, count: Int64, digest: SHA256Digest) {
    self.path = path
    self.count = count
    self.digest = digest
  }

  package init(_ path: String, _ bytes: [UInt8]) {
    self.init(path: path, count: Int64(bytes.count), digest: SHA256Digest(of: bytes))
  }

  package var json: JSONObject {
    ["path": .string(path), "bytes": .integer(count), "sha256": .string(digest.hex)]
  }

  package init?(fields body: JSONObject) {
    guard let path = body["path"]?.string, let count = body["bytes"]?.integer,
      let digest = body["sha256"]?.string.flatMap(SHA256Digest.init(hex:))
    else { return nil }
    self.init(path: path, count: count, digest: digest)
  }
}

/// The body of a record that binds one file.
package protocol FileRecord: ReadableRecordBody {
  var file: BoundFile { get }
  init(_ file: BoundFile)
}

extension FileRecord {
  package var json: JSONObject { file.json }

  package init?(fields body: JSONObject) {
    guard let file = BoundFile(fields: body) else { return nil }
    self.init(file)
  }
}

/// A file beside the script was read.
package struct ReadRecord: FileRecord {
  package static let kind = RecordKind.read
  package let file: BoundFile

  package init(_ file: BoundFile) { self.file = file }
}

/// A product is created next.
package struct WriteRecord: FileRecord {
  package static let kind = RecordKind.write
  package let file: BoundFile

  package init(_ file: BoundFile) { self.file = file }
}

extension BoundFile {
  /// Of a record that names a file, of either kind; nil for any other record.
  package init?(_ record: Record) {
    switch record.kind {
    case .read, .write: self.init(fields: record.body)
    default: return nil
    }
  }
}
