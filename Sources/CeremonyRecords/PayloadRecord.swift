import CanonicalJSON
import Keys
import Transcript

/// A payload was built and reviewed: exactly the bytes that are signed.
package struct PayloadRecord: ReadableRecordBody {
  package static let kind = RecordKind.payload

  package let role: String
  package let version: Int64
  package let content: [UInt8]
  package let digest: SHA256Digest

  package init(role: String, version: Int64, content: [UInt8]) {
    self.role = role
    self.version = version
    self.content = content
    digest = SHA256Digest(of: content)
  }

  package var json: JSONObject {
    [
      "role": .string(role), "version": .integer(version), "bytes": .integer(Int64(content.count)),
      "sha256": .string(digest.hex), "content": .string(Base64.encode(content)),
    ]
  }

  /// nil, too, where the content is not of that length or digest.
  package init?(fields body: JSONObject) {
    guard let role = body["role"]?.string, let version = body["version"]?.integer,
      let content = body["content"]?.string.flatMap({ Base64.decode($0) })
    else { return nil }
    self.init(role: role, version: version, content: content)
    guard body["sha256"]?.string == digest.hex, body["bytes"]?.integer == Int64(content.count) else { return nil }
  }
}
