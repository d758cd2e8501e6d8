import CeremonyScript
import Testing

@testable import CeremonyEngine

/// What the engine makes of events while one-time keys are made, used and wiped, and where they are lost.
@Suite struct OneTimeTransitions {
  private static let living = TransitionTable(
    Films.oneTime,
    """
    make-targets one-time make targets 1
      ok -> one-time make targets 2
      wiped 2 -> finding UNEXPECTED-EVENT; @; create REHEARSAL; show ABORTED; close aborted
    use-targets ask
      type sign -> one-time sign targets 1
      type differs -> finding COMPARISON-DIFFERS; ? COMPARISON-DIFFERS [retry]
    use-targets one-time sign targets 1
      ok -> signature targets one-time-1; one-time sign targets 2
    use-targets one-time sign targets 2
      ok -> signature targets one-time-2; show Sign targets with its one-time keys; @wipe; one-time wipe
    wipe one-time wipe
      ok -> ? Wipe the one-time keys [next]
      wiped 1 -> finding UNEXPECTED-EVENT; @; create REHEARSAL; show ABORTED; close aborted
    wipe ask
      type next -> @sign-root-ada; ? Sign root [here absent]
    """)

  /// The program ended while they were there: what names them is given up, and others are made.
  private static let lost = TransitionTable(
    Films.oneTime,
    """
    show-root ask
      went-on -> @make-targets; exception 1 ONE-TIME-LOST; dropped root of 0; one-time make targets 1
    use-targets one-time sign targets 2
      went-on -> @make-targets; exception 1 ONE-TIME-LOST; dropped root of 0; dropped targets of 1; one-time make targets 1
    wipe ask
      went-on -> ? Wipe the one-time keys [next]
    """)

  static let rows = living.rows + lost.rows

  @Test(arguments: rows)
  func whatComesOfIt(_ row: TransitionTable.Row) throws { try row.judge() }
}
