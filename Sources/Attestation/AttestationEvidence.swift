import Findings
import Keys
import PIVTypes
import UTC

/// What a device gives as evidence for a key: the answer of instruction F9, and the certificate of slot F9
/// that signed it.
package struct AttestationEvidence: Hashable, Sendable {
  /// DER of the attestation certificate.
  package let leaf: [UInt8]
  /// DER of the certificate in slot F9 (object 5FFF01).
  package let intermediate: [UInt8]

  package init(leaf: [UInt8], intermediate: [UInt8]) {
    self.leaf = leaf
    self.intermediate = intermediate
  }
}

/// What the key must be for the ceremony to go on.
package struct AttestationExpectation: Hashable, Sendable {
  package let slot: Slot
  /// The key that stands in the metadata, or that the card answered when it was generated.
  package let key: PublicKey
  /// The keyholder's card; nil where any will do.
  package let serial: UInt32?
  /// The least that is enough: never, once, always.
  package let pinPolicy: PINPolicy
  /// The least that is enough: never, cached, always.
  package let touchPolicy: TouchPolicy
  /// What the script asks for beyond what the algorithm needs.
  package let firmware: FirmwareVersion?

  package init(
    slot: Slot,
    key: PublicKey,
    serial: UInt32?,
    pinPolicy: PINPolicy,
    touchPolicy: TouchPolicy,
    firmware: FirmwareVersion? = nil
  ) {
    self.slot = slot
    self.key = key
    self.serial = serial
    self.pinPolicy = pinPolicy
    self.touchPolicy = touchPolicy
    self.firmware = firmware
  }

  /// The first firmware that makes and attests such keys: Ed25519 came with 5.7.0, attestation with 4.3.0.
  package static func leastFirmware(for algorithm: PublicKey.Algorithm) -> FirmwareVersion {
    algorithm == .ed25519 ? FirmwareVersion(5, 7, 0) : FirmwareVersion(4, 3, 0)
  }
}

package struct AttestationVerdict: Hashable, Sendable {
  /// nil where the chain does not hold: then nothing that the certificates say is worth showing.
  package let facts: AttestationFacts?
  /// Everything that is wrong, chain first.
  package let findings: [Finding]

  /// Whether nothing at all is wrong.
  package var holds: Bool { facts != nil && findings.isEmpty }
}

extension AttestationEvidence {
  /// Judges the chain leaf ← F9 ← vendor, and then what the leaf says against what is expected.
  ///
  /// `time` is the ceremony's recorded time. That a key was made *on* a device is proven, not when: freshness
  /// comes from the reset and the generation in the same transcript. Without an expectation the chain alone
  /// is judged.
  package func verdict(
    against expectation: AttestationExpectation?,
    trusting anchors: TrustAnchors,
    at time: UTCTime
  ) -> AttestationVerdict {
    let chain = AttestationChain(self, anchors, time)
    guard let facts = chain.facts else { return AttestationVerdict(facts: nil, findings: chain.findings) }
    return AttestationVerdict(facts: facts, findings: expectation.map(facts.differences(from:)) ?? [])
  }
}
