import CeremonyRecords
import CeremonyScript
import Findings
import Keys

/// What a ceremony knows of itself, for its report and for the verdict of who re-executed it.
package struct CeremonyAccount: Sendable {
  package let configuration: CeremonyConfiguration
  /// Everybody with a part, as the script names them.
  package let people: [Person]
  /// The files that it wrote and a record or the sums name, in their order.
  package let products: [Product]
  /// The files that it read, sorted.
  package let inputs: [String]
  /// The SHA-256 of the last line of the closed transcript; nil before that.
  package let head: SHA256Digest?
  /// Who signed the transcript seal; nil before the transcript is closed.
  package let seal: SealCount?
  package let facts: CeremonyFacts
  /// Whether a key was accepted without proof that it is on hardware.
  package let isUnproven: Bool
  /// An error for each key of the root or of an official whose signatures here gave its private half away.
  package let exposures: [Finding]
}

extension CeremonyEngine {
  /// As far as it has come.
  package var account: CeremonyAccount { ceremony.account }
}

extension Ceremony {
  var account: CeremonyAccount {
    CeremonyAccount(
      configuration: configuration, people: script.people, products: products,
      inputs: inputs.keys.map { "inputs/\($0)" }.sorted(), head: head, seal: sealCount, facts: facts,
      isUnproven: isUnproven, exposures: exposures)
  }

  /// How many signed the transcript seal; nil before the transcript is closed.
  private var sealCount: SealCount? {
    guard transcript != nil, let root = script.offlineRole("root") else { return nil }
    let missing = script.officials.map(\.id).filter { official in
      cards[official]?.keys[official] != nil && !sealSignatures.contains { $0.keyholder == official }
    }
    return SealCount(
      count: rootSealCount, needed: script.sealCount, threshold: root.threshold, missing: missing,
      isGivenUp: isSealingGivenUp)
  }
}
