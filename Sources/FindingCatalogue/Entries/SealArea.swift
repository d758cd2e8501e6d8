import Findings

extension Area {
  static let seal = Area(
    "The transcript seal", saidBy: .records,
    [
      Entry(
        .sealMissing, "No root key sealed the transcript. Somebody without any card could have written it.",
        next: "Ask for a folder with its seal. Without one, trust what you saw yourself."),
      Entry(
        .sealBelowThreshold,
        """
        Fewer root keys sealed the transcript than the script asks for. So few cards could have written another \
        one.
        """,
        next: """
          Ask the keyholders why they did not seal. Signatures may also have been taken away: compare with another \
          copy.
          """),
      Entry(
        .sealMismatch, "The seal is over another transcript or other files, or one of its signatures does not hold.",
        next: "Treat the folder as changed, and compare it with another copy."),
      Entry(
        .sealAwaited,
        """
        A ceremony finished a root that waited, and no card in the room sealed it. Until somebody does, anybody could have \
        written the folder.
        """,
        next: """
          Ask a keyholder: 'tuf-ceremony request FOLDER --seal --for ID --out FILE'. Add the answer: 'tuf-ceremony seal \
          FOLDER ANSWER'.
          """),
      Entry(
        .sealNotAwaited, "A folder is sealed already, or it is one whose seal comes from no other place.",
        next: "Look at it: tuf-audit replay FOLDER.", saidBy: .seals),
      Entry(
        .sealWithoutOfficial,
        """
        The administrator or witness has a card and did not sign the seal with it. Or that signature was taken \
        away.
        """,
        next: "Ask them. Compare the folder with another copy."),
      Entry(
        .sealingGivenUp,
        "What should follow the close was given up: signatures of the seal, bags or farewells may be missing.",
        next: "Read the last records, and ask those who were there."),
    ])
}
