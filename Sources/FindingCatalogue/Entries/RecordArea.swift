import Findings

extension Area {
  static let record = Area(
    "The record and its folder", saidBy: .records,
    [
      Entry(
        .chainBroken,
        "A line of the record does not link to the line before it. A line was changed, removed or added.",
        next: "Compare the folder with another copy. Do not trust this one."),
      Entry(
        .recordMalformed, "A line is not a record as this program writes it, or says what cannot be.",
        next: "Treat the folder as changed, and compare it with another copy."),
      Entry(
        .recordUnknown, "A record is of a kind that this release does not know.",
        next: "Use the release that the first record names. If it is this one, treat the folder as changed."),
      Entry(
        .transcriptTorn,
        """
        The last line of the record was cut short while it was written, as by a power cut. Every line before it \
        stands.
        """,
        next: "Where the ceremony was held, go on with tuf-ceremony resume. As an auditor, get the whole folder."),
      Entry(
        .transcriptEmpty, "There is no record, so there is nothing to verify.",
        next: "Get the whole products folder again from whoever published it."),
      Entry(
        .beginMalformed, "The first record is not one that this release knows.",
        next: "Use the release that made the transcript. If it is this one, treat the folder as changed."),
      Entry(
        .engineVersion,
        """
        Another engine version made the transcript. An earlier one is a warning: everything but the re-execution \
        is verified, and the command ends with 3. One that nobody knows is an error.
        """,
        next: """
          Re-execute it with the release that is named. If what the files prove is enough for you, add --from-files.
          """),
      Entry(
        .scriptChanged, "The script in the folder, or the one that was named, is not the script that ran.",
        next: "Compare the folder with another copy. The script that ran is script.yaml in the folder."),
      Entry(
        .scriptOtherRelease, "The script in the folder has a form that this release does not know.",
        next: "Use the release that made the transcript. If that is an earlier one, somebody changed the script."),
      Entry(
        .divergence, "What the engine did again differs from what was recorded.",
        next: "The transcript was changed, or another program wrote it. Compare the folder with another copy."),
      Entry(
        .unexpectedEvent, "An answer does not belong to what was asked. The transcript or the program is damaged.",
        next: "Compare the folder with another copy. If it stays so, report it to the project.",
        saidBy: .folders),
      Entry(
        .incomplete, "The record ends before the ceremony does.",
        next: """
          If it was interrupted, it can be resumed where it was held. A published folder should be whole: get \
          another copy.
          """),
      Entry(
        .recordSurplus, "Records follow where the ceremony had ended, or stand where none may.",
        next: "They were added later. Compare the folder with another copy."),
      Entry(
        .fileUnknown, "A file stands in the folder that the record does not account for.",
        next: "Move it out of the folder and keep it. Photographs and scans belong into annex/."),
      Entry(
        .productChanged, "A file does not have the content that its record or SHA256SUMS names.",
        next: "One of the two was changed later. Compare the folder with another copy.",
        saidBy: .folders),
      Entry(
        .reportOtherRelease, "Another release wrote report.html. It was not made again, only its sum was compared.",
        next: "Replay with that release, or read the page that tuf-audit report writes."),
      Entry(
        .metadataDiffers, "A metadata file is not what the script and the cards of the ceremony make of it.",
        next: "Do not publish it. Compare the folder with another copy."),
      Entry(
        .payloadSurplus,
        """
        The cards signed another payload than the one that was written, or one that was given up had enough \
        signatures. Somebody may hold a second valid file.
        """,
        next: "Ask the keyholders what they signed. Do not publish until it is explained."),
      Entry(
        .evidenceMissing, "The record does not show where a key, a payload or a signature comes from.",
        next: """
          Treat the folder as changed, and compare it with another copy. A key may have been made before: find out \
          where.
          """),
      Entry(
        .cardFiles,
        """
        The files in cards/ do not agree with each other, the script or the root. It is a warning where an \
        official's card was left out.
        """,
        next: """
          Compare the folder with another copy. For a card that was left out, read the exceptions of the ceremony.
          """),
      Entry(
        .personDiffers,
        "A record says of somebody what the script and the cards say of another, or of nobody; or initials are missing.",
        next: "Treat the folder as changed, and compare it with another copy."),
      Entry(
        .headDiffers, "The head that you named is not the head of this transcript.",
        next: "Compare the words with the stream and the paper. If they are right, ask for the right folder."),
    ])
}
