import Testing

/// What the engine makes of events while the script is opened, and metadata is built, shown, verified and written.
@Suite struct MetadataTransitions {
  /// Metadata is built, shown, verified and written.
  private static let building = TransitionTable(
    Films.whole,
    """
    show-root ask
      type confirm -> @show-root/initials; ? Initials of the administrator [AN]
      type differs -> finding COMPARISON-DIFFERS; ? COMPARISON-DIFFERS [retry]
      type differs > type retry -> exception 1 COMPARISON-DIFFERS; ? Show root [confirm differs]
    show-targets ask
      type confirm -> @sign-targets-ada; show Insert the card of Ada (serial 20000001); await ada 20000001
    sign-root-chandra card sign 9c
      ok -> signature root chandra; show Chandra has signed root; release; @verify-root; show Verify root; @write-root;
        create metadata/1.root.json; ? Written: metadata/1.root.json [written]
    write-root ask
      type written -> @build-targets; payload targets; show Build targets; @show-targets; ? Show targets [confirm
        differs]
    """)

  /// Metadata that has too few signatures is not written: the signer is asked for again, or it ends.
  private static let buildingWithoutACard = TransitionTable(
    Films.stop,
    """
    sign-targets-ada card sign 9a
      card signature of zeros -> finding SIGNATURE-WRONG; release; ? SIGNATURE-WRONG [retry]
      card signature of zeros > type retry -> exception 1 SIGNATURE-WRONG; show Insert the card of Ada (serial
        20000001); await ada 20000001
    """)

  /// What the script names is read first.
  private static let opening = TransitionTable(
    Films.file,
    """
    beginning
      begun -> supply verify/TRANSCRIPT.md; read service.pem
    read service.pem
      ok -> ? The program and the script [confirm differs, nothing aside]
      file something else -> finding INPUT-CHANGED; create REHEARSAL; show ABORTED; close aborted
    """)

  /// The script names the ceremony before this one, and its root is not at hand.
  private static let openingWithoutThePrevious = TransitionTable(
    Films.previous,
    """
    beginning
      begun -> supply verify/TRANSCRIPT.md; finding PREVIOUS-MISSING; create REHEARSAL; show ABORTED; close aborted
    """)

  /// A script with a mistake that is found when everything is read.
  private static let openingUnderMistakes = TransitionTable(
    Films.mistaken,
    """
    beginning
      begun -> supply verify/TRANSCRIPT.md; finding SCRIPT-THRESHOLD; create REHEARSAL; show ABORTED; close aborted
    """)

  /// A script that is for rehearsals only.
  private static let openingForReal = TransitionTable(
    Films.relative,
    """
    beginning
      begun -> supply verify/TRANSCRIPT.md; warning QUORUM-WITHOUT-SPARE; finding EXPIRY-RELATIVE; finding
        EXPIRY-RELATIVE; finding VENDOR-CERTIFICATES-MISSING; show ABORTED; close aborted
    """)

  /// The real ceremony takes no card whose keys are in a file.
  private static let openingInReality = TransitionTable(
    Films.real,
    """
    beginning
      begun -> supply verify/TRANSCRIPT.md; warning QUORUM-WITHOUT-SPARE; warning ATTESTATION-OPTIONAL; ? The program
        and the script [confirm differs, nothing aside]
      begun > type confirm -> show What the cards will sign; @welcome; ? Say [next]
      begun > type differs -> finding COMPARISON-DIFFERS; show ABORTED; close aborted
    card-witness/identify card identify
      ok -> release; finding WRONG-CARD; ? WRONG-CARD [retry without]
      card identity of another make -> card inspect
    """)

  /// Where nobody is there, nothing but our virtual cards is changed.
  private static let unattended = TransitionTable(
    Films.unattended,
    """
    card-witness/identify card identify
      ok -> card inspect
      card identity of another make -> release; finding WRONG-CARD; ? WRONG-CARD [retry without]
    """)

  /// A card with keys of the root before, or with keys that nobody knows.
  private static let keysBefore = TransitionTable(
    Films.after,
    """
    beginning
      begun -> supply verify/TRANSCRIPT.md; read previous.root.json
    read previous.root.json
      ok -> ? The program and the script [confirm differs, nothing aside]
      ok > type confirm -> ? The ceremony before this one [confirm differs, nothing aside]
      ok > type confirm > type confirm -> show What the cards will sign; @welcome; ? Say [next]
      ok > type confirm > type differs -> finding COMPARISON-DIFFERS; create REHEARSAL; show ABORTED; close aborted
      file something else -> finding INPUT-CHANGED; create REHEARSAL; show ABORTED; close aborted
    card-ada/identify card inspect
      card holds a key -> show The card of Ada; card abilities 9c
      card holds who knows -> show The card of Ada; card abilities 9c
      card holds a certificate -> show The card of Ada; card abilities 9c
      card holds a key of the root before -> show The card of Ada; finding CARD-HOLDS-ROOT-KEY; release; ?
        CARD-HOLDS-ROOT-KEY [retry replace]
      card holds who knows > card abilities all > type 20000001 -> ? It is not known which keys the card of Ada holds
        [none-of-them]
      card holds who knows > card abilities all > type 20000001 > type none-of-them -> exception 1 CARD-HOLDS-UNKNOWN;
        card abilities 9c
      card holds a certificate > card abilities all > type 20000001 -> ? It is not known which keys the card of Ada
        holds [none-of-them]
      card holds a key > card abilities all > type 20000001 -> card abilities 9c
    """)

  static let rows = [
    building, buildingWithoutACard, opening, openingWithoutThePrevious, openingUnderMistakes, openingForReal,
    openingInReality, unattended, keysBefore,
  ].flatMap(\.rows)

  @Test(arguments: rows) func transition(_ row: TransitionTable.Row) throws { try row.judge() }
}
