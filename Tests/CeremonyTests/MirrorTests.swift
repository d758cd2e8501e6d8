import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Products
import Testing
import Transcript

/// The second copy: the same bytes, and a loud exception where it is lost.
@Suite struct MirrorTests {
  @Test func bothCopiesAreTheSame() throws {
    let (room, copy) = (Room(), Room())
    try hold(room, copy)
    #expect(try sameFiles(room, copy))
    #expect(copy.replay().holds)
  }

  /// The folder of the copy is taken away at each prompt: the ceremony goes on, says so on every later screen,
  /// and both verifiers accept it with the loss named.
  @Test func aCopyThatVanishesIsNamed() throws {
    let counting = Room()
    try hold(counting, Room())
    let prompts = counting.console.screens.count { $0.prompt != nil }
    #expect(prompts > 5)
    var cases: [(what: String, folder: MemoryProducts)] = []
    // Those after the close, too.
    let sample = Sweep.pick(4, of: Array(0..<prompts - 5)) + Sweep.pick(2, of: Array(prompts - 5..<prompts))
    for prompt in sample {
      let (room, copy) = (Room(), Room())
      var seen = 0
      var lostAt: Int?
      room.console.answer = { screen in
        if seen == prompt {
          lostAt = room.console.screens.count
          try FileManager.default.removeItem(atPath: copy.path)
        }
        seen += 1
        return screen.prompt?.unattended
      }
      let result = try hold(room, copy)
      #expect(result.outcome.ending == .complete)
      #expect(result.mirrorLoss != nil)
      let later = room.console.screens[(try #require(lostAt))...]
      #expect(later.allSatisfy { $0.banners.contains("THE SECOND COPY IS LOST") }, "prompt \(prompt)")
      let verdict = room.replay()
      #expect(verdict.holds, "prompt \(prompt): \(verdict.findings)")
      #expect(verdict.findings.map(\.code) == [.copyLost], "prompt \(prompt)")
      cases.append(("lost at prompt \(prompt)", try room.products()))
    }
    try SecondVerifier.expectAgreement(cases, holding: true, "that lost their second copy")
  }

  /// The head so far is the digest of a record that a replay hands out, never of the one that says the copy is lost.
  @Test func aCopyThatVanishesRightBeforeTheHead() throws {
    let (room, copy) = (Room(), Room())
    room.console.answer = { screen in
      if screen.title == "Confirm" { try FileManager.default.removeItem(atPath: copy.path) }
      return screen.prompt?.unattended
    }
    let script = try Scripts.first.editing(
      "  - id: head-cards\n", with: "  - {id: door, do: confirm, confirm: The door is closed.}\n  - id: head-cards\n")
    try hold(room, copy, script: script)
    let loss = try #require(try room.records(.mirror).first)
    #expect(try room.transcript().first { $0.seq == loss.seq + 1 }?.step == "head-cards")
    #expect(room.replay().findings.map(\.code) == [.copyLost])
    try SecondVerifier.expectAgreement([("before the head", try room.products())], holding: true, "whose copy went")
  }

  /// Something stands in the way of one file of the copy.
  @Test(arguments: ["inputs", "metadata", "cards", "sealing.jsonl", "seal.dsse.json", "REHEARSAL"])
  func aFileThatCannotBeCopiedIsNamed(_ name: String) throws {
    let (room, copy) = (Room(), Room())
    room.console.answer = { screen in
      let obstacle = "\(copy.path)/\(name)"
      if !FileManager.default.fileExists(atPath: obstacle) {
        // Where a folder has to be, a file is in the way, and the other way round.
        if name.contains(".") || name == "REHEARSAL" {
          try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
        } else {
          try Data().write(to: URL(filePath: obstacle))
        }
      }
      return screen.prompt?.unattended
    }
    let result = try hold(room, copy)
    // The inputs were there before the first prompt.
    #expect((result.mirrorLoss == nil) == (name == "inputs"))
    #expect(room.replay().findings.map(\.code) == (name == "inputs" ? [] : [.copyLost]))
    try SecondVerifier.expectAgreement([(name, try room.products())], holding: true, "whose copy has no \(name)")
  }

  @Test func theSumsThatCannotBeCopiedAreSaidAndNotRecorded() throws {
    let (room, copy) = (Room(), Room())
    room.console.answer = { screen in
      try? FileManager.default.createDirectory(
        atPath: "\(copy.path)/SHA256SUMS", withIntermediateDirectories: false)
      return screen.prompt?.unattended
    }
    #expect(try hold(room, copy).mirrorLoss != nil)
    #expect(room.replay().findings.isEmpty)
  }

  @Test func whatIsThereIsNotTouchedAndNothingIsBegun() throws {
    let (room, copy) = (Room(), Room())
    try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: false)
    let finding = try #require(throws: Finding.self) { try hold(room, copy) }
    #expect(finding.code == .cannotCreate)
    #expect(!FileManager.default.fileExists(atPath: room.path))
  }

  @Test func aCopyInsideTheFolderIsRefused() throws {
    let room = Room()
    let finding = try #require(throws: Finding.self) {
      try hold(room, path: "\(room.path)/../\(URL(filePath: room.path).lastPathComponent)/copy")
    }
    #expect(finding.code == .cannotCreate)
    #expect(!FileManager.default.fileExists(atPath: room.path))
  }

