import Testing

/// What the engine makes of events while a key is made, attested, read back and tried.
@Suite struct KeyTransitions {
  /// A key is made.
  private static let generating = TransitionTable(
    Films.whole,
    """
    card-ada/generate-root card generate 9c
      ok -> ? The root key of Ada [written]
      card key of 31 bytes -> finding CARD-ANSWER-MALFORMED; release; ? CARD-ANSWER-MALFORMED [retry replace]
      card key of small order -> finding CARD-ANSWER-MALFORMED; release; ? CARD-ANSWER-MALFORMED [retry replace]
      fails no such algorithm -> finding ALGORITHM-UNSUPPORTED; release; ? ALGORITHM-UNSUPPORTED [retry replace]
      fails timeout -> finding CARD-TIMEOUT; release; ? CARD-TIMEOUT [retry replace]
      fails timeout > type retry -> exception 1 CARD-TIMEOUT; show Insert the card of Ada (serial 20000001); await ada
        20000001
    card-ada/generate-targets card generate 9a
      card the key that Ada's card made -> finding KEY-REPEATED; release; ? KEY-REPEATED [retry replace]
    card-boris/generate-root card generate 9c
      card the key that Ada's card made -> finding KEY-REPEATED; release; ? KEY-REPEATED [retry]
    card-ada/generate-targets card generate 9a
      ok -> ? The targets key of Ada [written]
    card-ada/generate-root ask
      type written -> @card-ada/attest-root; card attest 9c
    card-witness/generate-witness ask
      type written -> @card-witness/attest-witness; card attest 9c
    card-witness/generate-witness card generate 9c
      ok -> ? The witness key of Wim [written]
      card key of small order -> finding CARD-ANSWER-MALFORMED; release; ? CARD-ANSWER-MALFORMED [retry without]
      card key of small order > type without -> exception 1 CARD-ANSWER-MALFORMED; show The card of Wim is out of this
        ceremony; @card-administrator/identify; show Insert the card of Anna; await administrator
    """)

  /// The card attests it, as the script requires.
  private static let attesting = TransitionTable(
    Films.whole,
    """
    card-ada/attest-root card attest 9c
      ok -> show The root key of Ada is attested; @card-ada/read-back-root; card read-metadata 9c
      card attestation that is none -> finding ATTESTATION-MALFORMED; finding ATTESTATION-MALFORMED; release; ?
        ATTESTATION-MALFORMED [retry replace]
      card unattested -> finding SLOT-EMPTY; release; ? SLOT-EMPTY [retry replace]
      card unsupported -> finding ATTESTATION-MISSING; release; ? ATTESTATION-MISSING [retry replace]
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry replace]
      fails removed > type retry -> exception 1 CARD-REMOVED; show Insert the card of Ada (serial 20000001); await ada
        20000001
    """)

  /// The same where the script accepts a key without proof.
  private static let attestingOptionally = TransitionTable(
    Films.lenient,
    """
    card-ada/attest-root card attest 9c
      ok -> show The root key of Ada is attested; @card-ada/read-back-root; card read-metadata 9c
      card attestation that is none -> warning ATTESTATION-MALFORMED; warning ATTESTATION-MALFORMED; show The root key
        of Ada is not proven to be on hardware; @card-ada/read-back-root; card read-metadata 9c
      card unattested -> warning SLOT-EMPTY; show The root key of Ada is not proven to be on hardware;
        @card-ada/read-back-root; card read-metadata 9c
      card unsupported -> warning ATTESTATION-MISSING; show The root key of Ada is not proven to be on hardware;
        @card-ada/read-back-root; card read-metadata 9c
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry replace]
    card-ada/read-back-root card read-metadata 9c
      ok -> card install-certificate 9c
    """)

