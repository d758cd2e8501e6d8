import Attestation
import Findings
import Keys
import PIV
import PIVTypes
import Testing
import UTC

@testable import VirtualCard

/// Knows the factory's secrets and no others.
final class FactoryVault: SecretVault {
  struct Unknown: Error {}

  func reveal(_ handle: SecretHandle) throws -> Secret {
    guard let factory = FactorySecret(handle) else { throw Unknown() }
    return try Secret(copying: factory.value)
  }
  func draw(count: Int) throws -> Secret { try .random(count: count) }
  func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    try compute()
  }
}

@Suite struct VirtualCardChainTests {
  static let time = UTCTime("2026-01-01T00:00:00Z")

  @Test func `The authority that verdicts know is the one that virtual cards have`() {
    #expect(TrustAnchors.virtualCardAuthority == CertificateMaker.authorityCertificate)
    #expect(!TrustAnchors.virtualCardAuthority.isEmpty)
  }

  @Test(arguments: KeyAlgorithm.allCases)
  func `A virtual card's key is attested in a rehearsal and nowhere else`(
    algorithm: KeyAlgorithm
  ) throws {
    let session = PIVSession(channel: VirtualCard(serial: 7_000_001, seed: [1]), vault: FactoryVault())
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
    let bytes = try session.generate(.signature, algorithm, pinPolicy: .always, touchPolicy: .cached)
    let key =
      switch algorithm {
      case .ed25519: try PublicKey(ed25519: bytes)
      case .ecdsaP256: try PublicKey(x963: bytes, .ecdsaP256)
      case .ecdsaP384: try PublicKey(x963: bytes, .ecdsaP384)
      }
    let device = try session.readCertificate(.attestation)
    let evidence = AttestationEvidence(
      leaf: try session.attest(.signature),
      intermediate: try #require(device)
    )
    let expectation = AttestationExpectation(
      slot: .signature,
      key: key,
      serial: 7_000_001,
      pinPolicy: .always,
      touchPolicy: .cached
    )
    let time = try #require(Self.time)

    let rehearsal = try TrustAnchors(
      certificates: [],
      testCA: CertificateMaker.authorityCertificate,
      acceptsTestCA: true
    )
    let verdict = evidence.verdict(against: expectation, trusting: rehearsal, at: time)
    #expect(verdict.holds, "\(verdict.findings)")
    #expect(verdict.facts?.isTestCA == true)
    #expect(try verdict.facts?.firmware == session.firmwareVersion())
    #expect(try verdict.facts?.serial == session.serial())

    let real = try TrustAnchors(
      certificates: [CertificateMaker.authorityCertificate],
      otherRoots: [SHA256Digest(of: CertificateMaker.authorityCertificate)],
      testCA: CertificateMaker.authorityCertificate
    )
    #expect(
      evidence.verdict(against: expectation, trusting: real, at: time).findings.map(\.code)
        == [.attestationTestCA]
    )
    try ByteSweepTests.sweep(
      evidence,
      trusting: rehearsal,
      at: "2026-01-01T00:00:00Z",
      "virtual \(algorithm)"
    )
  }
}
