import Advice
import CanonicalJSON
import Findings
import Keys
import SampleMetadata
import TUFMetadata
import Testing
import UTC

@Suite struct LossesTests {
  @Test(arguments: [
    (5, 3, 3, "root: when any 3 of these 5 keys are lost, no root can follow this one", false, false),
    (5, 5, 1, "root: when any one of its 5 keys is lost, no root can follow this one", true, false),
    (2, 1, 2, "root: when all 2 of its keys are lost, no root can follow this one", false, true),
    (1, 1, 1, "root: when its one key is lost, no root can follow this one", false, true),
    (3, 2, 2, "root: when any 2 of these 3 keys are lost, no root can follow this one", false, false),
  ])
  func saysWhichLossesEndTheRoot(
    keys: Int, threshold: Int, fatal: Int, words: String, eachNeeded: Bool, oneEnough: Bool
  ) throws {
    let root = try Samples.root(keys: (1...UInt8(keys)).map { $0 }, threshold: threshold)
    let losses = try #require(Documents.advice(root).losses.first)
    #expect(losses.roles == [.root])
    #expect(losses.fatal == fatal)
    #expect(losses.isEachNeeded == eachNeeded && losses.isOneEnough == oneEnough)
    #expect(losses.sentences[0].hasPrefix(words))
    for key in root.keys(of: .root) { #expect(losses.sentences[0].contains(key.keyID.prefix(8))) }
    #expect(
      losses.sentences[1]
        == (eachNeeded
          ? "root: each of the 5 keys is needed, so whoever has one can block every signature."
          : keys == 1
            ? "root: whoever has its one key signs alone."
            : oneEnough
              ? "root: whoever has one of its 2 keys signs alone."
              : "root: nobody can sign alone, and nobody can block a signature alone."))
  }

  @Test func rolesWithTheSameKeysAreOne() throws {
    let advice = Documents.advice(try Samples.root())
    #expect(advice.losses.map(\.roles) == [[.root], [.targets, .snapshot, .timestamp]])
    #expect(
      advice.losses[1].sentences[0].hasPrefix(
        "targets, snapshot and timestamp: when its one key is lost, nobody can sign them until a new root"))
    #expect(advice.shared.map(\.roles) == [[.targets, .snapshot, .timestamp]])
    #expect(
      advice.shared[0].sentence.hasPrefix("targets, snapshot and timestamp share 1 key: whoever has it has it for all"))
  }

  @Test func aKeyOfRootAndTargetsIsShared() throws {
    var root = try Samples.root()
    #expect(!Documents.advice(root).shared.contains { $0.roles.contains(.root) })
    root[.targets] = root[.root]
    let shared = Documents.advice(root).shared
    #expect(shared.map(\.roles) == [[.root, .targets], [.snapshot, .timestamp]])
    #expect(shared[0].keyIDs == root[.root].keyIDs)
    #expect(shared[0].sentence.hasPrefix("root and targets share 3 keys: whoever has such a key has it for both"))
  }

  /// Three ids, two keys: the threshold is reached by both alone.
  @Test func oneKeyUnderTwoIDsCountsOnce() throws {
    let twin = try Signer(1, extensions: ["x-name": "twin"]).key
    var root = try Samples.root(keys: [1, 2], threshold: 2)
    root.keys = KeyRing(root.keys.keys + [twin])
    root[.root].keyIDs.append(twin.keyID)
    let advice = Documents.advice(root)
    #expect(advice.losses[0].keyIDs.count == 2)
    #expect(advice.losses[0].fatal == 1)
    #expect(advice.repeated.map { Set($0.keyIDs) } == [[try Signer(1).key.keyID, twin.keyID]])
    #expect(advice.repeated[0].sentence.hasSuffix("are one key. It counts once."))
    root[.root].threshold = 3
    let beyond = Documents.advice(root).losses[0]
    #expect(beyond.fatal == nil)
    #expect(
      beyond.sentences == ["root: nobody can sign. 3 signatures must be there, and there are 2 different keys."])
  }

  @Test func keysAreCalledByTheirNames() throws {
    let named = try Signer(1, extensions: ["x-tuf-on-ci-keyowner": "@ada"]).key
    let root = try Samples.root(keys: [2, 3]).with(
      rootKeys: [named, try Signer(2).key, try Signer(3).key], threshold: 2)
    let sentence = Documents.advice(root).losses[0].sentences[0]
    #expect(sentence.contains("\(named.keyID.prefix(8)) (@ada), "))
  }

  @Test func whatCannotBeCheckedIsSaid() throws {
    let root = try Samples.root().with(
      rootKeys: Documents.keys(2, .ed25519) + Documents.keys(1, .mlDSA44), threshold: 2)
    let losses = Documents.advice(root).losses[0]
    #expect(losses.keyIDs.count == 3 && losses.unchecked.count == 1)
    #expect(losses.sentences.last?.contains("cannot be checked here. Whether they can sign is not known") == true)
  }
}

@Suite struct PostQuantumTests {
  @Test(arguments: [
    (3, 1, 2, true), (3, 2, 3, true), (2, 2, 3, false), (1, 3, 2, false), (0, 3, 2, false), (3, 0, 2, false),
  ])
  func findsKeysThatProtectNothing(others: Int, strong: Int, threshold: Int, isFinding: Bool) throws {
    for algorithm in [PublicKey.Algorithm.mlDSA44, .mlDSA65, .mlDSA87] {
      let root = try Samples.root().with(
        rootKeys: Documents.keys(others, .ed25519) + Documents.keys(strong, algorithm), threshold: threshold)
      #expect(Documents.advice(root).findings.map(\.code) == (isFinding ? [.postQuantumNotNeeded] : []))
      #expect(Documents.advice(root).findings.allSatisfy { $0.severity == .warning })
    }
  }
}
