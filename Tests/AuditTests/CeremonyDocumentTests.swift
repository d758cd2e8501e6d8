import CanonicalJSON
import Foundation
import Judges
import Keys
import Testing

/// What the commands on ceremonies say to machines, held against the schemas in Runbook/.
@Suite struct CeremonyDocumentTests {
  @Test(arguments: ["replay", "attest", "report", "export"])
  func everyEndingHasTheSameShape(command: String) throws {
    try ScratchFolder.with { scratch throws in
      let changed = scratch.appending(path: "changed")
      try FileManager.default.copyItem(at: GoldenCeremony.folder, to: changed)
      try Data("x".utf8).write(to: changed.appending(path: "metadata/1.root.json"))
      let archive = scratch.appending(path: "others.tar")
      try Data(repeating: 1, count: 2048).write(to: archive)
      let cases: [(URL, Int32)] = [
        (GoldenCeremony.folder, 0), (changed, 1), (archive, 1), (scratch.appending(path: "absent"), 66),
      ]
      for (number, (source, status)) in cases.enumerated() {
        let out = ["--out", scratch.appending(path: "out-\(number)").path()]
        let options =
          switch command {
          case "report": out + ["--format", "json"]
          case "export": out + ["--format", "bundle", "--rehearsal", "--json"]
          default: ["--format", "json"]
          }
        let run = try audit.run([command, source.path()] + options)
        #expect(run.status == status, "\(source.lastPathComponent)")
        let document = try JSONValue(parsing: Array(run.output.utf8))
        #expect(document["exit"] == .integer(Int64(status)))
        #expect(try [1, nil].contains(validate([run.output], command)), "\(source.lastPathComponent)")
      }
    }
  }

  /// What an earlier engine version made is less than a verdict is asked for, unless its files are enough.
  @Test(arguments: ["replay", "report", "export", "attest"])
  func whatIsNotReexecuted(command: String) throws {
    let older = GoldenCeremony.folder.deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "engine-3/first-rehearsal")
    try ScratchFolder.with { scratch throws in
      var number = 0
      func end(_ flags: String...) throws -> (status: Int32, words: String) {
        number += 1
        let out = ["--out", scratch.appending(path: "out-\(number)").path()]
        let options =
          switch command {
          case "report": out
          case "export": out + ["--format", "bundle", "--rehearsal"]
          default: [String]()
          }
        let run = try audit.run([command, older.path()] + options + flags)
        let json = try audit.run(
          [command, older.path()] + options.map { $0 == out[1] ? $0 + ".json" : $0 } + flags
            + (command == "export" ? ["--json"] : ["--format", "json"]))
        #expect(json.status == run.status)
        #expect(try [1, nil].contains(validate([json.output], command)), "\(json.output)")
        return (run.status, run.output)
      }
      let isJudged = command != "attest"
      let plain = try end()
      #expect(plain.status == (isJudged ? 3 : 0))
      #expect(plain.words.contains("NOT RE-EXECUTED") == (isJudged && command != "export"))
      #expect(try end("--strict").status == (isJudged ? 1 : 0))
      guard isJudged else { return }
      let accepted = try end("--from-files")
      #expect(accepted.status == 0)
      #expect(accepted.words.contains("warning ENGINE-VERSION"))
      #expect(try end("--from-files", "--strict").status == 0)
      if command == "replay" { #expect(accepted.words.contains("that the ceremony comes out again: only the release")) }
    }
  }

  /// Who signed the root is not judged by its attestations, and nothing is said of it.
  @Test func theAttestationsOfARootThatNobodySigned() throws {
    let fixtures = GoldenCeremony.folder.deletingLastPathComponent().deletingLastPathComponent()
    let older = fixtures.appending(path: "engine-3/first-rehearsal")
    let forger = fixtures.deletingLastPathComponent().appending(path: "Tests/Forger")
    let unsigned = """
      import json, sys
      sys.dont_write_bytecode = True
      sys.path.insert(0, sys.argv[1])
      from forger import Folder, printed
      folder, path = Folder(sys.argv[2]), "metadata/1.root.json"
      folder.files[path] = printed({**json.loads(folder.files[path]), "signatures": []})
      folder.transcript = [r for r in folder.transcript if r["kind"] != "signature"]
      folder.finish([]).write(sys.argv[3])
      """
    try ScratchFolder.with { scratch throws in
      let folder = scratch.appending(path: "unsigned")
      guard
        try Python.output(
          of: unsigned, [forger.path(), older.path(), folder.path()], skipping: 1, "root that nobody signed") != nil
      else { return }
      #expect(try audit.run(["replay", folder.path(), "--from-files"]).status == 1)
      for source in [older, folder] {
        let run = try audit.run(["attest", source.path()])
        #expect(run.status == 0, "\(run.output)")
        let words = run.output.split(separator: "\nNot proved:\n")
        #expect(words.count == 2 && words.first?.contains("sign") == false, "\(run.output)")
        #expect(words.last?.contains("that anybody signed the root that names these keys") == true)
      }
    }
  }

  /// Head and final head, as people write them down.
  @Test func whatPeopleHeard() throws {
    func last(_ name: String) throws -> SHA256Digest {
      let lines = try Data(contentsOf: GoldenCeremony.folder.appending(path: name)).split(separator: 0x0a)
      return SHA256Digest(of: Array(try #require(lines.last)))
    }
    let (head, final) = (try last("transcript.jsonl"), try last("sealing.jsonl"))
    let grouped = stride(from: 0, to: 64, by: 8).map { String(Array(head.hex)[$0..<$0 + 8]) }
    var wrong = head.words
    wrong[3] = "nonsense"
    var doubled = head.words
    doubled.insert(doubled[4], at: 4)
    doubled.removeLast()
    let cases: [([String], Int32, String?)] = [
      ([head.hex], 0, "head"), ([head.hex.uppercased()], 0, "head"), (grouped, 0, "head"), (head.words, 0, "head"),
      ([head.words.joined(separator: " ")], 0, "head"), (final.words.map { $0.uppercased() }, 0, "final-head"),
      ([final.hex], 0, "final-head"), ([SHA256Digest(of: [1]).hex], 1, nil), (SHA256Digest(of: [1]).words, 1, nil),
      (wrong, 64, nil), (doubled, 64, nil), (Array(head.words.dropLast()), 64, nil),
      ([String(head.hex.dropLast())], 64, nil),
      (head.words + ["Zulu"], 64, nil), ([""], 64, nil),
    ]
    for (heard, status, named) in cases {
      let run = try audit.run(["replay", GoldenCeremony.folder.path(), "--format", "json", "--head"] + heard)
      #expect(run.status == status, "\(heard)")
      guard status != 64 else { continue }
      let document = try JSONValue(parsing: Array(run.output.utf8))
      #expect(document["named"] == (named.map { .string($0) } ?? .null), "\(heard)")
      #expect(document["final-head"] == .string(final.hex))
      let codes = (document["findings"]?.array ?? []).map { $0["code"]?.string }
      #expect(codes == (status == 1 ? ["HEAD-DIFFERS"] : []))
      #expect(try [1, nil].contains(validate([run.output], "replay")))
    }
    let text = try audit.run(["replay", GoldenCeremony.folder.path(), "--head", final.hex]).output
    #expect(text.contains("\n\nCompare these with what you know from elsewhere\n  head  "))
    #expect(text.contains("it is the one that was named"))
    #expect(text.contains("No exception, absence or interruption is recorded."))
  }
}
