import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing
import Transcript

/// Target files that lie beside a script: listed in metadata by path, length and digest, on record, and nowhere else.
@Suite struct TargetFilesTests {
  private static func script() throws -> String {
    try DelegationTests.script().editing(
      "    delegations:\n      bin: {succinct: 16384}\n", with: "    files: published\n"
    )
    .editing("  bin:\n    threshold: 1\n    keys: [service]\n", with: "")
  }

  /// A folder with a script's files, which goes with it.
  private final class Beside {
    let path = FileManager.default.temporaryDirectory.appending(path: "beside-\(UUID().uuidString)")

    init(_ files: [String: String]) throws {
      for (name, text) in files {
        let file = path.appending(path: "published/\(name)")
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
    }

    deinit { try? FileManager.default.removeItem(at: path) }
  }

  @Test func theyAreListedByPathLengthAndDigest() throws {
    let beside = try Beside(["a.txt": "one", "packages/ab/b.tar.gz": "two two"])
    let room = Room()
    try room.rehearse(Array(try Self.script().utf8), scriptFolder: beside.path.path())
    #expect(room.replay().holds)
    let bins = try Targets.read(
      Envelope(parsing: room.folder.read("metadata/1.bins.json"), place: "bins").signed
    ).targets
    #expect(bins.targets.names == ["a.txt", "packages/ab/b.tar.gz"])
    #expect(bins.targets["a.txt"]?["hashes"]?["sha256"]?.string == SHA256Digest(of: Array("one".utf8)).hex)
    #expect(bins.targets["packages/ab/b.tar.gz"]?["length"]?.integer == 7)
    let made = try room.products()
    #expect(!made.files.keys.contains { $0.hasSuffix("a.txt") || $0.hasSuffix("b.tar.gz") })
    try SecondVerifier.expectAgreement([("listed", made)], holding: true, "with target files")

    // What is on record is what metadata lists, to both verifiers.
    var forged = made
    // A proof names the head before it, and each key has one: what is said of that is of no matter here.
    try forged.rechain { records in
      records.removeAll { $0["kind"] == "proof" || $0["body"]?["role"] == "proof" }
      guard let place = records.firstIndex(where: { $0["kind"] == "listed" }) else { return }
      records[place].edit("body", "files") { files in .array((files?.array ?? []).dropLast()) }
    }
    var byFiles = ReplayVerdict()
    byFiles.judge(forged)
    #expect(byFiles.findings.contains { $0.code == .metadataDiffers && $0.place == "metadata/1.bins.json" })
    try SecondVerifier.expectAgreement([("another list", forged)], holding: false, "with another list")
  }

  /// Each is refused with the line of the script that names the folder, and nothing is written.
  @Test(arguments: ["missing", "empty", "link", "space", "star", "pipe"])
  func whatCannotBeListedIsRefused(_ what: String) throws {
    let beside = try Beside(what == "missing" ? [:] : ["a.txt": "one"])
    let folder = beside.path.appending(path: "published")
    switch what {
    case "empty": try FileManager.default.removeItem(at: folder.appending(path: "a.txt"))
    case "link":
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "b.txt"), withDestinationURL: folder.appending(path: "a.txt"))
    case "space": try Data("x".utf8).write(to: folder.appending(path: "a b"))
    case "star": try Data("x".utf8).write(to: folder.appending(path: "a*"))
    case "pipe": mkfifo(folder.appending(path: "p").path(), 0o600)
    default: break
    }
    let room = Room()
    let script = try Self.script()
    let line = try #require(script.range(of: "    files: published")).lowerBound
    let number = script[..<line].count { $0 == "\n" } + 1
    let finding = #expect(throws: Finding.self) {
      try room.rehearse(Array(script.utf8), scriptFolder: beside.path.path())
    }
    #expect(finding?.code == .targetFile && finding?.place?.hasPrefix("script.yaml:\(number):") == true, "\(what)")
    #expect(!FileManager.default.fileExists(atPath: room.path))
  }

  /// A file for which nobody delegates to the role would be found by no client.
  @Test func aFileOutsideTheDelegationIsRefused() throws {
    let beside = try Beside(["a.txt": "one"])
    let script = try Self.script().editing(
      "{hash-prefixes: [\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\", a, b, c, d, e, f]}",
      with: "{paths: [\"packages/*\"]}")
    let finding = #expect(throws: Finding.self) {
      try Room().rehearse(Array(script.utf8), scriptFolder: beside.path.path())
    }
    #expect(finding?.code == .targetOutside)
  }

  /// Ed25519 keys sign so many bytes: a long list is refused before the day.
  @Test func aListThatNoCardSignsIsRefused() throws {
    let files = (0..<40).map { ("file-\($0).txt", "\($0)") }
    let beside = try Beside(Dictionary(uniqueKeysWithValues: files))
    let finding = #expect(throws: Finding.self) {
      try Room().rehearse(Array(try Self.script().utf8), scriptFolder: beside.path.path())
    }
    #expect(finding?.code == .payloadTooLarge)
  }
}
