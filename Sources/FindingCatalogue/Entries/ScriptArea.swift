import Findings

extension Area {
  static let script = Area(
    "The script", saidBy: .script,
    [
      Entry(
        .scriptSyntax,
        """
        The script is not one plain YAML document in UTF-8 of at most 256 KiB. Anchors, aliases, tags and \
        characters that nobody sees are refused.
        """,
        next: "Correct it at the line and column that are named. Write out what an alias stands for."),
      Entry(
        .scriptUnknownKey,
        "The script has a key that is not known in this place, or that came with a later version of scripts.",
        next: "Correct the spelling, or remove the key. Where a version is named, write it in the first line."),
      Entry(
        .scriptDuplicateKey, "One key stands twice in one mapping. Nobody can tell which is meant.",
        next: "Keep one of them."),
      Entry(
        .scriptMissingKey, "A key that the script must have in this place is not there.",
        next: "Add the key that is named."),
      Entry(
        .scriptValue, "A value is of the wrong kind, or outside what is allowed.",
        next: "Write one of the values that the finding names."),
      Entry(
        .scriptVersion,
        "The script says a version that this program does not know, or that came after the engine that is named.",
        next: "Use the release that knows this version. Before a ceremony, write a version that this release knows."),
      Entry(
        .scriptComment, "A text ends where a comment begins. Perhaps the # belongs to the text.",
        next: "If it does, put the whole text in quotes. If not, give the comment a line of its own."),
      Entry(
        .scriptText, "Letters and accents are written apart, so that a text looks like another one and is not.",
        next: "Type the text anew, or bring the file into Unicode's normal form C."),
      Entry(
        .scriptNameRepeated,
        "Two people have names that are the same or look the same. Nobody could tell them apart on the screen.",
        next: "Add what tells them apart, as people in the room would say it."),
      Entry(
        .scriptReference,
        "The script names a person, role or key that nothing in it defines, or that does not belong there.",
        next: "Correct the spelling, or add what is named."),
      Entry(
        .stepOrder, "A step comes before one that it needs, or after one that must follow it.",
        next: "Move the step. The finding says what must come first."),
      Entry(
        .stepMissing, "A step that the ceremony cannot do without is not in the script.",
        next: "Add the step that is named."),
      Entry(
        .stepRepeated, "A step does again what an earlier one has done.",
        next: "Keep one of the two."),
      Entry(
        .scriptThreshold,
        "More signatures are needed than there are keys to make them, or one root key decides alone.",
        next: "Lower the threshold, or add keyholders."),
      Entry(
        .scriptOpen, "A draft was never finished here: a name or a text is marked as to be filled in.",
        next: "Write what belongs there. A rehearsal takes the script as it is."),
      Entry(
        .handOver,
        """
        The script says that a service takes over what is made, and that service could not take it, or would lose a \
        part of it at the next root. Fields count into the key ids, so nothing of it can be mended after the ceremony.
        """,
        next: "Change the script as the finding says, or take the service out of “hand-over”.",
        saidBy: .script.union([.export])),
      Entry(
        .expiryMissing, "The steps build metadata for a role, and the script does not say when it expires.",
        next: "Add “expires” to that role."),
      Entry(
        .expiryRelative,
        "An expiry is counted in days. That is for rehearsals: the expiry of a real root is decided before the day.",
        next: "Write the moment, such as 2027-12-01T00:00:00Z. A rehearsal takes the script as it is."),
      Entry(
        .slotConflict, "Two roles want the same slot of one card.",
        next: "Give them different slots, such as 9c and 9a."),
      Entry(
        .delegationMissing, "Nothing that begins at targets delegates to a role, so no client would ask it.",
        next:
          "In the script, name it under “delegations”, or leave the role out. A file of such a role is not to be used."
      ),
      Entry(
        .delegationShadowed, "A delegation stands where no client comes to: one before it has all that it is for.",
        next: "Put it before that one, or let clients look on there."),
      Entry(
        .delegationBins, "A role delegates to bins and to something else, which metadata cannot say.",
        next: "Delegate to one role, and let that have the bins."),
      Entry(
        .delegationKept,
        "After another root the metadata before delegates to a role of the script, and the script does not say so anew.",
        next: "Write all that is delegated from now on under “delegations”."),
      Entry(
        .discardElsewhere,
        "A key is to be deleted on its card, and it was not made here, or its keyholder may be absent.",
        next: "Leave “discarded” out of the role, or let every keyholder of it provision a card here and be there."),
      Entry(
        .oneTimeLost, "The program ended before one-time keys were wiped. They are lost, and nobody can have them.",
        next: "Go on: new keys are made, and what named the old ones is built again."),
      Entry(
        .targetFile, "A folder of target files has something that cannot be listed, or changes while it is read.",
        next: "Put plain files there, and begin again."),
      Entry(
        .targetOutside, "A role lists a file for which nobody delegates to it, so no client would find it.",
        next: "Add the path to its delegation, or list the file elsewhere."),
      Entry(
        .delegationUnsigned, "A role delegates, and its metadata, which says so, is not built.",
        next: "Let the steps build, show, sign, verify and write it."),
      Entry(
        .serialRepeated, "One device would count as the card of two people, or as two keys.",
        next: """
          Take the card out and find out whose it is. In the script, correct the serials: each person has a card of \
          their own.
          """),
      Entry(
        .keyholderWithoutRole, "Somebody brings a card, and no role has a key on it.",
        next: "Name the keyholder in a role, or leave the keyholder out."),
      Entry(
        .quorumWithoutSpare, "A role needs all of its keys. When one card is lost, nobody can sign for it any more.",
        next: "Add a keyholder or lower the threshold, or decide knowingly to accept it."),
      Entry(
        .readBackOptional,
        """
        The script accepts cards that do not say what their slots hold. That a key is where it should be is then \
        not read back.
        """,
        next: "Write “read-back: required” where all cards can say it."),
      Entry(
        .triesOptional,
        """
        The script accepts cards that cannot set how many wrong PINs they allow. The numbers in the script may \
        then not hold.
        """,
        next: "Write “tries: required” where all cards can set them, or leave the numbers out."),
      Entry(
        .otherVendors,
        """
        The script accepts vendors whose roots are not built into this program. Anybody can make such a root under \
        any name.
        """,
        next: """
          Leave “other-vendors” out. Otherwise have everybody compare the root's SHA-256 with the vendor's own word.
          """),
      Entry(
        .attestationOptional,
        "The script accepts keys that no device attests. Nothing then says that they are on hardware.",
        next: "Leave “attestation: optional” out where every card can attest."),
      Entry(
        .sealBelowRoot,
        """
        Fewer root keys seal the transcript than sign the root. So few cards could have written another \
        transcript.
        """,
        next: """
          Before a ceremony, ask for a seal of the root's threshold. Afterwards, know that this is what the script \
          asked for.
          """),
      Entry(
        .bagState,
        """
        What the steps say of cards and bags contradicts itself: a card is used that is in its bag, a bag is opened or \
        closed twice, or it is left open.
        """,
        next:
          "Put each card's bag steps in their order: opened, used, closed. The paper form asks for the same sentences."),
      Entry(
        .onlineKey, "An online key in the script is no public key that TUF clients verify, or it is weak.",
        next: "Ask the service for its public key again: Ed25519 in hexadecimal, or a PUBLIC KEY in PEM."),
      Entry(
        .onlineKeyStandIn,
        "The script's online key is the stand-in that comes with this program. Nobody has its private half.",
        next: "Put the public key of your service there. A rehearsal takes the script as it is."),
      Entry(
        .vendorMissing,
        "The script asks for attestations and pins no vendor certificate. A real ceremony would refuse every card.",
        next: """
          Put the vendor's certificates beside the script, and name them under cards.vendor-certificates. A \
          rehearsal takes the script as it is.
          """),
    ])
}
