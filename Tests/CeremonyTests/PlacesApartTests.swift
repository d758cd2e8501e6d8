import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import Foundation
import Judges
import Keys
import Requests
import Testing

/// Answers, pending ceremonies and those that finish them: both verifiers agree on whole folders, and on forged ones at the
/// same place.
@Suite struct PlacesApartTests {
  /// Of both kinds of keys in full, of one by the seed in a run.
  private static let algorithms = ["ed25519", "ecdsa-p256"]
  private static let sampled = Sweep.isFull ? algorithms : [algorithms[Int(Sweep.seed % 2)]]

  @Test(arguments: [false, true])
  func whatIsSound(isBare: Bool) throws {
    let places = try PlacesApart()
    try places.answerRequest(witness: isBare ? "Will" : nil, isBare: isBare)
    try places.collect()
    for (room, ending) in [
      (places.pending, CeremonyEnding.pending), (places.answer, .complete), (places.collecting, .complete),
    ] {
      let verdict = room.replay()
      #expect(verdict.holds && verdict.outcome?.ending == ending, "\(verdict.findings)")
      var byFiles = ReplayVerdict()
      byFiles.judge(room.folder)
      #expect(byFiles.isSound && byFiles.outcome?.ending == ending, "\(byFiles.findings)")
      #expect(Set(byFiles.findings) == Set(verdict.findings), "\(byFiles.findings) \(verdict.findings)")
    }
    #expect(places.collecting.replay().findings.contains { $0.code == .signatureUnwitnessed } == isBare)
    try SecondVerifier.expectAgreement(
      [
        ("answer", try places.answer.products()), ("pending", try places.pending.products()),
        ("collecting", try places.collecting.products()),
      ], holding: true, "of places apart")
    #expect(Replay(places.collecting.folder, after: places.pending.folder).verdict().holds)
    let second = try SecondVerifier.verdict(
      on: places.collecting.path, after: [places.pending.path, places.genesis.path], "of a collecting ceremony")
    #expect(second?.status ?? 0 == 0, "\(second?.text ?? "")")
  }

  /// He answers while the others are still in the room: nothing waits then.
  @Test func whatIsAnsweredMeanwhile() throws {
    let places = try PlacesApart(isAnsweredMeanwhile: true)
    let verdict = places.pending.replay()
    #expect(verdict.holds && verdict.outcome?.ending == .complete && verdict.findings == [], "\(verdict.findings)")
    try SecondVerifier.expectAgreement([("meanwhile", try places.pending.products())], holding: true, "of places apart")
  }

  @Test(arguments: sampled)
  func everyForgeryIsRefusedAtItsPlace(algorithm: String) throws {
    let places = try PlacesApart(algorithm: algorithm)
    try places.answerRequest()
    try places.collect()
    for (kind, room) in [("pending", places.pending), ("answer", places.answer), ("collecting", places.collecting)] {
      try ForgerTests.judge(
        "places_apart.py", of: room, [kind, places.pending.path, places.answer.path],
        "of forged places apart (\(kind), \(algorithm))")
    }
  }

  @Test(arguments: ["pending", "answer", "collecting"])
  func bothAgreeOnWhatIsChangedAnyhow(kind: String) throws {
    let places = try PlacesApart()
    try places.answerRequest()
    try places.collect()
    let room = kind == "pending" ? places.pending : kind == "answer" ? places.answer : places.collecting
    try ForgerTests.judgeMutations(of: room, kind)
  }
}
