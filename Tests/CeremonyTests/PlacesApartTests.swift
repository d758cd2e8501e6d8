import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Keys
import Products
import Requests
import ScriptDraft
import Testing

/// Answers, enrolments, pending ceremonies and those that finish them: both verifiers agree on whole folders, and on forged
/// ones at the same place.
@Suite struct PlacesApartTests {
  /// Of both kinds of keys in full, of one by the seed in a run.
  private static let algorithms = ["ed25519", "ecdsa-p256"]
  private static let sampled = Sweep.isFull ? algorithms : [algorithms[Int(Sweep.seed % 2)]]

  /// By replay, from the files, and by the second verifier.
  private func expectSound(_ rooms: [(what: String, room: Room, ending: CeremonyEnding)]) throws {
    for (what, room, ending) in rooms {
      let verdict = room.replay()
      #expect(verdict.holds && verdict.outcome?.ending == ending, "\(what): \(verdict.findings)")
      var byFiles = ReplayVerdict()
      byFiles.judge(room.folder)
      #expect(byFiles.isSound && byFiles.outcome?.ending == ending, "\(what): \(byFiles.findings)")
      #expect(Set(byFiles.findings) == Set(verdict.findings), "\(what): \(byFiles.findings) \(verdict.findings)")
    }
    try SecondVerifier.expectAgreement(
      try rooms.map { ($0.what, try $0.room.products()) }, holding: true, "of places apart")
    let paths = rooms.map(\.room.path)
    for ((what, _, ending), second) in zip(rooms, try SecondVerifier.verdicts(on: paths, "of places apart") ?? []) {
      #expect(second.isPending == (ending == .pending), "\(what): \(second.text)")
    }
  }

  @Test func whatIsSoundInThreePlaces() throws {
    let places = try Elsewhere()
    try places.holdAll()
    try expectSound([
      ("enrolment", places.enrolment, .complete), ("pending", places.pending, .pending),
      ("Boris", places.boris, .complete), ("Fred", places.fred, .complete),
      ("collecting", places.collecting, .complete),
    ])
    let first = try #require(places.history.newest)
    let second = try SecondVerifier.verdict(
      on: places.collecting.path, after: [places.pending.path, first.path], "of a collecting ceremony")
    #expect(second?.status ?? 0 == 0, "\(second?.text ?? "")")
    let other = try SecondVerifier.verdict(
      on: places.collecting.path, after: [first.path], "of a collecting ceremony without what waited")
    #expect(other?.status ?? 1 == 1, "\(other?.text ?? "")")
  }

  /// With a witness over a stream, and a signature without evidence.
  @Test func whatIsSoundWithoutEvidence() throws {
    let places = try Elsewhere()
    try places.holdWithFredHere(witness: "Will", isBare: true)
    try expectSound([
      ("pending", places.pending, .pending), ("Boris", places.boris, .complete),
      ("collecting", places.collecting, .complete),
    ])
    // One card sealed what was collected, and nobody elsewhere did.
    #expect(places.collecting.replay().findings.map(\.code) == [.sealBelowRoot, .signatureUnwitnessed])
  }

