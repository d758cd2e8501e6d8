import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import Products
import Requests
import ScriptDraft
import TUFMetadata
import Testing
import Transcript

/// A root that founds version 1, and waits for signatures from elsewhere.
@Suite struct FirstRootPendingTests {
  /// Re-executed and by its files, and by the second verifier.
  private func expectSound(_ what: String, _ room: Room, isPending: Bool = false) throws {
    let verdict = room.replay()
    #expect(verdict.isSound && verdict.isReexecuted && verdict.isPending == isPending, "\(what): \(verdict.findings)")
    let judged = FolderVerifier(room.folder)
    #expect(judged.findings.filter { $0.severity == .error } == [], "\(what)")
    #expect(judged.seal == verdict.seal, "\(what)")
    #expect(judged.facts?.rootKeys == verdict.facts?.rootKeys, "\(what)")
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    #expect(byFiles.banners == verdict.banners, "\(what)")
    try SecondVerifier.expectAgreement([(what, try room.products())], holding: true, what)
  }

  @Test func itWaitsAndIsFinished() throws {
    let places = try FirstRootElsewhere()
    let held = try places.holdPending()
    #expect(held.outcome.ending == .pending && held.outcome.status == .warning)
    #expect(try places.waiting.signatures.count == 1)
    #expect(try !places.pending.folder.exists("metadata"))
    try expectSound("pending", places.pending, isPending: true)
    let verdict = places.pending.replay()
    #expect(verdict.banners.contains { $0.hasSuffix("root 1: 1 of 2, waiting for Boris, Fred") }, "\(verdict.banners)")
    #expect(places.pending.console.screens.contains { $0.title == "PENDING: root 1: 1 of 2, waiting for Boris, Fred" })
    #expect(verdict.facts?.rootKeys.filter { $0.roles == ["root"] }.map(\.origin) == [.made, .made, .enrolled])

    let signed = try places.sign(as: "fred")
    #expect(signed.outcome.status == .fine)
    // Nothing but the digests that are compared vouches for a first root, and the screen says so.
    let shown = places.fred.console.screens.first { $0.text.contains("FOUNDS VERSION 1, NO EARLIER ROOT.") }
    #expect(shown?.text.contains { $0.contains("Nothing vouches for this root but the digests") } == true)
    try expectSound("answer", places.fred)

    try places.send(places.fred)
    let collected = try places.hold(places.collectingScript(), after: places.pending, in: places.collecting)
    #expect(collected.outcome.ending == .complete && collected.outcome.status == .fine)
    try expectSound("collecting", places.collecting)
    // Fred sealed his own answer, which counts together with Ada's seal.
    #expect(places.collecting.replay().seal?.count == 2)
    let root = try places.collecting.folder.read("metadata/1.root.json")
    #expect(try Envelope(parsing: root, place: "").signedBytes == places.waiting.signedBytes)
    // A client takes the finished one, and not the one that waits.
    for (bytes, isTaken) in [(root, true), (try places.pending.folder.read("pending/1.root.json"), false)] {
      var chain = RootChain()
      chain.trust(bytes, place: "1")
      #expect((chain.newest != nil) == isTaken)
    }
    let chain = Replay(
      places.collecting.folder, after: [CeremonyChain.Folder(name: "pending", source: places.pending.folder)]
    ).verdict()
    #expect(chain.isSound && chain.chain?.links.map(\.name) == ["pending"], "\(chain.findings)")
    let second = try SecondVerifier.verdict(
      on: places.collecting.path, after: [places.pending.path], "of a first root that waited")
    #expect(second?.status ?? 0 == 0, "\(second?.text ?? "")")
  }

