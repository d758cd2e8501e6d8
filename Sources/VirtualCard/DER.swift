import SmartCard

/// The few DER forms of a certificate (X.690, RFC 5280 §4.1).
enum DER {
  static func sequence(_ parts: TLV...) -> TLV { TLV(0x30, parts) }
  static func objectIdentifier(_ bytes: [UInt8]) -> TLV { TLV(0x06, bytes) }
  static func octets(_ bytes: [UInt8]) -> TLV { TLV(0x04, bytes) }
  /// Whole bytes, none unused.
  static func bits(_ bytes: [UInt8]) -> TLV { TLV(0x03, [0] + bytes) }

  /// A non-negative number from its big-endian bytes, in the shortest form.
  static func integer(_ magnitude: [UInt8]) -> TLV {
    let digits = Array(magnitude.drop { $0 == 0 })
    guard let first = digits.first else { return TLV(0x02, [0]) }
    return TLV(0x02, first >= 0x80 ? [0] + digits : digits)
  }

  /// A name that is one common name.
  static func name(_ commonName: String) -> TLV {
    sequence(TLV(0x31, [sequence(objectIdentifier([0x55, 0x04, 0x03]), TLV(0x0c, Array(commonName.utf8)))]))
  }

  /// 1.3.101.112, without parameters (RFC 8410 §3).
  static let ed25519 = sequence(objectIdentifier([0x2b, 0x65, 0x70]))
  /// 1.2.840.10045.4.3.3 (RFC 5758 §3.2).
  static let ecdsaSHA384 = sequence(objectIdentifier([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]))
}

/// A certificate extension (RFC 5280 §4.2).
struct CertificateExtension {
  let identifier: [UInt8]
  var isCritical = false
  let value: [UInt8]

  var encoded: TLV {
    let identifier = DER.objectIdentifier(identifier)
    let value = DER.octets(value)
    return isCritical ? DER.sequence(identifier, TLV(0x01, [0xff]), value) : DER.sequence(identifier, value)
  }

  /// 1.3.6.1.4.1.41482.3.`number` (Yubico's PIV attestation).
  static func yubico(_ number: UInt8, _ value: [UInt8]) -> CertificateExtension {
    CertificateExtension(
      identifier: [0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xc4, 0x0a, 0x03, number],
      value: value
    )
  }

  /// CA, and how many CAs may follow; nil for any number.
  static func certificateAuthority(pathLength: UInt8?) -> CertificateExtension {
    let fields = [TLV(0x01, [0xff])] + (pathLength.map { [DER.integer([$0])] } ?? [])
    return CertificateExtension(
      identifier: [0x55, 0x1d, 0x13],
      isCritical: true,
      value: TLV(0x30, fields).encoded
    )
  }
}