  /// The slot is read back.
  private static let readingBack = TransitionTable(
    Films.whole,
    """
    card-ada/read-back-root card read-metadata 9c
      ok -> card install-certificate 9c
      card slot no policies -> card install-certificate 9c
      card slot empty -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      card slot blank -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      card slot not said -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
      card slot unknown -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
      card slot another key -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      card slot another algorithm -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      card slot an imported key -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      card slot another PIN policy -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      card slot another touch policy -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry replace]
    card-ada/read-back-root card install-certificate 9c
      ok -> show Read the root key back; @card-ada/prove-root; random 16
      card certificate none -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      card certificate another -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      fails timeout -> finding CARD-TIMEOUT; release; ? CARD-TIMEOUT [retry replace]
    """)

  /// The same where a card may say nothing of its slots.
  private static let readingBackOptionally = TransitionTable(
    Films.lenient,
    """
    card-ada/read-back-root card read-metadata 9c
      card slot not said -> warning NOT-READ-BACK; card install-certificate 9c
      card slot unknown -> warning NOT-READ-BACK; card install-certificate 9c
      card slot unknown > ok -> show Read the root key back; @card-ada/prove-root; random 16
      card slot empty -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
      card slot another key -> finding SLOT-MISMATCH; release; ? SLOT-MISMATCH [retry replace]
    """)

  /// The new key signs for the first time.
  private static let proving = TransitionTable(
    Films.whole,
    """
    card-ada/prove-root random 16
      random 16 -> head
    card-ada/prove-root head
      head 7 -> proof ada 9c; card pin-tries
    card-ada/prove-root card pin-tries
      card tries 5 -> show The root key of Ada signs for the first time; enter ada/pin
      card tries 1 -> ? The last try for the PIN of Ada [last-try keep]
      card tries 1 > type last-try -> enter ada/pin
      card tries 1 > type keep -> finding LAST-TRY-KEPT; release; ? LAST-TRY-KEPT [retry unblock replace]
      card tries 0 -> finding PIN-BLOCKED; release; ? PIN-BLOCKED [retry unblock replace]
      card tries ? -> show The root key of Ada signs for the first time; enter ada/pin
    card-ada/prove-root enter ada/pin
      secret done -> card sign 9c
      secret no -> finding SECRET-NOT-MADE; release; ? SECRET-NOT-MADE [retry replace]
      secret no > type retry -> exception 1 SECRET-NOT-MADE; show Insert the card of Ada (serial 20000001); await ada
        20000001
    card-ada/prove-root card sign 9c
      ok -> signature proof ada; show Ada has signed a proof of the new key; @card-ada/generate-targets; show Generate
        the targets key of Ada; card generate 9a
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry replace]
      fails wrong PIN, 2 left -> finding PIN-WRONG; release; ? PIN-WRONG [retry unblock replace]
      fails PIN blocked -> finding PIN-BLOCKED; release; ? PIN-BLOCKED [retry unblock replace]
      fails not touched -> finding TOUCH-MISSING; release; ? TOUCH-MISSING [retry replace]
      fails too long -> finding PAYLOAD-TOO-LARGE; release; ? PAYLOAD-TOO-LARGE [retry replace]
      fails no secret -> finding SECRET-UNAVAILABLE; release; ? SECRET-UNAVAILABLE [retry replace]
    card-ada/prove-targets card sign 9a
      ok -> signature proof ada; show Ada has signed a proof of the new key; @card-ada/management-key; show Replace the
        management key; make ada/management-key
    card-witness/prove-witness card sign 9c
      ok -> signature proof witness; show Wim has signed a proof of the new key; @card-witness/management-key; show
        Replace the management key; make witness/management-key
      fails wrong PIN, 2 left -> finding PIN-WRONG; release; ? PIN-WRONG [retry unblock without]
      fails wrong PIN, 2 left > type without -> exception 1 PIN-WRONG; show The card of Wim is out of this ceremony;
        @card-administrator/identify; show Insert the card of Anna; await administrator
    """)

  static let rows = [generating, attesting, attestingOptionally, readingBack, readingBackOptionally, proving].flatMap(
    \.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
