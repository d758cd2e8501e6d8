import Findings

extension Area {
  static let attestation = Area(
    "Attestation", saidBy: .folders,
    [
      Entry(
        .attestationAnchor, "A file of vendor certificates is not made of certificates.",
        next: "Fetch the file again from the vendor, and compare its SHA-256 with the script's."),
      Entry(
        .attestationMalformed,
        "A certificate of a card is not one, or not in the form that its vendor writes. It proves nothing.",
        next: """
          Read it from the card again. If it stays so, set the card aside. In a ceremony's folder, compare with \
          another copy.
          """),
      Entry(
        .attestationIssuer,
        "A certificate names another issuer than the certificate above it. The chain does not hold together.",
        next: "Read both from the card again. If they still differ, set the card aside."),
      Entry(
        .attestationSignature, "A certificate was not signed by the one above it. It proves nothing.",
        next: "Read both from the card again. If they still differ, set the card aside."),
      Entry(
        .attestationAuthority,
        "A certificate issued another one and may not, or an attestation calls itself an issuer.",
        next: "Set the card aside and keep its certificates: somebody may have tried to forge an attestation."),
      Entry(
        .attestationRootUnknown,
        """
        The chain of certificates ends in nothing that this program or the script trusts. Nothing says that there \
        is hardware.
        """,
        next: "Look which vendor made the card, and whether the script pins that vendor's certificates."),
      Entry(
        .attestationNotYetValid,
        "A certificate was not valid yet at the time of the ceremony. The machine's clock was probably slow.",
        next: """
          In the room, compare the clock with a second source. Afterwards it cannot be mended: certificates are \
          judged at the recorded time.
          """),
      Entry(
        .attestationExpired, "A certificate was no longer valid at the time of the ceremony.",
        next: "In the room, compare the clock with a second source. If it is right, use another card."),
      Entry(
        .attestationTestCA, "The card is a virtual card of this program. There is no hardware behind it.",
        next: "Use a real card. Virtual cards are for rehearsals."),
      Entry(
        .attestationKeyMismatch,
        "The card attests another key than the one that is to be used. Nothing proves where that one was made.",
        next: "Do not use this key. Make a new one and attest that."),
      Entry(
        .attestationSerialMismatch, "The key was made on another device than the card that is in the reader.",
        next: "Check which card this is, and whose."),
      Entry(
        .attestationSlot, "The attestation is about another slot than the one that was asked for.",
        next: "Ask the card again for the right slot. If it stays so, use another card."),
      Entry(
        .attestationPolicy, "The key was made with a weaker PIN or touch policy than the script asks for.",
        next: "Make the key again with the policy of the script."),
      Entry(
        .attestationFirmware, "The card's firmware is older than its key or the script needs.",
        next: "Use a newer card. Firmware of such cards cannot be updated."),
      Entry(
        .attestationMissing,
        """
        There is no attestation of a key. Nothing proves that it is on hardware. It is a warning where the script \
        accepts that.
        """,
        next: """
          In the room, use a card that can attest. Afterwards, compare the folder with another copy, and trust the \
          key no more than a key in a file.
          """),
      Entry(
        .vendorUnknown,
        "Keys are vouched for by a vendor that the script alone names. Anybody can make such a root under any name.",
        next: """
          Ask the vendor for the SHA-256 that is shown, by another way than the script came. Without that, count \
          these keys as not on hardware.
          """),
    ])
}
