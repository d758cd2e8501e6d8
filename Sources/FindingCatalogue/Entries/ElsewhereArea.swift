import Findings

extension Area {
  static let elsewhere = Area(
    "What is asked of people elsewhere, and what they answer", saidBy: .folders,
    [
      Entry(
        .requestMalformed,
        "A file is no request: it has other fields, is in another form, is too large or was cut short.",
        next: "Sign nothing. Ask for the file again, and compare its sha256sum over the phone.", saidBy: .requests),
      Entry(
        .requestEngine, "A request comes from another release of this program, whose small ceremonies go another way.",
        next: "Answer it with the release that it names."),
      Entry(
        .requestDeadline, "The time in which a request could be answered is over, or what it asks to sign has expired.",
        next: "Sign nothing. Ask whether another root is to be signed.", saidBy: .requests),
      Entry(
        .requestRoot,
        "The root that came with a request is not one from which a client would start, or not the one that was named.",
        next: "Sign nothing. Get the root that clients have, and compare both files.", saidBy: .requests),
      Entry(
        .requestPayload, "What a request asks to sign is no root, or does not follow the root that came with it.",
        next: "Sign nothing. Ask for the request again.", saidBy: .requests),
      Entry(
        .requestKey, "A request asks somebody else, or for a signature by another key than the one that is there.",
        next: "Sign nothing. Ask for a request that names your key.", saidBy: .requests),
      Entry(
        .requestNetwork,
        "A request is for a machine without a network, and this one has an interface that is up, or cannot say.",
        next: "Take the cable out and switch radio off, or sign on another machine.", saidBy: .ceremony),
      Entry(
        .answerMalformed,
        """
        A file is no answer to a request: it lacks the request or the one file under pending/ that the request asks to \
        sign, or has no signature.
        """,
        next: "Name the file that 'sign' wrote. Of another ceremony, name its metadata file by itself.",
        saidBy: .answers),
      Entry(
        .answerUnsound,
        """
        A signature is valid. The ceremony that came with it does not verify from its files, so nobody knows how the \
        signature was made.
        """,
        next: "Run 'tuf-audit replay' with the answer to see what is wrong with it. Ask the signer for it again.",
        saidBy: .answers),
      Entry(
        .answerRequest, "An answer is to a request that this ceremony did not write.",
        next: "Send the request of this ceremony, and ask for an answer to it."),
      Entry(
        .answerPayload, "An answer or a file from elsewhere signs something else than what is signed here.",
        next: "Find out what was signed. A signature cannot be called back."),
      Entry(
        .answerKey, "A signature from elsewhere is by a key of neither root, so it counts for nothing.",
        next: "Ask the one whose key stands in one of the roots."),
      Entry(
        .answerRefused, "What came with a signature does not hold, so the signature was not counted.",
        next: "Look up the codes that it names. Ask for the answer again."),
      Entry(
        .answersFolder, "The folder for answers was not named, holds too many files, or it or a file in it cannot be read.",
        next: "Name a folder with --answers that holds nothing but answers.", saidBy: .ceremony),
      Entry(
        .signatureUnwitnessed,
        "A signature came alone, without a record of how it was made. It counts, and is called unwitnessed.",
        next: "Ask whoever signed for the answer as one file, if there is one."),
      Entry(
        .identityUnconfirmed,
        "Nobody saw or heard somebody elsewhere read the digest, or the id of their key, from their own screen.",
        next: "Call them, and have them read it. A key proves a card and not a person."),
      Entry(
        .pendingDiffers, "A script that finishes a pending ceremony does not fit the root that waits there.",
        next: "Draft the script anew with 'draft collect', after the folder that ended pending.",
        saidBy: .folders.union([.draftCollect])),
      Entry(
        .payloadWithdrawn,
        "A payload for this version, which somebody signed, will not be finished. Its signatures cannot be called back.",
        next: "Keep the folder in which it was signed. Tell whoever runs clients if it ever reaches its threshold.",
        saidBy: .folders.union([.merge])),
      Entry(
        .payloadOpen,
        """
        The ceremony before this one left a root for the same version that somebody may have signed, and the script says \
        nothing of it.
        """,
        next: "Name its SHA-256 under “withdrawn”, or finish it with the script that 'draft collect' writes.",
        saidBy: .folders.union([.check])),
      Entry(
        .siteUnsound, "The folder of another site does not hold by itself.",
        next: "Replay that folder alone to see what is wrong with it, and compare it with another copy.",
        saidBy: [.replay]),
      Entry(
        .siteUnknown, "Nothing in the lead's folder came from the folder of another site that was named.",
        next: "Name the folders of the small ceremonies whose answers were taken in.", saidBy: [.replay]),
      Entry(
        .siteUnheard,
        "A small ceremony was held elsewhere, and its head was not read aloud where its answer was taken in.",
        next: "Ask whoever held it for its head, and compare it with that of the folder.", saidBy: [.replay]),
    ])
}
