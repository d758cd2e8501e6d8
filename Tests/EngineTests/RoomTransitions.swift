import CeremonyRecords
import Testing

/// What the engine makes of events at the steps around the cards.
@Suite struct RoomTransitions {
  /// Words that are said, and what a person confirms.
  private static let saying = TransitionTable(
    Films.whole,
    """
    welcome ask
      type next -> @attendance; ? Attendance: Anna [here substitute]
    ada-says ask
      type next -> @build-root; payload root; show Build root; @show-root; ? Show root [confirm differs]
    farewell ask
      type confirm -> @farewell/initials; ? Initials of the witness [WI]
    """)

  /// Who is here, and who saw it.
  private static let attendance = TransitionTable(
    Films.whole,
    """
    attendance ask
      type here -> ? Attendance: Anna [witness known]
      type substitute -> ? Attendance: Anna [back <name>]
      type substitute > type back -> ? Attendance: Anna [here substitute]
      type substitute > line Anna -> ? Attendance: Anna [back <name>]
      type substitute > line Zoe -> ? Attendance: Zoe [witness known]
      type substitute > line Wim -> ? Attendance: Anna [back <name>]
      type substitute > line Ada -> ? Attendance: Ada [witness known]
      type substitute > line Zoe > type witness -> administrator substitute Zoe, seen by witness; ? Attendance: Wim
        [here substitute]
    attendance ask 2
      type witness -> administrator here, seen by witness; ? Attendance: Wim [here substitute]
      type known -> administrator here, seen by known; ? Attendance: Wim [here substitute]
    attendance ask 3
      type here -> ? Attendance: Wim [administrator known]
    attendance ask 4
      type administrator -> witness here, seen by administrator; ? Attendance: Ada [here absent substitute]
    attendance ask 5
      type here -> ? Attendance: Ada [administrator witness known]
      type absent -> ada absent; ? Attendance: Boris [here absent substitute]
      type substitute -> ? Attendance: Ada [back <name>]
      type substitute > line Boris -> ? Attendance: Ada [back <name>]
      type substitute > line Anna > type witness -> ada substitute Anna, seen by witness; ? Attendance: Boris [here
        absent substitute]
      type substitute > line Anna -> ? Attendance: Anna [witness known]
      type substitute > line Zoe > type administrator -> ada substitute Zoe, seen by administrator; ? Attendance: Boris
        [here absent substitute]
      type absent > type here > type known > type here > type known -> chandra here, seen by known; show Too few people
        are here; finding QUORUM-MISSING; ? QUORUM-MISSING [retry]
      type absent > type absent > type absent -> chandra absent; show Too few people are here; finding QUORUM-MISSING; ?
        QUORUM-MISSING [retry]
      type absent > type absent > type absent > type retry -> exception 1 QUORUM-MISSING; ? Attendance: Ada [here absent
        substitute]
    attendance ask 3
      type substitute > line Ada > type administrator > type here -> ? Attendance: Ada [administrator known]
      type substitute > line Boris > type administrator > type here -> ? Attendance: Ada [administrator witness known]
    attendance ask 10
      type administrator -> chandra here, seen by administrator; @time; clock
    """)

  /// The time, read aloud from two sources.
  private static let time = TransitionTable(
    Films.whole,
    """
    time clock
      clock 0 -> ? The time [<time>]
    time ask
      line 2026-01-01T00:00 -> clock
    time clock 2
      clock 0 -> ? The time [<time>]
      clock 178 -> ? The time [<time>]
      clock 179 -> finding CLOCK-DIFFERS; ? CLOCK-DIFFERS [retry]
      clock 200 > type retry -> exception 1 CLOCK-DIFFERS; clock
      clock -121 -> ? The time [<time>]
      clock -122 -> finding CLOCK-DIFFERS; ? CLOCK-DIFFERS [retry]
    time ask 2
      line 2026-01-01T00:00 -> clock
    time clock 3
      clock 0 -> show The time; @bag-ada; ? Ada opens a bag [<bag>]
      clock 177 -> show The time; @bag-ada; ? Ada opens a bag [<bag>]
      clock 178 -> finding CLOCK-DIFFERS; ? CLOCK-DIFFERS [retry]
      clock -3600 -> finding CLOCK-DIFFERS; ? CLOCK-DIFFERS [retry]
    """)

