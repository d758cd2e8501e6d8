import CanonicalJSON
import Findings
import Keys
import TUFMetadata

/// What the loss and the theft of keys mean for one role, or for several that have the same keys and threshold.
package struct Losses: Hashable, Sendable {
  package let roles: [TopLevelRole]
  /// Different keys that must sign.
  package let threshold: Int
  /// Each different key once, by the first id under which it stands.
  package let keyIDs: [String]
  /// Those of ``keyIDs`` whose signatures cannot be checked here.
  package let unchecked: [String]
  /// How many keys are too many to lose: any so many of them. nil where nobody can sign as it is.
  package var fatal: Int? { threshold <= keyIDs.count ? keyIDs.count - threshold + 1 : nil }
  /// Whether each key alone can block every signature: all are needed, and there are several.
  package var isEachNeeded: Bool { keyIDs.count > 1 && threshold == keyIDs.count }
  /// Whether each key alone can sign.
  package var isOneEnough: Bool { threshold == 1 && !keyIDs.isEmpty }
  private let names: KeyNames

  private init(_ role: TopLevelRole, in root: Root, _ names: KeyNames) {
    var seen: Set<MetadataKey.Material> = []
    let keys = root.keys(of: role).filter { seen.insert($0.material).inserted }
    roles = [role]
    threshold = root[role].threshold
    keyIDs = keys.map(\.keyID)
    unchecked = keys.filter { $0.publicKey?.isVerifiable != true }.map(\.keyID)
    self.names = names
  }

  private init(_ roles: [TopLevelRole], as other: Losses) {
    self.roles = roles
    threshold = other.threshold
    keyIDs = other.keyIDs
    unchecked = other.unchecked
    names = other.names
  }

  /// The root first, then the others; roles with the same keys and threshold together.
  static func all(in root: Root, _ names: KeyNames) -> [Losses] {
    var all: [Losses] = []
    for role in TopLevelRole.inOrder {
      let own = Losses(role, in: root, names)
      let twin = all.firstIndex {
        $0.roles != [.root] && $0.threshold == own.threshold && Set($0.keyIDs) == Set(own.keyIDs)
      }
      if let twin {
        all[twin] = Losses(all[twin].roles + [role], as: all[twin])
      } else {
        all.append(own)
      }
    }
    return all
  }

  /// What ends the role, who can block it alone and who can sign it alone.
  package var sentences: [String] {
    guard let fatal else {
      return [
        "\(title): nobody can sign. \(counted(threshold, "signature")) must be there, and there are "
          + "\(counted(keyIDs.count, "different key"))."
      ]
    }
    var sentences = ["\(title): when \(lost(fatal)), \(consequence): \(names.list(keyIDs))."]
    sentences.append("\(title): \(alone)")
    if roles == [.root] {
      sentences.append(
        "\(title): whoever has \(threshold == 1 ? "one" : "any \(threshold)") of these keys makes the next root. Then no rotation "
          + "helps, and clients need a new root out of band.")
    }
    if !unchecked.isEmpty {
      sentences.append(
        "\(title): signatures of \(names.list(unchecked)) cannot be checked here. Whether they can sign is not known; they "
          + "are counted as if they could.")
    }
    return sentences
  }

  private var title: String { roles.map(\.rawValue).inWords }

  private func lost(_ fatal: Int) -> String {
    switch (fatal, keyIDs.count) {
    case (1, 1): "its one key is lost"
    case (let fatal, let count) where fatal == count: "all \(count) of its keys are lost"
    case (1, let count): "any one of its \(count) keys is lost"
    case (let fatal, let count): "any \(fatal) of these \(count) keys are lost"
    }
  }

  private var consequence: String {
    roles == [.root]
      ? "no root can follow this one, and clients need a new root out of band"
      : "nobody can sign \(roles.count == 1 ? "it" : "them") until a new root names other keys"
  }

  private var alone: String {
    if isEachNeeded {
      return "each of the \(keyIDs.count) keys is needed, so whoever has one can block every signature."
    }
    if isOneEnough {
      return keyIDs.count == 1
        ? "whoever has its one key signs alone." : "whoever has one of its \(keyIDs.count) keys signs alone."
    }
    return "nobody can sign alone, and nobody can block a signature alone."
  }
}

/// Roles that have keys in common: what is lost or stolen for one is lost or stolen for all.
package struct SharedKeys: Hashable, Sendable {
  package let roles: [TopLevelRole]
  package let keyIDs: [String]
  private let names: KeyNames

  static func all(in root: Root, _ names: KeyNames) -> [SharedKeys] {
    var all: [(roles: [TopLevelRole], keys: [MetadataKey])] = []
    var seen: Set<MetadataKey.Material> = []
    let materials = TopLevelRole.inOrder.map { (role: $0, keys: root.keys.materials(of: root[$0])) }
    for key in TopLevelRole.inOrder.flatMap(root.keys(of:)) where seen.insert(key.material).inserted {
      let roles = materials.filter { $0.keys.contains(key.material) }.map(\.role)
      guard roles.count > 1 else { continue }
      if let place = all.firstIndex(where: { $0.roles == roles }) {
        all[place].keys.append(key)
      } else {
        all.append((roles, [key]))
      }
    }
    return all.map { SharedKeys(roles: $0.roles, keyIDs: $0.keys.map(\.keyID), names: names) }
  }

  package var sentence: String {
    let one = keyIDs.count == 1
    return "\(roles.map(\.rawValue).inWords) share \(counted(keyIDs.count, "key")): whoever has "
      + "\(one ? "it" : "such a key") has it for \(roles.count == 2 ? "both" : "all of them"), and its loss counts "
      + "everywhere: \(names.list(keyIDs))."
  }
}

/// One key that stands under several ids. It counts once.
package struct KeyUnderSeveralIDs: Hashable, Sendable {
  package let keyIDs: [String]

  static func all(in root: Root) -> [KeyUnderSeveralIDs] {
    var places: [MetadataKey.Material: Int] = [:]
    var all: [[String]] = []
    for key in root.keys.keys {
      if let place = places[key.material] {
        all[place].append(key.keyID)
      } else {
        places[key.material] = all.count
        all.append([key.keyID])
      }
    }
    return all.filter { $0.count > 1 }.map { KeyUnderSeveralIDs(keyIDs: $0) }
  }

  package var sentence: String {
    "Key ids \(keyIDs.map { shortened($0) }.inWords) are one key. It counts once."
  }
}

extension TopLevelRole {
  /// As people think of them.
  static let inOrder: [TopLevelRole] = [.root, .targets, .snapshot, .timestamp]
}

extension [String] {
  /// `a`, `a and b`, `a, b and c`.
  var inWords: String {
    guard let last, count > 1 else { return first ?? "" }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}