  /// What goes on gets a fresh copy of everything, the record before it included; also where the last line was torn.
  @Test(arguments: [3, 11], [false, true]) func aResumedCeremonyGetsAFreshCopy(stop: Int, isTorn: Bool) throws {
    let (room, first, second) = (Room(), Room(), Room())
    var seen = 0
    room.console.answer = { screen in
      seen += 1
      if seen == stop { throw Interruption(reason: "end of input") }
      return screen.prompt?.unattended
    }
    #expect(throws: Interruption.self) { try hold(room, first) }
    #expect(try sameFiles(room, first))
    if isTorn {
      let isSealing = try room.folder.list().contains { $0.path == "sealing.jsonl" }
      let file = try FileHandle(
        forWritingTo: URL(filePath: "\(room.path)/\(isSealing ? "sealing" : "transcript").jsonl"))
      try file.seekToEnd()
      try file.write(contentsOf: Data("{\"at\":\"2026".utf8))
      try file.close()
    }
    room.console.answer = { $0.prompt?.unattended }
    let result = try Resumption(room.path, console: room.console, isUnattended: true, mirror: second.path).run()
    #expect(result.ceremony.mirrorLoss == nil)
    #expect(try sameFiles(room, second))
    #expect(second.replay().holds)
  }

  /// A forged loss: between a command and its answer, after the close, or without a reason.
  @Test func aLossWhereNoneCanBeIsRefused() throws {
    let (room, copy) = (Room(), Room())
    try hold(room, copy)
    let sound = try room.products()
    let records = try sound.records("transcript.jsonl")
    let command = try #require(records.firstIndex { $0["kind"] == "command" })
    let forgeries: [(place: Int, body: JSONObject)] = [
      (command + 1, ["lost": "gone"]), (records.count, ["lost": "gone"]), (command, JSONObject()),
      (command, ["lost": 1]), (command, ["lost": "gone", "more": 1]),
    ]
    for (place, body) in forgeries {
      var forged = sound
      try forged.rechain { records in
        var record = records[command]
        record["kind"] = "mirror"
        record["body"] = .object(body)
        records.insert(record, at: place)
      }
      #expect(forged.replay().findings.contains { $0.code == .recordMalformed }, "\(place), \(body)")
    }
  }

  @discardableResult
  private func hold(
    _ room: Room, _ copy: Room? = nil, path: String? = nil, script: String? = nil
  ) throws -> LiveCeremony.Result {
    try LiveCeremony(
      LiveCeremony.Options(
        script: Array((try script ?? Scripts.first).utf8), scriptFolder: Package.runbook.path(), out: room.path,
        mirror: path ?? copy?.path, isUnattended: true, seed: 1, programVersion: ProgramVersion.current),
      console: room.console
    ).run()
  }

  private func sameFiles(_ room: Room, _ copy: Room) throws -> Bool {
    let files = try room.products().files.filter { !$0.key.hasPrefix("virtual-cards/") }
    return try copy.products().files == files && !files.isEmpty
  }
}
