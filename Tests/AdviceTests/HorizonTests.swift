import Advice
import CanonicalJSON
import Findings
import Keys
import SampleMetadata
import TUFMetadata
import Testing
import UTC

/// Bytes of canonical roots with one Ed25519 online key, measured with securesystemslib by others, too.
@Suite struct HorizonTests {
  private static func root(_ keys: [(Int, PublicKey.Algorithm)], threshold: Int = 2) throws -> Root {
    try Samples.root().with(rootKeys: keys.flatMap { Documents.keys($0.0, $0.1) }, threshold: threshold)
  }

  @Test(arguments: [
    (3, 1461, 6, 3033), (5, 1985, 4, 3033), (7, 2509, 2, 3033), (9, 3033, 0, 3033), (10, 3295, 0, 3295),
  ])
  func countsEd25519Keys(keys: Int, bytes: Int, more: Int, filled: Int) throws {
    let root = try Self.root([(keys, .ed25519)])
    let horizon = Documents.advice(root).horizon
    #expect(horizon.isLimited && horizon.keys == keys)
    #expect(horizon.bytes == bytes)
    #expect(horizon.fits == (bytes <= 3043))
    // The root that follows is built anew here.
    var next = root
    next.version = 2
    #expect(JSONValue.object(next.json).canonical().count == bytes)
    let room = try #require(horizon.room(.ed25519))
    #expect(room.more == more && room.bytes == filled)
    #expect(room.beyond == JSONValue.object(try Self.root([(keys + more + 1, .ed25519)]).json).canonical().count)
  }

  @Test(arguments: [
    (PublicKey.Algorithm.ecdsaP256, 2, 2757, 3143), (.mlDSA44, 0, 1985, 4046),
  ])
  func countsOtherKinds(_ kind: PublicKey.Algorithm, more: Int, bytes: Int, beyond: Int) throws {
    let room = try #require(Documents.advice(try Self.root([(5, .ed25519)])).horizon.room(kind))
    #expect(room.more == more && room.bytes == bytes && room.beyond == beyond)
  }

  /// Each kind at once is what it says: the root with these keys is built here, and is that large.
  @Test func everyRoomIsTheSizeOfARoot() throws {
    let horizon = Documents.advice(try Self.root([(3, .ed25519)])).horizon
    for room in horizon.rooms {
      func size(_ more: Int) throws -> Int {
        let keys =
          Documents.keys(3, .ed25519)
          + (0..<more).compactMap { PublicKey(standIn: 500 + $0, room.algorithm) }
          .map { MetadataKey($0) }
        return JSONValue.object(try Samples.root().with(rootKeys: keys, threshold: 2).json).canonical().count
      }
      #expect(try size(room.more) == room.bytes && room.bytes <= 3043, "\(room.algorithm)")
      #expect(try size(room.more + 1) == room.beyond && room.beyond > 3043, "\(room.algorithm)")
    }
  }

