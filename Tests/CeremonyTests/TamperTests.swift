import CanonicalJSON
import CeremonyReplay
import Findings
import Foundation
import Judges
import Keys
import Products
import Testing
import Transcript

/// A finished folder, changed in every way that an attacker without the cards has.
@Suite struct TamperTests {
  private static let sound: MemoryProducts = {
    let room = Room()
    do {
      let file = SHA256Digest(of: try Package.script("online-stand-in.pem")).hex
      let script = try Scripts.first.editing(
        "ed25519: \(Scripts.standIn)", with: "file: online-stand-in.pem\n    sha256: \(file)")
      try room.rehearse(Array(script.utf8))
      return try room.products()
    } catch {
      return MemoryProducts(files: [:])
    }
  }()

  private static var products: [String] {
    sound.files.keys.filter { !$0.hasPrefix("virtual-cards/") }.sorted()
  }

  @Test func theSoundFolderHolds() {
    #expect(Self.sound.replay().findings == [])
    #expect(Self.sound.replay().holds)
    #expect(Self.products.contains("inputs/online-stand-in.pem"))
  }

  @Test func oneByteOfAnyFileIsNoticedAndNamed() throws {
    var dice = Dice(seed: 11)
    for path in Self.products {
      let bytes = try #require(Self.sound.files[path])
      for place in [0, bytes.count / 2, bytes.count - 1, Int.random(in: 0..<bytes.count, using: &dice)] {
        var changed = Self.sound
        changed.files[path]?[place] ^= 1
        try expectRefused(changed, naming: path, "byte \(place) of \(path)")
      }
      var longer = Self.sound
      longer.files[path]?.append(0x0a)
      try expectRefused(longer, naming: path, "\(path) and one byte more")
      var shorter = Self.sound
      shorter.files[path]?.removeLast()
      try expectRefused(shorter, naming: path, "\(path) without its last byte")
      var gone = Self.sound
      gone.files[path] = nil
      try expectRefused(gone, naming: path, "\(path) removed")
    }
  }

  @Test func oneByteOfTheTranscriptIsNoticedAndTheRecordNamed() throws {
    let bytes = try #require(Self.sound.files["transcript.jsonl"])
    var dice = Dice(seed: 12)
    // Every byte would be a replay for each of 200,000: hours that say nothing more.
    let places =
      Sweep.isFull
      ? Array(stride(from: Int.random(in: 0..<37, using: &dice), to: bytes.count, by: 37))
      : (0..<220).map { _ in Int.random(in: bytes.indices, using: &dice) }
    for place in places {
      var changed = Self.sound
      changed.files["transcript.jsonl"]?[place] ^= UInt8.random(in: 1...255, using: &dice)
      // A record that says which file was read is refused by that file's name.
      try expectRefused(changed, naming: "record ", or: "inputs/", "byte \(place)")
    }
    print("transcript: \(places.count) single bytes changed, each noticed")
  }

  @Test func recordsSwappedDroppedDoubled() throws {
    let lines = try Self.lines()
    for place in stride(from: 1, to: lines.count - 2, by: 37) {
      var swapped = lines
      swapped.swapAt(place, place + 1)
      var dropped = lines
      dropped.remove(at: place)
      var doubled = lines
      doubled.insert(lines[place], at: place)
      for (changed, broken) in [(swapped, place), (dropped, place), (doubled, place + 1)] {
        try expectRefused(Self.with(changed), naming: "record \(broken)", "line \(place)", code: .chainBroken)
      }
    }
    try expectRefused(Self.with([]), naming: "transcript.jsonl", "no line", code: .transcriptEmpty)
    try expectRefused(Self.with(Array(lines.dropLast())), naming: "transcript.jsonl", "no close")
    try expectRefused(Self.with(lines + [lines[0]]), naming: "transcript.jsonl", "one line more")
  }

  @Test(arguments: [
    ("notes.txt", true), ("metadata/2.root.json", true), ("annex/photo.jpg", false), ("virtual-cards/x", false),
  ])
  func filesThatNobodyWrote(path: String, isRefused: Bool) {
    var more = Self.sound
    more.files[path] = [1]
    #expect(more.replay().findings.map(\.code) == (isRefused ? [.fileUnknown] : []))
  }

  @Test func everyPrefixOfTheTranscriptReplaysAsIncomplete() throws {
    let lines = try Self.lines()
    for count in stride(from: 1, to: lines.count, by: Sweep.isFull ? 1 : 41) {
      let verdict = Self.with(Array(lines.prefix(count))).replay()
      #expect(verdict.findings.map(\.code) == [.incomplete])
      #expect(verdict.records == Int64(count))
      #expect(!verdict.holds)
    }
  }

  /// A file whose record is the last one may not have been written any more. It is missed once anything follows.
  @Test func whereTheCeremonyStoppedAFileMayBeMissing() throws {
    let lines = try Self.lines()
    let records = try lines.map { try #require(try JSONValue(parsing: Array($0)).object) }
    var count = 0
    for (place, record) in records.enumerated() where record["kind"] == "write" {
      let path = try #require(record["body"]?["path"]?.string)
      for (more, code) in [(1, Finding.Code.incomplete), (2, .fileRefused)] {
        var folder = Self.with(Array(lines.prefix(place + more)))
        folder.files[path] = nil
        let finding = folder.replay().findings.first
        #expect(finding?.code == code, "\(path): \(String(describing: finding))")
        #expect(finding?.what.contains(path) == true)
      }
      count += 1
    }
    #expect(count > 5)
  }

  @Test func aTornLastLineIsSaidAndEverythingBeforeItStands() throws {
    var torn = Self.sound
    torn.files["transcript.jsonl"]?.removeLast(90)
    #expect(torn.replay().findings.map(\.code) == [.transcriptTorn])
  }

  @Test(arguments: [
    Array("{}\n".utf8), Array("\n".utf8), [0xff, 0x0a], Array(repeating: UInt8(ascii: "["), count: 3 << 20),
    Array("[".utf8) + Array(repeating: UInt8(ascii: " "), count: 2 << 20) + [0x0a],
  ])
  func aTranscriptOfSomethingElse(bytes: [UInt8]) throws {
    var other = Self.sound
    other.files["transcript.jsonl"] = bytes
    try expectRefused(other, naming: "transcript.jsonl", "\(bytes.prefix(8))")
  }

  private static func lines() throws -> [[UInt8]] {
    try #require(sound.files["transcript.jsonl"]).split(separator: 0x0a).map { Array($0) }
  }

  private static func with(_ lines: [[UInt8]]) -> MemoryProducts {
    var changed = sound
    changed.files["transcript.jsonl"] = lines.flatMap { $0 + [0x0a] }
    return changed
  }

  private func expectRefused(
    _ products: MemoryProducts, naming place: String, or other: String? = nil, _ what: String,
    code: Finding.Code? = nil
  ) throws {
    let verdict = products.replay()
    #expect(!verdict.holds, "\(what)")
    let first = try #require(verdict.findings.first, "\(what)")
    let isNamed = [place, other].contains { name in
      guard let name else { return false }
      return (first.place ?? "").contains(name) || first.what.contains(name)
    }
    #expect(isNamed, "\(what): \(first)")
    if let code { #expect(first.code == code, "\(what)") }
  }
}
