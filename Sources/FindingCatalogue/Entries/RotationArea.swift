import Findings

extension Area {
  static let rotation = Area(
    "A root that follows another", saidBy: .script,
    [
      Entry(
        .baselineInvalid,
        "The root to go on from, or the targets metadata to sign again, is not what a client would start from.",
        next: "Get the file that clients have now, and pin that one."),
      Entry(
        .baselineUnknownRole, "The root to go on from names a role that TUF does not have. This program would lose it.",
        next: "Take the role out with the program that made that root."),
      Entry(
        .baselineField,
        "The root to go on from has a custom field under a name that cannot be seen, or is longer than 500 characters.",
        next: "Make a root without that field with the program that made this one. Go on from that."),
      Entry(
        .baselineRehearsal, "The root to go on from was made in a rehearsal, and the ceremony is a real one.",
        next: "Name the root that clients have. A rehearsal's root is for rehearsals."),
      Entry(
        .baselineExpired, "The root to go on from has expired. It can still be followed, and is, with a word about it.",
        next: "Go on. Clients refuse to update until the new root is published."),
      Entry(
        .keptKeyUnknown,
        "A keyholder keeps a key that is not there before, or that is of a role which is not theirs; or the digits name several.",
        next: "Write so many digits of the key id that they name one key, and only for roles that the keyholder has."),
      Entry(
        .keptKeyKind,
        "A key cannot be kept: no card here has such keys, its id is no digest of it, or it stands there twice.",
        next: "Let it leave, and make a new key."),
      Entry(
        .keptAndMade, "A card with a kept key would get another key, or what only belongs to new keys.",
        next: "Prove the card and leave it as it is. For a new key take a second card, and a second id for the old one."
      ),
      Entry(
        .keptKeyUnproven, "A key stays, and nothing showed in the ceremony that its card still signs.",
        next: "Do not count this key among those that can sign the next root. Prove it at the next ceremony."),
      Entry(
        .leavingUnknown, "Somebody or a key leaves that the root before does not have.",
        next: "Write the id of a keyholder with “key”, or the first digits of a key id of that root."),
      Entry(
        .leavingUnstated, "A key of the root before is not in this one, and the script does not say why.",
        next: "Name it under “leaving” with a reason, or let its keyholder keep it."),
      Entry(
        .leavingStays, "Somebody or a key leaves by the script, and something that is made here still names the key.",
        next: "Decide: take it from “leaving”, or from the roles, online keys and delegations."),
      Entry(
        .wipeStays, "A step would wipe a card whose key does not leave.",
        next: "Name the keyholder under “leaving”, or drop the step."),
      Entry(
        .cardNotWiped,
        "A card was to be wiped because its key left, and nothing shows that it was: it, or its owner, was not there, say.",
        next: "Keep the card in its bag. Its key stands in no root any more. Wipe it with tuf-ceremony card reset.",
        saidBy: .folders),
      Entry(
        .wipeNotShown, "The records say that a card was wiped, and what they show of it does not.",
        next: "Treat the folder as changed; compare it with another copy. Ask where that card is.", saidBy: .records),
      Entry(
        .keyNotDiscarded,
        """
        A key was to be deleted on its card before anybody signed what names it, and nothing shows that it was: the card \
        did not delete it, or says that it is still there, or the records have it otherwise.
        """,
        next: """
          In the ceremony, do the step again. A card that cannot delete a key keeps it: give the ceremony up, reset that \
          card, and use cards that can, or no “discarded”. In a folder, treat it as changed.
          """, saidBy: .folders),
      Entry(
        .oldQuorum, "Too few keys of the root before are to sign. No client would accept the new root.",
        next: "Let more keyholders of that root sign, also those who leave."),
      Entry(
        .quorumUnproven, "Fewer keys of the new root are made or proven than it needs to sign the next one.",
        next: "Prove more kept cards, or lower the threshold."),
      Entry(
        .fieldUnstated, "A custom field of the root before is neither repeated in the script nor taken away.",
        next: "Write the field under “fields” where it belongs, or “null” as its value."),
      Entry(
        .targetsBaseline, "Targets metadata would be built without knowing which one clients have.",
        next: "Name its file under “previous.metadata”."),
      Entry(
        .targetsOrphaned, "So many keys of a role leave that clients would refuse the metadata that they have of it.",
        next: """
          Sign it again in the same ceremony. Of targets, “previous.orphaned” may say why not. Then it is a warning, and \
          targets metadata by the new keys has to be published together with the root.
          """),
      Entry(
        .targetsNotOrphaned,
        "The script says why targets is not signed again, and it is, or no client would refuse what it has.",
        next: "Leave “previous.orphaned” out."),
      Entry(
        .firmwareCopyable,
        "A kept ECDSA key is on a card with firmware from which such keys can be copied (YSA-2024-03).",
        next: "Let the key leave, with the reason “firmware”."),
      Entry(
        .twinUnreachable,
        "A real root is rehearsed with stand-in keys, and no card makes one for a key that is needed there.",
        next: "Rehearse with a root whose keys are Ed25519, P-256 or P-384, under ids that are digests of them.",
        saidBy: .folders),
      Entry(
        .twinDiffers,
        "The root on which a rehearsal played is not the real one with the stand-in keys that were made there.",
        next: "Treat the folder as changed; compare it with another copy.", saidBy: .records),
      Entry(
        .keptCardsMissing,
        "The root to go on from was made in a rehearsal, and the virtual cards that hold its keys are not at hand.",
        next: "Name the folder of that rehearsal with --after.", saidBy: [.rehearse]),
    ])
}
