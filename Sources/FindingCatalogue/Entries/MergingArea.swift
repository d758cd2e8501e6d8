import Findings

extension Area {
  static let merging = Area(
    "Copies of one file that are joined", saidBy: [.merge],
    [
      Entry(
        .mergeConflict,
        """
        Two different signatures are by one key, and neither can be checked. One file holds only one of them, and \
        nothing is guessed.
        """,
        next: "Give --trusted with the root that names the key, or leave one of the files out."),
      Entry(
        .mergeContent,
        """
        Two files of one role and version sign different content. Signatures over one say nothing of the other, and \
        clients may take only one of the two.
        """,
        next: """
          Run 'tuf-audit diff' with both files. Find out which was meant, and who signed the other: those signatures \
          cannot be called back.
          """),
      Entry(
        .mergeFields,
        "Two files hold different values in one field beside the signed part. Nobody signed it, and nothing is dropped.",
        next: "Find out which tool wrote the field, and give the files without it."),
      Entry(
        .mergeRehearsal, "Something that a rehearsal made stands beside something real.",
        next: "Keep the two apart. Nothing that a rehearsal makes is to be trusted."),
      Entry(
        .mergeRole, "Files are for different roles, or a role was named that this metadata or this root does not fit.",
        next: "Join each role by itself. For a delegated role give --role, and no --trusted."),
      Entry(
        .mergeTooMany, "More different files were named than are joined at once.",
        next: "Join some of them first, and then the results."),
      Entry(
        .mergeUnsigned, "A file has no signature, or only empty ones. There is nothing to join.",
        next: "Name the files that came back from those who signed."),
      Entry(
        .mergeVersion, "Files are different versions of one role's metadata.",
        next: "Join each version by itself."),
    ])
}
