import CeremonyScript
import Testing

@testable import CeremonyEngine

/// What the engine makes of events while the card of somebody who leaves is wiped.
@Suite struct WipeTransitions {
  /// It is known by what it said when it sealed, and by its key.
  private static let knowing = TransitionTable(
    Films.retiring,
    """
    wipe-chandra ask
      type here -> show Insert the card of Chandra (serial 20000003); await chandra 20000003
      type keep -> exception 1 CARD-NOT-WIPED; show The card of Chandra is not wiped; create seal.dsse.json; end
        complete, 1 exceptions, 3 seal; final head on The final head; report complete; sum 6; end complete 0
      went-on > type call > type here > type here > type here > type here > type away -> chandra leaves; ? Waiting for
        Chandra [returned absent]
      went-on > type call > type here > type here > type here > type here > type away > type absent -> exception 1
        KEYHOLDER-ABSENT; create seal.dsse.json; end complete, 1 exceptions, 3 seal; final head on The final head;
        report complete; sum 6; end complete 0
    wipe-chandra await chandra 20000003
      inserted -> card identify
      no-card -> finding CARD-MISSING; ? CARD-MISSING [retry without]
      no-card > type without -> exception 1 CARD-MISSING; create seal.dsse.json; end complete, 1 exceptions, 3 seal;
        final head on The final head; report complete; sum 6; end complete 0
    wipe-chandra card identify
      ok -> card read-metadata 9c
      fails removed -> release; finding CARD-REMOVED; ? CARD-REMOVED [retry without]
    wipe-chandra card read-metadata 9c
      ok -> card inspect
      card slot another key -> finding WRONG-CARD; release; ? WRONG-CARD [retry without]
      card slot empty -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry without]
      card slot not said -> card inspect
      card slot unknown -> card inspect
      fails removed > type retry -> exception 1 CARD-REMOVED; show Insert the card of Chandra (serial 20000003); await
        chandra 20000003
    """)

  /// Everything on it is shown, and its serial typed, before anything is sent that changes it.
  private static let showing = TransitionTable(
    Films.retiring,
    """
    wipe-chandra card inspect
      ok -> ? Wipe the card of Chandra [20000003 keep]
      card holds a key of the root before -> finding CARD-HOLDS-ROOT-KEY; release; ? CARD-HOLDS-ROOT-KEY [retry
        without]
      card holds a key -> finding CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry without]
      card holds who knows -> finding CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry without]
      card holds nothing -> ? Wipe the card of Chandra [20000003 keep]
      fails removed > type without -> exception 1 CARD-REMOVED; create seal.dsse.json; end complete, 1 exceptions, 3
        seal; final head on The final head; report complete; sum 6; end complete 0
    wipe-chandra ask 2
      type 20000003 -> card abilities 9c
      type keep -> exception 1 CARD-NOT-WIPED; show The card of Chandra is not wiped; release; create seal.dsse.json;
        end complete, 1 exceptions, 3 seal; final head on The final head; report complete; sum 6; end complete 0
    wipe-chandra card abilities 9c
      ok -> card reset
      card abilities no reset -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry without]
      card abilities no reset > type without -> exception 1 CARD-UNSUPPORTED; create seal.dsse.json; end complete, 1
        exceptions, 3 seal; final head on The final head; report complete; sum 6; end complete 0
    """)

  /// A card that was told to reset is looked at again, whatever came of it.
  private static let wiping = TransitionTable(
    Films.retiring,
    """
    wipe-chandra card reset
      ok -> card inspect
      fails no RESET -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry without]
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry without]
      fails removed > type without -> exception 1 CARD-REMOVED; create seal.dsse.json; end complete, 1 exceptions, 3
        seal; final head on The final head; report complete; sum 6; end complete 0
      fails removed > type retry > inserted > ok > ok -> card inspect
      fails removed > type retry > inserted > ok > card slot empty -> card inspect
      fails removed > type retry > inserted > ok > card slot empty > card holds nothing -> ? Wipe the card of Chandra
        [20000003 keep]
      fails removed > type retry > inserted > ok > card slot empty > card holds nothing > type 20000003 > ok -> card
        reset
      fails removed > type retry > inserted > ok > card slot another key -> finding WRONG-CARD; release; ? WRONG-CARD
        [retry without]
    wipe-chandra card inspect 2
      ok -> record wipe; show The card of Chandra is wiped; release; create seal.dsse.json; end complete, 0
        exceptions, 3 seal; final head on The final head; report complete; sum 6; end complete 0
      card holds nothing -> record wipe; show The card of Chandra is wiped; release; create seal.dsse.json; end
        complete, 0 exceptions, 3 seal; final head on The final head; report complete; sum 6; end complete 0
      card holds who knows -> record wipe; show The card of Chandra is wiped; release; create seal.dsse.json; end
        complete, 0 exceptions, 3 seal; final head on The final head; report complete; sum 6; end complete 0
      card holds a key -> finding CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry without]
      fails removed > type retry > inserted > ok > card slot empty -> card inspect
    """)

  /// In a real ceremony the people say what a card does not.
  private static let stating = TransitionTable(
    Films.realRetiring,
    """
    wipe-chandra card inspect
      card holds a key -> ? Wipe the card of Chandra [20000003 keep]
      card holds who knows -> ? Wipe the card of Chandra [20000003 keep]
      card holds a key > type 20000003 -> card abilities 9c
      card holds an RSA key > type 20000003 -> ? It is not known which keys the card of Chandra holds [none-of-them
        keep]
      card holds who knows > type 20000003 -> ? It is not known which keys the card of Chandra holds [none-of-them
        keep]
      card holds who knows > type 20000003 > type none-of-them -> exception 1 CARD-HOLDS-UNKNOWN; card abilities 9c
      card holds who knows > type 20000003 > type keep -> exception 1 CARD-NOT-WIPED; show The card of Chandra is not
        wiped; release; create seal.dsse.json; end complete, 1 exceptions, 3 seal; final head on The final head; report
        complete; sum 5; end complete 0
      card holds a certificate > type 20000003 -> ? It is not known which keys the card of Chandra holds [none-of-them
        keep]
    """)

  /// The root waits: the card may have to sign again.
  private static let pending = TransitionTable(
    Films.retiringLater,
    """
    close/seal-chandra card sign 9c
      ok -> signature seal chandra; show Chandra has signed the transcript seal; release; @wipe-chandra; exception 1
        CARD-NOT-WIPED; show The card of Chandra is not wiped; create seal.dsse.json; end complete, 1 exceptions, 2
        seal; final head on The final head; report pending; sum 7; end pending 3
    """)

  static let rows = [knowing, showing, wiping, stating, pending].flatMap(\.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
