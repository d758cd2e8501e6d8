import Findings
import PIVTypes
import SmartCard

extension PIVError {
  /// The same for a person: what happened, what it means, what to do next.
  package var finding: Finding {
    let (code, what, hint) = words
    return Finding(code, what, hint: hint)
  }

  private var words: (Finding.Code, String, hint: String) {
    switch self {
    case .noAnswer(let failure): failure.words
    case .notPIV(let status):
      (.cardNotPIV, "This card has no PIV application (it answered \(status)).", "Use a PIV card.")
    case .wrongPIN(let left):
      (
        .pinWrong, "The PIN is wrong. \(tries(left)).",
        left == 1
          ? "Stop and look for the right PIN: another wrong one blocks it."
          : "Find the right PIN first. Type it only where the screen asks for a PIN."
      )
    case .pinBlocked:
      (
        .pinBlocked, "The PIN is blocked: no try is left.",
        "Unblock it with the PUK ('card unblock' outside a ceremony), or take another card."
      )
    case .wrongPUK(let left):
      (
        .pukWrong, "The PUK is wrong. \(tries(left)).",
        left == 1
          ? "Stop and look for the right PUK: after another wrong one only a reset helps."
          : "Find the right PUK first. Type it only where the screen asks for a PUK."
      )
    case .pukBlocked:
      (
        .pukBlocked, "The PUK is blocked: no try is left.",
        "Only a reset helps now, and it destroys the keys. Take another card."
      )
    case .pinNotVerified:
      (.pinNotVerified, "The card wants its PIN first.", "Type the PIN again and repeat the step.")
    case .newValueRefused(let status):
      (
        .newValueRefused,
        "The card refuses the new value (it answered \(status)): too short, too simple, or not of the right kind.",
        "Choose another one: 6 to 8 digits that are neither equal nor in a row."
      )
    case .notTouched:
      (
        .touchMissing, "Nobody touched the card in time. This is not a wrong PIN.",
        "Type the PIN again, and touch the card when it blinks."
      )
    case .managementKeyWrong:
      (
        .managementKeyWrong, "The card does not accept the management key.",
        "If the card may be erased, reset it; otherwise use another card."
      )
    case .managementProofWrong:
      (
        .managementProofWrong,
        "The card could not prove that it holds the management key. It may not be the card it says it is.",
        "Take this card out of the ceremony."
      )
    case .managementAlgorithmWrong(let algorithm):
      (
        .managementAlgorithm, "The card's management key is not \(algorithm).",
        "Look at its management algorithm with 'card info' and use that one."
      )
    case .managementNotAuthenticated:
      (
        .managementNeeded, "The card wants management authentication first.",
        "Repeat the step from its beginning."
      )
    case .noKey(let slot):
      (
        .slotEmpty, "Slot \(slot) holds no key that can do this.",
        "Check that this is the right card and slot."
      )
    case .otherAlgorithm(let slot, let algorithm):
      (
        .slotAlgorithm, "The key in slot \(slot) is not \(algorithm).",
        "Check that this is the right card and slot."
      )
    case .algorithmNotSupported(let algorithm, let slot):
      (
        .algorithmUnsupported, "This card cannot make a key of \(algorithm) in slot \(slot).",
        "Use a card that can, or choose ecdsa-p256 in the script."
      )
    case .policyNotSupported(let pin, let touch, let slot):
      (
        .policyUnsupported,
        "This card cannot make a key in slot \(slot) with the PIN policy \(pin) and the touch policy \(touch).",
        "Use a card that can, or ask for other policies in the script: many cards know no touch."
      )
    case .messageTooLong(let bytes):
      (
        .payloadTooLarge, "A payload of \(bytes) bytes does not fit this card.",
        "Use fewer keys, or ecdsa-p256, which signs a digest."
      )
    case .resetNotAllowed:
      (
        .resetRefused, "The card refuses a reset although PIN and PUK should be blocked.",
        "Pull the card, insert it and repeat; else use another card."
      )
    case .cannotBlock:
      (.resetRefused, "The card does not count wrong values, so it cannot be reset.", "Use another card.")
    case .attestationKeyKept:
      (
        .attestationKeyKept, "The attestation key in slot f9 is never deleted: nobody could bring it back.",
        "Name another slot."
      )
    case .objectNotProtected(let object):
      (
        .objectNotProtected,
        "The card shows the object \(object) without its PIN: a key kept there would be anybody's.",
        "Use another card, or “management-key: forget” in the script."
      )
    case .managementKeyNotKept:
      (
        .objectNotProtected, "The card does not keep a management key behind its PIN.",
        "Use another card, or “management-key: forget” in the script."
      )
    case .full:
      (
        .cardFull, "The card has no room for this.",
        "Delete objects that are not needed, or use another card."
      )
    case .notSupported(let command):
      (
        .cardUnsupported, "This card does not know the command \(command.rawValue).",
        "Use a card that does, or a script that does without."
      )
    case .malformed(let command):
      (
        .cardAnswerMalformed, "The card says success to \(command.rawValue) and its answer makes no sense.",
        "Do not trust this card: use another one."
      )
    case .refused(let command, let status):
      (
        .cardRefused, "The card refused \(command.rawValue) with \(status).",
        "Pull the card, insert it and repeat; else use another card."
      )
    case .secretUnavailable:
      (
        .secretUnavailable, "A secret that this step needs is not there, or has an impossible length.",
        "Enter it again."
      )
    }
  }

