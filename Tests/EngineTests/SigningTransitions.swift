import Testing

/// What the engine makes of events while a card signs.
@Suite struct SigningTransitions {
  /// Who may be passed over is asked for before their card.
  private static let askingForSigners = TransitionTable(
    Films.whole,
    """
    sign-root-ada ask
      type here -> show Insert the card of Ada (serial 20000001); await ada 20000001
      type absent -> ada leaves; exception 1 KEYHOLDER-ABSENT; @sign-root-boris; show Insert the card of Boris (serial
        30000002); await boris 30000002
    sign-root-boris ask
      type here -> show Insert the card of Boris (serial 30000002); await boris 30000002
      type absent -> boris leaves; exception 1 KEYHOLDER-ABSENT; @sign-root-chandra; show Insert the card of Chandra
        (serial 20000003); await chandra 20000003
    sign-root-chandra ask
      type absent -> chandra leaves; exception 1 KEYHOLDER-ABSENT; @verify-root; show Verify root; @write-root; create
        metadata/1.root.json; ? Written: metadata/1.root.json [written]
    show-root/initials-administrator ask
      type here -> show Insert the card of Anna (serial 20000004); await administrator 20000004
      type absent -> exception 1 KEYHOLDER-ABSENT; @show-root/initials-witness; ? Sign the initials [here absent]
    show-root/initials-witness ask
      type absent -> exception 1 KEYHOLDER-ABSENT; @sign-root-ada; ? Sign root [here absent]
    close/seal-ada ask
      type here -> show Insert the card of Ada (serial 20000001); await ada 20000001
      type absent -> ada leaves; exception 1 KEYHOLDER-ABSENT; @close/seal-boris; ? Sign the transcript seal [here]
    close/seal-chandra ask
      type absent -> chandra leaves; exception 1 KEYHOLDER-ABSENT; @close/seal-administrator; ? Sign the transcript seal
        [here absent]
    close/seal-administrator ask
      type absent -> exception 1 KEYHOLDER-ABSENT; @close/seal-witness; ? Sign the transcript seal [here absent]
    farewell/initials-witness ask
      type absent -> exception 1 KEYHOLDER-ABSENT; @departure; ? Everybody leaves [gone]
    """)

  /// The same where the script does without nobody.
  private static let askingWhereNobodyMayBeAbsent = TransitionTable(
    Films.stop,
    """
    show-root/initials-administrator ask
      type absent -> exception 1 KEYHOLDER-ABSENT; @show-root/initials-witness; ? Sign the initials [here absent]
    sign-root-ada await ada 20000001
      inserted -> card identify
    close/seal-ada ask
      type sign -> enter ada/pin
    close/seal-administrator ask
      type absent -> exception 1 KEYHOLDER-ABSENT; @close/seal-witness; ? Sign the transcript seal [here absent]
    """)

  /// A card signs metadata.
  private static let signingMetadata = TransitionTable(
    Films.whole,
    """
    sign-root-ada await ada 20000001
      inserted -> card identify
      no-card -> finding CARD-MISSING; ? CARD-MISSING [retry replace without]
      no-card > type retry -> exception 1 CARD-MISSING; show Insert the card of Ada (serial 20000001); await ada
        20000001
      no-card > type without -> exception 1 CARD-MISSING; @sign-root-boris; show Insert the card of Boris (serial
        30000002); await boris 30000002
    sign-root-ada card read-metadata 9c
      ok -> card pin-tries
      card slot another key -> finding WRONG-CARD; release; ? WRONG-CARD [retry replace without]
      card slot empty -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace without]
      card slot blank -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace without]
      card slot not said -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace without]
      card slot unknown -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace without]
      card slot no policies -> card pin-tries
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry replace without]
    sign-root-ada card pin-tries
      card tries 5 -> ? Ada signs root [sign differs]
      card tries 1 -> ? Ada signs root [sign differs]
      card tries 0 -> finding PIN-BLOCKED; release; ? PIN-BLOCKED [retry unblock replace without]
      card tries ? -> ? Ada signs root [sign differs]
      fails timeout -> finding CARD-TIMEOUT; release; ? CARD-TIMEOUT [retry replace without]
    sign-root-ada ask 2
      type sign -> enter ada/pin
      type differs -> finding COMPARISON-DIFFERS; release; ? COMPARISON-DIFFERS [retry without]
      type differs > type retry -> exception 1 COMPARISON-DIFFERS; show Insert the card of Ada (serial 20000001); await
        ada 20000001
    sign-root-ada card pin-tries
      card tries 1 > type sign -> ? The last try for the PIN of Ada [last-try keep]
      card tries 1 > type sign > type last-try -> enter ada/pin
      card tries 1 > type sign > type keep -> finding LAST-TRY-KEPT; release; ? LAST-TRY-KEPT [retry unblock replace
        without]
    sign-root-ada enter ada/pin
      secret done -> card sign 9c
      secret no -> finding SECRET-NOT-MADE; release; ? SECRET-NOT-MADE [retry replace without]
    sign-root-ada card sign 9c
      ok -> signature root ada; show Ada has signed root; release; @sign-root-boris; ? Sign root [here absent]
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry replace without]
      fails wrong PIN, 2 left -> finding PIN-WRONG; release; ? PIN-WRONG [retry unblock replace without]
      fails PIN blocked -> finding PIN-BLOCKED; release; ? PIN-BLOCKED [retry unblock replace without]
      fails not touched -> finding TOUCH-MISSING; release; ? TOUCH-MISSING [retry replace without]
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry replace without]
    sign-targets-ada card read-metadata 9a
      ok -> card pin-tries
    sign-targets-ada card pin-tries
      card tries 5 -> ? Ada signs targets [sign differs]
    sign-targets-ada card sign 9a
      ok -> signature targets ada; show Ada has signed targets; release; @verify-targets; show Verify targets;
        @write-targets; create metadata/1.targets.json; ? Written: metadata/1.targets.json [written]
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry]
      fails not touched -> finding TOUCH-MISSING; release; ? TOUCH-MISSING [retry]
    """)

