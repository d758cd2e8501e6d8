import Attestation
import Findings
import Keys
import PIVTypes
import Testing
import UTC
import X509

@Suite struct VerdictTests {
  typealias Change = @Sendable (inout VendorInCode) -> Void

  /// What may differ from the plain case without harm.
  static let accepted: [(String, Change)] = [
    ("nothing", { _ in }),
    ("F9 does not say that it is an issuer", { $0.device.constraints = nil }),
    (
      "an issuer without a limit",
      { $0.intermediate.constraints = .isCertificateAuthority(maxPathLength: nil) }
    ),
    ("an issuer that says it signs certificates", { $0.intermediate.usage = KeyUsage(keyCertSign: true) }),
    (
      "F9 directly below the root",
      {
        $0.intermediate = $0.root; $0.pinsIntermediate = false
      }
    ),
    ("a leaf that says it is no issuer", { $0.leaf.constraints = .notCertificateAuthority }),
    ("the first second of a certificate", { $0.leaf.from = $0.time }),
    ("the last second of a certificate", { $0.device.until = $0.time }),
    ("a serial of four raw bytes", { $0.leaf.vendor[7] = [1, 2, 3, 4] }),
    ("no form factor", { $0.leaf.vendor[9] = nil }),
    (
      "no serial, and none asked for",
      {
        $0.leaf.vendor[7] = nil; $0.expectation = expectation(serial: nil)
      }
    ),
    ("stricter policies than asked for", { $0.expectation = expectation(pin: .once, touch: .cached) }),
    ("firmware of the asked version", { $0.expectation = expectation(firmware: FirmwareVersion(5, 7, 4)) }),
    ("the first firmware with Ed25519", { $0.leaf.vendor[3] = [5, 7, 0] }),
    (
      "a virtual card in a rehearsal",
      {
        $0.testCA = $0.root.key; $0.trustsRoot = false; $0.acceptsTestCA = true
      }
    ),
  ]

  @Test(arguments: accepted.indices) func `A chain that holds`(place: Int) throws {
    let (name, change) = Self.accepted[place]
    var vendor = VendorInCode()
    change(&vendor)
    let verdict = try vendor.verdict()
    #expect(verdict.holds && verdict.findings.isEmpty, "\(name): \(verdict.findings)")
    let facts = try #require(verdict.facts)
    #expect(facts.key == VendorInCode.publicKey(4) && facts.slot == .signature)
    #expect(facts.isTestCA == vendor.acceptsTestCA)
  }

  @Test func `The facts are the certificate's`() throws {
    let facts = try #require(try VendorInCode().verdict().facts)
    #expect(facts.serial == 0x0102_0304 && facts.firmware == FirmwareVersion(5, 7, 4))
    #expect(facts.pinPolicy == .always && facts.touchPolicy == .always)
    #expect(facts.formFactor?.description == "USB-C keychain")
    #expect(facts.root == "CN=Vendor Root")
    #expect(facts.rootFingerprint == SHA256Digest(of: try VendorInCode().certificates().root))
  }

