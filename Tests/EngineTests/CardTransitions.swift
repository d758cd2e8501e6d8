import Testing

/// What the engine makes of events while a card is identified, reset and set up.
@Suite struct CardTransitions {
  /// A card is brought, and known by what it says of itself.
  private static let insertion = TransitionTable(
    Films.whole,
    """
    card-ada/identify await ada
      inserted -> card identify
      no-card -> finding CARD-MISSING; ? CARD-MISSING [retry replace]
      no-card > type retry -> exception 1 CARD-MISSING; show Insert the card of Ada; await ada
      no-card > type retry > ok > ok -> ? Bind the card of Ada [20000001 differs]
    card-ada/identify card identify
      ok -> ? Bind the card of Ada [20000001 differs]
      card identity 30000002 -> release; finding WRONG-CARD; ? WRONG-CARD [retry replace]
      card identity 40000001 -> release; finding WRONG-CARD; ? WRONG-CARD [retry replace]
      card identity 20000009 -> card inspect
      card identity 20000004 -> release; finding WRONG-CARD; ? WRONG-CARD [retry replace]
      card identity 77 -> ? Bind the card of Ada [77 differs]
      card identity without serial -> ? Bind the card of Ada [none <case>]
      card identity of another make -> ? Bind the card of Ada [20000001 differs]
      fails removed -> release; finding CARD-REMOVED; ? CARD-REMOVED [retry replace]
      fails not PIV -> release; finding CARD-NOT-PIV; ? CARD-NOT-PIV [retry replace]
      fails timeout -> release; finding CARD-TIMEOUT; ? CARD-TIMEOUT [retry replace]
    card-boris/identify card identify
      ok -> card inspect
      card identity 20000001 -> release; finding WRONG-CARD; ? WRONG-CARD [retry]
      card identity 30000003 -> release; finding WRONG-CARD; ? WRONG-CARD [retry]
      card identity without serial -> release; finding WRONG-CARD; ? WRONG-CARD [retry]
      card identity of another make -> card inspect
    sign-root-ada card identify
      ok -> card read-metadata 9c
      card identity 30000002 -> release; finding WRONG-CARD; ? WRONG-CARD [retry replace without]
      card identity 20000007 -> release; finding WRONG-CARD; ? WRONG-CARD [retry replace without]
      card identity without serial -> release; finding WRONG-CARD; ? WRONG-CARD [retry replace without]
    card-witness/identify await witness 40000001
      inserted -> card identify
      inserted boris > ok -> release; finding WRONG-CARD; ? WRONG-CARD [retry without]
    """)

  /// A card is bound in the room, and asked what it can do.
  private static let binding = TransitionTable(
    Films.whole,
    """
    card-ada/identify ask
      type 20000001 -> card inspect
      type differs -> finding WRONG-CARD; release; ? WRONG-CARD [retry replace]
    card-ada/identify card inspect
      ok -> show The card of Ada; card abilities 9c
      card holds nothing -> show The card of Ada; card abilities 9c
      card holds a key -> show The card of Ada; finding CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry replace]
      card holds a certificate -> show The card of Ada; finding CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry
        replace]
      card holds who knows -> show The card of Ada; finding CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry replace]
      fails broken off -> finding CARD-COMMUNICATION; release; ? CARD-COMMUNICATION [retry replace]
    card-ada/identify card abilities 9c
      card abilities all -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ? Reset the card of
        Ada [reset]
      card abilities no metadata -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
      card abilities no attestation -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
      card abilities no tries -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
      card abilities no tries, and the right ones -> ? Not everything is known of the card of Ada [accept refuse]
      card abilities no tries, and the right ones > type accept -> @card-ada/reset; ? Reset the card of Ada [reset]
      card abilities no tries, and the right ones > type refuse -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED
        [retry replace]
      card abilities no management key -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
      card abilities no reset -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
      card abilities reset unknown -> ? Not everything is known of the card of Ada [accept refuse]
      card abilities metadata unknown -> ? Not everything is known of the card of Ada [accept refuse]
      card abilities kept key unknown -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ? Reset
        the card of Ada [reset]
      card abilities did reset -> warning CARD-UNGUARDED; show The card of Ada can do what this ceremony needs;
        @card-ada/reset; ? Reset the card of Ada [reset]
      card abilities did set tries -> finding CARD-UNGUARDED; release; ? CARD-UNGUARDED [retry replace]
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry replace]
    card-ada/identify card identify
      card identity without serial > type none -> card inspect
      card identity without serial > line 12345 -> card inspect
      card identity without serial > type none > card holds nothing -> show The card of Ada; card abilities 9c
      card identity of firmware 5.4 > type 20000001 > card holds nothing > card abilities all -> finding CARD-MODEL;
        release; ? CARD-MODEL [retry replace]
    """)

