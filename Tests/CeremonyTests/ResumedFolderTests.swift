import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Keys
import Products
import Testing
import Transcript
import UTC

/// What may lie in a folder when its ceremony goes on, and what is refused before anything is done.
@Suite struct ResumedFolderTests {
  /// One thing that does not belong there, as long as the transcript is open and after it was closed.
  @Test(
    arguments: [
      "sealing.jsonl", "seal.dsse.json", "report.html", "SHA256SUMS", "metadata/1.root.json", "metadata/2.root.json",
      "notes.txt", "notes.txt.partial", "inputs/more.pem", "sealing.jsonl.partial", "REHEARSAL",
    ], [false, true])
  func whatTheRecordDoesNotAccountForIsRefused(_ path: String, isSealing: Bool) throws {
    let room = try interrupted(isSealing: isSealing)
    // After the close the root and the mark are the ceremony's own, and what follows the end may have been written.
    let own = ["sealing.jsonl", "report.html", "SHA256SUMS", "metadata/1.root.json", "REHEARSAL"]
    if isSealing, own.contains(path) { return }
    try room.folder.create(path, Array("planted\n".utf8))
    try expectRefused(.fileUnknown, room, naming: path)
    try FileManager.default.removeItem(atPath: "\(room.path)/\(path)")
    try goOn(room)
    #expect(room.replay().findings == [])
  }

