import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

/// A service that takes over what a ceremony makes, and what it asks of the root.
package enum HandOver: String, Sendable, CaseIterable {
  /// The Repository Service for TUF, as PyPI's.
  case rstuf
}

extension Script {
  /// What each named service could not take, or would lose at the next root: errors, placed in the script.
  ///
  /// Nothing is said before every online key could be read.
  func handOverFindings(online: [String: PublicKey], at now: UTCTime) -> [Finding] {
    guard handOver.contains(.rstuf), onlineKeys.allSatisfy({ online[$0.id] != nil }),
      let expires = expiry(of: "root", .real, at: now)
    else { return [] }
    let keys = standInKeys(online)
    let owners = owners(keys)
    return RSTUFContract(root(keys, expires: expires, .real)).breaches.map { breach in
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
