import CeremonyReplay
import Findings
import Foundation
import Testing

/// Rotations that somebody with some of the cards wrote anew: both verifiers, from the files alone, refuse each at the same
/// place, and accept what only looks odd.
@Suite struct RotationForgerTests {
  @Test func everyForgeryIsRefusedAtItsPlace() throws {
    let (_, room) = try RotationScripts.hold()
    try ForgerTests.judge("rotations.py", of: room, [], "of forged rotations")
  }
}
