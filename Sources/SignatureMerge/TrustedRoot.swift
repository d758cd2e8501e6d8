import Findings
import Keys
import TUFMetadata

/// The root that somebody trusts already: its keys and thresholds judge what is signed next.
package struct TrustedRoot: Sendable {
  package let root: Root
  package let digest: SHA256Digest
  let path: String

  /// Throws what keeps a client from starting with this root: it must carry its own threshold of signatures, which shows
  /// that it is whole. That it is the right one, whoever names it must know.
  package init(_ bytes: [UInt8], path: String) throws(Finding) {
    var chain = RootChain()
    chain.trust(bytes, place: path)
    guard let root = chain.newest else {
      throw chain.steps.lazy.flatMap(\.findings).first { $0.severity == .error }
        ?? Finding(.nothingToVerify, "This root cannot be used.", hint: "Name another copy.", place: path)
    }
    self.root = root
    self.path = path
    digest = SHA256Digest(of: bytes)
  }
}
