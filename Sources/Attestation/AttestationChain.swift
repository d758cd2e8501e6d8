import Findings
import Keys
import UTC

/// The walk from a leaf over F9 to a trusted root, RFC 5280 §6.1 for a chain whose shape is known.
struct AttestationChain {
  private(set) var facts: AttestationFacts?
  private(set) var findings: [Finding] = []

  private let anchors: TrustAnchors
  private let time: UTCTime

  init(_ evidence: AttestationEvidence, _ anchors: TrustAnchors, _ time: UTCTime) {
    self.anchors = anchors
    self.time = time
    let leaf = certificate(evidence.leaf, "the attestation certificate")
    let device = certificate(evidence.intermediate, "the certificate of slot f9")
    guard let leaf, let device else { return }
    walk(leaf, device)
  }

  private mutating func walk(_ leaf: AttestationCertificate, _ device: AttestationCertificate) {
    check(leaf, issuedBy: device)
    var path = [leaf, device]
    var root = device
    repeat {
      guard path.count < Self.longest, let issuer = issuer(of: root) else { return refuseEnd(root) }
      check(root, issuedBy: issuer)
      path.append(issuer)
      root = issuer
    } while !anchors.isTrustedRoot(root) && !anchors.isTestCA(root)
    for (place, certificate) in path.enumerated() {
      checkPeriod(certificate)
      checkAuthority(certificate, place, below: root)
    }
    let isTestCA = path.contains(where: anchors.isTestCA)
    if isTestCA, !anchors.acceptsTestCA { refuseTestCA(root) }
    guard findings.isEmpty else { return }
    facts = AttestationFacts(leaf: leaf, root: root, isTestCA: isTestCA)
    if facts == nil { refuseForm("the attestation certificate", leaf.der, "lacks what the vendor writes into one") }
  }

  // A leaf, F9, two intermediates and the root; one more for a vendor yet unknown.
  private static let longest = 6

  private mutating func certificate(_ der: [UInt8], _ name: String) -> AttestationCertificate? {
    guard let certificate = AttestationCertificate(der: der) else {
      refuseForm(name, der, "is not an X.509 certificate in its one encoding")
      return nil
    }
    if certificate.hasUnknownCriticalExtension {
      refuseForm(name, der, "has a critical extension that this program does not know")
    }
    return certificate
  }

  /// The pinned certificate that signed this one; failing that one with the right name, so that the finding
  /// says why.
  private func issuer(of certificate: AttestationCertificate) -> AttestationCertificate? {
    let known = anchors.certificates + [anchors.testCA].compactMap(\.self)
    let named = known.filter { $0.isNamedIssuer(of: certificate) && $0.der != certificate.der }
    return named.first { $0.isSigner(of: certificate) } ?? named.first
  }

  private mutating func check(_ certificate: AttestationCertificate, issuedBy issuer: AttestationCertificate) {
    if !issuer.isNamedIssuer(of: certificate) {
      refuse(
        .attestationIssuer,
        certificate,
        "It was issued by \(certificate.issuerName), and the next certificate is \(issuer.name).",
        "Read both certificates from the card again; if they still differ, set the card aside."
      )
    } else if !issuer.isSigner(of: certificate) {
      refuse(
        .attestationSignature,
        certificate,
        "It does not bear the signature of \(issuer.name), so it proves nothing.",
        "Read the certificates from the card again; if they still differ, set the card aside."
      )
    }
  }

  private mutating func checkPeriod(_ certificate: AttestationCertificate) {
    switch certificate.validity(at: time) {
    case .valid: break
    case .notYet:
      refuse(
        .attestationNotYetValid,
        certificate,
        "It is not valid yet at \(time).",
        "Compare the clock with a second source: it is probably slow."
      )
    case .expired:
      refuse(
        .attestationExpired,
        certificate,
        "It was no longer valid at \(time).",
        "Compare the clock with a second source; if it is right, use another card."
      )
    }
  }

  private mutating func checkAuthority(
    _ certificate: AttestationCertificate,
    _ place: Int,
    below root: AttestationCertificate
  ) {
    let isRight: Bool
    switch (place, certificate.authority) {
    case (0, .issuer): isRight = false
    case (0, _): isRight = true
    // Some F9 certificates do not say. What attests a key of its own is a leaf, never an F9.
    case (1, let authority):
      isRight =
        (authority == .unsaid || authority.allows(issuersBelow: 0))
        && certificate.value(of: YubicoExtension.policy) == nil
        && certificate.value(of: YubicoExtension.serial) == nil
    case (_, let authority): isRight = authority.allows(issuersBelow: place - 1)
    }
    // Under its root of 2024 the vendor attests keys of other applications too, each below an intermediate of
    // its own.
    let isForPIV =
      place != 2 || certificate.der == root.der || certificate.commonName?.contains("PIV Attestation") == true
    guard !isRight || !isForPIV else { return }
    refuse(
      .attestationAuthority,
      certificate,
      place == 0
        ? "It calls itself an issuer, which no attestation does." : "It may not issue what it issued here.",
      "Set the card aside and keep its certificates: somebody may have tried to forge an attestation."
    )
  }

  private mutating func refuseEnd(_ last: AttestationCertificate) {
    refuse(
      .attestationRootUnknown,
      last,
      last.isSelfIssued
        ? "The chain ends in it, and it is not a root that this program or the script trusts."
        : "It was issued by \(last.issuerName), which is not among the script's vendor certificates.",
      "Add the vendor's certificates to the script, or name the root's SHA-256 there. Else set the card aside."
    )
  }

  private mutating func refuseTestCA(_ root: AttestationCertificate) {
    refuse(
      .attestationTestCA,
      root,
      "The card is a virtual card of this program: there is no hardware behind it.",
      "Use a real card. Virtual cards are for rehearsals."
    )
  }

  private mutating func refuseForm(_ name: String, _ der: [UInt8], _ what: String) {
    findings.append(
      Finding(
        .attestationMalformed,
        "An attestation cannot be judged: \(name) \(what).",
        hint: "Read it from the card again; if it stays so, set the card aside.",
        place: "\(name), SHA-256 \(SHA256Digest(of: der).hex)"
      )
    )
  }

  private mutating func refuse(
    _ code: Finding.Code,
    _ certificate: AttestationCertificate,
    _ what: String,
    _ hint: String
  ) {
    findings.append(
      Finding(code, what, hint: hint, place: "\(certificate.name), SHA-256 \(certificate.fingerprint.hex)"))
  }
}

extension AttestationCertificate.Authority {
  func allows(issuersBelow count: Int) -> Bool {
    guard case .issuer(let length) = self else { return false }
    return length.map { $0 >= count } ?? true
  }
}
