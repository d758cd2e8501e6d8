import Keys
import PIVTypes
import SwiftASN1

/// What an attestation says of a key and the device that made it, once its chain holds.
package struct AttestationFacts: Hashable, Sendable {
  /// The attested key: made on the device, and unable to leave it.
  package let key: PublicKey
  package let slot: Slot
  /// nil where the device has no serial number.
  package let serial: UInt32?
  package let firmware: FirmwareVersion
  /// nil where the device names a policy that this program does not know.
  package let pinPolicy: PINPolicy?
  /// nil where the device names a policy that this program does not know.
  package let touchPolicy: TouchPolicy?
  /// nil where the device does not say.
  package let formFactor: FormFactor?
  /// The subject of the certificate that the chain ends in.
  package let root: String
  /// The SHA-256 of that certificate's DER.
  package let rootFingerprint: SHA256Digest
  /// Whether the device is one of this program's virtual cards, and so no device at all.
  package let isTestCA: Bool
}

/// The shape of a device (Yubico's extension 3.9): a number in the low four bits, and a flag for FIPS models
/// in the highest.
package struct FormFactor: Hashable, Sendable, CustomStringConvertible {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package var description: String {
    let shapes = [
      1: "USB-A keychain", 2: "USB-A nano", 3: "USB-C keychain", 4: "USB-C nano", 5: "USB-C and Lightning",
      6: "USB-A with fingerprint reader", 7: "USB-C with fingerprint reader",
    ]
    return (shapes[Int(rawValue & 15)] ?? "unknown shape") + (rawValue & 0x80 == 0 ? "" : ", FIPS")
  }
}

/// Yubico's certificate extensions, 1.3.6.1.4.1.41482.3.n.
enum YubicoExtension {
  static let firmware: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 41482, 3, 3]
  static let serial: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 41482, 3, 7]
  static let policy: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 41482, 3, 8]
  static let formFactor: ASN1ObjectIdentifier = [1, 3, 6, 1, 4, 1, 41482, 3, 9]

  /// A positive DER INTEGER, or four bytes as they are, which one card writes; nil for anything else.
  static func serialNumber(_ value: [UInt8]) -> UInt32? {
    if let number = try? UInt32(derEncoded: value) { return number }
    return value.count == 4 ? value.reduce(0) { $0 << 8 | UInt32($1) } : nil
  }
}

extension AttestationFacts {
  /// nil where the leaf lacks what every attestation has, or has it in another form: a slot in its name,
  /// three bytes of firmware, two of policies.
  init?(leaf: AttestationCertificate, root: AttestationCertificate, isTestCA: Bool) {
    guard let slot = leaf.attestedSlot,
      let firmware = leaf.value(of: YubicoExtension.firmware), firmware.count == 3,
      let policy = leaf.value(of: YubicoExtension.policy), policy.count == 2
    else { return nil }
    var serial: UInt32?
    if let value = leaf.value(of: YubicoExtension.serial) {
      guard let number = YubicoExtension.serialNumber(value) else { return nil }
      serial = number
    }
    var formFactor: FormFactor?
    if let value = leaf.value(of: YubicoExtension.formFactor) {
      guard value.count == 1 else { return nil }
      formFactor = FormFactor(rawValue: value[0])
    }
    self.init(
      key: leaf.key,
      slot: slot,
      serial: serial,
      firmware: FirmwareVersion(firmware[0], firmware[1], firmware[2]),
      pinPolicy: PINPolicy(rawValue: policy[0]),
      touchPolicy: TouchPolicy(rawValue: policy[1]),
      formFactor: formFactor,
      root: root.name,
      rootFingerprint: root.fingerprint,
      isTestCA: isTestCA
    )
  }
}

extension AttestationCertificate {
  /// The slot in a leaf's subject, exactly `CN=YubiKey PIV Attestation XX`.
  fileprivate var attestedSlot: Slot? {
    let prefix = "YubiKey PIV Attestation "
    guard let name = commonName, name.hasPrefix(prefix) else { return nil }
    return Slot(String(name.dropFirst(prefix.count)))
  }
}
