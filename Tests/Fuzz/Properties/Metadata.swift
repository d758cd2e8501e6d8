import CanonicalJSON
import Findings
import TUFMetadata

/// Metadata that is read is written with the same signed bytes; a root or targets without oddities is written as exactly
/// the bytes that were signed; no key counts twice.
func judgeMetadata(_ bytes: [UInt8]) {
  let envelope: Envelope
  do throws(Finding) {
    envelope = try Envelope(parsing: bytes, place: "file")
  } catch {
    return require(error.code.description != "", "refused without a code")
  }
  guard let again = try? Envelope(parsing: envelope.serialized(), place: "file") else {
    return require(false, "what was written is refused")
  }
  require(again.signedBytes == envelope.signedBytes, "other bytes are signed")
  require(again.serialized() == envelope.serialized(), "written otherwise again")

  if let (root, oddities) = try? Root.read(envelope.signed) {
    if oddities.isEmpty {
      require(JSONValue.object(root.json).canonical() == envelope.signedBytes, "the root is written otherwise")
    }
    for role in TopLevelRole.allCases {
      let count = envelope.count(root[role], root.keys)
      require(Set(count.counted).count == count.counted.count, "a key counts twice")
      require(count.counted.count <= root.keys(of: role).count, "more signatures than keys")
    }
    var chain = RootChain()
    chain.trust(bytes, place: "file")
    chain.update(bytes, place: "file")
    require(chain.newest?.version != root.version || chain.steps.count == 2, "a root follows itself")
  }
  if let (targets, oddities) = try? Targets.read(envelope.signed), oddities.isEmpty {
    require(JSONValue.object(targets.json).canonical() == envelope.signedBytes, "targets are written otherwise")
  }
}
