import Findings

extension Area {
  static let program = Area(
    "The program itself", saidBy: .everyCeremonyCommand,
    [
      Entry(
        .internalError, "The program is at fault. Neither you nor the script nor the folder is.",
        next: "Report it to the project, with the transcript if there is one. A ceremony that stopped can be resumed.",
        saidBy: .everyCeremonyCommand.union([.report])),
      Entry(
        .coreDumps,
        "Core dumps cannot be switched off on this machine, so a secret could end up in a file. Nothing was done.",
        next: "Use another machine."),
      Entry(
        .secretMemory,
        """
        The system gives no more memory that is kept off the disk, so a PIN or key could be written there. None \
        was taken.
        """,
        next: "Raise the limit with ulimit -l unlimited, and start again.",
        saidBy: .cards),
      Entry(
        .secretsTerminal, "What should be the second terminal is none, or is the one that everybody sees.",
        next: "Name the second terminal as the command tty prints it there, such as /dev/tty2. Keep it off the stream.",
        saidBy: .ceremony),
      Entry(
        .recordingFailed,
        "A record could not be put on the disk, so nothing more may happen. Every record before it stands.",
        next: "Make room, or copy the whole folder to a better disk. Then resume.",
        saidBy: .ceremony),
      Entry(
        .resumeRefused,
        "The folder holds nothing that this program can go on with. The finding says why. Nothing was done.",
        next: """
          Check that it is the right folder and its latest copy. If the ceremony cannot go on, hold a new one with \
          another folder.
          """,
        saidBy: [.resume]),
    ])
}
