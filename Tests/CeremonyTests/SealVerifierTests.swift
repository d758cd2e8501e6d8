import CanonicalJSON
import Foundation
import Judges
import Keys
import Products
import Testing

/// securesystemslib on the transcript seal: the root's keys, the root's threshold.
@Suite struct SealVerifierTests {
  private static let judge = """
    import base64, copy, json, sys
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import SSlibKey
    given = json.load(sys.stdin)
    signed, seal = given["root"]["signed"], given["seal"]
    role = signed["roles"]["root"]
    def key(keyid, value):
        return SSlibKey(keyid, value["keytype"], value["scheme"], value["keyval"])
    keys = [key(keyid, signed["keys"][keyid]) for keyid in role["keyids"]]
    others = [value for value in given["other"]["signed"]["keys"].values() if value["keytype"] == keys[0].keytype]
    wrong = [key(keyid, other) for keyid, other in zip(role["keyids"], others)]
    assert len(wrong) == len(keys)
    def said(seal, keys, threshold):
        try:
            return str(len(Envelope.from_dict(copy.deepcopy(seal)).verify(keys, threshold)))
        except VerificationError:
            return "refused"
    def changed(name, change):
        return {**seal, name: change(seal[name])}
    def flip(text):
        data = bytearray(base64.b64decode(text))
        data[len(data) // 2] ^= 1
        return base64.b64encode(bytes(data)).decode()
    threshold = role["threshold"]
    assert Envelope.from_dict(copy.deepcopy(seal)).payload_type == "application/vnd.in-toto+json"
    print(said(seal, keys, threshold), said(seal, wrong, threshold), said(changed("payload", flip), keys, threshold),
          said(changed("payloadType", str.upper), keys, threshold),
          said(changed("signatures", lambda all: all[1:]), keys, threshold),
          said(changed("signatures", lambda all: [{**all[0], "sig": flip(all[0]["sig"])}, *all[1:]]), keys, threshold))
    """

  @Test(arguments: ["ed25519", "ecdsa-p256", "ecdsa-p384"])
  func securesystemslibVerifiesTheSeal(algorithm: String) throws {
    let script = Array(
      try Scripts.first.editing(
        "threshold: 2\n", with: "threshold: 2\n    algorithm: \(algorithm)\n"
      ).utf8)
    let rooms = [Room(), Room()]
    for (seed, room) in rooms.enumerated() { try room.rehearse(script, seed: seed + 1) }
    func file(_ room: Room, _ path: String) throws -> JSONValue { try JSONValue(parsing: try room.folder.read(path)) }
    let given: JSONValue = [
      "root": try file(rooms[0], "metadata/1.root.json"), "seal": try file(rooms[0], "seal.dsse.json"),
      "other": try file(rooms[1], "metadata/1.root.json"),
    ]
    guard
      let said = try Python.output(
        of: Self.judge, input: given.pretty(), skipping: 1, "transcript seal of \(algorithm) keys")
    else { return }
    #expect(said == "2 refused refused refused refused refused\n")
  }
}
