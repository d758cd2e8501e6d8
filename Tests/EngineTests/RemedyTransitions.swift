import Testing

/// What follows each remedy.
@Suite struct RemedyTransitions {
  /// The step is done again from its beginning.
  private static let retrying = TransitionTable(
    Films.whole,
    """
    card-ada/generate-root card generate 9c
      fails removed > type retry -> exception 1 CARD-REMOVED; show Insert the card of Ada (serial 20000001); await ada
        20000001
      fails removed > type retry > ok -> card identify
      fails removed > type retry > ok > ok -> show Generate the root key of Ada; card generate 9c
    sign-root-ada card sign 9c
      fails not touched > type retry -> exception 1 TOUCH-MISSING; show Insert the card of Ada (serial 20000001); await
        ada 20000001
      fails not touched > type retry > inserted > ok > ok > ok > type sign -> enter ada/pin
    show-root/initials-witness card sign 9c
      fails removed > type retry -> exception 1 CARD-REMOVED; show Insert the card of Wim (serial 40000001); await
        witness 40000001
    close/seal-ada card sign 9c
      fails removed > type retry -> exception 1 CARD-REMOVED; show Insert the card of Ada (serial 20000001); await ada
        20000001
    time clock 2
      clock 500 > type retry -> exception 1 CLOCK-DIFFERS; clock
    """)

  /// Nobody knows what the card took over: its provisioning begins again with its reset.
  private static let retryingInDoubt = TransitionTable(
    Films.whole,
    """
    card-ada/puk card change-puk
      fails timeout > type retry > ok > ok -> card inspect
    card-ada/pin card change-pin
      fails timeout > type retry -> exception 1 CARD-TIMEOUT; @card-ada/reset; show Insert the card of Ada (serial
        20000001); await ada 20000001
    card-ada/management-key card set-management-key
      fails timeout > type retry > ok > ok > ok -> ? Reset the card of Ada [20000001]
      fails timeout > type retry > ok > ok > ok > type 20000001 -> card abilities 9c
      fails timeout > type retry > ok > ok > ok > type 20000001 > ok -> card reset
      fails timeout > type retry > ok > ok > ok > type 20000001 > ok > ok > ok -> show The card of Ada is reset;
        @card-ada/tries; show Set the number of tries; card set-tries
    """)

  /// A new PIN by means of the PUK.
  private static let unblocking = TransitionTable(
    Films.whole,
    """
    sign-root-ada card sign 9c
      fails PIN blocked > type unblock -> exception 1 PIN-BLOCKED; show Insert the card of Ada (serial 20000001); await
        ada 20000001
      fails PIN blocked > type unblock > ok > ok -> card puk-tries
      fails PIN blocked > type unblock > ok > ok > card tries 3 -> show A new PIN for the card of Ada; enter ada/puk
      fails PIN blocked > type unblock > ok > ok > card tries 1 -> ? The last try for the PUK of Ada [last-try keep]
      fails PIN blocked > type unblock > ok > ok > card tries 1 > type last-try -> enter ada/puk
      fails PIN blocked > type unblock > ok > ok > card tries 1 > type keep -> finding LAST-TRY-KEPT; release; ?
        LAST-TRY-KEPT [retry unblock replace without]
      fails PIN blocked > type unblock > ok > ok > card tries 0 -> finding PUK-BLOCKED; release; ? PUK-BLOCKED [retry
        replace without]
      fails PIN blocked > type unblock > ok > ok > card tries ? -> show A new PIN for the card of Ada; enter ada/puk
      fails PIN blocked > type unblock > ok > ok > card tries 3 > secret no -> finding SECRET-NOT-MADE; release; ?
        SECRET-NOT-MADE [retry replace without]
      fails PIN blocked > type unblock > ok > ok > card tries 3 > secret done -> make ada/pin
      fails PIN blocked > type unblock > ok > ok > card tries 3 > secret done > secret no -> finding SECRET-NOT-MADE;
        release; ? SECRET-NOT-MADE [retry replace without]
      fails PIN blocked > type unblock > ok > ok > card tries 3 > secret done > secret done -> card unblock-pin
      fails PIN blocked > type unblock > ok > ok > card tries 3 > secret done > secret done > card done -> show The card
        of Ada has a new PIN; card read-metadata 9c
      fails PIN blocked > type unblock > ok > ok > card tries 3 > secret done > secret done > fails wrong PUK, 2 left ->
        finding PUK-WRONG; release; ? PUK-WRONG [retry unblock replace without]
      fails PIN blocked > type unblock > ok > ok > card tries 3 > secret done > secret done > fails PUK blocked ->
        finding PUK-BLOCKED; release; ? PUK-BLOCKED [retry replace without]
      fails PIN blocked > type unblock > no-card -> finding CARD-MISSING; ? CARD-MISSING [retry replace without]
      fails wrong PIN, 2 left > type unblock -> exception 1 PIN-WRONG; show Insert the card of Ada (serial 20000001);
        await ada 20000001
    card-ada/prove-root card sign 9c
      fails PIN blocked > type unblock -> exception 1 PIN-BLOCKED; show Insert the card of Ada (serial 20000001); await
        ada 20000001
    close/seal-ada card sign 9c
      fails PIN blocked > type unblock -> exception 1 PIN-BLOCKED; show Insert the card of Ada (serial 20000001); await
        ada 20000001
    show-root/initials-witness card sign 9c
      fails PIN blocked > type unblock -> exception 1 PIN-BLOCKED; show Insert the card of Wim (serial 40000001); await
        witness 40000001
    """)

