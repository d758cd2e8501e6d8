import Testing

/// What the engine makes of events while a root follows another.
@Suite struct RotationTransitions {
  /// A kept card is known by its key, and signs a challenge.
  private static let keptCards = TransitionTable(
    Films.rotation,
    """
    prove-boris/recognize await boris 30000002
      inserted -> card identify
    prove-boris/recognize card identify
      ok -> card read-metadata 9c
      fails removed -> release; finding CARD-REMOVED; ? CARD-REMOVED [retry]
    prove-boris/recognize card read-metadata 9c
      ok -> show The card of Boris; @prove-boris/prove-root; card read-metadata 9c
      card slot empty -> show The card of Boris; finding WRONG-CARD; release; ? WRONG-CARD [retry]
      card slot another key -> show The card of Boris; finding WRONG-CARD; release; ? WRONG-CARD [retry]
      card slot not said -> show The card of Boris; @prove-boris/prove-root; card read-metadata 9c
    prove-boris/prove-root card read-metadata 9c
      ok -> random 16
      card slot not said -> random 16
      card slot empty -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry]
      card slot another key -> finding WRONG-CARD; release; ? WRONG-CARD [retry]
    prove-boris/prove-root random 16
      ok -> head
    prove-boris/prove-root card sign 9c
      ok -> signature proof boris; show Boris has signed a challenge; release; @prove-chandra/recognize; show Insert the
        card of Chandra; await chandra
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry]
      fails not touched -> finding TOUCH-MISSING; release; ? TOUCH-MISSING [retry]
      fails removed > type retry > inserted > ok -> card read-metadata 9c
      fails removed > type retry > inserted > ok > card slot another key -> finding WRONG-CARD; release; ? WRONG-CARD
        [retry]
      fails removed > type retry > inserted > ok > ok > ok > ok -> proof boris 9c; card pin-tries
    """)

  /// A card with two kept keys is known by both.
  private static let twoKeys = TransitionTable(
    Films.rotation,
    """
    prove-ada/recognize card read-metadata 9c
      ok -> card read-metadata 9a
      card slot not said -> card read-metadata 9a
      card slot another key -> show The card of Ada; finding WRONG-CARD; release; ? WRONG-CARD [retry]
    prove-ada/recognize card read-metadata 9a
      ok -> show The card of Ada; @prove-ada/prove-root; card read-metadata 9c
      card slot empty -> show The card of Ada; finding WRONG-CARD; release; ? WRONG-CARD [retry]
      card slot another key -> show The card of Ada; finding WRONG-CARD; release; ? WRONG-CARD [retry]
      card slot another key > type retry > inserted > ok -> card read-metadata 9c
    """)

  /// Nobody is proven by a part of a step: the rest is left out with it.
  private static let absentKeepers = TransitionTable(
    Films.keeping,
    """
    prove-ada/recognize await ada
      went-on > type call > type here > type here > type away > type here > type here -> chandra remains; ? Waiting for
        Ada [returned absent]
      went-on > type call > type here > type here > type away > type here > type here > type absent -> exception 1
        KEYHOLDER-ABSENT; @prove-boris/recognize; show Insert the card of Boris (serial 30000002); await boris 30000002
    prove-ada/prove-root card sign 9c
      went-on > type call > type here > type here > type away > type here > type here > type absent -> release; exception
        1 KEYHOLDER-ABSENT; @prove-boris/recognize; show Insert the card of Boris (serial 30000002); await boris
        30000002
    prove-ada/prove-targets card sign 9a
      went-on > type call > type here > type here > type away > type here > type here > type absent -> release; exception
        1 KEYHOLDER-ABSENT; @prove-boris/recognize; show Insert the card of Boris (serial 30000002); await boris
        30000002
    """)

  /// A card that does not say what its slots hold is known by the serial that the script gives, or not at all.
  private static let silentCards = TransitionTable(
    Films.realRotation,
    """
    prove-boris/recognize card read-metadata 9c
      card slot not said -> show The card of Boris; @prove-boris/prove-root; card read-metadata 9c
    prove-boris/prove-root card read-metadata 9c
      card slot not said -> random 16
    prove-chandra/recognize card read-metadata 9c
      card slot not said -> show The card of Chandra; finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry]
    """)

  static let rows = [keptCards, silentCards, twoKeys, absentKeepers].flatMap(\.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
