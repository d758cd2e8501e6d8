import Testing

/// What follows each side request.
@Suite struct SideRequestTransitions {
  /// Something that did not go to plan is put on record in words.
  private static let exceptions = TransitionTable(
    Films.whole,
    """
    welcome ask
      type exception -> ? Exception 1 [administrator witness back, nothing aside]
      type exception > type back -> ? Say [next]
      type exception > type administrator -> ? Exception 1 [<words>, nothing aside]
      type exception > type witness -> ? Exception 1 [<words>, nothing aside]
      type exception > type witness > line The lamp fell. -> exception 1 NOTED; show Exception 1 is recorded; ? Say
        [next]
    show-root ask
      type exception > type administrator > line The lamp fell. -> exception 1 NOTED; show Exception 1 is recorded; ?
        Show root [confirm differs]
      type exception > type witness > line One. > type exception -> ? Exception 2 [administrator witness back, nothing
        aside]
    card-ada/reset ask
      type exception -> ? Exception 1 [administrator witness back, nothing aside]
      type exception > type witness > line The lamp fell. -> exception 1 NOTED; show Exception 1 is recorded; ? Reset
        the card of Ada [reset]
    close/head ask
      type exception > type witness > line The lamp fell. -> exception 1 NOTED; show Exception 1 is recorded; ? The head
        of the transcript [confirm differs]
    """)

  /// Nothing happens until it goes on.
  private static let pauses = TransitionTable(
    Films.whole,
    """
    show-root ask
      type pause -> clock
      type pause > clock 0 -> ? PAUSED since 2026-01-01T00:00:03Z [continue, nothing aside]
      type pause > clock 0 > type continue -> ? Show root [confirm differs]
    sign-root-ada ask 2
      type pause > clock 0 > type continue -> ? Ada signs root [sign differs]
    departure ask
      type pause > clock 0 > type continue -> ? Everybody leaves [gone]
    """)

  /// Somebody leaves the room.
  private static let leaving = TransitionTable(
    Films.whole,
    """
    show-root ask
      type leaves -> ? Somebody leaves the room [administrator witness ada boris chandra back, nothing aside]
      type leaves > type back -> ? Show root [confirm differs]
      type leaves > type chandra -> chandra leaves; show Chandra left the room; ? Show root [confirm differs]
      type leaves > type witness -> witness leaves; show Wim left the room; ? Waiting for Wim [returned substitute]
      type leaves > type administrator -> administrator leaves; show Anna left the room; ? Waiting for Anna [returned
        substitute]
    sign-root-ada ask
      type leaves > type chandra -> chandra leaves; show Chandra left the room; show Insert the card of Ada (serial
        20000001); await ada 20000001
      type leaves > type ada -> ada leaves; show Ada left the room; ? Waiting for Ada [returned absent]
    sign-root-boris ask
      type leaves > type boris -> boris leaves; show Boris left the room; ? Waiting for Boris [returned absent]
    close/seal-ada ask
      type leaves > type boris -> boris leaves; show Boris left the room; ? Sign the transcript seal [here]
      type leaves > type boris > type leaves > type chandra -> chandra leaves; show Chandra left the room; ? Sign the
        transcript seal [here]
    """)

  /// Somebody comes back.
  private static let returning = TransitionTable(
    Films.whole,
    """
    show-root ask
      type returns -> show Nobody is away; ? Show root [confirm differs]
      type leaves > type chandra > type returns -> ? Somebody returns to the room [chandra back, nothing aside]
      type leaves > type chandra > type returns > type back -> ? Show root [confirm differs]
      type leaves > type chandra > type returns > type chandra -> chandra returns; show Chandra is back in the room; ?
        Show root [confirm differs]
      type leaves > type witness > type returns > type witness -> witness returns; show Wim is back in the room; ? Show
        root [confirm differs]
    attendance ask 9
      type absent > type returns -> ? Somebody returns to the room [chandra back, nothing aside]
      type absent > type returns > type chandra -> ? Chandra has come [administrator witness known, nothing aside]
      type absent > type returns > type chandra > type witness -> chandra here, seen by witness; show Chandra is here
        now; ? QUORUM-MISSING [retry]
    """)

  /// Both roles give the ceremony up.
  private static let givingUp = TransitionTable(
    Films.whole,
    """
    welcome ask
      type abort -> ? Give the ceremony up? [abort back, nothing aside]
      type abort > type back -> ? Say [next]
      type abort > type abort -> ? Give the ceremony up? [abort back, nothing aside]
      type abort > type abort > type back -> ? Say [next]
      type abort > type abort > type abort -> @; create REHEARSAL; show ABORTED; close aborted
      type abort > type abort > type abort > closed -> ? ABORTED: the head of the transcript [confirm, without abort]
      type abort > type abort > type abort > closed > type confirm -> end aborted, 0 exceptions, 0 seal; final head on
        ABORTED: the final head; report aborted; sum 3; end aborted 4
      type abort > type abort > type abort > closed > type exception -> ? Exception 1 [administrator witness back,
        nothing aside]
    sign-root-ada ask 2
      type abort > type abort > type abort -> release; @; create REHEARSAL; show ABORTED; close aborted
    show-root ask
      type leaves > type witness > type abort -> ? Give the ceremony up? [abort back, nothing aside]
      type leaves > type witness > type abort > type abort -> ? Give the ceremony up? [abort back, nothing aside]
    close/head ask
      type abort -> ? Give the ceremony up? [abort back, nothing aside]
      type abort > type abort > type abort -> create seal.dsse.json; end given-up, 0 exceptions, 0 seal; final head on
        Given up: the final head; report complete; sum 28; end complete 4
    close/seal-chandra ask
      type abort > type abort > type abort -> create seal.dsse.json; end given-up, 0 exceptions, 2 seal; final head on
        Given up: the final head; report complete; sum 28; end complete 4
    card-ada/generate-root card generate 9c
      fails removed > type abort > type abort > type abort -> @; create REHEARSAL; show ABORTED; close aborted
      fails removed > type abort > type abort > type abort > closed > type confirm -> end aborted, 0 exceptions, 0 seal;
        final head on ABORTED: the final head; report aborted; sum 11; end aborted 5 CARD-REMOVED
    card-ada/attest-root card attest 9c
      card unattested > type abort > type abort > type abort > closed > type confirm -> end aborted, 0 exceptions, 0
        seal; final head on ABORTED: the final head; report aborted; sum 11; end aborted 1 SLOT-EMPTY
    """)

  static let rows = [exceptions, pauses, leaving, returning, givingUp].flatMap(\.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