  /// One thing changed, one finding.
  static let refused: [(String, Finding.Code, Change)] = [
    ("the leaf names another issuer", .attestationIssuer, { $0.leaf.issuer = "YubiKey PIV" }),
    (
      "the leaf is signed by another key", .attestationSignature, { $0.leaf.signer = VendorInCode.key(9) }
    ),
    ("F9 is signed by another key", .attestationSignature, { $0.device.signer = VendorInCode.key(9) }),
    ("F9 names another issuer", .attestationRootUnknown, { $0.device.issuer = "Another vendor" }),
    ("the intermediate is not pinned", .attestationRootUnknown, { $0.pinsIntermediate = false }),
    ("nobody trusts the root", .attestationRootUnknown, { $0.trustsRoot = false }),
    (
      "F9 is the root itself", .attestationRootUnknown,
      {
        $0.device = $0.root; $0.device.issuer = $0.root.subject; $0.device.signer = $0.root.key
      }
    ),
    (
      "F9 says it is no issuer", .attestationAuthority,
      { $0.device.constraints = .notCertificateAuthority }
    ),
    (
      "F9 may not sign certificates", .attestationAuthority,
      { $0.device.usage = KeyUsage(digitalSignature: true) }
    ),
    (
      "F9 is itself an attestation, by serial", .attestationAuthority,
      { $0.device.vendor[7] = [2, 1, 1] }
    ),
    ("F9 is itself an attestation, by policy", .attestationAuthority, { $0.device.vendor[8] = [3, 2] }),
    (
      "the intermediate does not say it is an issuer", .attestationAuthority,
      { $0.intermediate.constraints = nil }
    ),
    (
      "the intermediate may have no issuer below it", .attestationAuthority,
      { $0.intermediate.constraints = .isCertificateAuthority(maxPathLength: 0) }
    ),
    (
      "the root may have one issuer below it, and has two", .attestationAuthority,
      { $0.root.constraints = .isCertificateAuthority(maxPathLength: 1) }
    ),
    (
      "the intermediate is for another application", .attestationAuthority,
      { $0.intermediate.subject = "Vendor OPGP Attestation A 1" }
    ),
    (
      "the leaf calls itself an issuer", .attestationAuthority,
      { $0.leaf.constraints = .isCertificateAuthority(maxPathLength: nil) }
    ),
    (
      "the leaf begins a second later", .attestationNotYetValid, { $0.leaf.from = "2026-09-01T00:00:01Z" }
    ),
    ("F9 ended a second before", .attestationExpired, { $0.device.until = "2026-08-31T23:59:59Z" }),
    ("the intermediate ended", .attestationExpired, { $0.intermediate.until = "2026-08-31T23:59:59Z" }),
    ("the root begins later", .attestationNotYetValid, { $0.root.from = "2027-01-01T00:00:00Z" }),
    ("no firmware", .attestationMalformed, { $0.leaf.vendor[3] = nil }),
    ("two bytes of firmware", .attestationMalformed, { $0.leaf.vendor[3] = [5, 7] }),
    ("no policy", .attestationMalformed, { $0.leaf.vendor[8] = nil }),
    ("three bytes of policy", .attestationMalformed, { $0.leaf.vendor[8] = [3, 2, 1] }),
    ("a negative serial", .attestationMalformed, { $0.leaf.vendor[7] = [2, 1, 0x80] }),
    ("a serial of five bytes", .attestationMalformed, { $0.leaf.vendor[7] = [2, 5, 1, 2, 3, 4, 5] }),
    ("an empty serial", .attestationMalformed, { $0.leaf.vendor[7] = [] }),
    ("two bytes of form factor", .attestationMalformed, { $0.leaf.vendor[9] = [3, 3] }),
    ("a name without a slot", .attestationMalformed, { $0.leaf.subject = "YubiKey PIV Attestation" }),
    (
      "a name with a slot that is none", .attestationMalformed,
      { $0.leaf.subject = "YubiKey PIV Attestation 9f" }
    ),
    (
      "a name of another kind", .attestationMalformed, { $0.leaf.subject = "YubiKey OPGP Attestation 9c" }
    ),
    ("an unknown critical extension", .attestationMalformed, { $0.leaf.critical[77] = [1] }),
    ("an unknown critical extension in F9", .attestationMalformed, { $0.device.critical[77] = [1] }),
    ("another slot", .attestationSlot, { $0.leaf.subject = "YubiKey PIV Attestation 9a" }),
    ("another key", .attestationKeyMismatch, { $0.leaf.key = VendorInCode.key(9) }),
    ("another serial", .attestationSerialMismatch, { $0.leaf.vendor[7] = [2, 4, 1, 2, 3, 5] }),
    ("no serial", .attestationSerialMismatch, { $0.leaf.vendor[7] = nil }),
    ("a lower PIN policy", .attestationPolicy, { $0.leaf.vendor[8] = [2, 2] }),
    ("an unknown PIN policy", .attestationPolicy, { $0.leaf.vendor[8] = [4, 2] }),
    ("a lower touch policy", .attestationPolicy, { $0.leaf.vendor[8] = [3, 3] }),
    ("no touch", .attestationPolicy, { $0.leaf.vendor[8] = [3, 1] }),
    ("an unknown touch policy", .attestationPolicy, { $0.leaf.vendor[8] = [3, 9] }),
    ("firmware before Ed25519", .attestationFirmware, { $0.leaf.vendor[3] = [5, 6, 255] }),
    (
      "firmware below the script's", .attestationFirmware,
      { $0.expectation = expectation(firmware: FirmwareVersion(5, 7, 5)) }
    ),
    (
      "a virtual card in earnest", .attestationTestCA,
      {
        $0.testCA = $0.root.key; $0.trustsRoot = false
      }
    ),
    (
      "the test CA's key under a root that the script trusts", .attestationTestCA,
      { $0.testCA = $0.root.key }
    ),
    ("the test CA's key in an intermediate", .attestationTestCA, { $0.testCA = $0.intermediate.key }),
    ("the test CA's key in F9", .attestationTestCA, { $0.testCA = $0.device.key }),
  ]

