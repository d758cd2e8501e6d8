import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import Testing

/// Rotations that somebody with some of the cards wrote anew: both verifiers, from the files alone, refuse each at the same
/// place, and accept what only looks odd.
@Suite struct RotationForgerTests {
  /// Of both kinds of keys in full, of one by the seed in a run.
  private static let algorithms = ["ed25519", "ecdsa-p256"]
  private static let sampled = Sweep.isFull ? algorithms : [algorithms[Int(Sweep.seed % 2)]]

  @Test(arguments: sampled)
  func everyForgeryIsRefusedAtItsPlace(algorithm: String) throws {
    let (_, room) = try RotationScripts.hold(algorithm: algorithm)
    try ForgerTests.judge("rotations.py", of: room, [], "of forged rotations of \(algorithm) keys")
  }

  /// Interrupted at a challenge, or where somebody who leaves signs; and with cards of officials, whose keys are their own.
  @Test(arguments: ["The kept root key of Boris signs a challenge", "Chandra signs root", "officials"])
  func whatIsSoundInAnotherWay(kind: String) throws {
    let (_, room) = try RotationScripts.hold(
      edit: { kind == "officials" ? try RotationScripts.withOfficialCards($0) : $0 },
      prepare: { room in
        var isOver = kind == "officials"
        func interrupt(at screen: Screen) throws {
          guard screen.title == kind, !isOver else { return }
          isOver = true
          throw Interruption(reason: "end of input")
        }
        room.console.answer = { screen in
          try interrupt(at: screen)
          return screen.prompt?.unattended
        }
      })
    let verdict = room.replay()
    #expect(verdict.isSound && verdict.holds, "\(verdict.findings)")
    #expect(verdict.findings.allSatisfy { $0.code == .keptKeyUnproven }, "\(verdict.findings)")
    try SecondVerifier.expectAgreement([(kind, try room.products())], holding: true, "of sound rotations")
    guard kind == "officials" else { return }
    try ForgerTests.judge("rotation_officials.py", of: room, [], "of rotations with forged officials")
  }

  /// What the report and the verdict say of a root that follows another.
  @Test func theReportSaysWhereEachKeyComesFrom() throws {
    let (first, room) = try RotationScripts.hold()
    let page = String(decoding: try room.folder.read("report.html"), as: UTF8.self)
    for words in [
      "Goes on from", "Chandra, key ", "leaves (left).", "Ada, kept, proven to sign", "Edna, kept, NOT PROVEN TO SIGN",
      "Dora, made here on card ", "service, an online key", "Signatures on root by keys of root 1",
    ] {
      #expect(page.contains(words), "\(words)")
    }
    for verdict in [room.replay(), Replay(room.folder, after: first.folder).verdict()] {
      #expect(verdict.facts?.rotation?.unproven == ["Edna"])
      #expect(verdict.facts?.rotation?.old == .init(count: 3, threshold: 2))
      #expect(verdict.facts?.rotation?.new == .init(count: 3, threshold: 2))
      #expect(verdict.facts?.rootKeys.map(\.origin) == [.kept, .kept, .made, .kept, .online, .kept, .kept])
    }
    var byFiles = ReplayVerdict()
    byFiles.judge(room.folder)
    #expect(byFiles.facts?.rotation == room.replay().facts?.rotation)
    #expect(byFiles.facts?.rootKeys == room.replay().facts?.rootKeys)
  }

  @Test func bothAgreeOnWhatIsChangedAnyhow() throws {
    let (_, room) = try RotationScripts.hold()
    try ForgerTests.judgeMutations(of: room, "rotation")
  }
}
