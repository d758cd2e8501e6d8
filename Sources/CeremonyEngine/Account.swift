import CeremonyScript
import Keys

/// What a verdict and the ceremony's own account say of it, beside ``CeremonyFacts``.
extension CeremonyEngine {
  package var configuration: CeremonyConfiguration { ceremony.configuration }
  /// Everybody with a part, as the script names them.
  package var people: [Person] { ceremony.script.people }
  /// The files that it wrote and a record or the sums name, in their order.
  package var products: [Product] { ceremony.products }
  /// The files that it read, in no order.
  package var inputPaths: Set<String> { Set(ceremony.inputs.keys.map { "inputs/\($0)" }) }
  /// The SHA-256 of the last line of the closed transcript; nil before that.
  package var head: SHA256Digest? { ceremony.head }
}
