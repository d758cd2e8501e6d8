import CanonicalJSON
import Findings
import Keys
import SampleMetadata
import TUFMetadata
import Testing

/// Keys that were read before stand for nothing but themselves.
@Suite struct KnownKeysTests {
  /// One field of a known key changed, under the key id that is known.
  @Test(
    arguments: [
      ("keyval.public", .string(String(repeating: "0", count: 64))), ("keyval.public", "00"), ("scheme", "ed25519ph"),
      ("keytype", "rsa"), ("x-name", "another"), ("keyval.x-more", 1),
    ] as [(String, JSONValue)])
  func anotherFormIsReadAnew(path: String, value: JSONValue) throws {
    let root = try Samples.root()
    let known = KnownKeys()
    #expect(try Root.read(root.json, known: known).oddities == [])
    let id = try #require(root.keys.keys.first).keyID
    let changed = try root.json.changing("keys.\(id).\(path)", to: value)
    let anew = try Root.read(changed)
    let again = try Root.read(changed, known: known)
    #expect(again.root == anew.root && again.oddities == anew.oddities)
    #expect(again.oddities.contains { [.keyIDMismatch, .keyIDOtherRule].contains($0.code) })
    #expect(try Root.read(root.json, known: known).root == root)
  }

  /// Two names that only Unicode takes for one: U+212A, the sign of Kelvin, is no K.
  @Test func aNameIsComparedByItsBytes() throws {
    let key = try Signer(1).key
    var signed = try Samples.root().json
    signed["keys"] = ["K": key.json]
    let known = KnownKeys()
    _ = try Root.readAsClient(signed, known: known)
    signed["keys"] = ["\u{212A}": key.json]
    let finding = #expect(throws: Finding.self) { try Root.readAsClient(signed, known: known) }
    #expect(finding?.code == .metadataShape)
  }

  /// More of them than are remembered, each read twice.
  @Test func manyAreReadAsAlone() throws {
    var root = try Samples.root()
    let more = try (0..<400).map { try Signer(7, extensions: ["x-number": .integer($0)]).key }
    root.keys = KeyRing(root.keys.keys + more)
    let known = KnownKeys()
    let alone = try Root.read(root.json)
    for _ in 0..<2 {
      let read = try Root.read(root.json, known: known)
      #expect(read.root == alone.root && read.oddities == alone.oddities)
    }
  }

  /// Of two keys with one id the later one stands, and each is found by its id.
  @Test func aRingHasEachIDOnce() throws {
    let keys = try (1...40).map { try Signer($0).key }
    let ring = KeyRing(keys.reversed() + keys)
    #expect(ring.keys.map(\.keyID) == keys.map(\.keyID).sorted())
    for key in keys { #expect(ring[key.keyID] == key) }
    for absent in ["", "!", "~", String(repeating: "0", count: 64)] { #expect(ring[absent] == nil) }
    let first = try #require(keys.first)
    let text = try #require(first.json["keyval"]?["public"]?.string)
    let signed = try Samples.root(keys: [1]).json
    let changed = try signed.changing("keys.\(first.keyID).keyval.public", to: .string(text.uppercased()))
    let other = try #require(Root.readAsClient(changed).root.keys[first.keyID])
    #expect(other != first && KeyRing([first, other])[first.keyID] == other)
    #expect(KeyRing([other, first])[first.keyID] == first)
  }
}
