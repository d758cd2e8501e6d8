import CanonicalJSON
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing

@testable import CeremonyEngine

/// Files of a folder in another form than the written one: both verifiers refuse them.
@Suite struct FolderFormTests {
  private static let own = MemoryProducts.firstRehearsal()

  @Test func membersThatNobodySigned() throws {
    var cases: [(what: String, folder: MemoryProducts)] = []
    for folder in [try MemoryProducts.golden(1), try MemoryProducts.golden(2), Self.own] {
      var more = folder
      more.files["seal.dsse.json"] = JSONValue.object(try folder.object("seal.dsse.json").withOddSignatures).pretty()
      more.sum()
      cases.append(("a signature of the seal", more))
    }
    try SecondVerifier.expectAgreement(cases, holding: false, "with members that nobody signed")
  }

  /// A root's file is bound by the seal; by itself it holds nothing but what is signed and the signatures.
  @Test func aRootWithMembersThatNobodySigned() throws {
    for isInSignature in [false, true] {
      var folder = try MemoryProducts.golden(2)
      var root = try folder.object("metadata/1.root.json")
      if isInSignature { root = root.withOddSignatures } else { root["x"] = 1 }
      let bytes = JSONValue.object(root).pretty()
      folder.files["metadata/1.root.json"] = bytes
      try folder.rechain { records in
        let place = try #require(records.firstIndex { $0["body"]?["path"] == "metadata/1.root.json" })
        records[place].edit("body", "sha256") { _ in .string(SHA256Digest(of: bytes).hex) }
      }
      #expect(folder.replay().findings.contains { $0.code == .metadataRoundTrip && $0.place == "metadata/1.root.json" })
      guard let second = try SecondVerifier.verdicts(on: [folder], "with an odd root")?.first else { return }
      #expect(second.text.contains("NOT VERIFIED\n  metadata/1.root.json: has other members"), "\(second.text)")
    }
  }