  /// A folder or a pipe has the name of a file, or a link that of a folder.
  @Test(arguments: ["seal.dsse.json", "metadata/2.root.json", "report.html", "other", "annex"])
  func whatIsNoFileIsRefused(_ path: String) throws {
    let room = try interrupted(isSealing: true)
    let place = "\(room.path)/\(path)"
    if path != "annex" {
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      try expectRefused(.fileUnknown, room, naming: path)
      try FileManager.default.removeItem(atPath: place)
    }
    #expect(mkfifo(place, 0o600) == 0)
    try expectRefused(.fileUnknown, room, naming: path)
    try FileManager.default.removeItem(atPath: place)
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "/dev/null")
    try expectRefused(.fileUnknown, room, naming: path)
  }

  /// Nothing is written through a link that stands where a folder has to be.
  @Test(arguments: ["metadata", "cards", "cards/20000002"]) func nothingIsWrittenOutside(_ path: String) throws {
    let (room, outside) = (try interrupted(isSealing: false), Room())
    try FileManager.default.createDirectory(atPath: outside.path, withIntermediateDirectories: false)
    let place = "\(room.path)/\(path)"
    #expect(!FileManager.default.fileExists(atPath: place))
    try FileManager.default.createDirectory(
      at: URL(filePath: place).deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: outside.path)
    try expectRefused(.fileUnknown, room, naming: path)
    #expect(try outside.folder.list() == [])
  }

  /// A file of records that cannot be read is not an empty one, and nobody waits for a pipe.
  @Test(arguments: [false, true]) func aSealingThatCannotBeReadIsRefused(isOver: Bool) throws {
    let room = try isOver ? complete() : interrupted(isSealing: true)
    let place = "\(room.path)/sealing.jsonl"
    let kept = try room.folder.read("sealing.jsonl")
    try FileManager.default.moveItem(atPath: place, toPath: "\(room.path)-kept")
    defer { try? FileManager.default.removeItem(atPath: "\(room.path)-kept") }
    let obstacles: [() throws -> Void] = [
      { try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "\(room.path)-kept") },
      { #expect(mkfifo(place, 0o600) == 0) },
      { try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false) },
    ]
    for obstacle in obstacles {
      try obstacle()
      try expectRefused(.fileRefused, room)
      try FileManager.default.removeItem(atPath: place)
    }
    try room.folder.create("sealing.jsonl", kept)
    #expect(truncate(place, 65 << 20) == 0)
    try expectRefused(isOver ? .recordSurplus : .recordMalformed, room)
    #expect(truncate(place, off_t(kept.count)) == 0)
    try goOn(room)
    #expect(room.replay().findings == [])
  }

  /// What contradicts the rest of a ceremony that had ended is named, and nothing that is missing is written beside it.
  @Test(
    arguments: Sweep.pick(
      3,
      of: [
        ("sealing.jsonl", ["report.html"], "report.html"), ("sealing.jsonl", [], "report.html"),
        ("sealing.jsonl", ["SHA256SUMS"], "report.html"), ("report.html", ["SHA256SUMS"], "report.html"),
        ("report.html", ["seal.dsse.json"], "report.html"), ("SHA256SUMS", ["report.html"], nil),
        ("seal.dsse.json", ["report.html", "SHA256SUMS"], "seal.dsse.json"),
        ("metadata/1.root.json", ["SHA256SUMS"], "metadata/1.root.json"),
      ]))
  func nothingIsWrittenBesideAContradiction(changed: String, gone: [String], named: String?) throws {
    let room = try complete()
    var bytes = try room.folder.read(changed)
    if changed == "sealing.jsonl" {
      // The time of an answer, as whoever wants another record of it has it; what follows is linked anew.
      var chain = TranscriptChain(after: try #require(room.replay().head))
      let content = TranscriptContent(transcript: try room.folder.read("transcript.jsonl"), sealing: bytes)
      bytes = []
      for record in content.records.dropFirst(content.closed) {
        let at = record.at.adding(seconds: record.kind == .answer ? 1 : 0)
        bytes += try chain.append(at: at, mono: record.mono, step: record.step, kind: record.kind, body: record.body)
        bytes.append(0x0a)
      }
      #expect(bytes != (try room.folder.read(changed)))
    } else {
      bytes[bytes.count / 2] ^= 1
    }
    try room.folder.replace(changed, bytes)
    for path in gone { try room.folder.remove(path) }
    try expectRefused(.productChanged, room, naming: named)
  }

  /// Deeper than anybody walks through, and with more in it than a folder may have: who verifies says so, and what goes on
  /// does not look.
  @Test func whatPeopleAddedIsNotWalked() throws {
    let room = try complete()
    let annex = "\(room.path)/annex"
    try FileManager.default.createDirectory(atPath: annex, withIntermediateDirectories: false)
    let top = open(annex, O_RDONLY | O_DIRECTORY)
    defer { close(top) }
    var deep = dup(top)
    for _ in 0..<1_000 {
      #expect(mkdirat(deep, "d", 0o700) == 0)
      let inner = openat(deep, "d", O_RDONLY | O_DIRECTORY)
      close(deep)
      deep = inner
    }
    close(deep)
    #expect(room.replay().findings == [])
    for number in 0...100_000 { close(openat(top, "\(number)", O_WRONLY | O_CREAT, 0o600)) }
    #expect(room.replay().findings.map(\.code) == [.fileRefused])
    if let second = try SecondVerifier.verdicts(on: [room.path], "with more than 100000 files")?.first {
      #expect(second.text.contains("NOT VERIFIED\n  the folder: has more than 100000 files"), "\(second.text)")
    }
    #expect(try goOn(room).wasOver)
    try room.folder.remove("SHA256SUMS")
    let copy = Room()
    #expect(try goOn(room, mirror: copy).repairs.count == 1)
    #expect(room.console.notes.contains { $0.contains("NOT IN THE SECOND COPY") })
    for number in 0...100_000 { unlinkat(top, "\(number)", 0) }
    #expect(room.replay().findings == [] && copy.replay().findings == [])
  }

  /// Whatever people keep in `annex/` stays as it is, also beside what was left of a file of ours.
  @Test(arguments: [false, true]) func whatPeopleAddedStays(isSealing: Bool) throws {
    let (room, copy) = (try interrupted(isSealing: isSealing), Room())
    try room.folder.create("script.yaml.partial", [1])
    try room.folder.create("annex/scan.partial", [2])
    try FileManager.default.createDirectory(
      atPath: "\(room.path)/annex/a/b/c/d/e/f/g/h", withIntermediateDirectories: true)
    try Data([3]).write(to: URL(filePath: "\(room.path)/annex/my photo.jpg"))
    room.console.notes = []
    let result = try goOn(room, mirror: copy)
    #expect(result.ceremony.mirrorLoss == nil)
    #expect(room.console.notes.contains { $0.contains("annex/my photo.jpg") })
    #expect(room.replay().findings == [] && copy.replay().findings == [])
    #expect(try room.folder.list().filter { $0.isBelow("annex") && $0.isRegular }.count == 2)
    #expect(try copy.folder.list().filter { $0.isBelow("annex") }.map(\.path) == ["annex/scan.partial"])
  }

  /// Where going on is refused there is no second copy either.
  @Test func aRefusedCeremonyIsNotCopied() throws {
    let (room, copy) = (try interrupted(isSealing: false), Room())
    try room.folder.create("metadata/9.root.json", [])
    try expectRefused(.fileUnknown, room, mirror: copy)
    #expect(!FileManager.default.fileExists(atPath: copy.path))
  }

  @Test func aMissingInputIsNotTakenFromElsewhere() throws {
    let room = Room()
    room.console.answer = { _ in throw Interruption(reason: "end of input") }
    #expect(throws: Interruption.self) { try room.rehearse(try Package.script("root-only-genesis.yaml")) }
    let inputs = try room.folder.list().filter { $0.isBelow("inputs") }.map(\.path)
    #expect(!inputs.isEmpty)
    for input in inputs {
      let bytes = try room.folder.read(input)
      try room.folder.remove(input)
      try expectRefused(.fileRefused, room, naming: input)
      try room.folder.create(input, bytes)
    }
    room.console.answer = { $0.prompt?.unattended }
    try goOn(room)
    #expect(room.replay().holds)
  }

  /// The program ended between two of the last things that it writes.
  @Test(arguments: [
    ["sealing.jsonl", "seal.dsse.json", "report.html", "SHA256SUMS"],
    ["report.html", "SHA256SUMS"], ["SHA256SUMS"], ["metadata/1.root.json", "seal.dsse.json", "SHA256SUMS"], [],
  ])
  func theEndingIsCutAnywhere(gone: [String]) throws {
    for partial in ["", "seal.dsse.json", "report.html", "SHA256SUMS"] {
      // The seal is written when everything else after the close is on record.
      if gone.contains("sealing.jsonl"), partial == "seal.dsse.json" { continue }
      let room = try complete()
      let before = try room.products().files
      for path in gone { try room.folder.remove(path) }
      if !partial.isEmpty { try room.folder.create(partial + ".partial", [1]) }
      let result = try goOn(room)
      #expect(room.replay().findings == [], "\(gone) \(partial)")
      guard !gone.contains("sealing.jsonl") else { continue }
      #expect(result.wasOver)
      #expect(try room.products().files == before, "\(gone) \(partial)")
      for path in gone { #expect(result.repairs.contains { $0.hasPrefix("\(path) was missing") }, "\(path)") }
      #expect(result.repairs.count == gone.count + (partial.isEmpty ? 0 : 1))
    }
  }

  @Test func somethingAfterTheEndIsRefused() throws {
    let room = try complete()
    for name in ["sealing.jsonl", "transcript.jsonl"] {
      let whole = try room.folder.read(name)
      try room.folder.replace(name, whole + Array("{\"at\"".utf8))
      try expectRefused(.recordSurplus, room)
      try room.folder.replace(name, whole)
    }
  }

  /// A long line that was cut short is kept in several records, and what no record can be is not cut off.
  @Test func aLongTornLineIsKept() throws {
    let room = try interrupted(isSealing: false)
    let whole = try room.folder.read("transcript.jsonl")
    let torn = (0..<700_000).map { UInt8($0 % 251) | 0x80 }
    try room.folder.replace("transcript.jsonl", whole + torn + torn)
    try expectRefused(.recordMalformed, room)
    try room.folder.replace("transcript.jsonl", whole + torn)
    try goOn(room)
    let kept = try room.records(.interruption).compactMap { $0.body["torn"]?.string.flatMap(Hex.decode) }
    #expect(kept.count == 3 && kept.flatMap(\.self) == torn)
    #expect(room.replay().findings == [])
    try SecondVerifier.expectAgreement([("torn", try room.products())], holding: true, "with a long torn line")
  }

  /// A disk kept a product, or a part of it, and lost the end of its record, which comes again first.
  @Test(arguments: ["", ".partial"], [false, true])
  func aProductWhoseRecordWasCutShortIsStillTheCeremonys(suffix: String, isChanged: Bool) throws {
    let room = try complete()
    let path = "metadata/1.root.json"
    let root = try room.folder.read(path)
    let lines = try room.folder.read("transcript.jsonl").split(separator: 0x0a)
    let place = try #require(try room.transcript().lastIndex { $0.kind == .write && $0.body["path"] == .string(path) })
    let cut = lines[..<place].flatMap { $0 + [0x0a] } + lines[place].prefix(40)
    try room.folder.replace("transcript.jsonl", cut)
    for gone in ["sealing.jsonl", "seal.dsse.json", "report.html", "SHA256SUMS", "REHEARSAL", path] {
      try room.folder.remove(gone)
    }
    try room.folder.create(path + suffix, isChanged ? Array("planted\n".utf8) : root)
    if isChanged, suffix.isEmpty {
      let finding = try #require(throws: Finding.self) {
        try Resumption(room.path, console: room.console, isUnattended: true).run()
      }
      #expect(finding.code == .productChanged)
      #expect(try room.folder.read(path) == Array("planted\n".utf8))
      return
    }
    try goOn(room)
    #expect(try room.folder.read(path) == root)
    #expect(try room.folder.exists(path + ".partial") == false)
    #expect(room.replay().findings == [])
  }

  /// The same of the seal, which is written after the last card was let go, and has no record.
  @Test(arguments: ["", ".partial"]) func aSealBeforeTheEndOfItsRecordsIsStillTheCeremonys(suffix: String) throws {
    let room = try complete()
    let seal = try room.folder.read("seal.dsse.json")
    let lines = try room.folder.read("sealing.jsonl").split(separator: 0x0a)
    let place = try #require(lines.lastIndex { String(decoding: $0, as: UTF8.self).contains("\"kind\":\"release\"") })
    let cut = lines[..<place].flatMap { $0 + [0x0a] } + lines[place].prefix(40)
    try room.folder.replace("sealing.jsonl", cut)
    for gone in ["seal.dsse.json", "report.html", "SHA256SUMS"] { try room.folder.remove(gone) }
    try room.folder.create("seal.dsse.json" + suffix, seal)
    try goOn(room)
    #expect(try room.folder.read("seal.dsse.json") == seal)
    #expect(try room.folder.exists("seal.dsse.json.partial") == false)
    #expect(room.replay().findings == [])
  }

  private func complete() throws -> Room {
    let room = Room()
    try Self.whole.write(to: URL(filePath: room.path))
    return room
  }

  /// With its virtual cards.
  private static let whole = MemoryProducts.firstRehearsal()

  /// A rehearsal whose input ended at its third prompt, or at the one that shows the head.
  private func interrupted(isSealing: Bool) throws -> Room {
    let room = Room()
    var seen = 0
    room.console.answer = { screen in
      seen += 1
      if isSealing ? screen.title.contains("head of the transcript") : seen == 3 {
        throw Interruption(reason: "end of input")
      }
      return screen.prompt?.unattended
    }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try Scripts.first.utf8)) }
    room.console.answer = { $0.prompt?.unattended }
    #expect(try room.folder.exists("sealing.jsonl") == isSealing)
    return room
  }

  @discardableResult
  private func goOn(_ room: Room, mirror: Room? = nil) throws -> Resumption.Result {
    let result = try Resumption(room.path, console: room.console, isUnattended: true, mirror: mirror?.path).run()
    #expect(result.ceremony.outcome.ending == .complete)
    return result
  }

  /// Refused by name, with everything left as it was, the virtual cards included.
  private func expectRefused(_ code: Finding.Code, _ room: Room, naming path: String? = nil, mirror: Room? = nil) throws
  {
    let before = try everything(in: room)
    let screens = room.console.screens.count
    let finding = try #require(throws: Finding.self) {
      try Resumption(room.path, console: room.console, isUnattended: true, mirror: mirror?.path).run()
    }
    #expect(finding.code == code)
    if let path {
      #expect(finding.place == path)
      #expect(finding.what.contains(path))
    }
    #expect(try everything(in: room) == before)
    #expect(room.console.screens.count == screens)
  }

  /// Every name in the folder, with the content of the files.
  private func everything(in room: Room) throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    for path in try room.folder.folders() { found[path] = [] }
    for entry in try room.folder.list() {
      found[entry.path] = entry.isRegular ? (try? room.folder.read(entry.path)) ?? [1] : [2]
    }
    return found
  }
}
