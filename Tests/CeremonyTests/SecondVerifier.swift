import CanonicalJSON
import CeremonyReplay
import Findings
import Foundation
import Judges
import Keys
import Testing

@testable import CeremonyEngine

/// `Runbook/verify_transcript.py`, which shares no code with the programs.
enum SecondVerifier {
  struct Verdict {
    let status: Int64
    let text: String
    var holds: Bool { status == 0 || isPending }
    /// Whether all holds of a ceremony whose root, or whose seal, waits.
    var isPending: Bool { status == 3 }
  }

  /// Its verdicts on folders, in one process for all of them.
  static func verdicts(on folders: [MemoryProducts], _ what: String) throws -> [Verdict]? {
    let root = FileManager.default.temporaryDirectory.appending(path: "second-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: root) }
    let paths = folders.indices.map { root.appending(path: String($0)) }
    for (folder, path) in zip(folders, paths) { try folder.write(to: path) }
    return try verdicts(on: paths.map { $0.path() }, what)
  }

  static func verdicts(on paths: [String], _ what: String) throws -> [Verdict]? {
    guard
      let output = try Python.output(
        of: script,
        [Package.runbook.path()] + paths,
        skipping: paths.count,
        "second opinions on folders \(what)"
      )
    else { return nil }
    let verdicts = try output.split(separator: "\n").map { line in
      let pair = try JSONValue(parsing: Array(line.utf8)).array ?? []
      return Verdict(status: try #require(pair.first?.integer), text: try #require(pair.last?.string))
    }
    try #require(verdicts.count == paths.count)
    return verdicts
  }

  /// Its verdict on a folder and the folders of the ceremonies before it.
  static func verdict(on path: String, after earlier: [String], _ what: String) throws -> Verdict? {
    guard
      let output = try Python.output(
        of: script.replacing("[path]", with: "sys.argv[2:]").replacing("in sys.argv[2:]:", with: "in sys.argv[2:3]:"),
        [Package.runbook.path(), path, "--after"] + earlier, skipping: 1, what)
    else { return nil }
    let pair = try JSONValue(parsing: Array(output.utf8.dropLast())).array ?? []
    return Verdict(status: try #require(pair.first?.integer), text: try #require(pair.last?.string))
  }

  private static let script = """
    import contextlib, io, json, sys
    sys.dont_write_bytecode = True
    sys.path.insert(0, sys.argv[1])
    import verify_transcript
    for path in sys.argv[2:]:
        words = io.StringIO()
        with contextlib.redirect_stdout(words):
            status = verify_transcript.main([path])
        print(json.dumps([status, words.getvalue()]))
    """

  /// Both verifiers on the same folders: they agree on whether each holds, and where not on a place. What
  /// is judged from the files alone, as of another engine version, agrees with the second, which can do no more.
  static func expectAgreement(
    _ cases: [(what: String, folder: MemoryProducts)],
    holding expected: Bool? = nil,
    _ what: String
  ) throws {
    try #require(!cases.isEmpty)
    for start in stride(from: 0, to: cases.count, by: 40) {
      let batch = Array(cases[start..<min(start + 40, cases.count)])
      let first = batch.map { $0.folder.replay() }
      if let expected {
        for (one, verdict) in zip(batch, first) {
          #expect(verdict.isSound == expected, "\(one.what): \(verdict.findings)")
        }
      }
      guard let second = try verdicts(on: batch.map(\.folder), what) else { continue }
      for ((one, first), verdict) in zip(zip(batch, first), second) {
        #expect(first.isSound == verdict.holds, "\(one.what): \(first.findings) but \(verdict.text)")
        var byFiles = ReplayVerdict()
        byFiles.judge(one.folder)
        #expect(byFiles.isSound == verdict.holds, "\(one.what): \(byFiles.findings) but \(verdict.text)")
        #expect(!verdict.text.contains("makes no sense"), "\(one.what): \(verdict.text)")
        let isLess = first.isPending || first.isAwaitingSeal
        #expect(verdict.isPending == (verdict.holds && isLess), "\(one.what): \(verdict.text)")
        guard !verdict.holds else { continue }
        let errors = (first.findings + byFiles.findings).filter { $0.severity == .error }
        let named = Set(errors.compactMap { NamedPlace($0) })
        let isSame = NamedPlace.all(inSecondVerdict: verdict.text).contains { place in
          named.contains { $0.agrees(with: place) }
        }
        // That it was given up concerns the whole folder.
        #expect(isSame || errors.allSatisfy { $0.place == nil }, "\(one.what): \(named) but \(verdict.text)")
      }
    }
    if Python.path != nil {
      print("second verifier: \(cases.count) folders \(what), each with the same verdict as the replay")
    }
  }
}

extension MemoryProducts {
  func write(to root: URL) throws {
    for (path, bytes) in files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(),
        withIntermediateDirectories: true
      )
      try Data(bytes).write(to: file)
    }
  }
}

extension MemoryProducts {
  /// The golden rehearsal of an engine version.
  static func golden(_ engine: Int) throws -> MemoryProducts {
    try MemoryProducts(reading: Package.fixtures.appending(path: "engine-\(engine)/first-rehearsal").path())
  }

