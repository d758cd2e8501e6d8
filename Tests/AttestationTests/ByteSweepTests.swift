import Attestation
import Findings
import Judges
import Keys
import Testing
import UTC

/// Chains with bytes changed: never accepted, and never a trap.
@Suite struct ByteSweepTests {
  @Test func `A chain made in code is refused with any one byte changed`() throws {
    let vendor = VendorInCode()
    let made = try vendor.certificates()
    let evidence = AttestationEvidence(leaf: made.leaf, intermediate: made.device)
    try Self.sweep(evidence, trusting: vendor.anchors(), at: "2026-09-01T00:00:00Z", "in code")
  }

  @Test func `Vendor certificates with any one byte changed let nothing else in`() throws {
    let vendor = VendorInCode()
    let made = try vendor.certificates()
    let evidence = AttestationEvidence(leaf: made.leaf, intermediate: made.device)
    let time = try #require(UTCTime(vendor.time))
    for place in made.intermediate.indices {
      var other = made.intermediate
      other[place] ^= 1
      guard
        let anchors = try? TrustAnchors(
          certificates: [made.root, other],
          otherRoots: [SHA256Digest(of: made.root)]
        )
      else { continue }
      #expect(evidence.verdict(against: nil, trusting: anchors, at: time).facts == nil, "byte \(place)")
    }
  }

  @Test func `Certificates cut short, extended or random are refused`() throws {
    let vendor = VendorInCode()
    let made = try vendor.certificates()
    var generator = SystemRandomNumberGenerator()
    let random = (0..<200).map { _ in
      (0..<Int.random(in: 0..<300, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
      }
    }
    for bytes in made.leaf.indices.map({ Array(made.leaf.prefix($0)) }) + [made.leaf + [0]] + random {
      let evidence = AttestationEvidence(leaf: bytes, intermediate: made.device)
      #expect(try vendor.verdict(on: evidence).findings.map(\.code) == [.attestationMalformed])
    }
  }

  // Every bit where all tests are asked for, otherwise one bit of every byte, drawn from the seed that is printed.
  static func sweep(
    _ evidence: AttestationEvidence,
    trusting anchors: TrustAnchors,
    at time: String,
    _ name: String
  ) throws {
    let time = try #require(UTCTime(time))
    var dice = Dice(seed: Sweep.seed)
    print("attestation \(name): \(Sweep.isFull ? "every bit" : "one bit of every byte, seed \(Sweep.seed)")")
    var tried = 0
    for part in [\AttestationEvidence.leaf, \.intermediate] {
      for place in evidence[keyPath: part].indices {
        for bit in Sweep.isFull ? Array(0..<8) : [Int.random(in: 0..<8, using: &dice)] {
          var bytes = evidence[keyPath: part]
          bytes[place] ^= 1 << UInt8(bit)
          let changed =
            part == \.leaf
            ? AttestationEvidence(leaf: bytes, intermediate: evidence.intermediate)
            : AttestationEvidence(leaf: evidence.leaf, intermediate: bytes)
          let verdict = changed.verdict(against: nil, trusting: anchors, at: time)
          #expect(verdict.facts == nil && !verdict.findings.isEmpty, "\(name), byte \(place), bit \(bit)")
          tried += 1
        }
      }
    }
    #expect(tried >= evidence.leaf.count + evidence.intermediate.count)
    print("attestation \(name): \(tried) changes, all refused")
  }
}