  /// The machine: a rehearsal says what is wrong and goes on.
  private static let machine = TransitionTable(
    Films.watched,
    """
    machine host
      host -> ? Look at the machine [confirm again]
      host > type again -> host
      host network HOST-NETWORK -> warning HOST-NETWORK; ? Look at the machine [go-on again]
      host network HOST-NETWORK HOST-INTERFACE, swap HOST-SWAP > type go-on -> @bag-ada; ? Ada opens a bag [<bag>]
      host network HOST-NETWORK > type again > host -> ? Look at the machine [confirm again]
    machine ask
      type confirm -> @bag-ada; ? Ada opens a bag [<bag>]
    machine/again host
      host -> show Look at the machine again; @sign-root-ada; ? Sign root [here absent]
      host swap HOST-SWAP -> warning HOST-SWAP; ? Look at the machine again [go-on again]
      host swap HOST-SWAP > type go-on -> @sign-root-ada; ? Sign root [here absent]
    """)

  /// The same in a real ceremony: what is fatal by the script stops it, and everything else is an exception.
  private static let realMachine = TransitionTable(
    Films.watchedReal,
    """
    machine host
      host -> ? Look at the machine [confirm again]
      host network HOST-NETWORK -> warning HOST-NETWORK; ? Look at the machine [again]
      host network HOST-NETWORK, swap HOST-SWAP -> warning HOST-NETWORK; warning HOST-SWAP; ? Look at the machine [again]
      host network HOST-NETWORK > type again > host -> ? Look at the machine [confirm again]
      host network HOST-NETWORK; allowed HOST-NETWORK -> warning HOST-NETWORK; ? Look at the machine [go-on again]
      host network HOST-NETWORK; allowed HOST-NETWORK > type go-on -> exception 1 HOST-NETWORK; @bag-ada; ? Ada opens a
        bag [<bag>]
      host network HOST-INTERFACE, swap HOST-SWAP > type go-on -> exception 1 HOST-INTERFACE; exception 2 HOST-SWAP;
        @bag-ada; ? Ada opens a bag [<bag>]
    """)

  private static let realMachineAgain = TransitionTable(
    Films.watchedReal,
    """
    machine/again host
      host network HOST-NETWORK -> warning HOST-NETWORK; ? Look at the machine again [again]
      host swap HOST-SWAP -> warning HOST-SWAP; ? Look at the machine again [go-on again]
      host swap HOST-SWAP > type go-on -> exception 1 HOST-SWAP; @sign-root-ada; ? Sign root [here absent]
    """)

  /// The number of a bag, read aloud by two.
  private static let bags = TransitionTable(
    Films.whole,
    """
    bag-ada ask
      line A-1 -> ? Ada opens a bag [<bag>]
      line A-1 > line A-1 -> bag A-1 ada opened; show Bag A-1 is opened; @card-witness/identify; show Insert the card of
        Wim (serial 40000001); await witness 40000001
      line A-1 > line A-2 -> finding BAG-DIFFERS; ? BAG-DIFFERS [retry]
      line A-1 > line a-1 -> finding BAG-DIFFERS; ? BAG-DIFFERS [retry]
      line A-1 > line A-2 > type retry -> exception 1 BAG-DIFFERS; ? Ada opens a bag [<bag>]
    bag-close ask
      line A-2 > line A-2 -> bag A-2 ada closed; show Bag A-2 is closed; @close; ? Close the transcript [close]
      line BAG-100 > line BAG-100 -> finding BAG-DIFFERS; ? BAG-DIFFERS [retry]
      line BAG-101 > line BAG-102 -> finding BAG-DIFFERS; ? BAG-DIFFERS [retry]
    bag-after ask
      line B-1 > line B-1 -> bag B-1 boris closed; show Bag B-1 is closed; @farewell; ? Confirm [confirm]
      line BAG-101 > line BAG-101 -> finding BAG-DIFFERS; ? BAG-DIFFERS [retry]
    """)

