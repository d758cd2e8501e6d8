import Findings

extension Area {
  static let metadata = Area(
    "TUF metadata", saidBy: .metadata,
    [
      Entry(
        .metadataShape,
        """
        A field of the metadata is missing, or holds a value of another kind than the TUF specification says (§4). \
        Clients refuse such a file.
        """,
        next: "Fetch the file again. If it stays so, ask the one who made it to correct it and to sign again."),
      Entry(
        .metadataType, "The file is metadata of another role than the one that was expected here.",
        next: "Look whether two files were exchanged. In a ceremony's folder, compare with another copy."),
      Entry(
        .specVersion,
        "The metadata follows another version of the TUF specification than 1.x. This program cannot judge it.",
        next: "Use a program that knows that version, or ask for metadata that follows 1.x."),
      Entry(
        .metadataVersion, "The version number of the metadata is not a whole number from 1.",
        next: "Ask the one who made the file to correct the version, and to sign again."),
      Entry(
        .expiresForm,
        """
        The expiry is not written exactly as YYYY-MM-DDTHH:MM:SSZ. Clients read other forms differently or refuse \
        them. It is a warning where the moment is clear and a newer root has replaced this one.
        """,
        next: "Write the expiry in that form and sign again. A signed file cannot be mended otherwise."),
      Entry(
        .roleMissing, "The root does not name keys for all of root, targets, snapshot and timestamp.",
        next: "Add the role and sign the root again."),
      Entry(
        .roleUnknown,
        "The root names keys for a role that is none of the four. python-tuf and others refuse such a root.",
        next: "Leave the role out of the next version. Delegated roles belong into targets metadata."),
      Entry(
        .roleThreshold, "A role needs fewer than one signature, so anybody could sign for it.",
        next: "Do not trust what this role signs. Give it a threshold of at least 1, and sign again."),
      Entry(
        .thresholdUnreachable,
        "A role needs more signatures than it has different keys. Nobody can ever sign for it.",
        next: "Lower the threshold or add keys, and sign again."),
      Entry(
        .roleWithoutKey, "A role names no key. Nobody can sign for it.",
        next: "Give the role its keys and sign again, or leave it alone if nobody is to sign for it."),
      Entry(
        .roleKeyMissing, "A role names a key that does not stand in the file. Signatures by it cannot be verified.",
        next: "Add the key, or take its id out of the role, and sign again."),
      Entry(
        .roleKeyRepeated, "A role names the same key id twice. A client might count one signature as two.",
        next: "Name each key once, and sign again."),
      Entry(
        .keyDuplicate,
        "Two key ids stand for the same key. It counts once here; another program might count it twice.",
        next: "Keep one of the two in the next version, and look whether the threshold is still what was wanted."),
      Entry(
        .keyUnknown,
        """
        A key has a type or scheme that cannot be verified here. Its signatures do not count here, and several \
        clients refuse the whole file.
        """,
        next: """
          See whether the threshold holds without this key. Use Ed25519, ECDSA or RSA for keys that all clients must \
          verify.
          """),
      Entry(
        .keyWeak, "Others can make signatures that match this key, or it can be spelled in two ways.",
        next: """
          Take the key out of the next version. The card or program that made it is faulty: trust no other key from \
          there either.
          """),
      Entry(
        .keyOtherKind,
        "A key says one type and scheme, and its value is of another kind. Its signatures cannot be verified.",
        next: "Give the key the type, scheme and form that belong together, and sign again."),
      Entry(
        .keyHexPoint,
        """
        An ECDSA key is written as a point in hexadecimal. python-tuf counts no signature by it. It is a warning \
        in a root that a newer one has replaced.
        """,
        next: "Write the key as PEM in the next version."),
      Entry(
        .keyIDMismatch,
        """
        A key id is no digest of its key, by any rule that is known here. Clients that check key ids refuse the \
        file. It is a warning in a root that a newer one has replaced.
        """,
        next: "Write the digest of the key object as its id, and sign again."),
      Entry(
        .keyIDOtherRule,
        """
        A key id is the digest of a part of the key object, as some older tools compute it. tough and rust-tuf \
        refuse such a file.
        """,
        next: """
          Nothing has to be done at once if your clients take it. Write the digest of the whole object in the next \
          version.
          """),
      Entry(
        .signatureForm,
        "A signature is not hexadecimal. It counts for nothing. It is a warning where the others are enough.",
        next: "Fetch the file again. If it stays so, leave the signature out of the next version."),
      Entry(
        .signatureRepeated, "Two signatures in one file name the same key. Readers disagree on which of them counts.",
        next: "Find out which program wrote the file. Ask for it with one signature for each key."),
      Entry(
        .signatureUnknownKey,
        """
        A signature is by a key that the role does not name. It is ignored. Where signatures are joined it is refused.
        """,
        next: """
          Nothing has to be done where the others are enough: leave it out of the next version. Before it is joined, ask \
          who made it.
          """),
      Entry(
        .signatureInvalid,
        """
        A signature does not match the bytes that it should be over. It is a warning in metadata where the others \
        are enough. A ceremony never leaves one behind.
        """,
        next: """
          Fetch the file again: it may have been changed after it was signed. In a ceremony's folder, compare with \
          another copy.
          """),
      Entry(
        .signatureNotChecked,
        "A signature is by a key that cannot be used here. Whether it is right is not known, and it does not count.",
        next: "See what is said of the key in the same output."),
      Entry(
        .rootVersionStep,
        """
        A root's version is not exactly one more than the version before it. No client can skip or repeat a \
        version.
        """,
        next: """
          Find the missing version, and keep every N.root.json for good. A root to be signed gets the version after \
          the last one.
          """),
      Entry(
        .rootThresholdOld,
        "Too few keys of the root before have signed this root. Clients that trust the old root refuse the new one.",
        next: "Collect the missing signatures of the old keys. If nobody knows who made this root, do not publish it."),
      Entry(
        .rootThresholdNew, "Too few of the root's own keys have signed it. Clients refuse it.",
        next: "Collect the missing signatures of the new keys, over the same bytes."),
      Entry(
        .rootExpired, "The newest root has expired. Clients refuse to update, whatever else is in order.",
        next: """
          Sign and publish the next version of the root now. Its keys are still good: an expired root may be \
          followed by a new one.
          """),
      Entry(
        .rootTooLarge, "The root is larger than the 512,000 bytes that clients download.",
        next: "Take keys or custom fields out of it, and sign again."),
      Entry(
        .rootRotations,
        """
        A client that begins at the oldest trusted root would meet more new roots than python-tuf follows in one \
        refresh.
        """,
        next: "Ship clients with a newer root. Clients that are behind need more than one refresh."),
      Entry(
        .roleThresholdUnmet,
        "Too few of the keys that may sign for this role have signed this file. Clients refuse it.",
        next: "Collect the missing signatures. If nobody knows who made the file, find out who put it there."),
      Entry(
        .rehearsal,
        """
        This was made in a rehearsal. Its keys prove nothing, and TUF clients do not know that: they would accept \
        it.
        """,
        next: "Never publish or trust it. To look at it all the same, add --rehearsal."),
      Entry(
        .nothingToVerify,
        "Nothing was found that could be verified. That is no success: an empty folder proves nothing.",
        next: "Look whether the path is right, and whether what was to be verified was fetched at all."),
      Entry(
        .postQuantumNotNeeded,
        """
        A role has post-quantum keys, and its other keys reach the threshold without them. Whoever breaks those signs, so \
        that the role has no post-quantum security.
        """,
        next:
          "Have fewer other keys than the threshold. Until then such a key is a trial of its kind, and no protection.",
        saidBy: [.advise]),
    ])
}
