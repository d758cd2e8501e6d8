import Findings

extension Area {
  static let files = Area(
    "Files and folders", saidBy: .watch,
    [
      Entry(
        .unreadablePath, "A path on the command line names nothing, or nothing that you may read.",
        next: "Check the spelling and who may read it. Then give the command again.",
        saidBy: Set.ceremony.union(Set.drafts).union([
          .check, .print, .request, .merge, .cardInfo, .cardConfirm, .cardProbe,
        ])),
      Entry(
        .fileUnreadable, "A metadata file or a folder cannot be read. Nothing is known of what is in it.",
        next: "Look whether it exists and who may read it. Then run the command again."),
      Entry(
        .fileKind, "A folder, pipe, socket or device stands where a file was expected. It was not opened.",
        next: "Look what stands there. Put a regular file in its place, or name another path."),
      Entry(
        .fileTooLarge, "A file is larger than any metadata that TUF clients read. It was not read.",
        next: "Find out what the file is. Move it out of the folder if it is no metadata."),
      Entry(
        .symlinkLoop, "A symbolic link leads back to itself, or to a folder that it is in.",
        next: "Remove the link, or let it lead to the file that was meant."),
      Entry(
        .linkOutside,
        """
        A symbolic link leads out of the folder that was named. It was not followed: what is behind it is not part \
        of this repository.
        """,
        next: "Put the file itself into the folder, or name the folder that the link leads to."),
      Entry(
        .fileName, "A file has a name that is not UTF-8. It was not read.",
        next: "Rename the file."),
      Entry(
        .folderDepth, "Folders are nested deeper than anybody keeps metadata. What is below was not read.",
        next: "Name the folder that holds the metadata."),
      Entry(
        .fileRefused,
        """
        A file that must be read is missing, cannot be read, or is no regular file of a sensible size. In a \
        products folder it may also be a link, or lead out of the folder.
        """,
        next: """
          In a folder that you were given, compare it with another copy. Before a ceremony, put the file beside the \
          script.
          """,
        saidBy: .files),
      Entry(
        .cannotCreate,
        """
        The output exists already, or cannot be written. Nothing that was there is overwritten, and what was \
        recorded so far stands.
        """,
        next: "Choose a new name, in a folder that can be written and has room.",
        saidBy: .outputs),
      Entry(
        .bundleName,
        """
        A file in the folder has a name that a bundle cannot hold: too long, or with other characters than \
        letters, digits and . _ -
        """,
        next: """
          Give the file another name, or take it out of the folder. A file of the ceremony itself never has such a \
          name.
          """,
        saidBy: [.export]),
      Entry(
        .bundleMalformed,
        """
        The archive is not a bundle as this program writes it: it was made by another program, changed, or cut \
        off.
        """,
        next: "Get the bundle again from where it was published. You can also unpack it and name the folder.",
        saidBy: .audit.union([.merge])),
    ])
}
