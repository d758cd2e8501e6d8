import Bundles
import CanonicalJSON
import Findings
import Keys
import Products
import Requests
import SampleMetadata
import SignatureMerge
import TUFMetadata
import Testing

@Suite struct MergeRefusalTests {
  /// Each beside the sound file `a.json`, of version 2, signed by keys 2 and 3.
  @Test func whatDoesNotBelongTogether() throws {
    let sound = try Joined.second()
    let mark: JSONObject = [Header.rehearsalMark: true]
    let targets = Targets(version: 2, expires: try Samples.time("2027-01-01T00:00:00Z")).json
    let table: [(String, JSONObject, Finding.Code)] = [
      ("version", try sound.changing("version", to: 3), .mergeVersion),
      ("role", targets, .mergeRole),
      ("rehearsal", try Joined.second(mark), .mergeRehearsal),
      ("a rehearsal of another version", try Joined.second(mark).changing("version", to: 3), .mergeRehearsal),
      ("expiry", try sound.changing("expires", to: "2027-01-01T00:00:01Z"), .mergeContent),
      ("threshold", try sound.changing("roles.root.threshold", to: 1), .mergeContent),
      ("a field more", try sound.changing("x-a", to: 1), .mergeContent),
      ("a field less", try sound.changing("consistent_snapshot", to: nil), .mergeContent),
      ("the same by eye", try sound.changing("x-a", to: "e\u{301}"), .mergeContent),
    ]
    let first = try Joined.file([2, 3])
    for (what, signed, code) in table {
      let other = try Joined.file([2], signed, path: "b.json")
      try refuses(code, at: "b.json", what) { try SignatureMerge([first, other]) }
      try refuses(code, at: "a.json", what) { try SignatureMerge([other, first]) }
    }
    let nfc = try Joined.file([2], sound.changing("x-a", to: "\u{e9}"))
    let nfd = try Joined.file([3], sound.changing("x-a", to: "e\u{301}"), path: "b.json")
    try refuses(.mergeContent, at: "b.json") { try SignatureMerge([nfc, nfd]) }
    // The same content in another form is the same.
    let compact = try Joined.part(
      JSONValue(parsing: try Samples.signed(sound, by: [3]).serialized()).canonical(), "b.json")
    #expect(try SignatureMerge([first, compact]).parts.count == 2)
  }

  @Test func signaturesThatAreNotRight() throws {
    let signed = try Joined.second()
    let bytes = Envelope(signed: signed).signedBytes
    let good = try Signer(2).signature(over: bytes)
    func part(_ signatures: [Envelope.Signature]) throws -> SignaturePart {
      try Joined.part(Joined.bytes(signed, signatures.map(\.json)), "b.json")
    }
    let first = try Joined.file([3])
    let table: [(String, Envelope.Signature, Finding.Code)] = [
      ("over other bytes", try Signer(2).signature(over: bytes + [0]), .signatureInvalid),
      ("by another key", try Signer(9).signature(over: bytes, as: Joined.keyID(2)), .signatureInvalid),
      ("a byte less", .init(keyID: good.keyID, bytes: Array(good.bytes.dropLast())), .signatureInvalid),
      ("a key that nobody names", try Signer(9).signature(over: bytes), .signatureUnknownKey),
      ("a key of another role", try Signer(200).signature(over: bytes), .signatureUnknownKey),
    ]
    for (what, signature, code) in table {
      try refuses(code, at: "b.json", what) {
        try SignatureMerge([first, try part([signature])], trusted: Joined.trusted())
      }
    }
    for place in 0..<good.bytes.count {
      var changed = good.bytes
      changed[place] ^= 1
      try refuses(.signatureInvalid, at: "b.json", "byte \(place)") {
        try SignatureMerge([first, try part([.init(keyID: good.keyID, bytes: changed)])])
      }
    }
  }

