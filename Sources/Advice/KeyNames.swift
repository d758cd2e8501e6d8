import TUFMetadata

/// What people call the keys of a root.
package struct KeyNames: Hashable, Sendable {
  private let byID: [String: String]

  /// Key ids, and the names that the root's own fields give them.
  package init(_ root: Root) {
    byID = Dictionary(root.keys.keys.map { ($0.keyID, $0.described) }) { first, _ in first }
  }

  /// Names that are known from elsewhere, by key id.
  package init(_ names: [String: String]) { byID = names }

  package subscript(keyID: String) -> String { byID[keyID] ?? shortened(keyID) }

  func list(_ keyIDs: [String]) -> String { keyIDs.map { self[$0] }.joined(separator: ", ") }
}
