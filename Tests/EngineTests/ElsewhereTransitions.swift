import Testing

/// What the engine makes of what comes from elsewhere.
@Suite struct ElsewhereTransitions {
  /// Signatures are taken in, each after its signer's word.
  private static let collected = TransitionTable(
    Films.collecting,
    """
    show-root random 16
      ok -> create requests/root.boris.json; show A request for Boris; @sign-root-ada; show Insert the card of Ada
        (serial 20000001); await ada 20000001
    collect-root ask
      type take -> deliveries root
      type done -> @verify-root; show Verify root; @write-root; create metadata/2.root.json; ? Written:
        metadata/2.root.json [written]
    collect-root deliveries root
      delivered nothing -> show No file was taken in; ? Take in signatures of root [take done]
      delivered boris -> ? A signature of Boris [heard not-heard]
      delivered boris > type heard -> record heard; signature root boris; show Taken in: the signature of Boris; ?
        Take in signatures of root [take done]
      delivered boris > type not-heard -> exception 1 IDENTITY-UNCONFIRMED; signature root boris; show Taken in: the
        signature of Boris; ? Take in signatures of root [take done]
      delivered boris twice > type heard -> record heard; signature root boris; show Taken in: the signature of
        Boris; ? Take in signatures of root [take done]
      delivered boris unwitnessed > type heard -> warning SIGNATURE-UNWITNESSED; signature root boris; show Taken
        in: the signature of Boris; ? Take in signatures of root [take done]
      delivered boris with broken evidence -> finding ANSWER-REFUSED; show ANSWER-REFUSED; ? Take in signatures of
        root [take done]
      delivered boris as zeros -> finding SIGNATURE-INVALID; show SIGNATURE-INVALID; ? Take in signatures of root
        [take done]
      delivered boris by another key -> finding ANSWER-KEY; show ANSWER-KEY; ? Take in signatures of root [take
        done]
      delivered ada -> ? Take in signatures of root [take done]
    collect-root ask 2
      type done -> @verify-root; show Verify root; @write-root; create metadata/2.root.json; ? Written:
        metadata/2.root.json [written]
    """)

  /// Without what is waited for the root is not finished.
  private static let pending = TransitionTable(
    Films.pending,
    """
    collect-root ask 2
      type done -> @verify-root; show PENDING: root 2: old 2 of 2, new 2 of 3, waiting for Boris; @write-root; create
        pending/2.root.json; ? Written: pending/2.root.json [written]
    collect-root deliveries root
      delivered boris > type heard > type done -> @verify-root; show Verify root; @write-root; create
        metadata/2.root.json; ? Written: metadata/2.root.json [written]
    """)

  /// A key is taken in after the word of its keyholder.
  private static let enrolled = TransitionTable(
    Films.enrolling,
    """
    enrol-boris ask
      type take -> enrolments boris
    enrol-boris enrolments boris
      enrolled nothing -> show No file was taken in; ? Take in a key from elsewhere [take]
      enrolled boris -> warning ATTESTATION-MISSING; ? The key of Boris [heard not-heard]
      enrolled boris > type heard -> record heard; show Taken in: the key of Boris; @card-chandra/identify; show
        Insert the card of Chandra; await chandra
      enrolled boris > type not-heard -> exception 1 IDENTITY-UNCONFIRMED; show Taken in: the key of Boris;
        @card-chandra/identify; show Insert the card of Chandra; await chandra
      enrolled boris of Ada -> finding ANSWER-REQUEST; show ANSWER-REQUEST; ? Take in a key from elsewhere [take]
      enrolled boris for another nonce -> finding ANSWER-REQUEST; show ANSWER-REQUEST; ? Take in a key from
        elsewhere [take]
      enrolled boris as real -> finding ANSWER-REQUEST; show ANSWER-REQUEST; ? Take in a key from elsewhere [take]
      enrolled boris proven by zeros -> finding SIGNATURE-INVALID; show SIGNATURE-INVALID; ? Take in a key from
        elsewhere [take]
      enrolled boris with broken evidence -> finding ANSWER-REFUSED; show ANSWER-REFUSED; ? Take in a key from
        elsewhere [take]
    """)

  static let rows = collected.rows + pending.rows + enrolled.rows

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
