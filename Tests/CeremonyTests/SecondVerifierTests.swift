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
import SmartCard
import Testing
import Transcript
import VirtualCard

/// The replay and a verifier that shares no code with it agree on every folder, sound or not.
@Suite struct SecondVerifierTests {
  private static let sound = MemoryProducts.firstRehearsal()
  private static let other = MemoryProducts.firstRehearsal(seed: 2)

  private static var products: [String] {
    sound.files.keys.filter { !$0.hasPrefix("virtual-cards/") }.sorted()
  }

  // MARK: - Folders as they are made

  @Test func shippedScriptsAndCardsWithoutEd25519() throws {
    var cases: [(what: String, folder: MemoryProducts)] = []
    for script in Package.geneses {
      let room = Room()
      try room.rehearse(try Package.script(script), seed: nil)
      cases.append((script, try room.products()))
    }
    for algorithm in ["ecdsa-p256", "ecdsa-p384"] {
      let room = Room()
      let script = try Scripts.first.editing(
        "threshold: 2\n",
        with: "threshold: 2\n    algorithm: \(algorithm)\n"
      )
      try room.rehearse(Array(script.utf8))
      cases.append((algorithm, try room.products()))
    }
    try SecondVerifier.expectAgreement(cases, holding: true, "of shipped scripts")
  }

  @Test func abortedInterruptedAndSealedByTooFew() throws {
    var cases: [(what: String, folder: MemoryProducts)] = []
    for title in ["Show root", "Ada signs root", "Close the transcript"] {
      for isAbort in [true, false] {
        let room = Room()
        room.console.answer = { screen in
          guard screen.title == title else { return screen.prompt?.unattended }
          if isAbort { return Prompt.abort }
          throw Interruption(reason: "end of input")
        }
        do {
          try room.rehearse(Array(try Scripts.first.utf8))
        } catch is Interruption {}
        cases.append(("\(isAbort ? "given up" : "interrupted") at \(title)", try room.products()))
      }
    }
    try SecondVerifier.expectAgreement(cases, holding: false, "that are not complete")

    for (title, holds) in [
      ("The head of the transcript", false), ("Ada signs the transcript seal", false),
      ("Boris signs the transcript seal", false),
    ] {
      let room = Room()
      room.console.answer = { $0.title == title ? Prompt.abort : $0.prompt?.unattended }
      try room.rehearse(Array(try Scripts.first.utf8))
      try SecondVerifier.expectAgreement(
        [(title, try room.products())],
        holding: holds,
        "given up at “\(title)”"
      )
    }
  }

  @Test func interruptedAndGoneOn() throws {
    var cases: [(what: String, folder: MemoryProducts)] = []
    for title in [
      "Show root", "Ada signs root", "The head of the transcript", "Boris signs the transcript seal",
    ] {
      for isTorn in [false, true] {
        let room = Room()
        room.console.answer = { screen in
          if screen.title == title { throw Interruption(reason: "end of input") }
          return screen.prompt?.unattended
        }
        #expect(throws: Interruption.self) { try room.rehearse(Array(try Scripts.first.utf8)) }
        if isTorn {
          let isClosed = try room.folder.list().contains { $0.path == "sealing.jsonl" }
          let file = try FileHandle(
            forWritingTo: URL(filePath: "\(room.path)/\(isClosed ? "sealing" : "transcript").jsonl")
          )
          try file.seekToEnd()
          try file.write(contentsOf: Data("{\"at\":\"2026".utf8))
          try file.close()
        }
        room.console.answer = { $0.prompt?.unattended }
        _ = try Resumption(room.path, console: room.console, isUnattended: true).run()
        cases.append(("interrupted at \(title), torn \(isTorn)", try room.products()))
      }
    }
    try SecondVerifier.expectAgreement(cases, holding: true, "that went on after an interruption")
  }

