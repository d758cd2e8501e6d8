import FoundationEssentials
import Keys
import SwiftASN1
import UTC
import X509

/// A certificate of an attestation chain: the bytes, and what a chain is walked by.
struct AttestationCertificate: Sendable {
  let der: [UInt8]
  private let certificate: Certificate

  /// nil unless `der` is one X.509 certificate in DER without another spelling (RFC 5280 §4.1), with a key of
  /// a kind that ``PublicKey`` knows.
  init?(der: [UInt8]) {
    guard let certificate = try? Certificate(derEncoded: der) else { return nil }
    var serializer = DER.Serializer()
    guard (try? serializer.serialize(certificate.publicKey)) != nil,
      let key = try? PublicKey(spki: serializer.serializedBytes),
      // The bits of the signature are whole bytes, and end the certificate.
      der.suffix(certificate.signature.rawRepresentation.count + 1)
        == [0] + certificate.signature.rawRepresentation
    else { return nil }
    self.der = der
    self.certificate = certificate
    self.key = key
  }

  let key: PublicKey

  var fingerprint: SHA256Digest { SHA256Digest(of: der) }

  /// The subject, `CN=YubiKey PIV Attestation 9c`, on one line and without control characters.
  var name: String { Self.line(certificate.subject) }
  var issuerName: String { Self.line(certificate.issuer) }

  /// The one attribute of a subject that is a common name and nothing else; otherwise nil.
  var commonName: String? {
    guard certificate.subject.count == 1, let part = certificate.subject.first, part.count == 1,
      let attribute = part.first, attribute.type == .RDNAttributeType.commonName
    else { return nil }
    return String(attribute.value)
  }

  var isSelfIssued: Bool { certificate.subject == certificate.issuer }

  func isNamedIssuer(of other: AttestationCertificate) -> Bool {
    certificate.subject == other.certificate.issuer
  }

  func isSigner(of other: AttestationCertificate) -> Bool {
    certificate.publicKey.isValidSignature(other.certificate.signature, for: other.certificate)
  }

  enum Validity { case notYet, valid, expired }

  /// RFC 5280 §4.1.2.5: both ends belong to the period.
  func validity(at time: UTC.UTCTime) -> Validity {
    let moment = Double(time.seconds)
    if moment < certificate.notValidBefore.timeIntervalSince1970 { return .notYet }
    return moment > certificate.notValidAfter.timeIntervalSince1970 ? .expired : .valid
  }

  /// The bytes inside an extension, or nil where the certificate does not have it.
  func value(of oid: ASN1ObjectIdentifier) -> [UInt8]? {
    (certificate.extensions[oid: oid]?.value).map(Array.init)
  }

  /// Whether a critical extension stands here that nobody here understands (RFC 5280 §4.2).
  var hasUnknownCriticalExtension: Bool {
    let known: [ASN1ObjectIdentifier] = [.X509ExtensionID.basicConstraints, .X509ExtensionID.keyUsage]
    return certificate.extensions.contains { $0.critical && !known.contains($0.oid) }
  }

  /// What the certificate says of itself as an issuer (RFC 5280 §4.2.1.3 and §4.2.1.9).
  enum Authority: Equatable {
    /// It may issue, with at most so many issuers below it; nil is without limit.
    case issuer(pathLength: Int?)
    /// It does not say.
    case unsaid
    case none
  }

  var authority: Authority {
    if certificate.extensions[oid: .X509ExtensionID.keyUsage] != nil {
      guard let usage = try? certificate.extensions.keyUsage, usage.keyCertSign else { return .none }
    }
    guard certificate.extensions[oid: .X509ExtensionID.basicConstraints] != nil else { return .unsaid }
    guard case .isCertificateAuthority(let length)? = try? certificate.extensions.basicConstraints else {
      return .none
    }
    return .issuer(pathLength: length)
  }

  private static func line(_ name: DistinguishedName) -> String {
    String(
      String.UnicodeScalarView(
        String(describing: name).unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
      )
    )
  }
}

extension PublicKey {
  /// The key that a DER certificate is about; nil where it is none, or of another kind than this type knows.
  /// Nothing of it is verified.
  package init?(certificate der: [UInt8]) {
    guard let certificate = AttestationCertificate(der: der) else { return nil }
    self = certificate.key
  }
}
