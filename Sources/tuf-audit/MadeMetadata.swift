import Findings
import Products

/// The metadata files in a products folder.
struct MadeMetadata {
  /// `metadata/N.ROLE.json`, sorted.
  let paths: [String]

  init(_ source: any ProductsSource) throws(Finding) {
    paths = try source.list().map(\.path).filter { $0.hasPrefix("metadata/") && $0.hasSuffix(".json") }
  }

  /// Of the root; nil where there is none.
  var root: String? { paths.first { $0.hasSuffix(".root.json") } }
}