  /// The same under a script that does without much.
  private static let bindingLeniently = TransitionTable(
    Films.lenient,
    """
    card-ada/identify card abilities 9c
      card abilities all -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ? Reset the card of
        Ada [reset]
      card abilities no metadata -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ? Reset the
        card of Ada [reset]
      card abilities no attestation -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ? Reset
        the card of Ada [reset]
      card abilities no tries -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ? Reset the card
        of Ada [reset]
      card abilities metadata unknown -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ? Reset
        the card of Ada [reset]
      card abilities no reset -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
    """)

  /// The same where the management key is kept on the card.
  private static let bindingWithKeptKey = TransitionTable(
    Films.protected,
    """
    card-ada/identify card abilities 9c
      card abilities all -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ? Reset the card of
        Ada [reset]
      card abilities kept key unknown -> ? Not everything is known of the card of Ada [accept refuse]
    """)

  /// A card that was given up to the rehearsal, although it holds keys.
  private static let sacrificed = TransitionTable(
    Films.sacrifice,
    """
    card-ada/identify card inspect
      card holds a key -> show The card of Ada; card abilities 9c
      card holds a certificate -> show The card of Ada; card abilities 9c
      card holds who knows -> show The card of Ada; card abilities 9c
      card holds a key > card abilities all -> show The card of Ada can do what this ceremony needs; @card-ada/reset; ?
        Reset the card of Ada [20000001]
      card holds a key > card abilities all > type 20000001 -> card abilities 9c
      card holds a key > card abilities all > type 20000001 > card abilities all -> card reset
      card holds who knows > card abilities all > type 20000001 -> card abilities 9c
      card holds a key > card abilities all > type 20000001 > card abilities all > card done -> card inspect
      card holds a key > card abilities all > type 20000001 > card abilities all > card done > card holds nothing -> show
        The card of Ada is reset; @card-ada/tries; show Set the number of tries; card set-tries
      card holds a key > card abilities all > type 20000001 > card abilities all > card done > card holds a key -> finding
        CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry replace]
    """)

  /// Block, reset, and look whether it is empty.
  private static let resets = TransitionTable(
    Films.whole,
    """
    card-ada/reset ask
      type reset -> card try-keys
    card-ada/reset card try-keys
      card done -> card reset
      card unsupported -> card reset
      card holds a key -> finding CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry replace]
      fails no such algorithm -> finding ALGORITHM-UNSUPPORTED; release; ? ALGORITHM-UNSUPPORTED [retry replace]
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry replace]
      fails removed > type retry -> exception 1 CARD-REMOVED; show Insert the card of Ada (serial 20000001); await ada
        20000001
    card-ada/reset card reset
      card done -> card inspect
      fails no RESET -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
      fails timeout -> finding CARD-TIMEOUT; release; ? CARD-TIMEOUT [retry replace]
    card-ada/reset card inspect
      card holds nothing -> show The card of Ada is reset; @card-ada/tries; show Set the number of tries; card set-tries
      card holds a key -> finding CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry replace]
      card holds who knows -> show The card of Ada is reset; @card-ada/tries; show Set the number of tries; card
        set-tries
      card holds a certificate -> finding CARD-HOLDS-KEY; release; ? CARD-HOLDS-KEY [retry replace]
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry replace]
    """)

  /// How many tries PIN and PUK have.
  private static let tries = TransitionTable(
    Films.whole,
    """
    card-ada/tries card set-tries
      card done -> @card-ada/puk; show A new PUK for the card of Ada; make ada/puk
      card unchanged -> show Set the number of tries; @card-ada/puk; show A new PUK for the card of Ada; make ada/puk
      card unsupported -> finding CARD-UNSUPPORTED; release; ? CARD-UNSUPPORTED [retry replace]
      fails timeout -> finding CARD-TIMEOUT; release; ? CARD-TIMEOUT [retry replace]
    """)

  /// The same where a card may lack the command.
  private static let triesLeniently = TransitionTable(
    Films.lenient,
    """
    card-ada/tries card set-tries
      card done -> @card-ada/puk; show A new PUK for the card of Ada; make ada/puk
      card unsupported -> warning TRIES-NOT-SET; show Set the number of tries; @card-ada/puk; show A new PUK for the card
        of Ada; make ada/puk
    """)

