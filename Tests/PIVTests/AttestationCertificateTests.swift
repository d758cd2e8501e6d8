import Foundation
import Keys
import PIV
import PIVTypes
import SmartCard
import Testing

@testable import VirtualCard

/// The certificates of virtual cards, judged by OpenSSL.
@Suite struct AttestationCertificateTests {
  private func certificates(_ algorithm: KeyAlgorithm) throws -> (
    leaf: [UInt8], device: [UInt8], key: [UInt8]
  ) {
    let session = PIVSession(channel: VirtualCard(serial: 13_248_241), vault: TestVault())
    try session.select()
    try session.authenticateManagement(FactorySecret.managementKey.handle, algorithm: .aes192)
    let key = try session.generate(.signature, algorithm, pinPolicy: .always, touchPolicy: .cached)
    return (try session.attest(.signature), try #require(try session.readCertificate(.attestation)), key)
  }

  @Test(arguments: KeyAlgorithm.allCases)
  func opensslAcceptsTheChain(algorithm: KeyAlgorithm) throws {
    let (leaf, device, key) = try certificates(algorithm)
    try ForeignVerifier.withFolder { folder in
      let names = ["root": CertificateMaker.authorityCertificate, "device": device, "leaf": leaf]
      for (name, bytes) in names {
        let path = folder.appending(path: name).path
        let pem = try ForeignVerifier.openssl(["x509", "-inform", "DER"], input: bytes)
        try #require(pem.isContent)
        try Data(pem.output).write(to: URL(filePath: path))
      }
      let paths = ["root", "device", "leaf"].map { folder.appending(path: $0).path }
      let verify = ["verify", "-CAfile", paths[0], "-untrusted", paths[1], paths[2]]
      #expect(try ForeignVerifier.openssl(verify).isContent)
      #expect(try ForeignVerifier.openssl(["verify", "-CAfile", paths[1], paths[2]]).isContent == false)
      let shown = try ForeignVerifier.openssl(["x509", "-in", paths[2], "-noout", "-subject", "-issuer", "-enddate"])
        .output
      let text = String(decoding: shown, as: UTF8.self)
      #expect(
        text.contains("CN = YubiKey PIV Attestation 9c") || text.contains("CN=YubiKey PIV Attestation 9c")
      )
      #expect(text.contains("notAfter=Dec 31 23:59:59 9999 GMT"))
      let spki = try ForeignVerifier.openssl(["x509", "-in", paths[2], "-noout", "-pubkey"]).output
      let der = try ForeignVerifier.openssl(["pkey", "-pubin", "-outform", "DER"], input: spki).output
      #expect(der.suffix(key.count) == key[...])
    }
  }

  /// Firmware, serial as a DER INTEGER, policies, form factor: raw bytes in their OCTET STRINGs.
  @Test func yubicosExtensions() throws {
    let (leaf, device, _) = try certificates(.ed25519)
    let arc = "2b0601040182c40a03"
    for expected in ["030403050704", "070406020400ca26f1", "0804020303", "09040101"] {
      let isThere = Hex.encode(leaf).contains(arc + expected)
      #expect(isThere, "\(expected)")
    }
    #expect(Hex.encode(device).contains(arc + "030403050704"))
    #expect(!Hex.encode(device).contains(arc + "07"))
  }

  @Test func theCAIsTheSameEverywhere() throws {
    #expect(CertificateMaker.authorityCertificate == CertificateMaker.authorityCertificate)
    #expect(try TLV.parseOne(CertificateMaker.authorityCertificate).tag == 0x30)
  }
}
