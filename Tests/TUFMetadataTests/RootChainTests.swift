import CanonicalJSON
import Findings
import Keys
import SampleMetadata
import TUFMetadata
import Testing

/// A rotation from version 1 (keys 1, 2, 3; two of them) and what a client makes of it.
struct Rotation: CustomTestStringConvertible, Sendable {
  let name: String
  var version: Int64 = 2
  var keys: [UInt8] = [1, 2, 4]
  var threshold = 2
  var online: UInt8 = 200
  var signers: [UInt8] = [1, 2]
  var outcome = RootChain.Outcome.updated
  var codes: [Finding.Code] = []
  var drops = false

  var testDescription: String { name }
}

private let rotations: [Rotation] = [
  Rotation(name: "one key replaced"),
  Rotation(
    name: "by the new key and an old one",
    signers: [1, 4],
    outcome: .refused,
    codes: [.rootThresholdOld]
  ),
  Rotation(name: "a key that left signs too", signers: [1, 2, 3]),
  Rotation(
    name: "one short on the old side",
    signers: [2, 4],
    outcome: .refused,
    codes: [.rootThresholdOld]
  ),
  Rotation(
    name: "one short on the new side",
    signers: [1, 3],
    outcome: .refused,
    codes: [.rootThresholdNew]
  ),
  Rotation(
    name: "nobody signed",
    signers: [],
    outcome: .refused,
    codes: [.rootThresholdOld, .rootThresholdNew]
  ),
  Rotation(name: "all keys replaced", keys: [5, 6], signers: [1, 2, 5, 6]),
  Rotation(
    name: "all keys replaced, signed by the new alone",
    keys: [5, 6],
    signers: [5, 6],
    outcome: .refused,
    codes: [.rootThresholdOld]
  ),
  Rotation(name: "threshold up", threshold: 3, signers: [1, 2, 4]),
  Rotation(
    name: "threshold up, one short",
    threshold: 3,
    signers: [1, 2],
    outcome: .refused,
    codes: [.rootThresholdNew]
  ),
  Rotation(name: "threshold down", threshold: 1),
  Rotation(
    name: "threshold down, one short",
    threshold: 1,
    signers: [1],
    outcome: .refused,
    codes: [.rootThresholdOld]
  ),
  Rotation(name: "version skipped", version: 3, outcome: .refused, codes: [.rootVersionStep]),
  Rotation(name: "version repeated", version: 1, outcome: .refused, codes: [.rootVersionStep]),
  Rotation(name: "surplus signature", signers: [1, 2, 99], codes: [.signatureUnknownKey]),
  Rotation(name: "online key replaced", online: 201, drops: true),
]

@Test(arguments: rotations)
func followsUpdateRoot(_ rotation: Rotation) throws {
  var chain = RootChain()
  chain.trust(try Samples.signed(Samples.root().json, by: [1, 3]).serialized(), place: "1.root.json")
  let next = try Samples.root(
    version: rotation.version,
    keys: rotation.keys,
    threshold: rotation.threshold,
    online: rotation.online
  )
  chain.update(try Samples.signed(next.json, by: rotation.signers).serialized(), place: "2.root.json")
  let step = try #require(chain.steps.last)
  #expect(step.outcome == rotation.outcome)
  #expect(step.findings.map(\.code) == rotation.codes)
  #expect(step.dropsMetadata == rotation.drops)
  #expect(chain.newest?.version == (rotation.outcome == .updated ? rotation.version : 1))
  #expect(chain.conclusion(at: try Samples.time("2026-01-01T00:00:00Z")) == [])
}

@Test func stopsAtTheFirstFailure() throws {
  var chain = RootChain()
  for (version, signers) in [(1, [1, 2]), (2, [1]), (3, [1, 2])] as [(Int64, [UInt8])] {
    chain.update(
      try Samples.signed(Samples.root(version: version).json, by: signers).serialized(),
      place: "\(version)"
    )
  }
  #expect(chain.steps.map(\.outcome) == [.trusted, .refused, .unreached])
  #expect(chain.newest?.version == 1)
}

