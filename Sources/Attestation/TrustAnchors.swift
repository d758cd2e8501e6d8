import Findings
import Keys

/// The vendor's certificates that a ceremony pinned, and which of them may end a chain.
package struct TrustAnchors: Sendable {
  let certificates: [AttestationCertificate]
  let trustedRoots: Set<SHA256Digest>
  let testCA: AttestationCertificate?
  let acceptsTestCA: Bool

  /// Yubico's two published roots, by the SHA-256 of their DER:
  /// "Yubico PIV Root CA Serial 263751" (2016) and "Yubico Attestation Root 1" (2024).
  package static let yubicoRoots = Set(
    [
      "63ece914e54dd87915f34033c85af4c0696ba1512f8add66ced738331207b546",
      "62760c6a6ef91679f454c8902b80fd009825b3f25da90f1fbace2ec6586cd5a8",
    ].compactMap(SHA256Digest.init(hex:))
  )

  /// - Parameters:
  ///   - certificates: roots and intermediates in DER, in any order; those that no chain needs do no harm.
  ///   - otherRoots: fingerprints (SHA-256 of the DER) of roots that the script trusts beside Yubico's;
  ///     a certificate that another one issued is no root, whoever names it here.
  ///   - testCA: the DER of the authority of this program's virtual cards, whose key everybody knows.
  ///   - acceptsTestCA: true in a rehearsal alone.
  ///
  /// Throws `ATTESTATION-ANCHOR` for bytes that are not a certificate.
  package init(
    certificates: [[UInt8]],
    otherRoots: Set<SHA256Digest> = [],
    testCA: [UInt8]? = nil,
    acceptsTestCA: Bool = false
  ) throws(Finding) {
    self.certificates = try certificates.map(Self.anchor)
    self.testCA = try testCA.map(Self.anchor)
    self.acceptsTestCA = acceptsTestCA
    trustedRoots = Self.yubicoRoots.union(otherRoots)
  }

  /// The DER of every certificate of a PEM file.
  ///
  /// Throws `ATTESTATION-ANCHOR` where the text is not PEM or holds something else.
  package static func certificates(pem: String) throws(Finding) -> [[UInt8]] {
    let blocks: [PEM.Block]
    do { blocks = try PEM.decode(pem) } catch {
      throw Self.unreadable("is not PEM: \(error.reason.rawValue) (line \(error.line))")
    }
    guard blocks.allSatisfy({ $0.label == "CERTIFICATE" }) else {
      throw Self.unreadable("holds something that is not a certificate")
    }
    return blocks.map(\.bytes)
  }

  // The key, not the fingerprint: anybody can put the test CA's key under a new certificate.
  func isTestCA(_ certificate: AttestationCertificate) -> Bool { certificate.key == testCA?.key }

  func isTrustedRoot(_ certificate: AttestationCertificate) -> Bool {
    certificate.isSelfIssued && trustedRoots.contains(certificate.fingerprint)
  }

  private static func anchor(_ der: [UInt8]) throws(Finding) -> AttestationCertificate {
    guard let certificate = AttestationCertificate(der: der) else {
      throw unreadable("holds bytes that are not an X.509 certificate")
    }
    return certificate
  }

  private static func unreadable(_ what: String) -> Finding {
    Finding(
      .attestationAnchor,
      "A file of vendor certificates \(what).",
      hint: "Fetch the file again from the vendor and compare its SHA-256 with the script's."
    )
  }
}