  /// Administrator and witness have cards of their own, beside a root that waits.
  @Test func whatIsSoundWithCardsOfOfficials() throws {
    let places = try Elsewhere()
    let script = try places.scriptWithFredHere()
      .editing("administrator: Administrator", with: "administrator: {name: Administrator, initials: AD, card: record}")
      .editing("witness: Witness", with: "witness: {name: Witness, initials: WI, card: 40000001}")
      .editing(
        "  - {id: build, do: build, role: root}",
        with: """
            - {id: card-witness, do: provision, keyholder: witness}
            - {id: card-administrator, do: provision, keyholder: administrator}
            - {id: build, do: build, role: root}
          """
      )
      .editing("{id: show, do: show, role: root}", with: "{id: show, do: show, role: root, initials: both}")
    let result = try places.hold(script, after: #require(places.history.newest), in: places.pending)
    #expect(result.outcome.ending == .pending && result.outcome.finding == nil)
    try places.signAsBoris()
    try places.send(places.boris)
    _ = try places.hold(places.collectingScript(), after: places.pending, in: places.collecting)
    try expectSound([
      ("pending", places.pending, .pending), ("Boris", places.boris, .complete),
      ("collecting", places.collecting, .complete),
    ])
    let verdict = places.pending.replay()
    #expect(verdict.seal?.missing == [] && verdict.facts?.officialSealers == ["Administrator", "Witness"])
    #expect(verdict.facts?.room.initials.map(\.card) == ["20000004", "40000001"])
  }

  /// He answers while the others are still in the room: nothing waits then.
  @Test func whatIsAnsweredMeanwhile() throws {
    let places = try Elsewhere()
    var isAnswered = false
    places.pending.console.answer = { screen in
      if screen.title == "Take in signatures of root", !isAnswered {
        isAnswered = true
        try places.signAsBoris()
        try places.send(places.boris)
      }
      return screen.prompt?.unattended
    }
    _ = try places.hold(places.scriptWithFredHere(), after: #require(places.history.newest), in: places.pending)
    #expect(places.pending.replay().findings == [])
    try expectSound([("meanwhile", places.pending, .complete)])
  }

  @Test(arguments: sampled)
  func everyForgeryIsRefusedAtItsPlace(algorithm: String) throws {
    let places = try Elsewhere(algorithm: algorithm)
    try places.holdWithFredHere()
    for (kind, room) in [("pending", places.pending), ("answer", places.boris), ("collecting", places.collecting)] {
      try ForgerTests.judge(
        "places_apart.py", of: room, [kind, places.pending.path, places.boris.path],
        "of forged places apart (\(kind), \(algorithm))")
    }
  }

  @Test func everyForgedEnrolmentIsRefusedAtItsPlace() throws {
    let places = try Elsewhere()
    _ = try places.holdPending()
    try ForgerTests.judge(
      "places_apart.py", of: places.pending, ["enrolled", places.pending.path, places.enrolment.path],
      "of forged enrolments")
    try ForgerTests.judgeMutations(of: places.enrolment, "enrolment")
    try ForgerTests.judgeMutations(of: places.pending, "enrolled")
  }

  @Test(arguments: ["pending", "answer", "collecting"])
  func bothAgreeOnWhatIsChangedAnyhow(kind: String) throws {
    let places = try Elsewhere()
    try places.holdWithFredHere()
    let room = kind == "pending" ? places.pending : kind == "answer" ? places.boris : places.collecting
    try ForgerTests.judgeMutations(of: room, kind)
  }
}

extension Elsewhere {
  /// Boris signs what the pending ceremony asks for.
  ///
  /// - Parameter witness: over a stream; nil for nobody.
  fileprivate func signAsBoris(witness: String? = nil) throws {
    let file = try RequestFile(of: "boris", "root", in: pending.folder, place: "")
    let (request, card) = try StandInCard.taken(from: file.bytes, place: "")
    try answer(request, in: boris, with: card) { options in
      guard let witness else { return }
      var script = AnswerScript(request, people: request.people)
      script.witness = witness
      script.isStream = true
      options.script = try script.bytes()
    }
  }

  /// All of it with Fred in the room.
  ///
  /// - Parameter isBare: whether the answer comes without its evidence.
  fileprivate func holdWithFredHere(witness: String? = nil, isBare: Bool = false) throws {
    _ = try hold(scriptWithFredHere(), after: #require(history.newest), in: pending)
    try signAsBoris(witness: witness)
    if isBare {
      let bare = try boris.folder.read("pending/2.root.json")
      try Data(bare).write(to: answers.appending(path: "boris.json"))
    } else {
      try send(boris)
    }
    _ = try hold(collectingScript(), after: pending, in: collecting)
  }
}