  /// The keys of a root that waits are attested like others; of an answer's root nothing is.
  @Test func whatWaitsIsAttested() throws {
    let places = try FirstRootElsewhere()
    try places.holdPending()
    let verdict = AttestVerdict(places.pending.folder)
    #expect(verdict.holds && verdict.isProven, "\(verdict.findings)")
    #expect(verdict.keys.map(\.keyholder) == ["Ada", "Boris", "Fred"])
    #expect(verdict.pending == AttestVerdict.Pending(path: "pending/1.root.json", waiting: ["Boris", "Fred"]))
    try places.sign(as: "fred")
    let answer = AttestVerdict(places.fred.folder)
    #expect(answer.findings.map(\.place) == ["pending/1.root.json"] && answer.pending == nil)
  }

  /// Whoever signs later and has a key of targets, too, is not asked for that: no answer has another role than root.
  @Test func aRequestIsForARootAlone() throws {
    let places = try FirstRootElsewhere()
    let held = try places.hold(FirstRootElsewhere.scriptWithTargets(), in: places.pending)
    #expect(held.outcome.ending == .complete)
    let files = try places.pending.products().files.keys
    #expect(files.contains("metadata/1.targets.json"))
    #expect(files.filter { $0.hasPrefix("requests/") } == ["requests/root.boris.json"])
    try expectSound("asked for a root alone", places.pending)
    try ForgerTests.judge("asked.py", of: places.pending, [], "that ask for another role than root")
  }

  /// What waits waits again where too few come; then whoever is left completes it.
  @Test func itWaitsTwice() throws {
    let places = try FirstRootElsewhere()
    try places.holdPending()
    let again = Room(inMemory: true)
    let held = try places.hold(places.collectingScript(), after: places.pending, in: again)
    #expect(held.outcome.ending == .pending)
    try expectSound("pending again", again, isPending: true)
    try places.sign(as: "boris")
    try places.send(places.boris)
    let script = try places.collectingScript().editing(
      places.pending.replay().head?.hex ?? "none", with: again.replay().head?.hex ?? "")
    _ = try places.hold(script, after: again, in: places.collecting)
    try expectSound("collected in the end", places.collecting)
  }

  /// No card is in the room: a second request has it sealed.
  @Test func itIsSealedElsewhere() throws {
    let places = try FirstRootElsewhere()
    try places.holdPending()
    try places.sign(as: "fred")
    try places.send(places.fred)
    let script = try places.collectingScript { $0.isSealedElsewhere = true }
    let held = try places.hold(script, after: places.pending, in: places.collecting)
    #expect(held.outcome.status == .warning && !held.isSealed)
    let unsealed = try #require(FolderVerifier(places.collecting.folder).unsealed)
    let request = try unsealed.request(for: ["ada"], deadline: nil)
    let key = request.people.first.flatMap(request.key)
    let room = Room(inMemory: true)
    try places.answer(
      request, in: room, with: StandInCard(holding: key, of: "Ada", in: places.pending.folder, place: ""))
    let answer = try Elsewhere.packed(room, into: places.answers.appending(path: "seal.tar").path())
    for file in try unsealed.files(by: [("answer", answer)]) {
      try places.collecting.folder.create(file.path, file.bytes)
    }
    try expectSound("sealed later", places.collecting)
  }

  /// Another first root is made in its place, and says who signed the one that waited. The same cards come again.
  @Test func itIsWithdrawn() throws {
    let places = try FirstRootElsewhere()
    try places.holdPending()
    let payload = SHA256Digest(of: try places.waiting.signedBytes)
    let silent = try FirstRootElsewhere.script().editing("expires: {days: 7}", with: "expires: {days: 6}")
    let error = #expect(throws: Finding.self) {
      try places.hold(silent, after: places.pending, in: Room(inMemory: true))
    }
    #expect(error?.code == .payloadOpen && error?.what.contains(payload.hex) == true)

