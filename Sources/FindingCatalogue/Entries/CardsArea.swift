import Findings

extension Area {
  static let cards = Area(
    "Cards and readers", saidBy: .cards,
    [
      Entry(
        .cardNotPIV, "The card in the reader has no PIV application.",
        next: "Use a PIV card. If it is one, clean its contacts and insert it again."),
      Entry(
        .cardRemoved, "The card left its reader before its work was done.",
        next: "Insert the same card again, and leave it in until the screen says otherwise."),
      Entry(
        .cardNotHeld, "The program that held the card has ended, and the card forgot its PIN.",
        next: "Leave the card in, or insert the same card again. Then repeat the step."),
      Entry(
        .cardShared, "Another program uses the card, so this one cannot.",
        next: """
          End that program. The usual one is scdaemon of GnuPG: gpgconf --kill scdaemon. If there is none, take the \
          card out and insert it again.
          """),
      Entry(
        .cardReset,
        "Another program has reset the connection to the card, and the card forgot its PIN. No key is lost by that.",
        next: "End other programs that use cards, and repeat the step."),
      Entry(
        .cardTimeout,
        """
        The card did not answer in time, or the program was stopped while it waited. What the card did last is not \
        known.
        """,
        next: "Take the card out and insert it again. If that does not help, unplug the reader and plug it in again."),
      Entry(
        .cardCommunication,
        """
        The exchange with the card broke off: a loose contact, or it was pulled for a moment. What the card did \
        last is not known.
        """,
        next: "Clean its contacts, insert it again and repeat the step. If it happens again, use another reader."),
      Entry(
        .cardMute, "A card is in the reader and does not answer. It may be upside down, dirty or broken.",
        next: "Take it out, look which way up it goes, clean its contacts, and insert it again."),
      Entry(
        .cardFull, "The card has no room for what was to be written on it.",
        next: "Use another card, or delete what is not needed from this one with its own tool."),
      Entry(
        .cardRefused, "The card refused a command, for none of the usual reasons.",
        next: "Take the card out, insert it again and repeat the step. If it refuses again, use another card."),
      Entry(
        .cardUnsupported,
        """
        The card does not know a command that is needed. In a ceremony it was asked first, and nothing on it was \
        changed.
        """,
        next: """
          Use a card that knows it. tuf-ceremony card probe says before the day whether a card can do what a script \
          needs.
          """),
      Entry(
        .cardAnswerMalformed, "The card answered, and the answer makes no sense.",
        next: "Do not trust this card. Use another one."),
      Entry(
        .cardModel, "The card is not of the model that the script says.",
        next: "Use such a card. Before the day, the script can say “model: other” with the card's payload-limit."),
      Entry(
        .cardUnguarded,
        """
        The card did something that it should do only after a PIN or a management key, although it was only asked \
        whether it can.
        """,
        next: "Do not use this card. It does not guard its keys."),
      Entry(
        .cardMissing, "No card is in a reader, or not the one that is asked for.",
        next: "Insert the card that is asked for. The finding says what is in the readers."),
      Entry(
        .cardAmbiguous, "Several cards are in readers, and nothing says which one is meant.",
        next: "Leave only the right card in. Outside a ceremony you can name it with --serial."),
      Entry(
        .cardIdentityTwice,
        "Two cards say that they are the same card. Cards are told apart by this, so neither is used.",
        next: "Take one of them out. Then find out why there are two."),
      Entry(
        .readerGone, "The reader was unplugged, or there is no reader of this name.",
        next: "Plug it in and insert the same card. tuf-ceremony card list shows which readers there are."),
      Entry(
        .readerFailed, "pcscd gave an answer that this program does not know, or could not be waited for.",
        next: "Unplug the reader and plug it in again. If it stays so, restart pcscd."),
      Entry(
        .pcscdGone, "pcscd is not running, so no reader can be reached.",
        next: "Start it: systemctl start pcscd. Where it is not installed: apt-get install pcscd."),
      Entry(
        .pcscdRefused, "pcscd is running and does not let this user use cards.",
        next: "Run as root, or allow it in polkit: org.debian.pcsc-lite.access_pcsc and access_card."),
      Entry(
        .pinWrong, "The PIN is wrong. Each wrong one costs a try, and the finding says how many are left.",
        next: "Look for the right PIN of this card, and type it slowly. With one try left, stop and be sure first."),
      Entry(
        .pinBlocked, "No try for the PIN is left. The keys are still there.",
        next: "Unblock the PIN with the PUK, or take another card."),
      Entry(
        .pinNotVerified, "The card wants its PIN before it does this.",
        next: "Type the PIN again and repeat the step."),
      Entry(
        .pukWrong, "The PUK is wrong. Each wrong one costs a try, and the finding says how many are left.",
        next: """
          Look for the right PUK. With one try left, stop: after another wrong one only a reset helps, which \
          destroys the keys.
          """),
      Entry(
        .pukBlocked,
        "No try for the PUK is left. If the PIN is blocked too, the card's keys can never be used again.",
        next: """
          Use the PIN if it still works. Otherwise take another card: only a reset helps this one, and it destroys \
          the keys.
          """),
      Entry(
        .lastTryKept, "One try for a PIN or PUK is left, and nobody used it. Nothing is lost.",
        next: "Look for the right PIN or PUK, or take another of the ways that the screen offers.",
        saidBy: .ceremony),
      Entry(
        .newValueRefused, "The card does not take the new PIN or PUK: too short, too simple, or of the wrong kind.",
        next: "Choose another one: 6 to 8 digits that are neither equal nor in a row."),
      Entry(
        .touchMissing, "Nobody touched the card in time. This is not a wrong PIN.",
        next: "Type the PIN again, and touch the card when it blinks."),
      Entry(
        .managementKeyWrong, "The card does not accept the management key. Somebody has changed it before.",
        next: "If the card may be erased, reset it. Otherwise use another card."),
      Entry(
        .managementProofWrong,
        "The card could not prove that it holds the management key. It may not be the card that it says it is.",
        next: "Take the card out of the ceremony, and keep it for whoever looks into it."),
      Entry(
        .managementAlgorithm, "The card's management key is of another algorithm than was tried.",
        next: "Look at it with tuf-ceremony card info. A reset brings the factory's back, and destroys all keys."),
      Entry(
        .managementNeeded, "The card wants its management key before it does this.",
        next: "Repeat the step from its beginning."),
      Entry(
        .slotEmpty, "The slot holds no key that can do this.",
        next: "Check that this is the right card and the right slot."),
      Entry(
        .slotAlgorithm, "The key in the slot is of another algorithm than is asked for.",
        next: "Check that this is the right card and the right slot."),
      Entry(
        .algorithmUnsupported, "The card cannot make a key of this algorithm in this slot.",
        next: "Use a card that can. Before the day, the script can choose ecdsa-p256, which most cards know."),
      Entry(
        .policyUnsupported, "The card cannot make a key with this PIN and touch policy. Many cards know no touch.",
        next: "Use a card that can. Before the day, the script can ask for other policies."),
      Entry(
        .resetRefused, "The card cannot be reset, or refused it.",
        next: "Take the card out, insert it again and repeat. If it refuses again, use another card."),
      Entry(
        .attestationKeyKept,
        """
        Slot f9 holds the key by which the card attests others. It is never deleted, because nobody could bring it \
        back.
        """,
        next: "Name another slot."),
      Entry(
        .objectNotProtected,
        "The card does not keep a management key behind its PIN. A key kept there would be anybody's.",
        next: "Use another card. Before the day, the script can say “management-key: forget”."),
      Entry(
        .secretUnavailable,
        "A PIN, PUK or key that this step needs is not there, or has an impossible length. The card was not asked.",
        next: "Enter it again."),
      Entry(
        .factorySecret, "The PIN, PUK or management key of the factory still opens the card. Everybody knows these.",
        next: "Provision the card again from its beginning, or use another card.",
        saidBy: .ceremony),
      Entry(
        .cardHoldsKey,
        """
        The card holds keys, or says nothing about it, and a reset would destroy them. Nobody has said that they \
        may go.
        """,
        next: "Use an empty card. In a rehearsal --sacrifice SERIAL gives this card up.",
        saidBy: .ceremony),
      Entry(
        .cardHoldsRootKey,
        "The card holds a key of the root before this ceremony. Nothing in this program resets such a card.",
        next: "Keep that card safe: the next root may need its signature. Use another card for this ceremony.",
        saidBy: .ceremony),
      Entry(
        .cardHoldsUnknown,
        """
        The card does not say which keys it holds. The people in the room said that none is of the root before. It \
        is an exception in the record.
        """,
        next: "Nothing more can be done then. An auditor reads who said so.",
        saidBy: .ceremony),
      Entry(
        .wrongCard,
        "The card in the reader is not the one that this step needs. It was noticed before any PIN was asked for.",
        next: "Take it out, and insert the card of the person on the screen.",
        saidBy: .ceremony),
      Entry(
        .cardNotInRoot, "The card holds none of the root's keys.",
        next: """
          Check that this is the right card and the right folder. If both are right, tell the administrator at once.
          """,
        saidBy: [.cardConfirm]),
      Entry(
        .cardCannotSay,
        """
        The card neither says which keys it holds nor shows a certificate for one of the root's. It may hold one \
        all the same.
        """,
        next: "Ask the administrator. Only a signature with this card would tell.",
        saidBy: [.cardConfirm]),
      Entry(
        .rootMissing, "The folder holds no root with which a card could be compared.",
        next: "Name a products folder of a ceremony that was finished.",
        saidBy: [.cardConfirm]),
      Entry(
        .slotOccupied,
        """
        A slot that a throw-away key would go into holds a key, or the card does not say. Keys are tried on empty \
        cards only.
        """,
        next: "Take an empty card. If this one may lose everything: tuf-ceremony card reset.",
        saidBy: [.cardProbe]),
      Entry(
        .virtualReaderMissing, "No virtual reader listens where card serve was told to find one.",
        next: "Install vsmartcard-vpcd and start pcscd: systemctl start pcscd.",
        saidBy: [.cardServe]),
      Entry(
        .virtualCardUnreadable, "A file that should hold a virtual card does not. It was not touched.",
        next: "Name a file SERIAL.json from the virtual-cards folder of a rehearsal.",
        saidBy: .ceremony.union([.cardInfo, .cardServe])),
    ])
}
