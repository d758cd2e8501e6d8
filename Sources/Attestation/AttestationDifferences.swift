import Findings
import Keys
import PIVTypes

extension AttestationFacts {
  /// What the facts fall short of, one finding each.
  func differences(from expectation: AttestationExpectation) -> [Finding] {
    var findings: [Finding] = []
    func refuse(_ code: Finding.Code, _ what: String, _ hint: String) {
      findings.append(Finding(code, what, hint: hint, place: "slot \(slot)"))
    }
    if slot != expectation.slot {
      refuse(
        .attestationSlot,
        "The attestation is about slot \(slot), and slot \(expectation.slot) was asked for.",
        "Ask the card for the attestation of slot \(expectation.slot)."
      )
    }
    if key != expectation.key {
      refuse(
        .attestationKeyMismatch,
        "The card attests another key than the one that is to be used.",
        "Do not use this key: nothing proves where it was made. Generate a new one and attest that."
      )
    }
    if let serial = expectation.serial, serial != self.serial {
      refuse(
        .attestationSerialMismatch,
        "The key was made on device \(self.serial.map(String.init) ?? "without a serial"), not on \(serial).",
        "Check which card is in the reader and whose it is."
      )
    }
    if (pinPolicy?.strength ?? 0) < expectation.pinPolicy.strength {
      refuse(
        .attestationPolicy,
        "The PIN policy is \(pinPolicy?.description ?? "unknown"), and \(expectation.pinPolicy) was asked for.",
        "Generate the key again with the policy that the script asks for."
      )
    }
    if (touchPolicy?.strength ?? 0) < expectation.touchPolicy.strength {
      refuse(
        .attestationPolicy,
        "The touch policy is \(touchPolicy?.description ?? "unknown"), "
          + "and \(expectation.touchPolicy) was asked for.",
        "Generate the key again with the policy that the script asks for."
      )
    }
    let least = max(
      AttestationExpectation.leastFirmware(for: key.algorithm),
      expectation.firmware ?? FirmwareVersion(0, 0, 0)
    )
    if firmware < least {
      refuse(
        .attestationFirmware,
        "The card has firmware \(firmware), and \(least) is the least that will do.",
        "Use a newer card: firmware cannot be updated."
      )
    }
    return findings
  }
}

extension PINPolicy {
  fileprivate var strength: Int {
    switch self {
    case .never: 1
    case .once: 2
    case .always: 3
    }
  }
}

extension TouchPolicy {
  fileprivate var strength: Int {
    switch self {
    case .never: 1
    case .cached: 2
    case .always: 3
    }
  }
}