  /// A file that is one JSON object.
  func object(_ path: String) throws -> JSONObject {
    let value = try JSONValue(parsing: try #require(files[path]))
    return try #require(value.object)
  }
}

/// What an attacker can do who has the folder and no card: write everything anew that needs no card's key.
extension MemoryProducts {
  /// The records of a file, in order.
  func records(_ path: String) throws -> [JSONObject] {
    try #require(files[path]).split(separator: 0x0a).map {
      try #require(try JSONValue(parsing: Array($0)).object)
    }
  }

  /// Numbers and links records anew, and returns the last one's digest.
  @discardableResult
  mutating func chain(_ path: String, _ records: [JSONObject], after first: SHA256Digest = .zero)
    -> SHA256Digest
  {
    var prev = first
    var bytes: [UInt8] = []
    for (place, record) in records.enumerated() {
      var record = record
      record["seq"] = .integer(Int64(place))
      record["prev"] = .string(prev.hex)
      let line = JSONValue.object(record).canonical()
      prev = SHA256Digest(of: line)
      bytes += line + [0x0a]
    }
    files[path] = bytes
    return prev
  }

  /// `SHA256SUMS` over what is there now.
  mutating func sum() {
    let lines = files.filter {
      !$0.key.hasPrefix("virtual-cards/") && !$0.key.hasPrefix("annex/") && $0.key != "SHA256SUMS"
    }
    .sorted { $0.key < $1.key }.map { "\(SHA256Digest(of: $0.value).hex)  \($0.key)\n" }
    files["SHA256SUMS"] = Array(lines.joined().utf8)
  }

  /// Changes what follows the head, and the sums: nobody signed any of it.
  mutating func rewriteSealing(_ edit: (inout [JSONObject]) throws -> Void) throws {
    var sealing = try records("sealing.jsonl")
    try edit(&sealing)
    let lines = try digests("transcript.jsonl")
    chain("sealing.jsonl", sealing, after: try #require(lines.last))
    sum()
  }

  /// SHA-256 of each line of a file.
  func digests(_ path: String) throws -> [SHA256Digest] {
    try #require(files[path]).split(separator: 0x0a).map { SHA256Digest(of: Array($0)) }
  }

  /// Changes the transcript and links everything after it anew, the sealing and the sums included.
  mutating func rechain(_ edit: (inout [JSONObject]) throws -> Void) throws {
    var transcript = try records("transcript.jsonl")
    try edit(&transcript)
    let head = chain("transcript.jsonl", transcript)
    var sealing = try records("sealing.jsonl")
    try #require(!sealing.isEmpty)
    sealing[0].edit("body", "digests") {
      _ in [["label": "head", "sha256": .string(head.hex), "words": .array(head.words.map { .string($0) })]]
    }
    chain("sealing.jsonl", sealing, after: head)
    sum()
  }
}

extension JSONObject {
  /// Changes the value at a path of names.
  mutating func edit(_ path: String..., by change: (JSONValue?) -> JSONValue?) {
    self = edited(path[...], change)
  }

  private func edited(_ path: ArraySlice<String>, _ change: (JSONValue?) -> JSONValue?) -> JSONObject {
    guard let name = path.first else { return self }
    var copy = self
    copy[name] =
      path.count == 1
      ? change(self[name]) : .object((self[name]?.object ?? JSONObject()).edited(path.dropFirst(), change))
    return copy
  }
}
