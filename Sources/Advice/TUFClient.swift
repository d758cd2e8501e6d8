import CanonicalJSON
import Findings
import TUFMetadata

/// A program by which people update from a TUF repository.
package enum TUFClient: String, CaseIterable, Sendable {
  case pythonTUF = "python-tuf"
  case goTUF = "go-tuf"
  case tough
  case phpTUF = "php-tuf"
  case rustTUF = "rust-tuf"
  case tufJS = "tuf-js"

  /// Where its rules are from.
  package enum Basis: String, Sendable {
    /// Tests of this project run it.
    case run
    /// Its source was read, and it was not run.
    case read
  }

  package var basis: Basis { self == .pythonTUF ? .run : .read }
}

/// What one client makes of a root, as far as that is known.
package struct ClientAdvice: Hashable, Sendable {
  /// From the worst to the best.
  package enum Verdict: String, Sendable {
    case refuses
    /// Some versions refuse it.
    case depends
    /// Goes on, but counts no signature by some keys.
    case limited
    /// Something in it is not known to be taken or refused.
    case unknown
    /// Nothing is known here that it would refuse.
    case nothingKnown = "nothing-known"
  }

  package let client: TUFClient
  package let verdict: Verdict
  /// Why, without periods.
  package let reasons: [String]

  init(_ client: TUFClient, on document: RootDocument) {
    self.client = client
    let root = document.root
    var hits = FileRule.all.filter { $0.client == client }.compactMap { $0.hit(document) }
    var uncounted: [MetadataKey] = []
    var why: [String: String] = [:]
    var roles: [String: [TopLevelRole]] = [:]
    for role in TopLevelRole.inOrder { for keyID in root[role].keyIDs { roles[keyID, default: []].append(role) } }
    let rules = KeyRule.all.filter { $0.client == client }
    for key in root.keys.keys {
      let own = roles[key.keyID] ?? []
      guard let hit = rules.lazy.compactMap({ $0.hit(key, of: own) }).first else { continue }
      switch hit.effect {
      case .uncounted where !own.isEmpty:
        uncounted.append(key)
        why[key.keyID] = hit.why
      case .uncounted: break
      case .file(let effect): hits.append(Hit(effect: effect, why: "key \(shortened(key.keyID)) \(hit.why)"))
      }
    }
    hits += Self.shortfalls(root, without: uncounted, why)
    let order: [Hit.Effect] = [.refuses, .depends, .limited, .unknown]
    reasons = order.flatMap { effect in hits.filter { $0.effect == effect }.map(\.why) }
    verdict =
      switch order.first(where: { effect in hits.contains { $0.effect == effect } }) {
      case .refuses?: .refuses
      case .depends?: .depends
      case .limited?: .limited
      case .unknown?: .unknown
      case nil: .nothingKnown
      }
  }

  /// What follows where a client counts no signature by some keys.
  private static func shortfalls(_ root: Root, without keys: [MetadataKey], _ why: [String: String]) -> [Hit] {
    guard !keys.isEmpty else { return [] }
    let lost = Set(keys.map(\.material))
    var hits: [Hit] = []
    for role in TopLevelRole.inOrder {
      let all = root.keys.materials(of: root[role])
      let left = all.subtracting(lost).count
      guard all.count >= root[role].threshold, left < root[role].threshold else { continue }
      hits.append(
        Hit(
          effect: role == .root ? .refuses : .limited,
          why: "\(role.rawValue) cannot reach its threshold of \(root[role].threshold): it counts \(left) of its "
            + counted(all.count, "key")))
    }
    // Keys of one kind have one reason.
    var reasons: [(why: String, ids: [String])] = []
    for key in keys {
      let reason = why[key.keyID] ?? ""
      if let place = reasons.firstIndex(where: { $0.why == reason }) {
        reasons[place].ids.append(key.keyID)
      } else {
        reasons.append((reason, [key.keyID]))
      }
    }
    return hits
      + reasons.map { reason in
        Hit(
          effect: .limited,
          why: "it counts no signature by \(reason.ids.count == 1 ? "key" : "keys") "
            + "\(reason.ids.map { shortened($0) }.inWords): \(reason.why)")
      }
  }

  package var sentence: String {
    let all = reasons.joined(separator: "; ")
    return switch verdict {
    case .refuses: "\(client.rawValue) refuses this root: \(all)."
    case .depends: "\(client.rawValue) refuses this root in some versions: \(all)."
    case .limited: "\(client.rawValue) takes this root in part: \(all)."
    case .unknown: "\(client.rawValue): not known: \(all)."
    case .nothingKnown: "\(client.rawValue): nothing is known here that it refuses."
    }
  }
}

/// That a rule holds for a root.
struct Hit: Hashable, Sendable {
  enum Effect: Hashable, Sendable { case refuses, depends, limited, unknown }

  let effect: Effect
  /// Without a period.
  let why: String
}
