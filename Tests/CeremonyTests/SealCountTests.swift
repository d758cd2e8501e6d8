import CanonicalJSON
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import Testing
import Transcript
import UTC

@testable import CeremonyEngine

/// How many root keys seal: the script says it, and nobody else.
@Suite struct SealCountTests {
  /// Three keyholders, a root of 2 of 3, all of whom may seal.
  private static func script(seal: Int?, absent: String = "enrolled") throws -> String {
    let text = try ReplacementTests.script(absent: absent)
      .editing("    do: close\n", with: "    do: close\n    seal: [ada, boris, chandra]\n")
    guard let seal else { return text }
    return try text.editing("ceremony: 1", with: "ceremony: 2").editing("\nroles:\n", with: "\nseal: \(seal)\nroles:\n")
  }

  /// - Parameter absent: who is not there for the seal; whoever cannot be left out has it given up.
  private static func hold(_ script: String, absent: [String]) throws -> (Room, LiveCeremony.Result) {
    let room = Room()
    room.console.answer = { screen in
      guard screen.title == "Sign the transcript seal",
        absent.contains(where: { screen.prompt?.question == "Is \($0) here to sign?" })
      else { return screen.prompt?.unattended }
      return screen.prompt?.answers.contains { $0.token == "absent" } == true ? "absent" : Prompt.abort
    }
    return (room, try room.rehearse(Array(script.utf8)))
  }

  /// Two metadata files are all that a ceremony writes: no seal is too long for a card, and a longer one is no seal.
  @Test(arguments: EngineVersion.known, [false, true])
  func whatIsSealedFitsEveryCard(engine: Int64, isRehearsal: Bool) {
    let metadata = ["root", "targets"].map { "metadata/\(Int64.max).\($0).json" }
    #expect(TranscriptSeal.size(over: metadata, isRehearsal: isRehearsal, engine: engine) <= TranscriptSeal.largest)
  }

  @Test(
    arguments: [
      (nil, [], 3, []), (nil, ["Ada"], 2, []), (nil, ["Ada", "Boris"], 0, ["SEAL-MISSING", "SEALING-GIVEN-UP"]),
      (nil, ["Boris", "Chandra"], 1, ["SEAL-BELOW-THRESHOLD", "SEALING-GIVEN-UP"]),
      (3, [], 3, []), (3, ["Chandra"], 2, ["SEAL-BELOW-THRESHOLD", "SEALING-GIVEN-UP"]),
      (3, ["Ada"], 0, ["SEAL-MISSING", "SEALING-GIVEN-UP"]),
      (1, ["Ada"], 2, []), (1, ["Ada", "Boris"], 1, ["SEAL-BELOW-ROOT"]),
      (1, ["Ada", "Boris", "Chandra"], 0, ["SEAL-MISSING", "SEALING-GIVEN-UP"]),
    ] as [(Int?, [String], Int, [String])])
  func asManyAsTheScriptAsksFor(seal: Int?, absent: [String], count: Int, codes: [String]) throws {
    let (room, result) = try Self.hold(try Self.script(seal: seal), absent: absent)
    let needed = seal ?? 2
    #expect(result.outcome.ending == .complete)
    #expect((result.outcome.status == .fine) == (count >= needed))
    let verdict = room.replay()
    #expect(verdict.findings.map(\.code.description) == codes)
    #expect(verdict.holds == (count >= needed))
    #expect(verdict.seal?.count == count && verdict.seal?.needed == needed && verdict.seal?.threshold == 2)
    let shortfall = count == 0 ? "NOT SEALED" : count < needed ? "SEALED BY \(count) OF \(needed)" : nil
    #expect(verdict.seal?.shortfall == shortfall)
    #expect(shortfall.map { verdict.headline.hasPrefix("\($0):") && verdict.banners.contains($0) } ?? verdict.holds)
    #expect(
      try room.products().records("sealing.jsonl").last?["body"]?["ending"]
        == (shortfall == nil ? "complete" : "given-up"))
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    #expect(byFiles.findings.map(\.code.description) == codes && byFiles.seal == verdict.seal)
    // Going on with it adds nothing, and says so.
    let again = try Resumption(room.path, console: QuietConsole(), isUnattended: true).run()
    #expect(again.wasOver && again.ceremony.account.seal?.shortfall == shortfall)
  }

  /// One card of three that signs a seal of its own, over everything, is not enough for anybody.
  @Test func aSealThatWasMadeSmallerIsAnError() throws {
    var folder = try Self.hold(try Self.script(seal: 3), absent: []).0.products()
    let seal = try folder.object("seal.dsse.json")
    let first = try #require(seal["signatures"]?.array?.first)
    var smaller = seal
    smaller["signatures"] = [first]
    folder.files["seal.dsse.json"] = JSONValue.object(smaller).pretty()
    try folder.rewriteSealing { records in
      let kept = first["keyid"]?.string
      records.removeAll { $0["kind"] == "signature" && $0["body"]?["keyid"]?.string != kept }
      records[records.count - 1].edit("body", "signatures") { _ in 1 }
    }
    var byFiles = ReplayVerdict()
    byFiles.judge(folder)
    #expect(byFiles.findings.map(\.code) == [.sealBelowThreshold])
    #expect(byFiles.findings.first?.severity == .error && byFiles.headline.hasPrefix("SEALED BY 1 OF 3:"))
    #expect(!folder.replay().isSound)
  }

  @Test func whatTheScriptAsksForCanBeReached() throws {
    func judged(_ seal: Int?, closing: String) throws -> (lint: [Finding.Code], cautions: [Finding.Code]) {
      let text = try Self.script(seal: seal).editing("seal: [ada, boris, chandra]", with: "seal: \(closing)")
      let script = try Script(Array(text.utf8))
      let online = try script.onlineKeys(in: Package.runbook.path())
      let errors = script.lint(.rehearsal, online: online, at: .epoch).filter { $0.severity == .error }
      return (errors.map(\.code), script.cautions.map(\.code))
    }
    #expect(try judged(3, closing: "[ada, boris, chandra]") == ([], []))
    #expect(try judged(3, closing: "[ada, boris]") == ([.scriptThreshold], []))
    #expect(try judged(nil, closing: "[ada]") == ([.scriptThreshold], []))
    #expect(try judged(1, closing: "[ada]") == ([], [.sealBelowRoot]))
    #expect(try judged(2, closing: "[ada, chandra]") == ([], []))
  }
}
