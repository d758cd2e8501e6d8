import Crypto
import Keys
import PIV
import PIVTypes
import SmartCard

/// Certificates of virtual cards. Those that are signed with Ed25519 are the same on every run.
enum CertificateMaker {
  static let deviceName = "YubiKey PIV Attestation"
  static let ownName = "Virtual PIV card, vouched for by itself"
  static let authorityName = "tuf-ceremony Rehearsal CA, proves nothing"

  /// The key of the test CA. Everybody can compute it: what it signs proves nothing, and is meant to.
  static let authorityKey = SoftwareKey(
    .ed25519,
    scalar: Array(SHA256.hash(data: Array("tuf-ceremony rehearsal CA: this key is public".utf8)))
  )

  /// The CA above the F9 certificates of all virtual cards, DER: what `TrustAnchors.virtualCardAuthority` holds.
  static let authorityCertificate: [UInt8] =
    authorityKey.flatMap { key in
      make(
        subject: authorityName,
        .ed25519,
        key.publicKey,
        issuer: authorityName,
        signer: key,
        [.certificateAuthority(pathLength: nil)]
      )
    } ?? []

  /// The certificate of slot F9.
  static func device(_ key: SoftwareKey, _ version: FirmwareVersion) -> [UInt8]? {
    authorityKey.flatMap { authority in
      make(
        subject: deviceName,
        key.algorithm,
        key.publicKey,
        issuer: authorityName,
        signer: authority,
        [.yubico(3, version.bytes), .certificateAuthority(pathLength: 0)]
      )
    }
  }

  /// The certificate of slot F9 of a card that vouches for itself.
  static func ownDevice(_ key: SoftwareKey, _ version: FirmwareVersion) -> [UInt8]? {
    make(
      subject: ownName, key.algorithm, key.publicKey, issuer: ownName, signer: key,
      [.yubico(3, version.bytes), .certificateAuthority(pathLength: 1)])
  }

  /// Subject, issuer and extensions as Yubico writes them.
  static func leaf(_ slot: Slot, _ stored: CardState.StoredKey, of card: CardState, signer: SoftwareKey)
    -> [UInt8]?
  {
    let serial = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: card.serial >> UInt32($0)) }
    let usbKeychain: UInt8 = 1
    return make(
      subject: "\(deviceName) \(slot)",
      stored.key.algorithm,
      stored.key.publicKey,
      issuer: card.profile.authority == .itself ? ownName : deviceName,
      signer: signer,
      writesLongLengths: card.profile.writesLongLengths,
      [
        .yubico(3, card.version.bytes),
        .yubico(7, DER.integer(serial).encoded),
        .yubico(8, [stored.pinPolicy.rawValue, stored.touchPolicy.rawValue]),
        .yubico(9, [usbKeychain]),
      ]
    )
  }

  private static func make(
    subject: String,
    _ algorithm: KeyAlgorithm,
    _ publicKey: [UInt8],
    issuer: String,
    signer: SoftwareKey,
    writesLongLengths: Bool = false,
    _ extensions: [CertificateExtension]
  ) -> [UInt8]? {
    guard let key = try? PublicKey(card: publicKey, algorithm), let keyInfo = try? TLV.parse(key.spki).first else {
      return nil
    }
    let scheme = signer.algorithm == .ed25519 ? DER.ed25519 : DER.ecdsaSHA384
    let number = SHA256.hash(data: Array("\(issuer)\n\(subject)\n".utf8) + publicKey)
    // A leading 01 keeps it positive and of one length.
    let serialNumber = DER.integer([1] + Array(number).prefix(15))
    let validity = DER.sequence(
      TLV(0x17, Array("241201000000Z".utf8)),
      TLV(0x18, Array("99991231235959Z".utf8))
    )
    let version3 = TLV(0xa0, [DER.integer([2])])
    let body = DER.sequence(
      version3,
      serialNumber,
      scheme,
      DER.name(issuer),
      validity,
      DER.name(subject),
      keyInfo,
      TLV(0xa3, [TLV(0x30, extensions.map(\.encoded))])
    )
    let signed = signer.algorithm == .ed25519 ? body.encoded : Array(SHA384.hash(data: body.encoded))
    guard let signature = signer.sign(signed).map(DER.bits) else { return nil }
    guard writesLongLengths else { return DER.sequence(body, scheme, signature).encoded }
    // Two bytes for a length that one would hold.
    let long = [0x03, 0x82, 0x00, UInt8(truncatingIfNeeded: signature.value.count)] + signature.value
    return TLV(0x30, body.encoded + scheme.encoded + long).encoded
  }
}

extension CardState {
  /// The certificate in slot F9; nil without an attestation key.
  var attestationCertificate: [UInt8]? {
    attestationKey.flatMap { ownCertificate ?? CertificateMaker.device($0, version) }
  }
}

extension VirtualCard {
  func attest(_ request: Request) -> ResponseAPDU {
    guard request.p2 == 0, let slot = Slot(reference: request.p1) else {
      return ResponseAPDU(status: .wrongParameters)
    }
    guard let signer = memory.attestationKey, slot != .attestation, let stored = memory.keys[slot],
      let certificate = CertificateMaker.leaf(slot, stored, of: memory, signer: signer)
    else { return ResponseAPDU(status: .referenceNotFound) }
    return ResponseAPDU(data: certificate, status: .success)
  }
}
