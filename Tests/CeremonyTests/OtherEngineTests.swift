import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing
import Transcript

/// Folders that another engine version made: judged from their files, and never called replayed.
@Suite struct OtherEngineTests {
  /// The golden rehearsals of the engine versions before this one.
  private static let older: [MemoryProducts] = (1..<EngineVersion.current).compactMap { engine in
    try? MemoryProducts(reading: Package.fixtures.appending(path: "engine-\(engine)/first-rehearsal").path())
  }

  @Test func theGoldenRehearsalsOfOlderEnginesAreVerified() throws {
    try #require(Self.older.count == EngineVersion.current - 1)
    for folder in Self.older {
      let verdict = folder.replay()
      #expect(verdict.findings.map(\.code) == [.engineVersion])
      #expect(verdict.findings.allSatisfy { $0.severity == .warning && $0.hint.contains("release 0.") })
      #expect(verdict.isSound && !verdict.isReexecuted && !verdict.holds && !verdict.isUnproven)
      #expect(verdict.isByFilesAlone)
      #expect(verdict.headline.hasPrefix("VERIFIED, NOT RE-EXECUTED"))
      #expect(verdict.seal == SealCount(count: 2, needed: 2, threshold: 2))
      #expect(verdict.facts?.payloads.map { $0.signers.sorted() } == [["Ada", "Boris"]])
      #expect(verdict.facts?.cards.map(\.name) == ["20000001", "20000002"])
      let attested = AttestVerdict(folder)
      #expect(attested.holds && attested.isProven && attested.findings == [])
      #expect(attested.keys.allSatisfy { $0.generatedIn != nil })
    }
    try SecondVerifier.expectAgreement(
      Self.older.map { ("sound", $0) }, holding: true, "of older engine versions")
  }

  /// The page of another engine is not written again, so that nobody vouches for its words.
  @Test func aPageThatSomebodyElseWrote() throws {
    let unproved = "what report.html says: SHA256SUMS alone names it"
    var cases: [(what: String, folder: MemoryProducts)] = []
    for (place, sound) in Self.older.enumerated() {
      var folder = sound
      if place > 0 { folder.files["report.html"] = Array("<h1>everything is fine</h1>".utf8) }
      folder.sum()
      #expect(folder.replay().notProved.contains { $0.hasPrefix(unproved) } == (place > 0))
      cases.append(("engine \(place + 1)", folder))
    }
    try SecondVerifier.expectAgreement(cases, holding: true, "with a page that somebody else wrote")
    #expect(!MemoryProducts.firstRehearsal().replay().notProved.contains { $0.hasPrefix(unproved) })
  }

  @Test func everyChangedFileIsNamed() throws {
    var dice = Dice(seed: Sweep.seed)
    var cases: [(what: String, folder: MemoryProducts)] = []
    for sound in Self.older {
      for path in sound.files.keys.sorted() {
        let bytes = try #require(sound.files[path])
        var changes: [(what: String, bytes: [UInt8]?)] = [
          ("a byte more", bytes + [0x0a]), ("a byte fewer", bytes.dropLast()), ("removed", nil),
        ]
        for place in [0, bytes.count - 1] + (0..<2).map({ _ in Int.random(in: bytes.indices, using: &dice) }) {
          var changed = bytes
          changed[place] ^= UInt8.random(in: 1...255, using: &dice)
          changes.append(("byte \(place)", changed))
        }
        for (what, changed) in Sweep.isFull ? changes : changes.shuffled(using: &dice).suffix(1) {
          var folder = sound
          folder.files[path] = changed
          cases.append(("\(path): \(what)", folder))
          let first = try #require(folder.replay().findings.first { $0.severity == .error }, "\(path): \(what)")
          let said = "\(first.place ?? "") \(first.what)"
          // A transcript without its last line has not ended; whatever else is changed is named itself.
          #expect(said.contains(path), "\(path): \(what): \(first)")
        }
      }
    }
    try SecondVerifier.expectAgreement(cases, holding: false, "of older engine versions, changed (seed \(Sweep.seed))")
  }