  @Test(arguments: [(2, 2998), (3, 3260), (5, 3784)])
  func countsOnlineMLDSA(keys: Int, bytes: Int) throws {
    let horizon = Documents.advice(try Self.root([(keys, .ed25519)])).horizon
    #expect(horizon.onlineMLDSA44 == bytes)
    #expect(
      horizon.sentences.contains { $0.hasSuffix(bytes <= 3043 ? "bytes, which fits." : "bytes, which is too much.") })
  }

  @Test func ed25519CardsCannotIntroduceMLDSA() throws {
    let sentences = Documents.advice(try Self.root([(5, .ed25519)], threshold: 3)).horizon.sentences
    #expect(
      sentences[0] == "The root that follows with the same keys has 1985 bytes, and an Ed25519 card signs 3043 at most."
    )
    #expect(
      sentences[1].hasPrefix("Beside the 5 root keys there is room for 4 Ed25519 (3033 bytes), or 2 P-256 (2757 bytes)")
    )
    #expect(sentences.contains { $0.contains("ML-DSA-44 4046 bytes") })
    #expect(sentences.contains { $0.hasPrefix("So Ed25519 cards cannot sign the root that introduces ML-DSA-44") })
    #expect(
      sentences.contains {
        $0.hasPrefix("The way out: this quorum signs a root with 5 P-256 keys in the place of its own, which has 2605")
      })
  }

  @Test func theWayOutOfALargerQuorumHasTwoSteps() throws {
    let horizon = Documents.advice(try Self.root([(7, .ed25519)], threshold: 4)).horizon
    #expect(horizon.bridge.bytes == 3377)
    let most = try #require(horizon.bridge.most)
    #expect(most.count == 6 && most.bytes <= 3043)
    #expect(most.bytes == JSONValue.object(try Self.root([(6, .ecdsaP256)]).json).canonical().count)
    #expect(horizon.sentences.contains { $0.contains("a root with 6 of them (\(most.bytes) bytes)") })
  }

  /// Enough keys that sign a hash: no card limits the root.
  @Test(arguments: [(5, 0, 3, false), (3, 2, 3, false), (2, 3, 3, true), (0, 5, 3, true)])
  func p256CardsSetNoLimit(ed25519: Int, p256: Int, threshold: Int, isFree: Bool) throws {
    let root = try Self.root([(ed25519, .ed25519), (p256, .ecdsaP256)], threshold: threshold)
    let horizon = Documents.advice(root).horizon
    #expect(horizon.isLimited != isFree && horizon.digestKeys == p256)
    #expect(horizon.sentences[0].contains("cards set no limit") == isFree)
    if isFree {
      let more = root.with(rootKeys: root.keys(of: .root) + Documents.keys(1, .mlDSA44), threshold: threshold)
      let bytes = JSONValue.object(more.json).canonical().count
      #expect(horizon.sentences[1].contains("ML-DSA-44 \(bytes),"))
    }
  }

  @Test func otherCardsSignLess() throws {
    let horizon = Documents.advice(try Self.root([(3, .ed25519)]), limit: 1323).horizon
    #expect(!horizon.fits)
    #expect(
      horizon.sentences[0].hasSuffix(
        "signs 1323 at most: these cards cannot sign it. Take keys or custom fields out of it."))
  }

  /// The mark of a rehearsal is not in the real root, and new keys get the custom fields that others have.
  @Test func countsWhatTheRealRootHas() throws {
    var root = try Self.root([(5, .ed25519)])
    root.fields[Header.rehearsalMark] = true
    #expect(Documents.advice(root).horizon.bytes == 1985)
    let named = try Samples.root().with(
      rootKeys: try (1...5).map { try Signer($0, extensions: ["x-tuf-on-ci-keyowner": "@someone"]).key }, threshold: 3)
    let plain = Documents.advice(try Self.root([(5, .ed25519)])).horizon
    let horizon = Documents.advice(named).horizon
    #expect(horizon.bytes > plain.bytes)
    #expect((horizon.room(.mlDSA44)?.beyond ?? 0) - horizon.bytes > (plain.room(.mlDSA44)?.beyond ?? 0) - plain.bytes)
  }

  /// Where targets has the root's keys, it has the new ones, too.
  @Test func addsToRolesThatShareTheKeys() throws {
    var root = try Self.root([(5, .ed25519)])
    let alone = try #require(Documents.advice(root).horizon.room(.ed25519))
    root[.targets] = root[.root]
    let shared = try #require(Documents.advice(root).horizon.room(.ed25519))
    #expect(shared.more < alone.more)
  }

  /// Whatever is in a root, its advice is written down.
  @Test func nothingTraps() throws {
    var root = try Samples.root()
    root[.root] = Role(keyIDs: [], threshold: 1)
    root[.timestamp] = Role(keyIDs: ["00"], threshold: .max)
    root.version = 9_007_199_254_740_991
    for limit in [1, Horizon.largestLimit, Int.max] {
      let advice = Documents.advice(root, signingDays: SigningTime.mostDays, limit: limit)
      #expect(!advice.text.isEmpty && !advice.short.isEmpty && !advice.json.isEmpty)
    }
  }
}