    try places.send(places.enrolment)
    let room = Room(inMemory: true)
    let script = try silent.editing("keyholders:\n", with: "withdrawn: [\(payload.hex)]\nkeyholders:\n")
    _ = try places.hold(script, after: places.pending, in: room)
    let said = try room.transcript().filter { $0.kind == .exception }.compactMap { $0.body["what"]?.string }
    #expect(
      said.count == 1 && said[0].hasSuffix("has signed it. 1 more by its own complete it. Nothing recalls a signature.")
    )
    try expectSound("withdrawing", room, isPending: true)
    let chain = Replay(
      room.folder, after: [CeremonyChain.Folder(name: "pending", source: places.pending.folder)]
    ).verdict()
    #expect(chain.isSound && chain.chain?.links.count == 1, "\(chain.findings)")
    let second = try SecondVerifier.verdict(on: room.path, after: [places.pending.path], "of a first root in its place")
    #expect(second?.status ?? 3 == 3, "\(second?.text ?? "")")
  }

  /// Whoever goes on from the finished root names the ceremony that collected.
  @Test func whatIsWrongWithAScript() throws {
    let places = try FirstRootElsewhere()
    try places.holdPending()
    let script = try places.collectingScript()
    let edits: [(String, String, String, Finding.Code)] = [
      (
        "a head beside nothing", "\n  pending:", "\n  head: \(String(repeating: "0", count: 64))\n  pending:",
        .scriptValue
      ),
      (
        "a root by its digest", "\n  pending:",
        "\n  root: \(String(repeating: "0", count: 64))\n  head: \(String(repeating: "0", count: 64))\n  pending:",
        .scriptValue
      ),
      ("somebody leaves", "\nroles:", "\nleaving:\n  \"01234567\": {reason: lost}\n\nroles:", .leavingUnknown),
      ("another payload", "payload: ", "payload: \(String(repeating: "0", count: 64)) #", .payloadOpen),
      ("another head", "head: ", "head: \(String(repeating: "0", count: 64)) #", .previousDiffers),
      ("another threshold", "threshold: 2", "threshold: 3", .pendingDiffers),
    ]
    for (what, old, new, code) in edits {
      let error = #expect(throws: Finding.self, "\(what)") {
        try places.hold(script.editing(old, with: new), after: places.pending, in: Room(inMemory: true))
      }
      #expect(error?.code == code, "\(what): \(String(describing: error))")
    }
    // Nobody waits for a signature that cannot come.
    let few = try FirstRootElsewhere.script().editing("threshold: 2", with: "threshold: 3").editing(
      "boris: {name: Boris, card: record, absent: pending}", with: "boris: {name: Boris, card: record}"
    )
    .editing("        - {id: collect, do: collect, role: root}\n".replacing("        ", with: "  "), with: "")
    let error = #expect(throws: Finding.self) { try places.hold(few, in: Room(inMemory: true)) }
    #expect(error?.code == .stepOrder)
  }

  private static let kinds = ["pending", "collecting", "withdrawing"]
  /// Changed anyhow as well: one by the seed in a run.
  private static let changed = Sweep.pick(1, of: kinds)

  @Test(arguments: kinds)
  func everyForgeryIsRefusedAtItsPlace(kind: String) throws {
    let places = try FirstRootElsewhere()
    try places.holdAll()
    var room = kind == "pending" ? places.pending : places.collecting
    if kind == "withdrawing" {
      let payload = SHA256Digest(of: try places.waiting.signedBytes)
      room = Room(inMemory: true)
      try places.clearAnswers()
      try places.send(places.enrolment)
      let script = try FirstRootElsewhere.script(more: "withdrawn: [\(payload.hex)]\n").editing(
        "expires: {days: 7}", with: "expires: {days: 6}")
      _ = try places.hold(script, after: places.pending, in: room)
    }
    try ForgerTests.judge(
      "first_roots.py", of: room, [kind, places.pending.path, places.enrolment.path],
      "of forged first roots that wait: \(kind)")
    if Self.changed.contains(kind) { try ForgerTests.judgeMutations(of: room, "first root, \(kind)") }
  }
}