  /// An attacker may call a transcript another engine's to keep it from being re-executed: the seal still holds it.
  @Test func aTranscriptThatOnlyClaimsAnotherEngine() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    var claimed = try room.products()
    #expect(claimed.replay().holds)
    let other = EngineVersion.current - 1
    try claimed.rechain { $0[0].edit("body", "engine") { _ in .integer(Int64(other)) } }
    // The release that it names has another engine.
    #expect(claimed.replay().findings.map(\.code) == [.engineVersion, .beginMalformed])
    try SecondVerifier.expectAgreement(
      [("release", claimed)], holding: false, "that claim an engine of another release")
    try claimed.rechain { $0[0].edit("body", "program", "version") { _ in .string("0.\(other).0") } }
    let verdict = claimed.replay()
    #expect(verdict.findings.map(\.code) == [.engineVersion, .recordMalformed])
    #expect(!verdict.isSound && !verdict.holds && !verdict.isReexecuted)
    try SecondVerifier.expectAgreement([("claimed", claimed)], holding: false, "that claim another engine version")
  }

  /// What nobody knows is an error, in every command, and nothing is judged by it.
  @Test(arguments: [Int64(EngineVersion.current + 1), 1000, 1 << 52, 0, -1])
  func anEngineVersionThatNobodyKnows(engine: Int64) throws {
    var claimed = MemoryProducts.firstRehearsal()
    try claimed.rechain { $0[0].edit("body", "engine") { _ in .integer(engine) } }
    let verdict = claimed.replay()
    #expect(verdict.findings.map(\.code) == [.engineVersion])
    #expect(verdict.findings.allSatisfy { $0.severity == .error })
    #expect(!verdict.isSound && !verdict.isReexecuted && verdict.isRehearsal)
    #expect(verdict.headline.hasPrefix("NOT AS RECORDED"))
    #expect(AttestVerdict(claimed).findings.map(\.code) == [.engineVersion])
    try SecondVerifier.expectAgreement([("engine \(engine)", claimed)], holding: false, "of an unknown engine version")
  }

  /// A script that nobody can read was a warning, which switched the judgement of attestations off.
  @Test(arguments: [("ceremony: 1", "ceremony: 3"), ("ceremony: 1", "ceremony: one"), ("witness:", "watcher:")])
  func aScriptThatNobodyKnows(from: String, to: String) throws {
    var folder = try MemoryProducts.golden(3)
    let script = try String(decoding: folder.read("script.yaml"), as: UTF8.self).editing(from, with: to)
    folder.files["script.yaml"] = Array(script.utf8)
    try folder.rechain { records in
      records[0].edit("body", "script", "sha256") { _ in .string(SHA256Digest(of: Array(script.utf8)).hex) }
    }
    let verdict = folder.replay()
    #expect(verdict.findings.map(\.code) == [.engineVersion, .scriptOtherRelease])
    #expect(verdict.findings.last?.severity == .error)
    #expect(!verdict.isSound)
  }

  /// With `--after`, what an earlier engine made is verified from its files, and no more is said of it.
  @Test func theCeremonyBeforeThisOneIsOfAnotherEngine() throws {
    let earlier = try MemoryProducts.golden(2)
    let names = try EarlierCeremony(earlier).names
    let text = try Scripts.first.editing(
      "\nkeyholders:", with: "\nprevious:\n  root: \(names.root.hex)\n  head: \(names.head.hex)\nkeyholders:")
    let room = Room()
    let options = LiveCeremony.Options(
      script: Array(text.utf8), scriptFolder: "", out: room.path, isUnattended: true,
      programVersion: ProgramVersion.current,
      after: Package.fixtures.appending(path: "engine-2/first-rehearsal").path())
    _ = try LiveCeremony(options, console: room.console).run()
    let alone = room.replay()
    #expect(alone.holds && !alone.isByFilesAlone)
    let verdict = Replay(room.folder, after: earlier).verdict()
    #expect(verdict.holds && verdict.isEarlierVerified && verdict.isByFilesAlone)
    #expect(verdict.findings.map(\.code) == [.engineVersion])
    #expect(verdict.proved.contains("The ceremony before this one, which it names, holds as well by its files."))
    #expect(verdict.notProved.contains { $0.hasPrefix("that the ceremony before this one comes out again") })
    var unknown = earlier
    try unknown.rechain { $0[0].edit("body", "engine") { _ in 99 } }
    let refused = Replay(room.folder, after: unknown).verdict()
    #expect(refused.findings.map(\.code) == [.previousUnsound] && !refused.isSound)
  }

  /// No program goes on with another engine's ceremony: a record that says so was written to switch re-execution off.
  @Test func aResumeRecordNamesTheEngineOfTheFirstRecord() throws {
    let room = Room()
    room.console.answer = { screen in
      if screen.title == "Show root" { throw Interruption(reason: "end of input") }
      return screen.prompt?.unattended
    }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try Scripts.first.utf8)) }
    room.console.answer = { $0.prompt?.unattended }
    _ = try Resumption(room.path, console: room.console, isUnattended: true).run()
    let sound = try room.products()
    #expect(sound.replay().holds)
    var place = 0
    func resumed(_ engine: JSONValue?) -> (inout [JSONObject]) throws -> Void {
      { records in
        place = try #require(records.lastIndex { $0["kind"] == "resume" })
        records[place].edit("body", "engine") { _ in engine }
      }
    }
    var cases: [(what: String, folder: MemoryProducts)] = []
    for engine in [.integer(Int64(EngineVersion.current + 1)), .integer(Int64(EngineVersion.current - 1)), "4", nil]
      as [JSONValue?]
    {
      var folder = sound
      try folder.rechain(resumed(engine))
      #expect(folder.replay().findings.map(\.code) == [.recordMalformed])
      #expect(folder.replay().findings.first?.place == "transcript.jsonl record \(place)")
      cases.append(("transcript: \(String(describing: engine))", folder))
      folder = sound
      try folder.rewriteSealing { records in
        var stop = records[1]
        (stop["kind"], stop["step"], stop["body"]) = ("interruption", "", ["reason": "SIGINT"])
        var went = stop
        let program: JSONValue = ["version": .string(ProgramVersion.current), "sha256": .string(SHA256Digest.zero.hex)]
        (went["kind"], went["body"]) = ("resume", ["engine": 3, "program": program, "unattended": true])
        records.insert(contentsOf: [stop, went], at: 2)
        try resumed(engine)(&records)
      }
      #expect(folder.replay().findings.map(\.code) == [.recordMalformed])
      #expect(folder.replay().findings.first?.place == "sealing.jsonl record \(place)")
      cases.append(("sealing: \(String(describing: engine))", folder))
    }
    try SecondVerifier.expectAgreement(cases, holding: false, "that another engine is said to have gone on with")
  }

  /// One thing written anew by somebody without a card, each with its own code.
  @Test(arguments: [
    ("a root signature", [Finding.Code.evidenceMissing]),
    ("the seal's signatures", [Finding.Code.evidenceMissing, Finding.Code.sealMissing]),
    ("one of the seal's signatures", [Finding.Code.evidenceMissing, Finding.Code.sealBelowThreshold]),
    ("the mark of a rehearsal", [Finding.Code.productChanged, Finding.Code.fileUnknown]),
    ("the end of the sealing", [Finding.Code.incomplete]),
    ("a file nobody wrote", [Finding.Code.productChanged, Finding.Code.fileUnknown]),
  ])
  func whatNeedsNoCard(what: String, codes: [Finding.Code]) throws {
    var folder = try #require(Self.older.first)
    switch what {
    case "a root signature":
      // The records stay as they are: the seal is over them.
      let root = try #require(folder.files["metadata/1.root.json"])
      let text = String(decoding: root, as: UTF8.self)
      let start = try #require(text.range(of: "\"sig\": \"")).upperBound
      let changed = text.replacingCharacters(in: start..<text.index(start, offsetBy: 2), with: "00")
      try folder.rechain { records in
        let place = try #require(records.firstIndex { $0["body"]?["path"] == "metadata/1.root.json" })
        records[place].edit("body", "sha256") { _ in .string(SHA256Digest(of: Array(changed.utf8)).hex) }
      }
      folder.files["metadata/1.root.json"] = Array(changed.utf8)
      folder.sum()
      let found = Set(folder.replay().findings.map(\.code))
      #expect(found.isSuperset(of: [.signatureInvalid, .thresholdNotReached, .evidenceMissing, .sealMismatch]))
      return
    case "the seal's signatures", "one of the seal's signatures":
      let seal = try JSONValue(parsing: try #require(folder.files["seal.dsse.json"]))
      var object = try #require(seal.object)
      object["signatures"] = .array(Array((seal["signatures"]?.array ?? []).dropFirst(what.hasPrefix("one") ? 1 : 2)))
      folder.files["seal.dsse.json"] = JSONValue.object(object).pretty()
    case "the mark of a rehearsal":
      folder.files["REHEARSAL"] = Array("This is real.\n".utf8)
      folder.files["Rehearsal"] = []
    case "the end of the sealing":
      let lines = try #require(folder.files["sealing.jsonl"]).split(separator: 0x0a).dropLast()
      folder.files["sealing.jsonl"] = lines.flatMap { $0 + [0x0a] }
    default: folder.files["metadata/2.root.json"] = [1]
    }
    folder.sum()
    let findings = folder.replay().findings.dropFirst()
    #expect(findings.map(\.code) == codes, "\(findings)")
  }
}

extension MemoryProducts {
  init(reading path: String) throws {
    let folder = ProductsFolder(opening: path)
    var files: [String: [UInt8]] = [:]
    for entry in try folder.list() { files[entry.path] = try folder.read(entry.path) }
    self.init(files: files)
  }
}
