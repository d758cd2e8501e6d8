import CanonicalJSON
import Crypto
import Findings
import Judges
import Keys
import SampleMetadata
import TUFMetadata
import Testing

private let script = """
  import sys
  from tuf.api.metadata import Metadata, Root
  from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
  from tuf.api.serialization.json import JSONSerializer
  from tuf.ngclient.config import EnvelopeType
  import hashlib
  from securesystemslib.formats import encode_canonical
  data = sys.stdin.buffer.read()
  metadata = Metadata[Root].from_bytes(data)
  metadata.verify_delegate("root", metadata)
  metadata.signed.verify_delegate("root", metadata.signed_bytes, metadata.signatures)
  TrustedMetadataSet(data, EnvelopeType.METADATA)
  for keyid, key in metadata.signed.keys.items():
      assert keyid == hashlib.sha256(encode_canonical(key.to_dict()).encode()).hexdigest(), keyid
  print(metadata.signed_bytes.hex())
  print(metadata.to_bytes(JSONSerializer()).hex())
  """

/// python-tuf loads, verifies and would write exactly the root that we write, with every kind of key.
@Test func pythonTUFAcceptsWhatWeWrite() throws {
  let p256 = try P256.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 9, count: 32))
  let p384 = try P384.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 9, count: 48))
  var root = try Samples.root()
  let others = [
    MetadataKey(
      try PublicKey(x963: Array(p256.publicKey.x963Representation), .ecdsaP256),
      extensions: ["x-name": "a"]
    ),
    MetadataKey(try PublicKey(x963: Array(p384.publicKey.x963Representation), .ecdsaP384)),
  ]
  root.keys = KeyRing(root.keys.keys + others)
  root[.root].keyIDs += others.map(\.keyID)
  root[.root].threshold = 5
  let rules = ReviewRules(
    now: try Samples.time("2026-06-01T00:00:00Z"),
    isRehearsal: false,
    payloadLimit: nil
  )
  let payload = try ReviewedPayload(root, after: nil, rules)
  var envelope = payload.envelope
  for number in [1, 2, 3] as [UInt8] {
    envelope = envelope.adding(try Signer(number).signature(over: payload.canonical))
  }
  let signatures = [
    try p256.signature(for: payload.canonical).derRepresentation,
    try p384.signature(for: payload.canonical).derRepresentation,
  ]
  for (key, signature) in zip(others, signatures) {
    envelope = envelope.adding(Envelope.Signature(keyID: key.keyID, bytes: Array(signature)))
  }
  #expect(envelope.count(root[.root], root.keys).counted.count == 5)
  let file = envelope.serialized()
  guard let output = try Python.output(of: script, input: file, skipping: 1, "root by python-tuf") else {
    return
  }
  #expect(
    output.split(separator: "\n").map(String.init) == [
      Hex.encode(payload.canonical), Hex.encode(file.dropLast()),
    ]
  )
}
