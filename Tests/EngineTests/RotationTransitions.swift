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
      ok -> show The card of Boris; @prove-boris/prove-root; random 16
      card slot empty -> show The card of Boris; finding WRONG-CARD; release; ? WRONG-CARD [retry]
      card slot another key -> show The card of Boris; finding WRONG-CARD; release; ? WRONG-CARD [retry]
      card slot not said -> show The card of Boris; @prove-boris/prove-root; random 16
    prove-boris/prove-root random 16
      ok -> head
    prove-boris/prove-root card sign 9c
      ok -> signature proof boris; show Boris has signed a challenge; release; @prove-chandra/recognize; show Insert the
        card of Chandra; await chandra
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry]
      fails not touched -> finding TOUCH-MISSING; release; ? TOUCH-MISSING [retry]
    """)

  /// A card that does not say what its slots hold is known by the serial that the script gives, or not at all.
  private static let silentCards = TransitionTable(
    Films.realRotation,
    """
    prove-boris/recognize card read-metadata 9c
      card slot not said -> show The card of Boris; @prove-boris/prove-root; random 16
    prove-chandra/recognize card read-metadata 9c
      card slot not said -> show The card of Chandra; finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry]
    """)

  static let rows = keptCards.rows + silentCards.rows

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
