import Testing

/// What the engine makes of what comes from elsewhere.
@Suite struct ElsewhereTransitions {
  /// Signatures are taken in, each after its signer's word.
  private static let collected = TransitionTable(
    Films.collecting,
    """
    show-root random 16
      ok -> ?
    collect-root ask
      type take -> ?
      type done -> ?
    collect-root deliveries root
      delivered nothing -> ?
      delivered boris -> ?
      delivered boris > type heard -> ?
      delivered boris > type not-heard -> ?
      delivered boris twice > type heard -> ?
      delivered boris unwitnessed > type heard -> ?
      delivered boris with broken evidence -> ?
      delivered boris as zeros -> ?
      delivered boris by another key -> ?
      delivered ada -> ?
    collect-root ask 2
      type done -> ?
    """)

  /// Without what is waited for the root is not finished.
  private static let pending = TransitionTable(
    Films.pending,
    """
    collect-root ask 2
      type done -> ?
    collect-root deliveries root
      delivered boris > type heard > type done -> ?
    """)

  /// A key is taken in after the word of its keyholder.
  private static let enrolled = TransitionTable(
    Films.enrolling,
    """
    enrol-boris ask
      type take -> ?
    enrol-boris enrolments boris
      enrolled nothing -> ?
      enrolled boris -> ?
      enrolled boris > type heard -> ?
      enrolled boris > type not-heard -> ?
      enrolled boris of Ada -> ?
      enrolled boris for another nonce -> ?
      enrolled boris as real -> ?
      enrolled boris proven by zeros -> ?
      enrolled boris with broken evidence -> ?
    """)

  static let rows = collected.rows + pending.rows + enrolled.rows

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
