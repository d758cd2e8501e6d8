import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import PIV
import Products
import TUFMetadata
import Testing

@Suite struct RehearsalTests {
  @Test(arguments: Package.geneses)
  func everyShippedGenesisIsRehearsedReplayedAndJudged(script: String) throws {
    let room = Room()
    let result = try room.rehearse(try Package.script(script), seed: nil)
    #expect(result.outcome == Outcome(ending: .complete, status: .fine, finding: nil))
    let verdict = room.replay()
    #expect(verdict.findings == [])
    #expect(verdict.holds)
    #expect(verdict.isRehearsal)
    #expect(verdict.head == result.head)
    try PythonTUF.judge(room, "the root of \(script)")
  }

  @Test(arguments: ["ecdsa-p256", "ecdsa-p384"])
  func cardsWithoutEd25519(algorithm: String) throws {
    let room = Room()
    let script = try Scripts.first.editing("threshold: 2\n", with: "threshold: 2\n    algorithm: \(algorithm)\n")
    try room.rehearse(Array(script.utf8))
    #expect(room.replay().findings == [])
    try PythonTUF.judge(room, "a root of \(algorithm) keys")
  }

  @Test func aSeedMakesTheSameBytesInEveryFolder() throws {
    let script = Array(try Scripts.first.utf8)
    let rooms = [Room(), Room()]
    for room in rooms { try room.rehearse(script, seed: 7) }
    #expect(try rooms[0].products().files == rooms[1].products().files)
    let other = Room()
    try other.rehearse(script, seed: 8)
    let a = try other.products().files["metadata/1.root.json"]
    #expect(try a != rooms[0].products().files["metadata/1.root.json"])
  }

  @Test func theMarkStandsInTheFirstRecordTheRootAndOnEveryScreen() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    #expect(room.replay().configuration?.isRehearsal == true)
    let root = try Envelope(parsing: try room.folder.read("metadata/1.root.json"), place: "root")
    #expect(root.signed["x-tuf-ceremony-rehearsal"] == true)
    #expect(room.console.screens.count > 20)
    #expect(room.console.screens.allSatisfy { $0.banners.contains("REHEARSAL") })
    #expect(try room.folder.list().contains { $0.path == "REHEARSAL" })
  }

  @Test func theSumsHoldForEveryFile() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let files = try room.products().files
    let sums = String(decoding: try #require(files["SHA256SUMS"]), as: UTF8.self).split(separator: "\n")
    for line in sums {
      let parts = line.split(separator: " ")
      let bytes = try #require(files[String(parts[1])])
      #expect(SHA256Digest(of: bytes).hex == String(parts[0]))
    }
    let summed = Set(sums.compactMap { $0.split(separator: " ").last.map(String.init) })
    let others = files.keys.filter { !$0.hasPrefix("virtual-cards/") && $0 != "SHA256SUMS" }
    #expect(summed == Set(others))
  }

  @Test func anOutputThatExistsIsRefusedAndNotTouched() throws {
    let room = Room()
    try FileManager.default.createDirectory(atPath: room.path, withIntermediateDirectories: false)
    let error = #expect(throws: Finding.self) { try room.rehearse(Array(try Scripts.first.utf8)) }
    #expect(error?.code == .cannotCreate)
    #expect(try FileManager.default.contentsOfDirectory(atPath: room.path) == [])
  }

  @Test func noSecretIsInAnyProduct() throws {
    for seed in [nil, 3] as [Int?] {
      let room = Room()
      try room.rehearse(try Package.script("pep458-genesis.yaml"), seed: seed)
      let files = try room.products().files
      let secrets = try Self.secrets(files)
      #expect(secrets.count == 5 * 3)
      for (path, bytes) in files where !path.hasPrefix("virtual-cards/") {
        // Where a page may break a line it may break a secret, too.
        let data = Data(String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "<wbr>", with: "").utf8)
        for (name, secret) in secrets {
          // Drawn from as many, a PIN may be the serial of a card, which everybody may know.
          let isSerial = files.keys.contains { $0 == "virtual-cards/\(String(decoding: secret, as: UTF8.self)).json" }
          let isThere = secret.count <= 8 ? data.hasAlone(secret) : data.contains(secret)
          #expect(isSerial || !isThere, "\(name) in \(path)")
          for form in [Array(Hex.encode(secret).utf8), Array(Base64.encode(secret).utf8)] {
            #expect(!data.contains(form), "\(name) in \(path)")
          }
        }
      }
    }
  }

  /// Every PIN and PUK from the keyholders' paper, and every management key from the cards' own memory.
  private static func secrets(_ files: [String: [UInt8]]) throws -> [(String, [UInt8])] {
    let paper = try JSONValue(parsing: try #require(files["virtual-cards/paper.json"]))
    var secrets = (paper.object?.members ?? []).map { ($0.name, Array(($0.value.string ?? "").utf8)) }
    for (path, bytes) in files where path.hasPrefix("virtual-cards/") && !path.hasSuffix("paper.json") {
      let key = try JSONValue(canonical: bytes)["management-key"]?.string.flatMap(Hex.decode)
      secrets.append((path, try #require(key)))
    }
    return secrets
  }
}

enum Scripts {
  /// The online key of the shipped script, which is for rehearsals only; and one of a service, of the same length.
  static let standIn = "3f3aba7404fe16be2a9bcffcc5fff0bb9c37d49ad72ed147ca0397c32cdabef5"
  static let serviceKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

  /// The text of the first rehearsal.
  static var first: String {
    get throws { String(decoding: try Package.script("first-rehearsal.yaml"), as: UTF8.self) }
  }
}

extension Data {
  func contains(_ bytes: [UInt8]) -> Bool { range(of: Data(bytes)) != nil }

  /// Whether these digits stand here by themselves. Inside a longer number or digest they are chance, one time in a
  /// thousand somewhere in a long ceremony, and so they are as a record's nanoseconds.
  func hasAlone(_ digits: [UInt8]) -> Bool {
    func continues(_ byte: UInt8?) -> Bool {
      byte.map { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) } ?? false
    }
    var rest = startIndex..<endIndex
    while let found = range(of: Data(digits), in: rest) {
      let before = self[..<found.lowerBound]
      let isAlone = !continues(before.last) && !continues(self[found.upperBound...].first)
      if isAlone, !before.suffix(7).elementsEqual("\"mono\":".utf8) { return true }
      rest = found.lowerBound + 1..<endIndex
    }
    return false
  }
}

@Suite struct UnprovenKeyTests {
  @Test(arguments: [("optional", true), ("required", false)])
  func aCardThatNobodyCanAttest(rule: String, isAccepted: Bool) throws {
    let room = Room()
    let script = try Scripts.first.editing("roles:\n", with: "cards:\n  attestation: \(rule)\nroles:\n")
    let result = try room.rehearse(Array(script.utf8), isUnattended: false) { $0.makeBare("ada") }
    let verdict = room.replay()
    #expect(verdict.isUnproven == isAccepted)
    let banner = "NOT PROVEN TO BE ON HARDWARE"
    if isAccepted {
      #expect(verdict.holds)
      #expect(room.console.screens.last?.banners.contains(banner) == true)
      #expect(room.console.screens.first?.banners.contains(banner) == false)
    } else {
      #expect(result.outcome.finding?.code == .cardUnsupported)
      #expect(result.outcome.finding?.hint.contains("attestation: optional") == true)
      #expect(verdict.findings.map(\.code) == [.aborted])
    }
  }
}
