import Attestation
import Crypto
import Foundation
import Keys
import PIVTypes
import SwiftASN1
import UTC
import X509

/// A vendor made in code: root ← intermediate ← F9 ← leaf, each part of which a test can change before it is
/// made.
struct VendorInCode {
  /// One certificate to be made.
  struct Part {
    var subject: String
    var key: Curve25519.Signing.PrivateKey
    /// nil: as the certificate above has it.
    var issuer: String?
    var signer: Curve25519.Signing.PrivateKey?
    var from = "2024-12-01T00:00:00Z"
    var until = "9999-12-31T23:59:59Z"
    var constraints: BasicConstraints?
    var usage: KeyUsage?
    /// Under 1.3.6.1.4.1.41482.3.
    var vendor: [UInt: [UInt8]] = [:]
    var critical: [UInt: [UInt8]] = [:]
  }

  var root = Part(
    subject: "Vendor Root",
    key: key(1),
    constraints: .isCertificateAuthority(maxPathLength: nil)
  )
  var intermediate = Part(
    subject: "Vendor PIV Attestation A 1",
    key: key(2),
    constraints: .isCertificateAuthority(maxPathLength: 1)
  )
  var device = Part(
    subject: "YubiKey PIV Attestation",
    key: key(3),
    constraints: .isCertificateAuthority(maxPathLength: 0),
    vendor: [3: [5, 7, 4]]
  )
  var leaf = Part(
    subject: "YubiKey PIV Attestation 9c",
    key: key(4),
    vendor: [3: [5, 7, 4], 7: [2, 4, 1, 2, 3, 4], 8: [3, 2], 9: [3]]
  )

  /// What the script of the ceremony pins.
  var pinsIntermediate = true
  var trustsRoot = true
  var testCA: Curve25519.Signing.PrivateKey?
  var acceptsTestCA = false
  var time = "2026-09-01T00:00:00Z"
  var expectation = AttestationExpectation(
    slot: .signature,
    key: publicKey(4),
    serial: 0x0102_0304,
    pinPolicy: .always,
    touchPolicy: .always
  )

  static func key(_ number: UInt8) -> Curve25519.Signing.PrivateKey {
    let seed = SHA256.hash(data: [number])
    return (try? Curve25519.Signing.PrivateKey(rawRepresentation: Data(seed)))
      ?? Curve25519.Signing.PrivateKey()
  }

  static func publicKey(_ number: UInt8) -> PublicKey {
    let bytes = Array(key(number).publicKey.rawRepresentation)
    return (try? PublicKey(ed25519: bytes)) ?? unreachable
  }

  private static var unreachable: PublicKey { preconditionFailure("a key made by swift-crypto is a key") }

  func certificates() throws -> (root: [UInt8], intermediate: [UInt8], device: [UInt8], leaf: [UInt8]) {
    try (
      Self.make(root, below: root), Self.make(intermediate, below: root),
      Self.make(device, below: intermediate),
      Self.make(leaf, below: device)
    )
  }

  func anchors() throws -> TrustAnchors {
    let made = try certificates()
    var testPart = Part(
      subject: "Test CA",
      key: testCA ?? Self.key(0),
      constraints: .isCertificateAuthority(maxPathLength: nil)
    )
    if testCA != nil { testPart.subject = root.subject }
    return try TrustAnchors(
      certificates: pinsIntermediate ? [made.root, made.intermediate] : [made.root],
      otherRoots: trustsRoot ? [SHA256Digest(of: made.root)] : [],
      testCA: testCA == nil ? nil : Self.make(testPart, below: testPart),
      acceptsTestCA: acceptsTestCA
    )
  }

  func verdict() throws -> AttestationVerdict {
    let made = try certificates()
    return try verdict(on: AttestationEvidence(leaf: made.leaf, intermediate: made.device))
  }

  func verdict(on evidence: AttestationEvidence) throws -> AttestationVerdict {
    guard let time = UTC.UTCTime(time) else { throw CocoaError(.formatting) }
    return evidence.verdict(against: expectation, trusting: try anchors(), at: time)
  }

  static func make(_ part: Part, below: Part) throws -> [UInt8] {
    func date(_ text: String) throws -> Date {
      guard let time = UTC.UTCTime(text) else { throw CocoaError(.formatting) }
      return Date(timeIntervalSince1970: Double(time.seconds))
    }
    var extensions = Certificate.Extensions()
    for (number, value) in part.vendor.sorted(by: { $0.key < $1.key }) {
      try extensions.append(
        .init(
          oid: [1, 3, 6, 1, 4, 1, 41482, 3, number],
          critical: part.critical[number] != nil,
          value: value[...]
        )
      )
    }
    for (number, value) in part.critical where part.vendor[number] == nil {
      try extensions.append(
        .init(oid: [1, 3, 6, 1, 4, 1, 41482, 3, number], critical: true, value: value[...])
      )
    }
    if let constraints = part.constraints { try extensions.append(.init(constraints, critical: true)) }
    if let usage = part.usage { try extensions.append(.init(usage, critical: true)) }
    let certificate = try Certificate(
      version: .v3,
      serialNumber: .init(bytes: [1, 2, 3]),
      publicKey: .init(part.key.publicKey),
      notValidBefore: date(part.from),
      notValidAfter: date(part.until),
      issuer: DistinguishedName { CommonName(part.issuer ?? below.subject) },
      subject: DistinguishedName { CommonName(part.subject) },
      signatureAlgorithm: .ed25519,
      extensions: extensions,
      issuerPrivateKey: .init(part.signer ?? below.key)
    )
    var serializer = DER.Serializer()
    try serializer.serialize(certificate)
    return serializer.serializedBytes
  }
}
