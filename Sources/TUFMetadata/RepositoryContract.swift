/// What a tree that clients download needs of a root and of the targets metadata that is signed with it.
package struct RepositoryContract {
  /// python-tuf reads a root of at most so many bytes.
  package static let largestRoot = 512_000

  package private(set) var breaches: [ContractBreach] = []

  /// - Parameters:
  ///   - targets: what is signed beside the root; nil where nothing is.
  ///   - isFirst: whether clients have no targets metadata yet, which is then needed.
  package init(_ root: Root, targets: Targets?, isFirst: Bool = true) {
    if root.consistentSnapshot != true {
      add(
        .top, "the root does not say that snapshots are consistent, and every file in the tree is named so.",
        "Publish by the program that publishes this repository today.")
    }
    let online = root.keys.materials(of: root[.timestamp])
    if targets == nil, isFirst, !root.keys.materials(of: root[.targets]).isSubset(of: online) {
      add(
        .role(.targets), "targets has keys of its own, and no step builds targets metadata: clients find no file.",
        "Build targets in this ceremony, or give it the online key. What is signed elsewhere is exported --with it.")
    }
    if case .succinct(let bins) = targets?.delegations?.roles, bins.names == nil {
      add(
        .role(.targets),
        "targets delegates to 2^\(bins.bitLength) bins, and no client reads a snapshot that names them.",
        "Delegate to at most 2^16 bins; PEP 458 has 2^14.")
    }
    if Envelope(signed: root.json).serialized().count > Self.largestRoot {
      add(.top, "python-tuf reads no root above \(Self.largestRoot) bytes.", "Use fewer keys and fields.")
    }
  }

  private mutating func add(_ subject: ContractBreach.Subject, _ what: String, _ hint: String) {
    breaches.append(
      ContractBreach(
        subject: subject, field: nil, what: "Clients could not use this repository: \(what)", hint: hint))
  }
}
