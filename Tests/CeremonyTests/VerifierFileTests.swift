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

@testable import CeremonyEngine

/// `verify/` in a products folder: what a stranger verifies it with when this program is gone.
@Suite struct VerifierFileTests {
  private static let paths = ["verify/SCRIPT.md", "verify/TRANSCRIPT.md", "verify/verify_transcript.py"]

  @Test func theFolderHoldsThePageAndTheSecondVerifierByteForByte() throws {
    let products = MemoryProducts.firstRehearsal()
    #expect(products.files.keys.filter { $0.hasPrefix("verify/") }.sorted() == Self.paths)
    let sums = String(decoding: try products.read("SHA256SUMS"), as: UTF8.self)
    for path in Self.paths {
      let there = try products.read(path)
      let name = String(path.dropFirst("verify/".count))
      #expect(there == Array(try Data(contentsOf: Package.runbook.appending(path: name))), "\(name)")
      #expect(sums.contains("\(SHA256Digest(of: there).hex)  \(path)\n"))
    }
    let verdict = products.replay()
    #expect(verdict.holds && verdict.findings.isEmpty)
    #expect(verdict.knownElsewhere.map(\.label).filter { $0.hasPrefix("verify/") }.sorted() == Self.paths)
  }

  /// Before the script is judged, so that a ceremony that ends at once has it, too.
  @Test func aCeremonyThatIsGivenUpHoldsThemToo() throws {
    let room = Room()
    room.console.answer = { screen in
      guard let prompt = screen.prompt else { return nil }
      let tokens = prompt.answers.map(\.token) + prompt.always.map(\.self)
      return tokens.contains("abort") ? "abort" : prompt.unattended
    }
    #expect(try room.rehearse(Array(try Scripts.first.utf8)).outcome.ending == .aborted)
    let products = try room.products()
    #expect(Self.paths.allSatisfy { products.files[$0] != nil })
    try SecondVerifier.expectAgreement([("given up", products)], holding: false, "that was given up")
  }

  @Test(arguments: paths)
  func aVerifierThatWasChangedIsNotRun(path: String) throws {
    let sound = MemoryProducts.firstRehearsal()
    var cases: [(String, MemoryProducts)] = []
    for (what, change) in [
      ("a byte more", { $0 + [0x0a] }), ("a byte changed", { [$0[0] ^ 1] + $0.dropFirst() }), ("empty", { _ in [] }),
    ] as [(String, ([UInt8]) -> [UInt8])] {
      var changed = sound
      changed.files[path] = change(try sound.read(path))
      let finding = try #require(changed.replay().findings.first)
      #expect(finding.code == .productChanged && finding.place == path, "\(what)")
      cases.append((what, changed))
    }
    var missing = sound
    missing.files[path] = nil
    #expect(missing.replay().findings.first?.place == path)
    try SecondVerifier.expectAgreement(cases + [("removed", missing)], holding: false, "whose \(path) was changed")
  }

  /// Another release of the same engine has other files: its folders come out again here all the same.
  @Test func whatAnotherReleaseSuppliesComesOutAgain() throws {
    let files = [VerifierFile("TRANSCRIPT.md", [1]), VerifierFile("later.yaml", [])]
    let beginning: JSONObject = [
      "engine": .integer(Int64(EngineVersion.current)), "verify": .array(files.map { .object($0.json) }),
    ]
    #expect(VerifierFile.named(by: beginning) == files)
  }

  /// One field of the first record's list changed.
  @Test func whatTheFirstRecordMayNotName() throws {
    let file = VerifierFile("TRANSCRIPT.md", [1])
    var cases: [(String, JSONValue?)] = [
      ("nothing", nil), ("an empty list", []), ("twice", [.object(file.json), .object(file.json)]), ("no list", 1),
    ]
    for (name, value) in [
      ("path", "TRANSCRIPT.md"), ("path", "verify/a/b"), ("path", "verify/.."), ("path", "metadata/1.root.json"),
      ("path", "verify/"), ("path", "verify/a b"), ("path", 1), ("sha256", "00"), ("bytes", "1"), ("more", 1),
    ] as [(String, JSONValue)] {
      var object = file.json
      object[name] = value
      cases.append(("\(name) \(value)", [.object(object)]))
    }
    let sound = MemoryProducts.firstRehearsal()
    var folders: [(String, MemoryProducts)] = []
    for (what, value) in cases {
      var beginning: JSONObject = ["engine": .integer(Int64(EngineVersion.current))]
      beginning["verify"] = value
      #expect(VerifierFile.named(by: beginning) == nil, "\(what)")
      var folder = sound
      try folder.rechain { records in
        guard var body = records[0]["body"]?.object else { return }
        body["verify"] = value
        records[0]["body"] = .object(body)
      }
      #expect(folder.replay().findings.first?.code == .beginMalformed, "\(what)")
      folders.append((what, folder))
    }
    try SecondVerifier.expectAgreement(folders, holding: false, "whose first record names other verifiers")
  }

  /// An engine that had none names none; whatever its first record says of them is not believed.
  @Test(arguments: [1, 2, 3, 4])
  func earlierEnginesHadNone(engine: Int) throws {
    let golden = try MemoryProducts.golden(engine)
    #expect(golden.replay().configuration?.verifiers == [])
    let object: JSONObject = ["engine": .integer(Int64(engine)), "verify": [.object(VerifierFile("x", []).json)]]
    #expect(VerifierFile.named(by: object) == [])
  }

  // MARK: - Going on

  /// Stops a rehearsal in its first minute.
  private func interrupted() throws -> Room {
    let room = Room()
    room.console.answer = { _ in throw Interruption(reason: "end of input") }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try Scripts.first.utf8), seed: nil) }
    room.console.answer = { $0.prompt?.unattended }
    return room
  }

  @Test(arguments: paths)
  func aFileThatIsMissingIsWrittenAgainAndAChangedOneIsRefused(path: String) throws {
    let room = try interrupted()
    try room.folder.remove(path)
    let result = try Resumption(room.path, console: room.console, isUnattended: true).run()
    #expect(result.ceremony.outcome.ending == .complete && result.repairs.contains { $0.hasPrefix(path) })
    #expect(room.replay().holds)

    let other = try interrupted()
    try other.folder.remove(path)
    try other.folder.create(path, [1])
    let finding = try #require(throws: Finding.self) {
      try Resumption(other.path, console: other.console, isUnattended: true).run()
    }
    #expect(finding.code == .productChanged && finding.place == path)
  }
}
