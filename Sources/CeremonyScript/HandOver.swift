import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

/// A service, or clients, that take over what a ceremony makes, and what they ask of it.
package enum HandOver: String, Sendable, CaseIterable {
  /// The Repository Service for TUF, as PyPI's.
  case rstuf
  /// Clients, by a tree of files that `tuf-audit export` writes.
  case repository
  /// tuf-on-ci, as sigstore's.
  case tufOnCI = "tuf-on-ci"

  fileprivate func breaches(_ root: Root, _ targets: Targets?, isFirst: Bool) -> [ContractBreach] {
    switch self {
    case .rstuf: RSTUFContract(root).breaches
    case .repository: RepositoryContract(root, targets: targets, isFirst: isFirst).breaches
    case .tufOnCI: TUFOnCIContract(root, targets: targets, isFirst: isFirst).breaches
    }
  }
}

extension Script {
  /// What each named service could not take, or would lose at the next root: errors, placed in the script.
  ///
  /// Nothing is said before every online key could be read.
  func handOverFindings(online: [String: PublicKey], at now: UTCTime) -> [Finding] {
    guard !handOver.isEmpty, onlineKeys.allSatisfy({ online[$0.id] != nil }),
      let expires = expiry(of: "root", .real, at: now)
    else { return [] }
    let keys = standInKeys(online)
    let owners = owners(keys)
    let root = self.root(keys, expires: expires, .real)
    let isSigned = signedRoles.contains { $0.name == TopLevelRole.targets.rawValue }
    let targets =
      isSigned ? expiry(of: "targets", .real, at: now).map { self.targets("targets", keys, expires: $0, .real) } : nil
    let breaches = handOver.flatMap { $0.breaches(root, targets, isFirst: baseline == nil) }
    let findings = breaches.map { breach in
      let owner =
        switch breach.subject {
        case .top: "hand-over"
        case .role(let role): "roles.\(role.rawValue)"
        case .key(let id): owners[id] ?? "hand-over"
        }
      let fields = breach.subject == .top ? "fields" : "\(owner).fields"
      let exact = breach.field.flatMap { place(of: "\(fields).\($0)") }
      return Finding(.handOver, breach.what, hint: breach.hint, place: exact ?? place(of: owner))
    }
    // Once for somebody who has the keys of several roles.
    var said: Set<Finding> = []
    return findings.filter { said.insert($0).inserted }
  }

  /// Under which name of the script a key stands, by its id: the first that the script gives it.
  private func owners(_ keys: ScriptKeys) -> [String: String] {
    let online = onlineKeys.compactMap { one in
      keys.online[one.id].map { (metadataKey($0, of: one), "online-keys.\(one.id)") }
    }
    let offline = offlineRoles.flatMap { role in
      role.keyholders.compactMap { id in
        keys.offline[role.name]?[id].map {
          (keptKey(of: id, role.name) ?? metadataKey($0, of: id), "keyholders.\(id)")
        }
      }
    }
    return Dictionary((online + offline).map { ($0.0.keyID, $0.1) }) { first, _ in first }
  }
}