  @Test(arguments: refused.indices) func `One defect, one finding`(place: Int) throws {
    let (name, code, change) = Self.refused[place]
    var vendor = VendorInCode()
    change(&vendor)
    let verdict = try vendor.verdict()
    #expect(verdict.findings.map(\.code) == [code], "\(name)")
    #expect(!verdict.holds)
    let concernsExpectation = [
      Finding.Code.attestationSlot, .attestationKeyMismatch, .attestationSerialMismatch, .attestationPolicy,
      .attestationFirmware,
    ]
    #expect((verdict.facts != nil) == concernsExpectation.contains(code), "\(name)")
  }

  @Test func `Another device's F9 is refused, though it has the same name and issuer`() throws {
    let vendor = VendorInCode()
    var other = vendor
    other.device.key = VendorInCode.key(9)
    let (mine, theirs) = (try vendor.certificates(), try other.certificates())
    let verdict = try vendor.verdict(on: AttestationEvidence(leaf: mine.leaf, intermediate: theirs.device))
    #expect(verdict.findings.map(\.code) == [.attestationSignature])
  }

  @Test func `A key that was attested cannot attest another`() throws {
    // The holder of a card signs a leaf with the card's own attested key and presents the true attestation as
    // F9.
    let vendor = VendorInCode()
    let genuine = try vendor.certificates()
    var forged = vendor.leaf
    forged.key = VendorInCode.key(9)
    let leaf = try VendorInCode.make(forged, below: vendor.leaf)
    let evidence = AttestationEvidence(leaf: leaf, intermediate: genuine.leaf)
    #expect(try vendor.verdict(on: evidence).findings.map(\.code) == [.attestationRootUnknown])
    // The same, with the card's F9 slipped in among the vendor's certificates.
    let anchors = try TrustAnchors(
      certificates: [genuine.root, genuine.intermediate, genuine.device],
      otherRoots: [SHA256Digest(of: genuine.root)]
    )
    let time = try #require(UTCTime(vendor.time))
    let verdict = evidence.verdict(against: nil, trusting: anchors, at: time)
    #expect(Set(verdict.findings.map(\.code)) == [.attestationAuthority] && verdict.facts == nil)
  }

  @Test func `Among pinned certificates of one name the one that signed is found`() throws {
    let vendor = VendorInCode()
    var renewed = vendor
    renewed.intermediate.key = VendorInCode.key(9)
    let (made, other) = (try vendor.certificates(), try renewed.certificates())
    let evidence = AttestationEvidence(leaf: made.leaf, intermediate: made.device)
    let time = try #require(UTCTime(vendor.time))
    for order in [[other.intermediate, made.intermediate], [made.intermediate, other.intermediate]] {
      let anchors = try TrustAnchors(
        certificates: order + [made.root],
        otherRoots: [SHA256Digest(of: made.root)]
      )
      #expect(evidence.verdict(against: vendor.expectation, trusting: anchors, at: time).holds)
    }
  }

  @Test func `A trusted certificate that another one issued does not end a chain`() throws {
    let vendor = VendorInCode()
    let made = try vendor.certificates()
    let evidence = AttestationEvidence(leaf: made.leaf, intermediate: made.device)
    let time = try #require(UTCTime(vendor.time))
    let roots = Set([made.root, made.intermediate].map { SHA256Digest(of: $0) })
    for (certificates, code) in [
      ([made.root, made.intermediate], nil), ([made.intermediate], Finding.Code.attestationRootUnknown),
    ] {
      let anchors = try TrustAnchors(certificates: certificates, otherRoots: roots)
      let verdict = evidence.verdict(against: vendor.expectation, trusting: anchors, at: time)
      #expect(verdict.findings.map(\.code) == (code.map { [$0] } ?? []))
      #expect(verdict.facts?.root == (code == nil ? "CN=Vendor Root" : nil))
    }
  }

  @Test func `A vendor file that holds no certificates is refused`() throws {
    #expect(throws: Finding.self) { try TrustAnchors(certificates: [[1, 2, 3]]) }
    #expect(throws: Finding.self) { try TrustAnchors.certificates(pem: "") }
    #expect(throws: Finding.self) { try TrustAnchors.certificates(pem: VendorInCode.publicKey(1).pem) }
    let root = try VendorInCode().certificates().root
    #expect(try TrustAnchors.certificates(pem: PEM.encode("CERTIFICATE", root)) == [root])
  }

  private static func expectation(
    serial: UInt32? = 0x0102_0304,
    pin: PINPolicy = .always,
    touch: TouchPolicy = .always,
    firmware: FirmwareVersion? = nil
  ) -> AttestationExpectation {
    AttestationExpectation(
      slot: .signature,
      key: VendorInCode.publicKey(4),
      serial: serial,
      pinPolicy: pin,
      touchPolicy: touch,
      firmware: firmware
    )
  }
}