  @Test func filesThatCannotBeRead() throws {
    let signed = try Joined.second()
    let good = try Signer(2).signature(over: Envelope(signed: signed).signedBytes).json
    let id = try Joined.keyID(2)
    let empty: JSONValue = ["keyid": .string(id), "sig": ""]
    let table: [(String, [UInt8], Finding.Code)] = [
      ("nothing", [], .jsonEmpty),
      ("no metadata", Array("{}".utf8), .metadataShape),
      ("a syntax error", Array("{".utf8), .jsonSyntax),
      ("a name twice", Array(#"{"signed":{},"signed":{},"signatures":[]}"#.utf8), .jsonDuplicateName),
      ("no signature", Joined.bytes(signed, []), .mergeUnsigned),
      ("an empty signature", Joined.bytes(signed, [empty]), .mergeUnsigned),
      ("a key id twice", Joined.bytes(signed, [good, good]), .signatureRepeated),
      ("a key id twice, once empty", Joined.bytes(signed, [good, empty]), .signatureRepeated),
      ("no hexadecimal", Joined.bytes(signed, [["keyid": .string(id), "sig": "zz"]]), .signatureForm),
      ("no such type", Joined.bytes(try signed.changing("_type", to: "mirrors"), [good]), .metadataType),
      ("version 0", Joined.bytes(try signed.changing("version", to: 0), [good]), .metadataVersion),
      (
        "too large",
        Joined.bytes(try signed.changing("x-a", to: .string(String(repeating: "a", count: 1 << 20))), [good]),
        .fileRefused
      ),
    ]
    for (what, bytes, code) in table {
      let finding = #expect(throws: Finding.self, "\(what)") { try Joined.part(bytes, "b.json") }
      #expect(finding?.code == code && finding?.place?.hasPrefix("b.json") == true, "\(what) \(finding as Any)")
    }
    // A root that names no roles is read no further.
    let roleless = try Joined.part(Joined.bytes(try signed.changing("roles.root", to: nil), [good]))
    try refuses(.roleMissing, at: "a.json") { try SignatureMerge([roleless]) }
    try refuses(.mergeUnsigned, at: nil) { try SignatureMerge([]) }
  }

  @Test func moreThanAreJoined() throws {
    let bare = Envelope(signed: try Joined.second())
    let signature = try Signer(2).signature(over: bare.signedBytes)
    let parts = try (0...SignatureMerge.mostParts).map { number in
      try Joined.part(Joined.bytes(bare.signed, [signature.json]) + [UInt8](repeating: 0x20, count: number))
    }
    #expect(try SignatureMerge(parts.dropLast() + parts.dropLast()).parts.count == SignatureMerge.mostParts)
    try refuses(.mergeTooMany, at: nil) { try SignatureMerge(parts) }
  }

  // MARK: - Answers

  @Test func archivesThatAreNoAnswer() throws {
    let one = try Samples.signed(Joined.second(), by: [2])
    let sound = Joined.folder(one)
    #expect(try Joined.part(sound.packed(), "a.tar").kind == .answer)
    func edited(_ edit: (inout MemoryFolder) -> Void) throws -> [UInt8] {
      var folder = sound
      edit(&folder)
      return try folder.packed()
    }
    let name = "pending/2.root.json"
    let request = SignaturePart.request
    let others = Joined.folder(Envelope(signed: try Joined.second(["x-a": 1]))).files[request]
    let asked = Asked(id: "dora", name: "Dora", keyID: "", slot: "9c")
    let forAKey = Joined.request(
      .enrol(KeyWanted(person: asked, role: [:], cards: [:], fields: [:], largest: 1, files: [:])))
    let marked = try Samples.signed(Joined.second([Header.rehearsalMark: true]), by: [2])
    let table: [(String, [UInt8], Finding.Code)] = [
      ("no request", try edited { $0.files[request] = nil }, .answerMalformed),
      ("nothing pending", try edited { $0.files[name] = nil }, .answerMalformed),
      ("two pending", try edited { $0.files["pending/2.targets.json"] = [] }, .answerMalformed),
      ("an answer in an answer", try edited { $0.files["inputs/answers/a.tar"] = [1] }, .answerMalformed),
      (
        "finished metadata alone", try MemoryFolder(files: ["metadata/2.root.json": one.serialized()]).packed(),
        .answerMalformed
      ),
      ("another version in the name", try Joined.folder(one, named: "pending/3.root.json").packed(), .answerMalformed),
      ("another role in the name", try Joined.folder(one, named: "pending/2.targets.json").packed(), .answerMalformed),
      (
        "a name that root cannot have", try Joined.folder(one, named: "pending/2.releases.json").packed(),
        .answerMalformed
      ),
      ("a zero in the name", try Joined.folder(one, named: "pending/02.root.json").packed(), .answerMalformed),
      ("no version in the name", try Joined.folder(one, named: "pending/root.json").packed(), .answerMalformed),
      ("a folder in the name", try Joined.folder(one, named: "pending/2.a/root.json").packed(), .answerMalformed),
      ("a request that cannot be read", try edited { $0.files[request] = Array("{}".utf8) }, .requestMalformed),
      ("a request for something else", try edited { $0.files[request] = others }, .answerMalformed),
      ("a request for a key", try edited { $0.files[request] = forAKey }, .answerMalformed),
      ("no signature", try Joined.folder(Envelope(signed: Joined.second())).packed(), .mergeUnsigned),
      ("no metadata", try edited { $0.files[name] = [] }, .jsonEmpty),
      ("a rehearsal of something real", try edited { $0.files["REHEARSAL"] = [] }, .mergeRehearsal),
      ("something real of a rehearsal", try Joined.folder(marked).packed(), .mergeRehearsal),
      ("cut off", try sound.packed().dropLast(), .bundleMalformed),
      ("something behind it", try sound.packed() + [0], .bundleMalformed),
      ("too large", try edited { $0.files["x"] = [UInt8](repeating: 0, count: 4 << 20) }, .fileRefused),
      (
        "metadata that is too large",
        try Joined.folder(
          Samples.signed(try Joined.second(["x-a": .string(String(repeating: "a", count: 1 << 20))]), by: [2])
        ).packed(), .fileRefused
      ),
    ]
    for (what, bytes, code) in table {
      let finding = #expect(throws: Finding.self, "\(what)") { try Joined.part(bytes, "b.tar") }
      #expect(finding?.code == code && finding?.place?.hasPrefix("b.tar") == true, "\(what) \(finding as Any)")
    }
    // Two people who are at one place answer together.
    let both = Joined.folder(try Samples.signed(Joined.second(), by: [2, 3]))
    #expect(try SignatureMerge([Joined.part(both.packed(), "a.tar")]).signers.count == 2)
    var rehearsed = Joined.folder(marked)
    rehearsed.files["REHEARSAL"] = []
    #expect(try SignatureMerge([Joined.part(rehearsed.packed(), "a.tar")]).header.isRehearsal)
  }

  @Test func answersForDelegatedRoles() throws {
    let targets = Targets(version: 2, expires: try Samples.time("2027-01-01T00:00:00Z")).json
    func answer(_ role: String, _ number: UInt8) throws -> SignaturePart {
      let folder = Joined.folder(try Samples.signed(targets, by: [number]), named: "pending/2.\(role).json")
      return try Joined.part(try folder.packed(), "\(role).tar")
    }
    let parts = [try answer("releases", 1), try answer("releases", 2), try Joined.file([3], targets)]
    #expect(try SignatureMerge(parts).path == "pending/2.releases.json")
    try refuses(.mergeRole, at: "nightly.tar") { try SignatureMerge(parts + [try answer("nightly", 4)]) }
    try refuses(.mergeRole, at: "releases.tar") { try SignatureMerge(parts, role: "nightly") }
    try refuses(.mergeRole, at: "targets.tar") { try SignatureMerge(parts + [try answer("targets", 4)]) }
  }

  // MARK: - The trusted root

  @Test func rootsThatAreNotTrusted() throws {
    let first = try Joined.first().json
    let part = try Joined.file([2])
    for (what, bytes, code) in [
      ("too few signatures of its own", try Samples.signed(first, by: [1]).serialized(), .rootThresholdNew),
      ("no signatures", Envelope(signed: first).serialized(), .rootThresholdNew),
      ("no JSON", [], .jsonEmpty),
      (
        "another role",
        try Samples.signed(
          Targets(version: 1, expires: try Samples.time("2027-01-01T00:00:00Z")).json, by: [200]
        ).serialized(), .metadataType
      ),
    ] as [(String, [UInt8], Finding.Code)] {
      let finding = #expect(throws: Finding.self, "\(what)") { try TrustedRoot(bytes, path: "t.json") }
      #expect(finding?.code == code && finding?.place?.hasPrefix("t.json") == true, "\(what) \(finding as Any)")
    }
    let own = try TrustedRoot(Samples.signed(Joined.second(), by: [2, 3]).serialized(), path: "t.json")
    try refuses(.rootVersionStep, at: "t.json", "the same version") { try SignatureMerge([part], trusted: own) }
    let marked = try TrustedRoot(
      Samples.signed(try first.changing(Header.rehearsalMark, to: true), by: [1, 2]).serialized(), path: "t.json")
    try refuses(.mergeRehearsal, at: "t.json") { try SignatureMerge([part], trusted: marked) }
  }
}
