import Testing

/// What follows where somebody is not here, or where it is not known who is.
@Suite struct PresenceTransitions {
  /// A step waits for somebody who is not here.
  private static let waiting = TransitionTable(
    Films.whole,
    """
    show-root ask
      type leaves > type witness > type returned -> witness returns; ? Show root [confirm differs]
      type leaves > type witness > type substitute -> ? Waiting for Wim [back <name>]
      type leaves > type witness > type substitute > type back -> ? Waiting for Wim [returned substitute]
      type leaves > type witness > type substitute > line Wim -> ? Waiting for Wim [back <name>]
      type leaves > type witness > type substitute > line Anna -> ? Waiting for Wim [back <name>]
      type leaves > type witness > type substitute > line Zoe -> ? Waiting for Wim [administrator known]
      type leaves > type witness > type substitute > line Zoe > type administrator -> witness substitute Zoe, seen by
        administrator; ? Show root [confirm differs]
      type leaves > type witness > type substitute > line Zoe > type administrator > type leaves > type witness ->
        witness leaves; show Zoe for Wim left the room; ? Waiting for Zoe for Wim [returned here substitute]
      type leaves > type witness > type substitute > line Zoe > type administrator > type leaves > type witness > type
        here -> ? Waiting for Zoe for Wim [administrator known]
      type leaves > type witness > type substitute > line Zoe > type administrator > type leaves > type witness > type
        here > type known -> witness here, seen by known; ? Show root [confirm differs]
      type leaves > type witness > type leaves > type administrator -> administrator leaves; show Anna left the room; ?
        Waiting for Wim [returned substitute]
      type leaves > type witness > type leaves > type administrator > type returned -> witness returns; ? Waiting for
        Anna [returned substitute]
    sign-root-ada ask
      type leaves > type ada > type returned -> ada returns; ? Sign root [here absent]
      type leaves > type ada > type absent -> exception 1 KEYHOLDER-ABSENT; @sign-root-boris; show Insert the card of
        Boris (serial 30000002); await boris 30000002
    ada-says ask
      type leaves > type ada > type absent -> exception 1 KEYHOLDER-ABSENT; @build-root; payload root; show Build root;
        @show-root; ? Show root [confirm differs]
    attendance ask 9
      type absent > type retry -> exception 1 QUORUM-MISSING; ? Attendance: Chandra [here absent substitute]
    bag-ada ask
      type leaves > type ada > type substitute > line Zoe > type witness -> ada substitute Zoe, seen by witness; ? Ada
        opens a bag [<bag>]
    card-ada/reset ask
      type leaves > type ada -> ada leaves; show Ada left the room; ? Waiting for Ada [returned]
      type leaves > type ada > type returned -> ada returns; ? Reset the card of Ada [reset]
    """)

  /// The program stopped and went on: who is here now?
  private static let rollCalls = TransitionTable(
    Films.whole,
    """
    show-root ask
      went-on -> ? Who is here now? [everybody call, nothing aside]
      went-on > type everybody -> administrator remains; witness remains; ada remains; boris remains; chandra remains; ?
        Show root [confirm differs]
      went-on > type call -> ? Who is here now: Anna [here away, nothing aside]
      went-on > type call > type here -> administrator remains; ? Who is here now: Wim [here away, nothing aside]
      went-on > type call > type away -> administrator leaves; ? Who is here now: Wim [here away, nothing aside]
      went-on > type call > type here > type away -> witness leaves; ? Who is here now: Ada [here away, nothing aside]
      went-on > type call > type here > type here > type here > type here > type here -> chandra remains; ? Show root
        [confirm differs]
      went-on > type call > type here > type away > type here > type here > type here -> chandra remains; ? Waiting for
        Wim [returned substitute]
      went-on > type call > went-on -> ? Who is here now? [everybody call, nothing aside]
    card-ada/generate-root card generate 9c
      went-on -> ? Who is here now? [everybody call, nothing aside]
      went-on > type everybody -> administrator remains; witness remains; ada remains; boris remains; chandra remains;
        show Generate the root key of Ada; card generate 9c
    sign-root-ada card sign 9c
      went-on > type everybody -> administrator remains; witness remains; ada remains; boris remains; chandra remains;
        show Insert the card of Ada (serial 20000001); card sign 9c
      fails removed > went-on > type everybody -> administrator remains; witness remains; ada remains; boris remains;
        chandra remains; ? CARD-REMOVED [retry replace without]
    close/head ask
      went-on -> show The head of the transcript; ? Who is here now? [everybody call, nothing aside]
    welcome ask
      type pause > went-on -> ? Say [next]
    close close complete
      went-on -> ? Who is here now? [everybody call, nothing aside]
      went-on > type everybody -> administrator remains; witness remains; ada remains; boris remains; chandra remains;
        show Bag BAG-101 is closed; close complete
    beginning
      begun > went-on -> ? The program and the script [confirm differs, nothing aside]
    show-root ask
      type leaves > type witness > went-on > type everybody -> administrator remains; ada remains; boris remains;
        chandra remains; ? Waiting for Wim [returned substitute]
      type exception > went-on > type everybody -> administrator remains; witness remains; ada remains; boris remains;
        chandra remains; ? Show root [confirm differs]
      went-on > type call > type here > type away > type here > type here > type here > type returned -> witness
        returns; ? Show root [confirm differs]
    time clock
      went-on > type everybody -> administrator remains; witness remains; ada remains; boris remains; chandra remains;
        show What the cards will sign; clock
    """)

  static let rows = [waiting, rollCalls].flatMap(\.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