  /// The same where a card may say nothing of its slots.
  private static let signingMetadataLeniently = TransitionTable(
    Films.lenient,
    """
    sign-root-ada card read-metadata 9c
      card slot unknown -> warning NOT-READ-BACK; card pin-tries
      card slot not said -> warning NOT-READ-BACK; card pin-tries
      card slot empty -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace without]
      card slot another key -> finding WRONG-CARD; release; ? WRONG-CARD [retry replace without]
    """)

  /// The card of an official signs initials.
  private static let signingInitials = TransitionTable(
    Films.whole,
    """
    show-root/initials-witness await witness 40000001
      inserted -> card identify
      no-card -> finding CARD-MISSING; ? CARD-MISSING [retry without]
      no-card > type without -> exception 1 CARD-MISSING; @sign-root-ada; ? Sign root [here absent]
      no-card > type retry -> exception 1 CARD-MISSING; show Insert the card of Wim (serial 40000001); await witness
        40000001
    show-root/initials-witness head
      head 12 -> statement witness show-root; card read-metadata 9c
    show-root/initials-witness card read-metadata 9c
      ok -> card pin-tries
      card slot another key -> finding WRONG-CARD; release; ? WRONG-CARD [retry without]
    show-root/initials-witness card pin-tries
      card tries 5 -> ? Wim signs the initials [sign]
      card tries 0 -> finding PIN-BLOCKED; release; ? PIN-BLOCKED [retry unblock without]
    show-root/initials-witness ask 2
      type sign -> enter witness/pin
    show-root/initials-witness enter witness/pin
      secret no -> finding SECRET-NOT-MADE; release; ? SECRET-NOT-MADE [retry without]
    show-root/initials-witness card sign 9c
      ok -> signature initials witness; show Wim has signed the initials; release; @sign-root-ada; ? Sign root [here
        absent]
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry without]
      card signature of zeros > type without -> exception 1 SIGNATURE-WRONG; @sign-root-ada; ? Sign root [here absent]
      fails wrong PIN, 2 left -> finding PIN-WRONG; release; ? PIN-WRONG [retry unblock without]
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry without]
    """)

  /// A card signs the transcript seal.
  private static let signingTheSeal = TransitionTable(
    Films.whole,
    """
    close/seal-ada await ada 20000001
      inserted -> card identify
      no-card -> finding CARD-MISSING; ? CARD-MISSING [retry without]
      no-card > type without -> exception 1 CARD-MISSING; @close/seal-boris; ? Sign the transcript seal [here]
    close/seal-ada card read-metadata 9c
      ok -> card pin-tries
      card slot another key -> finding WRONG-CARD; release; ? WRONG-CARD [retry without]
    close/seal-ada card pin-tries
      card tries 1 -> ? Ada signs the transcript seal [sign differs]
      card tries 0 -> finding PIN-BLOCKED; release; ? PIN-BLOCKED [retry unblock without]
    close/seal-ada ask 2
      type sign -> enter ada/pin
      type differs -> finding COMPARISON-DIFFERS; release; ? COMPARISON-DIFFERS [retry without]
    close/seal-ada card sign 9c
      ok -> signature seal ada; show Ada has signed the transcript seal; release; @close/seal-boris; ? Sign the
        transcript seal [here absent]
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry without]
      card signature of zeros > type without -> exception 1 SIGNATURE-WRONG; @close/seal-boris; ? Sign the transcript
        seal [here]
      fails not touched -> finding TOUCH-MISSING; release; ? TOUCH-MISSING [retry without]
    close/seal-chandra card sign 9c
      ok -> signature seal chandra; show Chandra has signed the transcript seal; release; @close/seal-administrator; ?
        Sign the transcript seal [here absent]
    close/seal-witness card sign 9c
      ok -> signature seal witness; show Wim has signed the transcript seal; release; @bag-after; ? Boris closes a bag
        [<bag>]
      fails not touched -> finding TOUCH-MISSING; release; ? TOUCH-MISSING [retry without]
      fails not touched > type without -> exception 1 TOUCH-MISSING; @bag-after; ? Boris closes a bag [<bag>]
    """)

  static let rows = [
    askingForSigners, askingWhereNobodyMayBeAbsent, signingMetadata, signingMetadataLeniently, signingInitials,
    signingTheSeal,
  ].flatMap(\.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
