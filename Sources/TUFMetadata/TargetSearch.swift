import CanonicalJSON
import Glibc
import Keys

/// Where a client looks for a target file: the roles of targets metadata in the order in which it asks them (TUF §5.6.7).
package struct TargetSearch: Sendable {
  private let delegations: [String: Delegations]

  /// - Parameter delegations: of each role that delegates, by its name.
  package init(_ delegations: [String: Delegations]) { self.delegations = delegations }

  /// The first role on a client's way to a target for which `isHolder` is true; nil where it finds none before it stops.
  package func first(for path: String, where isHolder: (String) -> Bool) -> String? {
    var waiting = [TopLevelRole.targets.rawValue]
    var visited: Set<[UInt8]> = []
    while let role = waiting.popLast() {
      guard visited.insert(Array(role.utf8)).inserted else { continue }
      if isHolder(role) { return role }
      var next: [String] = []
      switch delegations[role]?.roles {
      case .succinct(let bins): next = bins.bin(for: path).map { [$0] } ?? []
      case .named(let roles):
        for delegated in roles where delegated.scope.covers(path) {
          next.append(delegated.name)
          if delegated.terminating {
            waiting = []
            break
          }
        }
      case nil: break
      }
      waiting += next.reversed()
    }
    return nil
  }
}

extension SuccinctRoles {
  /// The most bins whose names are told here, 65,536; python-tuf reads a snapshot of at most 2,000,000 bytes.
  private static let mostBits = 16

  /// The names of all bins in order (TAP 15); nil where there are more than 65,536.
  package var names: [String]? {
    guard (1...Self.mostBits).contains(bitLength) else { return nil }
    return (0..<1 << bitLength).map(name)
  }

  /// The bin that a target's path falls in: the first bits of the SHA-256 of the path.
  package func bin(for path: String) -> String? {
    guard (1...32).contains(bitLength) else { return nil }
    let first = SHA256Digest(of: Array(path.utf8)).bytes.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    return name(first >> (32 - bitLength))
  }

  private func name(_ bin: Int) -> String {
    let number = String(bin, radix: 16)
    let width = (bitLength + 3) / 4
    return "\(namePrefix)-\(String(repeating: "0", count: max(0, width - number.utf8.count)))\(number)"
  }
}

extension DelegatedRole.Scope {
  /// Whether a target of this path belongs to the role (TUF §4.5: a pattern's `*` and `?` match no `/`).
  package func covers(_ path: String) -> Bool {
    switch self {
    case .pathHashPrefixes(let prefixes):
      let digest = SHA256Digest(of: Array(path.utf8)).hex
      return prefixes.contains { digest.hasPrefix($0) }
    case .paths(let patterns):
      let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      return patterns.contains { pattern in
        let own = pattern.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return own.count == parts.count
          && zip(own, parts).allSatisfy { fnmatch(String(Substring($0)), String(Substring($1)), FNM_NOESCAPE) == 0 }
      }
    }
  }
}