  @Test func cardsThatMisbehave() throws {
    let faults: [(String, Fault)] = [
      ("status 6F00", .status(StatusWord(0x6f00))), ("truncated", .truncated),
      ("garbage", .garbage([0xde, 0xad])),
      ("wrong signature", .wrongSignature), ("first 32 bytes signed", .signatureOverFirst32Bytes),
      ("wrong public key", .wrongPublicKey), ("removed", .removed), ("no answer", .timeout),
    ]
    var dice = Dice(seed: Sweep.seed)
    var cases: [(what: String, folder: MemoryProducts)] = []
    for (name, fault) in faults {
      for _ in 0..<(Sweep.isFull ? 12 : 1) {
        let place = Int.random(in: 0..<180, using: &dice)
        let room = Room()
        try room.rehearse(Array(try Scripts.first.utf8)) { $0.card(of: "boris")?.inject(fault, at: place) }
        cases.append(("\(name) at exchange \(place)", try room.products()))
      }
    }
    try SecondVerifier.expectAgreement(cases, "with faults (seed \(Sweep.seed))")
  }

  // MARK: - Folders that somebody changed

  @Test func aByteOfAnyFileChangedRemovedAppended() throws {
    var dice = Dice(seed: Sweep.seed)
    var cases: [(what: String, folder: MemoryProducts)] = []
    for path in Self.products {
      let bytes = try #require(Self.sound.files[path])
      func add(_ what: String, _ change: (inout [UInt8]) -> Void) {
        var changed = Self.sound
        changed.files[path] = bytes
        change(&changed.files[path, default: []])
        cases.append(("\(path): \(what)", changed))
      }
      let place = Int.random(in: bytes.indices, using: &dice)
      add("byte \(place)") { $0[place] ^= 1 }
      add("a byte more") { $0.append(0x0a) }
      add("a byte fewer") { $0.removeLast() }
      add("emptied") { $0 = [] }
      var gone = Self.sound
      gone.files[path] = nil
      cases.append(("\(path) removed", gone))
    }
    let count = try #require(Self.sound.files["transcript.jsonl"]).count
    for _ in 0..<(Sweep.isFull ? 2000 : 60) {
      var changed = Self.sound
      let place = Int.random(in: 0..<count, using: &dice)
      changed.files["transcript.jsonl"]?[place] ^= UInt8.random(in: 1...255, using: &dice)
      cases.append(("transcript.jsonl byte \(place)", changed))
    }
    for name in ["notes.txt", "metadata/2.root.json", "inputs/x.pem", "Ü.txt"] {
      var more = Self.sound
      more.files[name] = [1]
      more.sum()
      cases.append(("\(name) added", more))
    }
    let sample = Sweep.sample(cases, oneOf: 3)
    try SecondVerifier.expectAgreement(sample, holding: false, "with bytes changed (seed \(Sweep.seed))")
  }

  @Test func whatMayBeAdded() throws {
    var more = Self.sound
    more.files["annex/Photo 1.jpg"] = [1]
    more.files["virtual-cards/x"] = [1]
    try SecondVerifier.expectAgreement([("annex", more)], holding: true, "with an annex")
  }

  @Test func recordsSwappedDroppedDoubledCutOff() throws {
    var cases: [(what: String, folder: MemoryProducts)] = []
    for file in ["transcript.jsonl", "sealing.jsonl"] {
      let lines = try #require(Self.sound.files[file]).split(separator: 0x0a).map { Array($0) }
      func add(_ what: String, _ changed: [[UInt8]]) {
        var folder = Self.sound
        folder.files[file] = changed.flatMap { $0 + [0x0a] }
        folder.sum()
        cases.append(("\(file): \(what)", folder))
      }
      for place in stride(from: 1, to: lines.count - 2, by: lines.count / 9) {
        var swapped = lines
        swapped.swapAt(place, place + 1)
        add("\(place) swapped", swapped)
        add("\(place) dropped", Array(lines[..<place] + lines[(place + 1)...]))
        add("\(place) doubled", Array(lines[...place] + lines[place...]))
        add("cut off before \(place)", Array(lines[..<place]))
      }
      add("no last record", Array(lines.dropLast()))
      add("the first record again at the end", lines + [lines[0]])
      add("empty", [])
    }
    try SecondVerifier.expectAgreement(Sweep.sample(cases, oneOf: 3), holding: false, "with records moved")
  }