  /// A new PUK, a new PIN, a management key.
  private static let secrets = TransitionTable(
    Films.whole,
    """
    card-ada/puk make ada/puk
      secret done -> card change-puk
      secret no -> finding SECRET-NOT-MADE; release; ? SECRET-NOT-MADE [retry replace]
      secret no > type retry -> exception 1 SECRET-NOT-MADE; show Insert the card of Ada (serial 20000001); await ada
        20000001
    card-ada/puk card change-puk
      card done -> @card-ada/pin; show A new PIN for the card of Ada; make ada/pin
      fails new value refused -> finding NEW-VALUE-REFUSED; release; ? NEW-VALUE-REFUSED [retry replace]
      fails timeout -> finding CARD-TIMEOUT; release; ? CARD-TIMEOUT [retry replace]
      fails timeout > type retry -> exception 1 CARD-TIMEOUT; @card-ada/reset; show Insert the card of Ada (serial
        20000001); await ada 20000001
    card-ada/pin make ada/pin
      secret done -> card change-pin
      secret no -> finding SECRET-NOT-MADE; release; ? SECRET-NOT-MADE [retry replace]
    card-ada/pin card change-pin
      card done -> @card-ada/identity; show Write the card's identity; random 30
      fails new value refused -> finding NEW-VALUE-REFUSED; release; ? NEW-VALUE-REFUSED [retry replace]
      fails broken off -> finding CARD-COMMUNICATION; release; ? CARD-COMMUNICATION [retry replace]
      fails broken off > type retry -> exception 1 CARD-COMMUNICATION; @card-ada/reset; show Insert the card of Ada
        (serial 20000001); await ada 20000001
      fails broken off > type replace -> exception 1 CARD-COMMUNICATION; show The card 20000001 of Ada is out of this
        ceremony; @card-ada/identify; show Insert the card of Ada (serial 20000009); await ada 20000009
    card-ada/management-key make ada/management-key
      secret done -> card set-management-key
      secret no -> finding UNEXPECTED-EVENT; release; @; create REHEARSAL; show ABORTED; close aborted
    card-ada/management-key card set-management-key
      card done -> forget ada/management-key
      fails management key wrong -> finding MANAGEMENT-KEY-WRONG; release; ? MANAGEMENT-KEY-WRONG [retry replace]
      fails timeout -> finding CARD-TIMEOUT; release; ? CARD-TIMEOUT [retry replace]
      fails timeout > type retry -> exception 1 CARD-TIMEOUT; @card-ada/reset; show Insert the card of Ada (serial
        20000001); await ada 20000001
    card-ada/management-key forget ada/management-key
      secret done -> card try-factory-key
    card-ada/management-key card try-factory-key
      ok -> create cards/20000001/root_pubkey.pem; create cards/20000001/root_attestation.pem; create
        cards/20000001/targets_pubkey.pem; create cards/20000001/targets_attestation.pem; create
        cards/20000001/attestation_intermediate.pem; create cards/20000001/card.json; show The card of Ada is ready;
        release; @card-boris/identify; show Insert the card of Boris (serial 30000002); await boris 30000002
      card factory key opens -> finding FACTORY-SECRET; release; ? FACTORY-SECRET [retry replace]
      card factory key opens > type retry -> exception 1 FACTORY-SECRET; show Insert the card of Ada (serial 20000001);
        await ada 20000001
      card factory key opens > type replace -> exception 1 FACTORY-SECRET; show The card 20000001 of Ada is out of this
        ceremony; @card-ada/identify; show Insert the card of Ada (serial 20000009); await ada 20000009
    """)

  /// A management key that is kept on the card.
  private static let keptKey = TransitionTable(
    Films.protected,
    """
    card-ada/management-key make ada/management-key
      secret done -> card set-management-key
    card-ada/management-key card set-management-key
      card done -> forget ada/management-key
      fails key not kept -> finding OBJECT-NOT-PROTECTED; release; ? OBJECT-NOT-PROTECTED [retry replace]
    """)

  /// The card's own identifiers.
  private static let identities = TransitionTable(
    Films.whole,
    """
    card-ada/identity random 30
      random 30 -> card write-identity
    card-ada/identity card write-identity
      card done -> @card-ada/generate-root; show Generate the root key of Ada; card generate 9c
      fails removed -> finding CARD-REMOVED; release; ? CARD-REMOVED [retry replace]
      fails removed > type retry -> exception 1 CARD-REMOVED; show Insert the card of Ada (serial 20000001); await ada
        20000001
    """)

  static let rows = [
    insertion, binding, bindingLeniently, bindingWithKeptKey, sacrificed, resets, tries, triesLeniently, secrets,
    keptKey, identities,
  ].flatMap(\.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
