import CanonicalJSON
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing

/// python-tuf and securesystemslib on what a ceremony wrote.
enum PythonTUF {
  /// They load it, count its signatures, trust it, and agree on its canonical bytes and key ids.
  static func judge(_ room: Room, _ what: String) throws {
    let bytes = try room.folder.read("metadata/1.root.json")
    guard let output = try Python.output(of: script, input: bytes, skipping: 1, what) else { return }
    let envelope = try Envelope(parsing: bytes, place: what)
    let ids = envelope.signed["keys"]?.object?.names ?? []
    #expect(output == String(decoding: envelope.signedBytes, as: UTF8.self) + "\n" + ids.joined(separator: ",") + "\n")
  }

  /// It trusts the first, and goes on to the second.
  static func judge(_ first: [UInt8], followedBy second: [UInt8], _ what: String) throws {
    let both = Array((Base64.encode(first) + "\n" + Base64.encode(second) + "\n").utf8)
    guard let output = try Python.output(of: following, input: both, skipping: 1, what) else { return }
    let versions = try [first, second].map { try Envelope(parsing: $0, place: what).signed["version"]?.integer ?? 0 }
    #expect(output == "\(versions[0]) \(versions[1])\n")
  }

  private static let following = """
    import base64, sys
    from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
    from tuf.ngclient.config import EnvelopeType
    first, second = map(base64.b64decode, sys.stdin.read().split())
    trusted = TrustedMetadataSet(first, EnvelopeType.METADATA)
    before = trusted.root.version
    print(before, trusted.update_root(second).version)
    """

  private static let script = """
    import hashlib, json, sys
    from securesystemslib.formats import encode_canonical
    from tuf.api.metadata import Metadata, Root
    from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
    from tuf.ngclient.config import EnvelopeType
    data = sys.stdin.buffer.read()
    root = Metadata[Root].from_bytes(data)
    root.verify_delegate("root", root)
    assert TrustedMetadataSet(data, EnvelopeType.METADATA).root.version == 1
    raw = json.loads(data)["signed"]
    assert encode_canonical(raw) == root.signed_bytes.decode()
    ids = [hashlib.sha256(encode_canonical(k).encode()).hexdigest() for k in raw["keys"].values()]
    assert sorted(ids) == sorted(raw["keys"])
    sys.stdout.write(encode_canonical(raw) + "\\n" + ",".join(sorted(ids)) + "\\n")
    """
}