  /// The signed part of a root: what our reader refuses or finds odd, the second verifier refuses.
  @Test func rootsThatCannotBe() throws {
    let file = try MemoryProducts.golden(2).object("metadata/1.root.json")
    let root = try #require(file["signed"]?.object)
    let online = try #require(root["roles"]?["timestamp"]?["keyids"]?.array?.first)
    let onlineID = try #require(online.string)
    func with(_ path: [String], _ value: JSONValue?) -> JSONObject {
      var copy = root
      switch path.count {
      case 1: copy.edit(path[0]) { _ in value }
      case 2: copy.edit(path[0], path[1]) { _ in value }
      default: copy.edit(path[0], path[1], path[2]) { _ in value }
      }
      return copy
    }
    func key(_ type: JSONValue, _ scheme: JSONValue, _ value: JSONValue, more: JSONObject = [:]) -> JSONObject {
      var object = more
      (object["keytype"], object["scheme"], object["keyval"]) = (type, scheme, ["public": value])
      return with(["keys", SHA256Digest(of: JSONValue.object(object).canonical()).hex], .object(object))
    }
    let there = try #require(root["keys"]?[onlineID])
    let sound = [root, with(["consistent_snapshot"], nil), with(["spec_version"], "1.1"), with(["x-more"], 1)]
    let odd = [
      with(["roles", "targets"], nil), with(["roles", "x"], ["keyids": [online], "threshold": 1]),
      with(["roles", "snapshot", "threshold"], 2), with(["roles", "timestamp", "threshold"], 5),
      with(["roles", "timestamp", "threshold"], 0), with(["roles", "timestamp", "threshold"], "1"),
      with(["roles", "timestamp", "threshold"], true), with(["roles", "snapshot", "keyids"], []),
      with(["roles", "snapshot", "keyids"], [online, online]), with(["roles", "snapshot", "keyids"], ["00"]),
      with(["roles", "snapshot", "keyids"], [[1]]), with(["roles", "snapshot"], [1]), with(["roles"], [:]),
      with(["spec_version"], "2.0"), with(["spec_version"], "1.0.31\n"), with(["spec_version"], 1),
      with(["expires"], "00"), with(["expires"], "2027-02-29T00:00:00Z"), with(["expires"], "2027-01-01T00:00:00.5Z"),
      with(["consistent_snapshot"], "yes"), with(["keys"], [:]), with(["keys", "00"], there),
      key("sphincs", "ed25519", "00"), key("ed25519", "ed25519", "zz"),
      key("ed25519", "ed25519", .string("01" + String(repeating: "00", count: 31))),
      key("ecdsa", "ecdsa-sha2-nistp256", "zz"), key("rsa", "ed25519", "zz"),
      key("ed25519", "ed25519", try #require(there["keyval"]?["public"]), more: ["x-more": 1]),
    ]
    func isSane(_ root: JSONObject) -> Bool {
      do { return try Root.read(root).oddities.isEmpty } catch { return false }
    }
    for one in sound { #expect(isSane(one)) }
    for one in odd { #expect(!isSane(one), "\(one)") }
    let script = """
      import json, sys
      sys.dont_write_bytecode = True
      sys.path.insert(0, sys.argv[1])
      import verify_transcript
      def holds(root):
          try: return bool(verify_transcript.read_root(root, "root", {}))
          except verify_transcript.Wrong: return False
      print(json.dumps([holds(root) for root in json.load(sys.stdin)]))
      """
    let all = JSONValue.array((sound + odd).map { .object($0) }).pretty()
    guard
      let output = try Python.output(
        of: script, [Package.runbook.path()], input: all, skipping: sound.count + odd.count, "roots read twice")
    else { return }
    let verdicts = try #require(try JSONValue(parsing: Array(output.utf8).dropLast()).array)
    for (place, verdict) in verdicts.enumerated() {
      #expect(verdict == .bool(place < sound.count), "\((sound + odd)[place])")
    }
    #expect(verdicts.count == sound.count + odd.count)
  }

  /// A folder in which there is no file is nothing, unless no reader can say what it is called.
  @Test(arguments: [
    ("metadata/", "more", true), ("", "Fotos é", true), ("", "c\u{ff}", false), ("metadata/", "\u{ff}", false),
  ])
  func aFolderWithoutFiles(place: String, name: String, holds: Bool) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "empty-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    try Self.own.write(to: root)
    // Bytes of Latin-1 where it must not be UTF-8.
    let bytes = holds ? Array(name.utf8) : name.unicodeScalars.map { UInt8($0.value) }
    let path = Array(root.appending(path: place).path().utf8) + [UInt8(ascii: "/")] + bytes + [0]
    #expect(mkdir(path.map { CChar(bitPattern: $0) }, 0o755) == 0)
    let first = Replay(ProductsFolder(opening: root.path())).verdict()
    #expect(first.isSound == holds, "\(first.findings)")
    guard let verdict = try SecondVerifier.verdicts(on: [root.path()], "with a folder without files")?.first else {
      return
    }
    #expect(verdict.status == (holds ? 0 : 1), "\(verdict.text)")
  }

  /// Neither waits for what a pipe would give.
  @Test(arguments: ["transcript.jsonl", "sealing.jsonl"])
  func aPipeInPlaceOfRecords(name: String) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "pipe-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    var folder = Self.own
    folder.files[name] = nil
    try folder.write(to: root)
    #expect(mkfifo(root.appending(path: name).path(), 0o600) == 0)
    #expect(!Replay(ProductsFolder(opening: root.path())).verdict().isSound)
    guard let verdict = try SecondVerifier.verdicts(on: [root.path()], "with a pipe")?.first else { return }
    #expect(verdict.status == 1 && verdict.text.contains("NOT VERIFIED\n  \(name)"), "\(verdict.text)")
  }
}

extension JSONObject {
  fileprivate var withOddSignatures: JSONObject {
    var copy = self
    copy["signatures"] = .array((self["signatures"]?.array ?? []).map { .object(($0.object ?? [:]).with("x", 1)) })
    return copy
  }

  private func with(_ name: String, _ value: JSONValue) -> JSONObject {
    var copy = self
    copy[name] = value
    return copy
  }
}