  /// The head, so far and of the closed transcript.
  private static let heads = TransitionTable(
    Films.whole,
    """
    head-cards head
      head 41 -> ? Read the head so far aloud [confirm differs]
      head 0 -> ? Read the head so far aloud [confirm differs]
    head-cards ask
      type confirm -> @ada-says; ? Say [next]
      type differs -> finding COMPARISON-DIFFERS; ? COMPARISON-DIFFERS [retry]
      type differs > type retry -> exception 1 COMPARISON-DIFFERS; head
    close ask
      type close -> create REHEARSAL; close complete
    close close complete
      closed -> @close/head; ? The head of the transcript [confirm differs]
    close/head ask
      type confirm -> @close/seal-ada; ? Sign the transcript seal [here absent]
      type differs -> finding COMPARISON-DIFFERS; ? COMPARISON-DIFFERS [retry]
      type differs > type retry -> exception 1 COMPARISON-DIFFERS; ? The head of the transcript [confirm differs]
    """)

  /// Initials under a step.
  private static let initials = TransitionTable(
    Films.whole,
    """
    show-root/initials ask
      type AN -> initials administrator AN; ? Initials of the witness [WI]
    show-root/initials ask 2
      type WI -> initials witness WI; @show-root/initials-administrator; ? Sign the initials [here absent]
    farewell/initials ask
      type WI -> initials witness WI; @farewell/initials-witness; ? Sign the initials [here absent]
    """)

  /// Everybody leaves.
  private static let departures = TransitionTable(
    Films.whole,
    """
    departure ask
      type gone -> administrator leaves; witness leaves; ada leaves; boris leaves; chandra leaves; create
        seal.dsse.json; end complete, 0 exceptions, 5 seal; final head on The final head; report complete; sum 28; end
        complete 0
      type leaves > type ada -> ada leaves; show Ada left the room; ? Everybody leaves [gone]
      type leaves > type ada > type gone -> administrator leaves; witness leaves; boris leaves; chandra leaves; create
        seal.dsse.json; end complete, 0 exceptions, 5 seal; final head on The final head; report complete; sum 28; end
        complete 0
    """)

  /// The same steps where administrator and witness have no cards.
  private static let withoutOfficials = TransitionTable(
    Films.plain,
    """
    show-root/initials ask 2
      type WI -> initials witness WI; @sign-root-ada; ? Sign root [here absent]
    farewell/initials ask
      type WI -> initials witness WI; @departure; ? Everybody leaves [gone]
    close/head ask
      type confirm -> @close/seal-ada; ? Sign the transcript seal [here absent]
    departure ask
      type gone -> administrator leaves; witness leaves; ada leaves; boris leaves; chandra leaves; create
        seal.dsse.json; end complete, 0 exceptions, 3 seal; final head on The final head; report complete; sum 20; end
        complete 0
    """)

  static let rows = [
    machine, realMachine, realMachineAgain, saying, attendance, time, bags, heads, initials, departures,
    withoutOfficials,
  ].flatMap(\.rows)

  /// What the room accepted because it was allowed stops the ceremony again where that is not said any more.
  @Test func whatWasAllowedStopsAgainWithoutThat() throws {
    var moment = try #require(try Films.watchedReal.get()["machine host"])
    for words in ["host network HOST-NETWORK; allowed HOST-NETWORK", "type go-on"] {
      moment.driver.take(try moment.event(words))
    }
    while moment.driver.step != "machine/again" { try moment.goOn() }
    var allowed = moment
    allowed.driver.take(try allowed.event("host network HOST-NETWORK; allowed HOST-NETWORK"))
    #expect(allowed.driver.step == "sign-root-ada")
    moment.driver.take(try moment.event("host network HOST-NETWORK"))
    #expect(moment.driver.words == ["? Look at the machine again [again]"])
    #expect(moment.driver.screens.last?.text.contains { $0.hasPrefix("HOST-NETWORK: ") } == true)
  }

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
