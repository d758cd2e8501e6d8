import CanonicalJSON
import Keys

/// What tuf-on-ci (0.21) needs of the root and the targets metadata that it goes on from. Without one of its fields its
/// programs end in a KeyError.
///
/// Fields of keys count into key ids, so that a root without them stays without them: importing it makes another root, with
/// other key ids, which a threshold of its owners signs.
package struct TUFOnCIContract {
  /// Days, a whole number from 1 on: how long metadata is valid, and how long before its end it is to be signed again.
  package static let periods = ["x-tuf-on-ci-expiry-period", "x-tuf-on-ci-signing-period"]
  /// Whose key it is: an at sign and the name of an account, in small letters.
  package static let keyOwner = "x-tuf-on-ci-keyowner"
  /// Where its online signer finds the private half.
  package static let onlineURI = "x-tuf-on-ci-online-uri"

  package private(set) var breaches: [ContractBreach] = []
  /// Those of ``breaches`` that importing mends: fields that are not there.
  package private(set) var missing: [ContractBreach] = []
  /// Those of ``breaches`` that keep it from signing the next root, and not from going on: it can be signed here.
  package private(set) var elsewhere: [ContractBreach] = []

  /// - Parameters:
  ///   - targets: what is handed over beside the root; nil where nothing is.
  ///   - isFirst: whether clients have no targets metadata yet, which is then needed.
  package init(_ root: Root, targets: Targets?, isFirst: Bool = true) {
    let online = root.keys.materials(of: root[.timestamp])
    for role in [TopLevelRole.root, .targets] {
      for key in root.keys(of: role) where !online.contains(key.material) { judge(offline: key) }
    }
    judgeOnline(root)
    needPeriods(root.fields, .top)
    for role in [TopLevelRole.timestamp, .snapshot] { needPeriods(root[role].fields, .role(role)) }
    guard let targets else {
      guard isFirst else { return }
      add(
        .role(.targets), nil, "it goes on from targets metadata, and none is made here.",
        "Give targets keyholders and build it in this ceremony, or hand over the file that is published today.")
      return
    }
    if Self.periods.contains(where: { !Self.isPeriod(targets.fields[$0]) }) {
      need(
        .role(.targets), "targets metadata has no \(Self.periods.joined(separator: " and ")), whole numbers of days.",
        "Write both under roles.targets.signed-fields.")
    }
    if case .succinct = targets.delegations?.roles {
      add(
        .role(.targets), nil, "it knows delegated roles by their names alone, and targets delegates to hash bins.",
        "Delegate by paths, or hand over to another service.")
    }
  }

  private mutating func judge(offline key: MetadataKey) {
    guard !breaches.contains(where: { $0.subject == .key(key.keyID) }) else { return }
    let algorithm = key.publicKey?.algorithm
    if ![.ecdsaP256, .ecdsaP384].contains(algorithm) {
      add(
        .key(key.keyID), nil,
        "its signer asks cards for P-256 and P-384 signatures alone, and this key is \(algorithm?.rawValue ?? "another"): nobody could sign the next root there.",
        "Write “algorithm: ecdsa-p256” in the roles root and targets, or sign every root with this program.")
      elsewhere += breaches.suffix(1)
    }
    guard let owner = key.extensions[Self.keyOwner] else {
      return need(
        .key(key.keyID), "the key does not say whose it is.",
        "Give the keyholder the field “\(Self.keyOwner): \"@name\"”. It counts into the key id, so it cannot be added later."
      )
    }
    guard let name = owner.string, name.count > 1, name.hasPrefix("@"), name == name.lowercased() else {
      return add(
        .key(key.keyID), Self.keyOwner, "it knows owners by “@name” in small letters.",
        "Write the account's name so.")
    }
  }

  private mutating func judgeOnline(_ root: Root) {
    let online = root.keys.materials(of: root[.timestamp])
    for role in [TopLevelRole.timestamp, .snapshot]
    where root.keys.materials(of: root[role]) != online || online.count != 1 || root[role].threshold != 1 {
      add(
        .role(role), nil, "one online key signs snapshot and timestamp, and \(role.rawValue) has something else.",
        "Give both roles the same single key and “threshold: 1”.")
    }
    for key in root.keys(of: .timestamp) where key.extensions[Self.onlineURI]?.string?.isEmpty ?? true {
      need(
        .key(key.keyID), "the online key does not say where its private half is.",
        "Give that key the field “\(Self.onlineURI): gcpkms:…”, as its signer names it. It counts into the key id.")
    }
  }

  private mutating func needPeriods(_ fields: JSONObject, _ subject: ContractBreach.Subject) {
    for name in Self.periods where !Self.isPeriod(fields[name]) {
      let what = "it needs \(name), a whole number of days"
      if fields[name] != nil {
        add(subject, name, "\(what).", "Write a number from 1 on.")
      } else {
        need(subject, "\(what), and there is none.", "Write “\(name): 365” under the fields there.")
      }
    }
  }

  private static func isPeriod(_ value: JSONValue?) -> Bool { value?.integer.map { $0 >= 1 } ?? false }

  private mutating func add(_ subject: ContractBreach.Subject, _ field: String?, _ what: String, _ hint: String) {
    breaches.append(
      ContractBreach(subject: subject, field: field, what: "tuf-on-ci cannot go on from this: \(what)", hint: hint))
  }

  private mutating func need(_ subject: ContractBreach.Subject, _ what: String, _ hint: String) {
    add(subject, nil, what, hint)
    missing += breaches.suffix(1)
  }
}