  private func tries(_ left: Int) -> String { left == 1 ? "1 try is left" : "\(left) tries are left" }
}

extension CardFailure {
  fileprivate var words: (Finding.Code, String, hint: String) {
    switch self {
    case .removed: (.cardRemoved, "The card was pulled.", "Insert the same card again.")
    case .notHeld:
      (
        .cardNotHeld, "The card is not held any more: the program that held it ended.",
        "Leave it in the reader, or insert the same card again, and repeat the step."
      )
    case .shared:
      (
        .cardShared, "Another program holds the card.",
        "End it; the usual one is scdaemon of GnuPG: gpgconf --kill scdaemon."
      )
    case .reset:
      (
        .cardReset, "Another program reset the card; it forgot its PIN.",
        "End other programs that use cards and repeat the step."
      )
    case .mute:
      (
        .cardMute, "The card does not answer to a reset.",
        "Take it out, look which way up it goes, clean its contacts, and insert it again."
      )
    case .communication:
      (
        .cardCommunication,
        "The exchange with the card broke off: a loose contact, or it was pulled for a moment. What it did last is not known.",
        "Clean its contacts, insert it again and repeat the step; if it stays so, use another reader."
      )
    case .refused:
      (
        .pcscdRefused, "pcscd does not let this user use cards.",
        "Run as root, or allow it in polkit (org.debian.pcsc-lite.access_pcsc and access_card)."
      )
    case .noThread:
      (
        .readerFailed, "The system gives no thread in which to wait for a card.",
        "End other programs, and repeat the step."
      )
    case .tooLong:
      (
        .payloadTooLarge, "This is more than one command to a card can carry.",
        "Use fewer keys, or ecdsa-p256, which signs a digest."
      )
    case .unknown(let code):
      (
        .readerFailed, "pcscd answered \(String(code, radix: 16)), which is none of the answers that are known here.",
        "Unplug the reader and plug it in again; if it stays so, restart pcscd."
      )
    case .readerGone: (.readerGone, "The reader was unplugged.", "Plug it in again and insert the same card.")
    case .daemonGone: (.pcscdGone, "pcscd is not running.", "Start it: systemctl start pcscd.")
    case .timeout:
      (.cardTimeout, "The card did not answer in time.", "Pull it, insert it again and repeat the step.")
    case .interrupted:
      (
        .cardTimeout, "The program was stopped while the card was silent; what the card did is not known.",
        "Pull it, insert it again and repeat the step."
      )
    case .garbled:
      (
        .cardAnswerMalformed, "The card's answer makes no sense.",
        "Pull it, insert it again; if it stays so, use another card."
      )
    case .secretUnavailable:
      (
        .secretUnavailable, "A secret that this step needs is not there, or has an impossible length.",
        "Enter it again."
      )
    }
  }
}
