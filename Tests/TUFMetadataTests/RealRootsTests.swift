import CanonicalJSON
import Findings
import Judges
import SampleMetadata
import TUFMetadata
import Testing
import UTC

private func chain(_ files: [[UInt8]]) -> RootChain {
  var chain = RootChain()
  for (place, file) in files.enumerated() { chain.update(file, place: "\(place + 1).root.json") }
  return chain
}

@Test func followsSigstore() throws {
  let names = (1...15).map { "\($0).root.json" }
  guard let files = try RealData.files("roots/sigstore-root-signing", names, "roots of sigstore") else {
    return
  }
  let chain = chain(files)
  #expect(chain.steps.map(\.outcome) == [.trusted] + Array(repeating: .updated, count: 14))
  #expect(chain.conclusion(at: try Samples.time("2026-09-01T00:00:00Z")) == [])
  #expect(chain.conclusion(at: try Samples.time("2026-11-20T13:58:18Z")).map(\.code) == [.rootExpired])
  let warnings = chain.steps.map { Set($0.findings.map(\.code)) }
  #expect(chain.steps.flatMap(\.findings).allSatisfy { $0.severity == .warning })
  // The signatures of versions 5, 9, 10 and 13 by key ids that they do not name are by the keys of the version before.
  let odd: [Int: Set<Finding.Code>] = [
    1: [.expiresForm, .keyHexPoint], 2: [.expiresForm, .keyHexPoint], 3: [.expiresForm, .keyHexPoint],
    4: [.keyHexPoint], 11: [.keyIDMismatch],
  ]
  #expect(warnings == (1...15).map { odd[$0] ?? [] })
}

@Test(
  arguments: [
    ("tough--duplicate-keyid", ["root.json"], [Finding.Code.jsonDuplicateName]),
    ("tough--duplicate-sigs", ["root.json"], [.signatureRepeated]),
    (
      "tough--mismatched-root-json-keyids", ["root.json"],
      [.rootThresholdNew, .signatureUnknownKey, .roleKeyMissing]
    ),
    ("tough--rotated-root", ["1.root.json", "2.root.json"], []),
    (
      "pypi-warehouse-dev", ["1.root.json"],
      [.keyIDOtherRule, .keyIDOtherRule, .keyIDOtherRule, .rootExpired]
    ),
    ("python-tuf-repository_data", ["1.root.json"], []),
    (
      "rstuf-cli-payload", ["1.root.json"], [.keyIDOtherRule, .keyIDOtherRule, .keyIDOtherRule, .rootExpired]
    ),
  ] as [(String, [String], [Finding.Code])]
)
func judgesRealRoots(repository: String, names: [String], codes: [Finding.Code]) throws {
  guard let files = try RealData.files("roots/\(repository)", names, "roots of \(repository)") else { return }
  let chain = chain(files)
  let findings =
    chain.steps.flatMap(\.findings) + chain.conclusion(at: try Samples.time("2026-09-01T00:00:00Z"))
  #expect(findings.map(\.code) == codes)
}

/// Alone, version 5 carries signatures that nobody can place.
@Test func warnsOfSurplusSignatures() throws {
  guard let files = try RealData.files("roots/sigstore-root-signing", ["5.root.json"], "roots of sigstore")
  else { return }
  #expect(chain(files).steps.map { Set($0.findings.map(\.code)) } == [[.signatureUnknownKey]])
}
