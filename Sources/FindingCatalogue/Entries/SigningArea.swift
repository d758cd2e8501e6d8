import Findings

extension Area {
  static let signing = Area(
    "Metadata that is to be signed", saidBy: .script,
    [
      Entry(
        .keyUnused, "A key stands in the root, and no role uses it.",
        next: "Name the key in a role, or leave it out of the script."),
      Entry(
        .expiryWindow, "What would be signed has expired already, or expires later than two years from the clock.",
        next: """
          Correct the expiry in the script. If the script is right, correct the machine's clock before the ceremony.
          """),
      Entry(
        .textNotASCII,
        """
        A text that would be signed holds characters beyond printable ASCII. Clients write such text in different \
        ways, and then a signature does not match.
        """,
        next: "Use plain ASCII there."),
      Entry(
        .nameCharacters,
        """
        A name that would be signed holds characters that clients sort in different ways. Then a signature does \
        not match.
        """,
        next: "Use letters, digits, dots, hyphens and underscores."),
      Entry(
        .payloadTooLarge,
        """
        What is to be signed has more bytes than the card, or a command to it, can take. Ed25519 cards sign the \
        whole message and not a digest of it.
        """,
        next: """
          Use fewer keys, let roles share keys, or use ecdsa-p256. Find out before the day: tuf-ceremony check says \
          how many bytes each card signs.
          """,
        saidBy: .signing),
      Entry(
        .rehearsalMark, "The mark of a rehearsal stands where it must not, or is missing where it must be.",
        next: "Do not trust or sign it. In a ceremony's folder, compare with another copy."),
      Entry(
        .targetsVersionStep, "Targets metadata that would be signed does not have the version after the one before.",
        next: "Give it the version after the last one, or 1 where there is none."),
      Entry(
        .targetsNotEmpty,
        "Targets metadata that would be signed lists target files. A ceremony signs delegations only.",
        next: "Take the files out. Delegated roles sign for them."),
      Entry(
        .metadataRoundTrip,
        "Metadata, written and read back, is not the same; or a file is not written as this program writes it.",
        next: """
          Before signing, look for a custom field with the name of one of TUF's own. In a ceremony's folder, compare \
          with another copy.
          """),
    ])
}
