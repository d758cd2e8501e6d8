import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing
import Transcript

/// A root that waits is given up: another of the same version is made, and says for ever who signed the one that was not
/// finished.
@Suite struct WithdrawnTests {
  /// With Fred in the room: Ada and he signed what waits for Boris.
  private static func waiting() throws -> (places: Elsewhere, payload: SHA256Digest) {
    let places = try Elsewhere()
    _ = try places.hold(places.scriptWithFredHere(), after: #require(places.history.newest), in: places.pending)
    let waiting = try Envelope(parsing: places.pending.folder.read("pending/2.root.json"), place: "")
    return (places, SHA256Digest(of: waiting.signedBytes))
  }

  /// Another root after the first, made by Ada and Boris.
  private static func script(_ places: Elsewhere, withdrawing payloads: [SHA256Digest]) throws -> String {
    let list = payloads.isEmpty ? "" : "withdrawn: [\(payloads.map(\.hex).joined(separator: ", "))]\n"
    return try places.history.script(History.Year(holders: ["ada", "boris"], threshold: 2, more: list))
  }

  @Test func whatWaitedIsWithdrawn() throws {
    let (places, payload) = try Self.waiting()
    let room = Room(inMemory: true)
    let result = try places.hold(Self.script(places, withdrawing: [payload]), after: places.pending, in: room)
    #expect(result.outcome.ending == .complete)
    // Who signed, and how many more would complete it on each side: on a screen and on record.
    let words =
      "The payload \(payload.hex) for this version is withdrawn. "
    let said = try room.transcript().filter { $0.kind == .exception }.compactMap { $0.body["what"]?.string }
    #expect(said.count == 1 && said[0].hasPrefix(words))
    #expect(said[0].contains("Ada") && said[0].contains("have signed it. 1 more by keys of the root before and 0 more by"))
    #expect(room.console.screens.contains { $0.title == "Withdrawn" && $0.text == said })
    let verdict = room.replay()
    #expect(verdict.holds, "\(verdict.findings)")
    #expect(FolderVerifier(room.folder).findings.filter { $0.severity == .error } == [])
    try SecondVerifier.expectAgreement([("withdrawing", try room.products())], holding: true, "of what is withdrawn")
    // Walked back together: it names the one that waited, and that the first.
    let first = try #require(places.history.newest)
    let chain = Replay(
      room.folder,
      after: [
        CeremonyChain.Folder(name: "pending", source: places.pending.folder),
        CeremonyChain.Folder(name: "first", source: first.folder),
      ]
    ).verdict()
    #expect(chain.isSound && chain.chain?.links.map(\.name) == ["pending", "first"], "\(chain.findings)")
    let second = try SecondVerifier.verdict(
      on: room.path, after: [places.pending.path, first.path], "of what is withdrawn, and before")
    #expect(second?.status ?? 0 == 0, "\(second?.text ?? "")")
    try ForgerTests.judge(
      "places_apart.py", of: room, ["withdrawing", places.pending.path, places.pending.path], "of forged withdrawals")
  }

  /// Nothing is created where the script is silent on what waits, or speaks of something else.
  @Test func silenceIsRefused() throws {
    let (places, payload) = try Self.waiting()
    for (what, payloads) in [("silence", []), ("another one", [SHA256Digest(of: [1])])] {
      let room = Room(inMemory: true)
      let error = #expect(throws: Finding.self, "\(what)") {
        try places.hold(Self.script(places, withdrawing: payloads), after: places.pending, in: room)
      }
      #expect(error?.code == .payloadOpen && error?.what.contains(payload.hex) == true, "\(what)")
      #expect(!FileManager.default.fileExists(atPath: room.path), "\(what)")
    }
    // After the ceremony that made the root before, nobody knows of it; what the script says is said all the same.
    let room = Room(inMemory: true)
    _ = try places.hold(
      Self.script(places, withdrawing: [payload]), after: #require(places.history.newest), in: room)
    let said = try room.transcript().filter { $0.kind == .exception }.compactMap { $0.body["what"]?.string }
    #expect(said.count == 1 && said[0].contains("Who signed it is not known here."))
    #expect(room.replay().holds)
    try SecondVerifier.expectAgreement([("not known", try room.products())], holding: true, "of what nobody knows")
  }

  /// What finishes a pending root cannot withdraw it.
  @Test func finishedAndWithdrawn() throws {
    let (places, payload) = try Self.waiting()
    let script = try places.collectingScript().editing(
      "\nkeyholders:", with: "\nwithdrawn: [\(payload.hex)]\nkeyholders:")
    let error = #expect(throws: Finding.self) {
      try places.hold(script, after: places.pending, in: Room(inMemory: true))
    }
    #expect(error?.code == .scriptValue)
  }
}
