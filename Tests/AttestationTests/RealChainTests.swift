import Attestation
import Findings
import Foundation
import Keys
import PIVTypes
import Testing
import UTC

/// Chains of devices that were sold, where the folder that holds them is at hand.
@Suite struct RealChainTests {
  struct Chain: Sendable {
    /// `yubikey-5.7.4-9a`
    let name: String
    let evidence: AttestationEvidence
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../shared/attestations").standardizedFileURL
  static let isAtHand = FileManager.default.fileExists(atPath: folder.path)
  static let chains = (try? readChains()) ?? []
  static let time = "2026-09-01T00:00:00Z"

  @Test func `Real chains verify`() throws {
    guard Self.isAtHand else {
      print("SKIPPED 2 real attestation chains: \(Self.folder.lastPathComponent) is not at hand")
      return
    }
    #expect(Self.chains.count >= 2)
    for chain in Self.chains {
      let facts = try #require(try Self.verdict(chain.evidence).facts, "\(chain.name)")
      print(
        "\(chain.name): serial \(facts.serial.map(String.init) ?? "none"), firmware \(facts.firmware), PIN",
        "\(facts.pinPolicy?.description ?? "?"), touch \(facts.touchPolicy?.description ?? "?"),",
        "\(facts.formFactor?.description ?? "?"), root \(facts.root)"
      )
      #expect(chain.name == "yubikey-\(facts.firmware)-\(facts.slot)")
      #expect(TrustAnchors.yubicoRoots.contains(facts.rootFingerprint) && !facts.isTestCA)
      try judgeDifferences(chain.evidence, facts)
    }
    #expect(Set(Self.chains.compactMap { try? Self.verdict($0.evidence).facts?.root }).count == 2)
  }

  private func judgeDifferences(_ evidence: AttestationEvidence, _ facts: AttestationFacts) throws {
    let pin = try #require(facts.pinPolicy)
    let touch = try #require(facts.touchPolicy)
    let serial = try #require(facts.serial)
    let other = VendorInCode.publicKey(9)
    for (expectation, code) in [
      (
        AttestationExpectation(
          slot: facts.slot,
          key: facts.key,
          serial: serial,
          pinPolicy: pin,
          touchPolicy: touch
        ), nil
      ),
      (
        .init(slot: .signature, key: facts.key, serial: serial, pinPolicy: pin, touchPolicy: touch),
        Finding.Code.attestationSlot
      ),
      (
        .init(slot: facts.slot, key: other, serial: serial, pinPolicy: pin, touchPolicy: touch),
        .attestationKeyMismatch
      ),
      (
        .init(slot: facts.slot, key: facts.key, serial: serial ^ 1, pinPolicy: pin, touchPolicy: touch),
        .attestationSerialMismatch
      ),
      (
        .init(
          slot: facts.slot,
          key: facts.key,
          serial: serial,
          pinPolicy: pin,
          touchPolicy: touch,
          firmware: FirmwareVersion(9, 0, 0)
        ), .attestationFirmware
      ),
    ] {
      let findings = try Self.verdict(evidence, expectation).findings
      #expect(findings.map(\.code) == (code.map { [$0] } ?? []))
    }
    let strictest = AttestationExpectation(
      slot: facts.slot,
      key: facts.key,
      serial: serial,
      pinPolicy: .always,
      touchPolicy: .always
    )
    let lower = [pin != .always, touch != .always].count(where: \.self)
    #expect(
      try Self.verdict(evidence, strictest).findings.map(\.code)
        == [Finding.Code](repeating: .attestationPolicy, count: lower)
    )
  }

  @Test(.enabled(if: isAtHand)) func `Real chains with another device's F9 do not`() throws {
    for (mine, theirs) in Self.chains.flatMap({ a in Self.chains.map { (a, $0) } })
    where mine.name != theirs.name {
      let swapped = AttestationEvidence(leaf: mine.evidence.leaf, intermediate: theirs.evidence.intermediate)
      #expect(try Self.verdict(swapped).findings.map(\.code) == [.attestationIssuer])
    }
  }

  @Test(.enabled(if: isAtHand))
  func `Real chains do not verify before they began, nor without the vendor's intermediates`() throws {
    for chain in Self.chains {
      let early = try Self.verdict(chain.evidence, at: "2015-01-01T00:00:00Z")
      #expect(Set(early.findings.map(\.code)) == [.attestationNotYetValid] && early.facts == nil)
      let none = try TrustAnchors(certificates: [])
      let verdict = chain.evidence.verdict(against: nil, trusting: none, at: try #require(UTCTime(Self.time)))
      #expect(verdict.findings.map(\.code) == [.attestationRootUnknown])
    }
  }

  @Test(.enabled(if: isAtHand)) func `Real chains are refused with any one byte changed`() throws {
    for chain in Self.chains {
      try ByteSweepTests.sweep(chain.evidence, trusting: Self.anchors(), at: Self.time, chain.name)
    }
  }

  private static func verdict(
    _ evidence: AttestationEvidence,
    _ expectation: AttestationExpectation? = nil,
    at time: String = time
  ) throws -> AttestationVerdict {
    evidence.verdict(against: expectation, trusting: try anchors(), at: try #require(UTCTime(time)))
  }

  private static func anchors() throws -> TrustAnchors {
    let files = try FileManager.default.contentsOfDirectory(
      at: folder.appending(path: "ca"),
      includingPropertiesForKeys: nil
    )
    return try TrustAnchors(certificates: files.flatMap { try TrustAnchors.certificates(pem: text($0)) })
  }

  private static func readChains() throws -> [Chain] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0 != "ca" }.sorted().map {
      name in
      func der(_ file: String) throws -> [UInt8] {
        try #require(try PEM.decode(text(folder.appending(path: "\(name)/\(file)"))).first).bytes
      }
      return try Chain(
        name: name,
        evidence: AttestationEvidence(leaf: der("leaf.pem"), intermediate: der("f9.pem"))
      )
    }
  }

  private static func text(_ url: URL) throws -> String {
    String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }
}
