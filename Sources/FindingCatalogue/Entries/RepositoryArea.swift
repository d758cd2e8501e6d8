import Findings

extension Area {
  static let repository = Area(
    "Repositories and expiry", saidBy: [.verify, .expiry],
    [
      Entry(
        .returnedDiffers,
        """
        A service publishes something else than what a ceremony signed under the same role and version: another signed \
        part, or without one of its signatures.
        """,
        next: "Keep the file, ask the service what it did, and compare key ids and fields, which the finding names.",
        saidBy: [.returned]),
      Entry(
        .returnedMissing, "A file that a ceremony signed is not among those that a service publishes.",
        next: "Name the folder that the service publishes. If it is not there, ask the service.",
        saidBy: [.returned]),
      Entry(
        .expiresSoon, "A role expires within the days of --warn. Everything works today.",
        next: "Plan the next signing now. Keyholders need time."),
      Entry(
        .expiresCritical, "A role expires within the days of --critical.",
        next: "Sign and publish a new version at once."),
      Entry(
        .metadataExpired, "Metadata of a role other than root has expired. Clients refuse it.",
        next: "Sign and publish a new version now. If there is one, look why it is not here."),
      Entry(
        .fileVersion, "The version in a file's name is not the version inside.",
        next: "Find out whether a file was renamed or two were exchanged. Publish each under its own version."),
      Entry(
        .metaVersion,
        "The timestamp or snapshot names another version of this file than is here. Clients refuse the file.",
        next: "Publish the version that is named, or a new snapshot and timestamp that name this one."),
      Entry(
        .metaLength, "The timestamp or snapshot names another length for this file. Clients refuse the file.",
        next: "Fetch the file again. If it stays so, publish a new snapshot and timestamp."),
      Entry(
        .metaHash, "The timestamp or snapshot names another digest for this file. Clients refuse the file.",
        next: "Fetch the file again. If it stays so, find out who changed it before you publish anything."),
      Entry(
        .metaHashUnknown,
        "The timestamp or snapshot names a digest by an algorithm that is not known here. It was not compared.",
        next: "Name sha256 or sha512 digests: clients that do not know an algorithm refuse the file."),
      Entry(
        .metaAbsent, "The snapshot does not name this file. Clients refuse it.",
        next: "Publish a new snapshot that names it, or remove the file."),
      Entry(
        .metaNewer, "The file is newer than the version that clients are sent to. No client reads it yet.",
        next: "Publish a new snapshot and timestamp when it is meant to be read."),
      Entry(
        .fileMissing,
        "Clients are sent to a file that is not there. It is said where --complete takes the paths for all that is served.",
        next: "Publish the file. If the repository has it, find out why it is not served."),
      Entry(
        .noTimestamp, "There is a snapshot, and no timestamp that leads to it. No client gets to it.",
        next: "Add timestamp.json. To judge a part of a repository, leave the snapshot out."),
      Entry(
        .noSnapshot, "There is a timestamp, and not the snapshot that it names. Clients stop there.",
        next: "Add the snapshot. To judge a part of a repository, leave the timestamp out."),
      Entry(
        .rootName, "Root metadata lies here under a name by which no client fetches it. It was not judged.",
        next: "Call it N.root.json if it belongs here. To judge it, name it alone."),
      Entry(
        .otherRepository,
        "A root shares no root key with the others in this folder. It seems to be of another repository.",
        next: """
          If two repositories share the folder, judge their files apart. Else find out where this root comes from.
          """),
      Entry(
        .roleNotJudged, "--warn or --critical names a role that was not judged, so nothing watches it.",
        next: "Look at the spelling of the role, and whether its metadata is at hand."),
      Entry(
        .versionConflict, "Two different files claim to be the same version of one role.",
        next: """
          Find out which of the two clients are served, and remove the other. If both are validly signed, ask the \
          keyholders.
          """, saidBy: [.verify, .expiry, .advise]),
      Entry(
        .noRoot, "No valid root says whose signatures count. Nothing was verified.",
        next: "Add the repository's N.root.json files, or name the right folder."),
      Entry(
        .noDelegator,
        """
        The metadata that delegates to this file is missing, is not valid, or delegates to nothing. Its signatures \
        cannot be verified.
        """,
        next: "Add or name the delegator's file."),
      Entry(
        .notDelegated, "Nothing valid delegates to this file's role. No client reads it.",
        next: "Add its delegator, give the file the name of its role, or remove it."),
      Entry(
        .clockDoubtful,
        """
        The time at which everything would be judged cannot be right: before 2020, or decades after the newest \
        expiry.
        """,
        next: "Set the machine's clock, or give the right --at TIME.", saidBy: [.verify, .expiry, .advise]),
    ])
}