  /// The spare card takes the place of a keyholder's card.
  private static let replacing = TransitionTable(
    Films.whole,
    """
    card-ada/generate-root card generate 9c
      fails no such algorithm > type replace -> exception 1 ALGORITHM-UNSUPPORTED; show The card 20000001 of Ada is out
        of this ceremony; @card-ada/identify; show Insert the card of Ada (serial 20000009); await ada 20000009
      fails no such algorithm > type replace > ok -> card identify
      fails no such algorithm > type replace > ok > ok -> card inspect
      fails no such algorithm > type replace > ok > card identity 20000001 -> release; finding WRONG-CARD; ? WRONG-CARD
        [retry]
    card-ada/identify await ada
      no-card > type replace -> exception 1 CARD-MISSING; show The card of Ada is out of this ceremony; show Insert the
        card of Ada (serial 20000009); await ada 20000009
    sign-root-ada card sign 9c
      card signature of zeros > type replace -> exception 1 SIGNATURE-WRONG; dropped root of 0; show The card 20000001
        of Ada is out of this ceremony; @card-ada/identify; show Insert the card of Ada (serial 20000009); await ada
        20000009
      card signature of zeros > type replace > ok > ok -> card inspect
    sign-root-boris card sign 9c
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry without]
    sign-targets-ada card sign 9a
      card signature of zeros > type retry -> exception 1 SIGNATURE-WRONG; show Insert the card of Ada (serial
        20000001); await ada 20000001
    """)

  /// A signature is left out, because the others are enough.
  private static let leavingOut = TransitionTable(
    Films.whole,
    """
    sign-root-ada card sign 9c
      card signature of zeros > type without -> exception 1 SIGNATURE-WRONG; @sign-root-boris; show Insert the card of
        Boris (serial 30000002); await boris 30000002
    sign-root-chandra card sign 9c
      card signature of zeros > type without -> exception 1 SIGNATURE-WRONG; @verify-root; show Verify root;
        @write-root; create metadata/1.root.json; ? Written: metadata/1.root.json [written]
    close/seal-boris card sign 9c
      card signature of zeros > type without -> exception 1 SIGNATURE-WRONG; @close/seal-chandra; ? Sign the transcript
        seal [here]
    """)

  /// Initials stay as they were typed.
  private static let typedOnly = TransitionTable(
    Films.whole,
    """
    show-root/initials-administrator card sign 9c
      card signature of zeros > type without -> exception 1 SIGNATURE-WRONG; @show-root/initials-witness; ? Sign the
        initials [here absent]
    farewell/initials-witness card sign 9c
      fails removed > type without -> exception 1 CARD-REMOVED; @departure; ? Everybody leaves [gone]
    """)

  /// The card of an official has no part in the ceremony any more.
  private static let withoutACard = TransitionTable(
    Films.whole,
    """
    card-witness/identify await witness 40000001
      no-card > type without -> exception 1 CARD-MISSING; show The card of Wim is out of this ceremony;
        @card-administrator/identify; show Insert the card of Anna; await administrator
    card-witness/reset card reset
      fails no RESET > type without -> exception 1 CARD-UNSUPPORTED; show The card of Wim is out of this ceremony;
        @card-administrator/identify; show Insert the card of Anna; await administrator
    card-administrator/generate-administrator card generate 9c
      fails timeout > type without -> exception 1 CARD-TIMEOUT; show The card of Anna is out of this ceremony;
        @card-ada/identify; show Insert the card of Ada; await ada
    card-administrator/generate-administrator card generate 9c
      fails timeout > type without > ok > card identity 20000004 -> release; finding WRONG-CARD; ? WRONG-CARD
        [retry replace]
    card-administrator/management-key card try-factory-key
      card factory key opens > type without -> exception 1 FACTORY-SECRET; show The card of Anna is out of this
        ceremony; @card-ada/identify; show Insert the card of Ada; await ada
    """)

  static let rows = [retrying, retryingInDoubt, unblocking, replacing, leavingOut, typedOnly, withoutACard].flatMap(
    \.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
