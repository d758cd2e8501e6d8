import Bundles
import CanonicalJSON
import Findings
import Judges
import Keys
import Products
import SampleMetadata
import SignatureMerge
import TUFMetadata
import Testing

@Suite struct SignatureMergeTests {
  @Test func whatTwoFilesBringIsInOne() throws {
    let parts = [try Joined.file([3, 1]), try Joined.file([2], path: "b.json"), try Joined.answer(4)]
    let merge = try SignatureMerge(parts, trusted: try Joined.trusted())
    #expect(merge.envelope == (try Samples.signed(Joined.second(), by: [1, 2, 3, 4]).sorted))
    #expect(merge.path == "pending/2.root.json")
    // Keys 1, 2 and 3 are of the root before, keys 2, 3 and 4 of the new one.
    #expect(merge.sides?.old?.counted.count == 3 && merge.sides?.new.counted.count == 3)
    #expect(merge.isPending == false)
    #expect(merge.signers.allSatisfy { $0.unchecked == nil })
    #expect(merge.signers.filter(\.isWitnessed).map(\.keyID) == [try Joined.keyID(4)])
    // Each part is kept as it came.
    let kept = merge.files.filter { $0.path.hasPrefix("parts/") }
    #expect(Set(kept.map(\.bytes)) == Set(parts.map(\.bytes)))
    for file in kept { #expect(file.path.dropFirst(6).prefix(64) == SHA256Digest(of: file.bytes).hex) }
    #expect(merge.files.last?.path == merge.path && merge.files.count == 4)
  }

  @Test func eachSideIsCountedByItself() throws {
    let trusted = try Joined.trusted()
    for (signers, old, new, isPending) in [
      ([1], 1, 0, true), ([4], 0, 1, true), ([1, 2], 2, 1, true), ([3, 4], 1, 2, true), ([2, 3], 2, 2, false),
      ([1, 2, 4], 2, 2, false),
    ] as [([UInt8], Int, Int, Bool)] {
      let merge = try SignatureMerge([try Joined.file(signers)], trusted: trusted)
      #expect(merge.sides?.old?.counted.count == old && merge.sides?.new.counted.count == new, "\(signers)")
      #expect(merge.isPending == isPending, "\(signers)")
      #expect(merge.text.contains("PENDING") == isPending)
    }
  }

  /// Nothing is claimed that was not checked.
  @Test func withoutATrustedRootNoThresholdIsJudged() throws {
    let merge = try SignatureMerge([try Joined.file([1, 2])])
    #expect(merge.sides == nil && merge.isPending == nil)
    let byKey = Dictionary(uniqueKeysWithValues: merge.signers.map { ($0.keyID, $0.unchecked) })
    #expect(byKey[try Joined.keyID(2)] == .some(nil))
    #expect(byKey[try Joined.keyID(1)] == "the root before may name its key")
    #expect(merge.text.contains("no threshold was judged"))
    #expect(!merge.text.contains("needed"))
    for signer in merge.signers { #expect(merge.text.contains(signer.keyID)) }
  }

  @Test func aFirstRootHasNoRootBefore() throws {
    let first = try Joined.first().json
    #expect(try SignatureMerge([Joined.file([1, 2], first)]).signers.allSatisfy { $0.unchecked == nil })
    try refuses(.signatureUnknownKey, at: "a.json") { try SignatureMerge([Joined.file([1, 4], first)]) }
    try refuses(.rootVersionStep, at: "1.root.json") {
      try SignatureMerge([Joined.file([1], first)], trusted: Joined.trusted())
    }
  }

  @Test func otherRolesAreSignedByTheKeysThatTheRootGivesThem() throws {
    let targets = Targets(version: 5, expires: try Samples.time("2027-01-01T00:00:00Z")).json
    let part = try Joined.file([200], targets)
    let merge = try SignatureMerge([part], trusted: try Joined.trusted())
    #expect(merge.path == "pending/5.targets.json")
    #expect(merge.sides?.old == nil && merge.sides?.new.counted.count == 1 && merge.isPending == false)
    try refuses(.signatureUnknownKey, at: "a.json") {
      try SignatureMerge([Joined.file([1], targets)], trusted: Joined.trusted())
    }
    let open = try SignatureMerge([part])
    #expect(open.signers.map(\.unchecked) == ["no root is here that names its key"])
    // A delegated role's keys stand in targets metadata.
    #expect(try SignatureMerge([part], role: "releases").path == "pending/5.releases.json")
    try refuses(.mergeRole, at: "1.root.json") {
      try SignatureMerge([part], trusted: Joined.trusted(), role: "releases")
    }
    for wrong in ["root", "snapshot", "a/b", "", "a b"] {
      try refuses(.mergeRole, at: "a.json") { try SignatureMerge([part], role: wrong) }
    }
    try refuses(.mergeRole, at: "a.json") { try SignatureMerge([Joined.file([2])], role: "releases") }
  }

  // MARK: - The same bytes

  @Test func anyOrderAndAnySubsetGivesTheSameBytes() throws {
    let odd = try OddSigner()
    let root = try odd.root().json
    let bare = Envelope(signed: root)
    let own = try (0..<5).map { _ in try odd.signature(over: bare.signedBytes) }
    let other = try Signer(1).signature(over: bare.signedBytes)
    var parts = try own.enumerated().map { number, signature in
      try Joined.part(bare.adding(signature).serialized(), "\(number).json")
    }
    parts.append(try Joined.part(bare.adding(own[3]).adding(other).serialized(), "both.json"))
    let answers = [own[1], own[4]].map { Joined.folder(bare.adding($0), named: "pending/1.root.json") }
    parts.append(try Joined.part(answers[0].packed(), "seen.tar"))
    let doubt = Finding(.sealMissing, "No seal.", hint: "")
    parts.append(try Joined.part(answers[1].packed(), "doubtful.tar", evidence: [doubt]))

    var dice = Dice(seed: Sweep.seed)
    for round in 0..<200 {
      let chosen = parts.shuffled(using: &dice).prefix(Int.random(in: 1...parts.count, using: &dice))
      let first = try SignatureMerge(Array(chosen))
      let again = (chosen + chosen.filter { _ in Bool.random(using: &dice) }).shuffled(using: &dice)
      let second = try SignatureMerge(again)
      #expect(first.files.map(\.path) == second.files.map(\.path), "round \(round), seed \(Sweep.seed)")
      #expect(first.files.map(\.bytes) == second.files.map(\.bytes), "round \(round), seed \(Sweep.seed)")
      #expect(first.json == second.json)
    }
  }

  /// Joining in two goes gives what joining at once gives, where no evidence is lost on the way.
  @Test func whatWasJoinedBeforeIsJoinedAgain() throws {
    let odd = try OddSigner()
    let bare = Envelope(signed: try odd.root().json)
    let parts = try (0..<6).map { number in
      try Joined.part(bare.adding(try odd.signature(over: bare.signedBytes)).serialized(), "\(number).json")
    }
    let whole = try SignatureMerge(parts).envelope.serialized()
    for split in 1..<parts.count {
      let before = try SignatureMerge(Array(parts[..<split])).envelope.serialized()
      let after = try SignatureMerge([try Joined.part(before, "joined.json")] + parts[split...])
      #expect(after.envelope.serialized() == whole)
    }
    #expect(try SignatureMerge([try Joined.part(whole), parts[0]]).envelope.serialized() == whole)
  }

  @Test func ofTwoSignaturesByOneKeyTheWitnessedOneIsTaken() throws {
    let odd = try OddSigner()
    let bare = Envelope(signed: try odd.root().json)
    for _ in 0..<8 {
      let (seen, unseen) = (try odd.signature(over: bare.signedBytes), try odd.signature(over: bare.signedBytes))
      let archive = try Joined.folder(bare.adding(seen), named: "pending/1.root.json").packed()
      let file = try Joined.part(bare.adding(unseen).serialized())
      let witnessed = try SignatureMerge([file, try Joined.part(archive, "a.tar")])
      #expect(witnessed.envelope.signatures == [seen] && witnessed.signers.map(\.isWitnessed) == [true])
      // Without evidence it is the one with the smaller digest, whoever brings it.
      let doubt = Finding(.sealMissing, "No seal.", hint: "")
      let doubtful = try Joined.part(archive, "a.tar", evidence: [doubt])
      #expect(doubtful.warnings.map(\.code) == [.answerUnsound])
      let smaller = [seen, unseen].min {
        SHA256Digest(of: $0.json.canonical()).hex < SHA256Digest(of: $1.json.canonical()).hex
      }
      let merge = try SignatureMerge([file, doubtful])
      #expect(merge.envelope.signatures == [smaller] && merge.signers.map(\.isWitnessed) == [false])
      #expect(merge.parts.count == 2)
    }
  }

  // MARK: - What others write

  /// tuf-on-ci leaves an empty signature for each key that has not signed.
  @Test func placeholdersCountForNothingAndAreNotWritten() throws {
    let signature = try Signer(2).signature(over: Envelope(signed: Joined.second()).signedBytes)
    let empty: JSONValue = ["keyid": .string(try Joined.keyID(3)), "sig": ""]
    let part = try Joined.part(Joined.bytes(Joined.second(), [empty, signature.json]))
    #expect(try SignatureMerge([part]).envelope.signatures == [signature])
  }

  @Test func fieldsThatNobodySignedAreKept() throws {
    let signed = try Joined.second()
    var signature = try Signer(2).signature(over: Envelope(signed: signed).signedBytes)
    signature = Envelope.Signature(keyID: signature.keyID, bytes: signature.bytes, fields: ["x-tool": "t"])
    let other = try Signer(3).signature(over: Envelope(signed: signed).signedBytes)
    let parts = [
      try Joined.part(Joined.bytes(signed, [signature.json], ["x-a": 1])),
      try Joined.part(Joined.bytes(signed, [other.json], ["x-b": ["é"], "x-a": 1]), "b.json"),
    ]
    let merge = try SignatureMerge(parts)
    #expect(merge.envelope.fields == ["x-a": 1, "x-b": ["é"]])
    #expect(Set(merge.envelope.signatures) == [signature, other])
    let differs = try Joined.part(Joined.bytes(signed, [other.json], ["x-a": 2]), "b.json")
    try refuses(.mergeFields, at: "b.json") { try SignatureMerge([parts[0], differs]) }
  }

  /// What cannot be checked here is kept, and is not guessed between.
  @Test func keysOfAnUnknownKind() throws {
    var root = try Joined.first().json
    let id = String(repeating: "ab", count: 32)
    root = try root.changing("keys.\(id)", to: ["keytype": "new", "scheme": "new", "keyval": ["public": "00"]])
    root = try root.changing("roles.root.keyids", to: .array([.string(id), .string(try Joined.keyID(1))]))
    let one = try Joined.part(Joined.bytes(root, [["keyid": .string(id), "sig": "01"]]))
    let two = try Joined.part(Joined.bytes(root, [["keyid": .string(id), "sig": "02"]]), "b.json")
    let merge = try SignatureMerge([one, one])
    #expect(merge.signers.map(\.unchecked) == ["keys of this kind cannot be used here"])
    try refuses(.mergeConflict, at: "b.json") { try SignatureMerge([one, two]) }
  }
}

/// What is thrown, and where.
func refuses(
  _ code: Finding.Code, at place: String?, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation,
  _ work: () throws -> some Any
) throws {
  let finding = #expect(throws: Finding.self, "\(what)", sourceLocation: sourceLocation) { try work() }
  #expect(finding?.code == code, "\(what) \(String(describing: finding))", sourceLocation: sourceLocation)
  if let place { #expect(finding?.place == place, "\(what)", sourceLocation: sourceLocation) }
}

extension Envelope {
  /// As it is written: by key id.
  fileprivate var sorted: Envelope {
    get throws { try Envelope(parsing: serialized(), place: "") }
  }
}