  /// Everything that needs no card is written anew: chain, head screen, sums. What is left is the seal.
  @Test func aTranscriptThatWasChainedAnew() throws {
    let edits: [(String, (inout [JSONObject]) throws -> Void)] = [
      ("a clock reading", { $0[5].edit("at") { _ in "2026-01-02T00:00:00Z" } }),
      (
        "an answer that was refused",
        { records in
          let place = try #require(records.firstIndex { $0["kind"] == "answer" })
          var refused = records[place]
          refused["body"] = ["rejected": true]
          records.insert(refused, at: place)
        }
      ),
      ("another host", { $0[0].edit("body", "host") { _ in [["name": "system", "value": "another"]] } }),
      (
        "another executable",
        { $0[0].edit("body", "program", "sha256") { _ in .string(String(repeating: "1", count: 64)) } }
      ),
      (
        "a path that leaves the folder",
        { records in
          let place = try #require(records.firstIndex { $0["kind"] == "write" })
          records[place].edit("body", "path") { _ in "../../etc/hostname" }
        }
      ),
      (
        "a screen's text",
        { records in
          let place = try #require(records.firstIndex { $0["kind"] == "screen" })
          records[place].edit("body", "text") { _ in ["nothing to see"] }
        }
      ),
    ]
    var cases: [(what: String, folder: MemoryProducts)] = []
    for (what, edit) in edits {
      var kept = Self.sound
      try kept.rechain(edit)
      cases.append(("\(what), the seal kept", kept))
      let lines = try #require(kept.files["transcript.jsonl"]).split(separator: 0x0a)
      let head = SHA256Digest(of: Array(lines.last ?? []))
      let seal = TranscriptSeal(
        head: head,
        isRehearsal: true,
        subjects: ["metadata/1.root.json", "transcript.jsonl"].map {
          ($0, SHA256Digest(of: kept.files[$0] ?? []))
        },
        engine: Int64(EngineVersion.current)
      )
      var renewed = kept
      let signatures = try #require(
        try JSONValue(parsing: kept.files["seal.dsse.json"] ?? [])["signatures"]?.array
      )
      renewed.files["seal.dsse.json"] = seal.envelope(
        signatures.compactMap { signature -> TranscriptSeal.Signature? in
          guard let id = signature["keyid"]?.string, let sig = signature["sig"]?.string.flatMap(Base64.decode)
          else {
            return nil
          }
          return TranscriptSeal.Signature(keyID: id, bytes: sig)
        }
      )
      renewed.sum()
      cases.append(("\(what), the old signatures under a new seal", renewed))
      var stripped = renewed
      var sealing = Array(try kept.records("sealing.jsonl").prefix(2))
      sealing[1]["body"] = ["accepted": "abort"]
      stripped.chain("sealing.jsonl", sealing, after: head)
      stripped.files["seal.dsse.json"] = seal.envelope([])
      stripped.sum()
      cases.append(("\(what), a seal that nobody signed", stripped))
      stripped.files["seal.dsse.json"] = nil
      stripped.sum()
      cases.append(("\(what), no seal", stripped))
    }
    try SecondVerifier.expectAgreement(Sweep.pick(10, of: cases), holding: false, "that were chained anew")
  }

  @Test func filesOfAnotherCeremonyPutIn() throws {
    #expect(Self.other.replay().holds)
    var cases: [(what: String, folder: MemoryProducts)] = []
    for path in [
      "seal.dsse.json", "metadata/1.root.json", "sealing.jsonl", "transcript.jsonl",
      "cards/20000001/root_pubkey.pem",
    ] {
      var mixed = Self.sound
      mixed.files[path] = Self.other.files[path]
      #expect(mixed.files[path] != Self.sound.files[path])
      mixed.sum()
      cases.append((path, mixed))
    }
    var renamed = Self.sound
    try renamed.rechain { records in
      let root = try #require(Self.other.files["metadata/1.root.json"])
      let place = try #require(records.firstIndex { $0["body"]?["path"] == "metadata/1.root.json" })
      records[place].edit("body", "sha256") { _ in .string(SHA256Digest(of: root).hex) }
      records[place].edit("body", "bytes") { _ in .integer(Int64(root.count)) }
    }
    renamed.files["metadata/1.root.json"] = Self.other.files["metadata/1.root.json"]
    renamed.sum()
    cases.append(("another root, recorded as written", renamed))
    try SecondVerifier.expectAgreement(cases, holding: false, "with files of another ceremony")
  }

  /// Every shell block of the written format, on folders as they are made and on changed ones.
  @Test func theWrittenFormatByHand() throws {
    guard ["jq", "openssl", "basenc"].allSatisfy({ FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)") })
    else {
      print("SKIPPED 4 folders checked by hand: jq, openssl or basenc is not installed")
      return
    }
    let text = String(decoding: try Data(contentsOf: Package.runbook.appending(path: "TRANSCRIPT.md")), as: UTF8.self)
    let blocks = text.components(separatedBy: "\n```sh\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```\n").first
    }
    #expect(blocks.count == 14)
    func failures(_ folder: MemoryProducts) throws -> [Int] {
      let root = FileManager.default.temporaryDirectory.appending(path: "hand-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: root) }
      try folder.write(to: root)
      return try blocks.indices.filter { place in
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/bash")
        shell.arguments = ["-euo", "pipefail", "-c", blocks[place]]
        shell.currentDirectoryURL = root
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try shell.run()
        shell.waitUntilExit()
        return shell.terminationStatus != 0
      }
    }
    #expect(try failures(Self.sound) == [])
    let room = Room()
    let script = try Scripts.first.editing("threshold: 2\n", with: "threshold: 2\n    algorithm: ecdsa-p256\n")
    try room.rehearse(Array(script.utf8))
    #expect(try failures(room.products()) == [])
    let officials = Room()
    try officials.rehearse(Array(try Scripts.officialCards(algorithm: "ecdsa-p384").utf8))
    var stated = try officials.products()
    #expect(try failures(stated) == [])
    try stated.rechain { records in
      let place = try #require(records.lastIndex { $0["kind"] == "statement" })
      records[place].edit("body", "initials") { _ in "XX" }
    }
    #expect(try failures(stated).map { blocks[$0].contains("statement") } == [true, true])
    for path in ["metadata/1.root.json", "seal.dsse.json"] {
      var changed = Self.sound
      changed.files[path] = Self.other.files[path]
      #expect(try failures(changed).count > 1, "\(path) of another ceremony")
    }
  }

  @Test func whatIsNotARegularFile() throws {
    for kind in ["link", "pipe", "linked folder", "endless line"] {
      let root = FileManager.default.temporaryDirectory.appending(path: "odd-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: root) }
      try Self.sound.write(to: root)
      let odd = root.appending(path: "odd").path()
      switch kind {
      case "link":
        let there = root.appending(path: "script.yaml")
        try FileManager.default.moveItem(at: there, to: URL(filePath: root.path() + ".yaml"))
        try FileManager.default.createSymbolicLink(
          atPath: there.path(),
          withDestinationPath: root.path() + ".yaml"
        )
      case "pipe": #expect(mkfifo(odd, 0o600) == 0)
      case "linked folder":
        try FileManager.default.createSymbolicLink(atPath: odd, withDestinationPath: "/etc")
      default:
        try Data(repeating: UInt8(ascii: "["), count: 8 << 20).write(
          to: root.appending(path: "transcript.jsonl")
        )
      }
      defer { try? FileManager.default.removeItem(atPath: root.path() + ".yaml") }
      #expect(!Replay(ProductsFolder(opening: root.path())).verdict().holds, "\(kind)")
      guard let verdict = try SecondVerifier.verdicts(on: [root.path()], kind)?.first else { return }
      #expect(verdict.status == 1 && verdict.text.contains("NOT VERIFIED"), "\(kind): \(verdict.text)")
    }
  }
}