/// Only the newest root's expiry counts, and expired means at or after the moment.
@Test(arguments: [
  ("2026-12-31T23:59:59Z", [Finding.Code]()), ("2027-01-01T00:00:00Z", [.rootExpired]),
  ("2027-01-01T00:00:01Z", [.rootExpired]),
])
func judgesExpiryOfTheNewest(time: String, codes: [Finding.Code]) throws {
  var chain = RootChain()
  let old = try Samples.root(expires: "2020-01-01T00:00:00Z")
  chain.trust(try Samples.signed(old.json, by: [1, 2]).serialized(), place: "1.root.json")
  chain.update(
    try Samples.signed(Samples.root(version: 2).json, by: [1, 2]).serialized(),
    place: "2.root.json"
  )
  #expect(chain.conclusion(at: try Samples.time(time)).map(\.code) == codes)
}

/// What clients live with in a superseded root makes them refuse the newest.
@Test func toleratesOddDatesOnlyInSupersededRoots() throws {
  let odd = try Samples.root().json.changing("expires", to: "2027-01-01T00:00:00.5Z")
  var chain = RootChain()
  chain.trust(try Samples.signed(odd, by: [1, 2]).serialized(), place: "1.root.json")
  let time = try Samples.time("2026-01-01T00:00:00Z")
  #expect(chain.steps.last?.findings.map(\.code) == [.expiresForm])
  #expect(chain.conclusion(at: time).map(\.code) == [.expiresForm])
  chain.update(
    try Samples.signed(Samples.root(version: 2).json, by: [1, 2]).serialized(),
    place: "2.root.json"
  )
  #expect(chain.conclusion(at: time) == [])
}

/// Who takes the steps one by one hears the same in the end: here of too many roots for one refresh.
@Test func concludesTheSameWithoutItsSteps() throws {
  let time = try Samples.time("2026-01-01T00:00:00Z")
  var (whole, taken) = (RootChain(), RootChain())
  for version in 1...Int64(RootChain.mostRotations + 2) {
    let root = PreparedRoot(
      try Samples.signed(Samples.root(version: version).json, by: [1, 2]).serialized(), place: "\(version).root.json")
    whole.update(root)
    taken.update(root)
    #expect(taken.takeSteps().map(\.version) == [version] && taken.steps.isEmpty)
  }
  #expect(whole.conclusion(at: time).map(\.code) == [.rootRotations])
  #expect(taken.conclusion(at: time) == whole.conclusion(at: time))
  var refused = RootChain()
  refused.update([], place: "1.root.json")
  _ = refused.takeSteps()
  #expect(refused.conclusion(at: time) == [])
}

@Test func anEmptyChainFails() throws {
  let codes = RootChain().conclusion(at: try Samples.time("2026-01-01T00:00:00Z")).map(\.code)
  #expect(codes == [.nothingToVerify])
}

@Test func countsAKeyOnceWhateverItsIDs() throws {
  let signer = try Signer(1)
  let twin = MetadataKey(try #require(signer.key.publicKey), extensions: ["x-name": "twin"])
  let keys = KeyRing([signer.key, twin])
  let role = Role(keyIDs: [signer.key.keyID, twin.keyID], threshold: 2)
  var envelope = Envelope(signed: ["a": 1])
  for id in [signer.key.keyID, twin.keyID] {
    envelope = envelope.adding(try signer.signature(over: envelope.signedBytes, as: id))
  }
  let count = envelope.count(role, keys)
  #expect(count.counted == [signer.key.keyID])
  #expect(count.repeated == [twin.keyID])
  #expect(!count.isMet)
}

/// Whatever byte of a signed root changes, nothing goes on to it.
@Test func noChangedByteIsAccepted() throws {
  let first = try Samples.signed(Samples.root().json, by: [1, 2]).serialized()
  let second = try Samples.signed(Samples.root(version: 2).json, by: [1, 2])
  let text = second.json.canonical()
  var accepted: [Int] = []
  for place in stride(from: 0, to: text.count, by: 7) {
    var damaged = text
    damaged[place] ^= 1
    var chain = RootChain()
    chain.trust(first, place: "1")
    chain.update(damaged, place: "2")
    // A letter's case in a signature's hex, and a key id beside the signed part, are not signed; nothing else is free.
    if chain.newest?.version == 2 { accepted.append(place) }
  }
  #expect(accepted == [])
}
