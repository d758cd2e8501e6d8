import Findings

extension Area {
  static let room = Area(
    "In the room", saidBy: .ceremony,
    [
      Entry(
        .quorumMissing, "Too few people are here for the ceremony to reach its end.",
        next: "Wait for whoever is missing and take attendance again, or give the ceremony up."),
      Entry(
        .keyholderAbsent, "A keyholder was not there, and the others are enough. It is an exception in the record.",
        next: "Nothing has to be done. An auditor sees who was missing."),
      Entry(
        .bagDiffers, "Two people read different numbers from a bag, or it is not the bag that was closed here.",
        next: "Both read the number once more, from the bag itself. If the bag was swapped, give the ceremony up."),
      Entry(
        .comparisonDiffers, "Somebody saw or heard another digest, or other words, than the program shows.",
        next:
          """
          Read it once more, slowly, from the screen and from what it is held against. If it still differs, put on record \
          what that says ('exception'), and give up.
          """),
      Entry(
        .clockDiffers,
        "The machine's clock and a clock in the room differ. Expiry and certificates are judged by the machine's.",
        next: """
          Read the other clock once more, in UTC. If the machine is wrong, give the ceremony up and set its clock.
          """),
      Entry(
        .noted, "Somebody put on record in words that something did not go to plan.",
        next: "Read the words. An exception is not a fault by itself."),
      Entry(
        .secretNotMade, "No PIN or PUK was made or entered: it was given up, or typed differently the second time.",
        next: "Try again, with 6 to 8 digits, the same twice."),
      Entry(
        .slotMismatch,
        "What the card says of a slot is not what was asked of it: no key, another key, or another policy.",
        next: "Do not use this card. Take another one."),
      Entry(
        .keyRepeated, "A card made a key that another card or slot had made before. No sound card does that.",
        next: "Stop and find out why. Use neither card."),
      Entry(
        .notReadBack, "The card does not say what the slot of its new key holds, and the script accepts that.",
        next: "Nothing has to be done. Its signatures show that it has the key. Nothing confirms its policies."),
      Entry(
        .triesNotSet, "The card keeps its own number of tries for PIN and PUK, and the script accepts that.",
        next: "Nothing has to be done. Do not rely on the numbers in the script."),
      Entry(
        .thresholdNotReached, "Metadata has fewer valid signatures than its threshold.",
        next: """
          Do not publish it. In the room, nothing was written: hold the ceremony again. Afterwards, compare the \
          folder with another copy.
          """,
        saidBy: .folders),
      Entry(
        .signatureWrong, "The card said that it signed, and the signature does not hold.",
        next: "Nothing was written. Do not use this card; take another one.",
        saidBy: .ceremony.union([.cardProbe])),
      Entry(
        .nonceRepeated,
        "Two ECDSA signatures of one card share their random number. Whoever has both can compute the private key.",
        next: """
          The key is exposed: do not use it, and trust nothing that it signs from now on. The card is faulty, and so \
          may others of its kind be.
          """,
        saidBy: .folders),
      Entry(
        .inputChanged, "A file that the script pins by its SHA-256 is another one.",
        next: """
          Get the right file, and compare its SHA-256 with the script. In a ceremony's folder, compare with another \
          copy.
          """,
        saidBy: .script),
      Entry(
        .previousMissing,
        """
        The script names the ceremony before this one, and its folder was not named. Without it nobody can tell \
        which cards hold keys of that root.
        """,
        next: "Name the folder: --after FOLDER.",
        saidBy: .script),
      Entry(
        .previousDiffers,
        "The ceremony before this one is not the one that script, command line or first record name.",
        next: "Name the folder of the right ceremony, and compare its head with the one that was read aloud.",
        saidBy: .script),
      Entry(
        .previousUnsound, "The folder of the ceremony before this one does not hold, or has no root.",
        next: "Name another copy of its products folder. tuf-audit replay says what is wrong with it.",
        saidBy: .script),
      Entry(
        .previousGap, "A ceremony names one before it that is not among the folders, and older ones are.",
        next: "Name the folder that is missing, too: without it nothing ties the older ones to the newest.",
        saidBy: .folders),
      Entry(
        .previousFork, "Two ceremonies follow the same one, or made the same root.",
        next: "Find out which of them made what clients have, who held the other one, and why.", saidBy: .folders),
      Entry(
        .aborted, "The ceremony was given up. Nothing that it made counts.",
        next: "Do not use anything in the folder. Reset the cards that its last screen lists, and hold a new ceremony.",
        saidBy: .folders),
      Entry(
        .copyLost, "The second copy of the folder was lost while the ceremony went on. The first is whole.",
        next: "Make another copy of the folder now. What is in the second copy ends where it was lost.",
        saidBy: .folders),
    ])
}
