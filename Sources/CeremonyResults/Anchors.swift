import Attestation
import CeremonyScript
import Findings
import Keys

extension Script {
  /// The vendor certificates that the script pins; in a rehearsal also the authority of our virtual cards.
  ///
  /// - Parameter inputs: the content of the files that the script names, by name.
  package func anchors(_ inputs: [String: [UInt8]], isRehearsal: Bool) throws(Finding) -> TrustAnchors {
    var certificates: [[UInt8]] = []
    for file in cards.vendorCertificates {
      certificates += try TrustAnchors.certificates(pem: String(decoding: inputs[file.name] ?? [], as: UTF8.self))
    }
    let others = cards.acceptsOtherVendors ? Set(certificates.map { SHA256Digest(of: $0) }) : []
    return try TrustAnchors(
      certificates: certificates, otherRoots: others, testCA: TrustAnchors.virtualCardAuthority,
      acceptsTestCA: isRehearsal)
  }
}
