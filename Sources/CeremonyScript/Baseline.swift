import CanonicalJSON
import Findings
import Keys
import PIVTypes
import Requests
import TUFMetadata
import UTC

/// The files beside a script that hold the root it goes on from, and metadata that is signed again.
package struct BaselineFiles: Hashable, Sendable {
  package let root: PinnedFile
  /// SHA-256 of the last line of the transcript of the ceremony that made it; nil where that is not known.
  package let head: SHA256Digest?
  package let metadata: [PinnedFile]
  /// Why targets metadata is not signed again although its keys leave; nil where the script does not say.
  package let orphanedTargets: String?

  package init(root: PinnedFile, head: SHA256Digest?, metadata: [PinnedFile], orphanedTargets: String? = nil) {
    self.root = root
    self.head = head
    self.metadata = metadata
    self.orphanedTargets = orphanedTargets
  }
}

/// Which key of the root before a keyholder keeps, by the first digits of its key id.
package enum KeptKeyName: Hashable, Sendable {
  /// One key for whatever they sign.
  case one(String)
  /// By role.
  case byRole([String: String])

  /// The fewest digits that name a key.
  package static let fewestDigits = 8

  func digits(for role: String) -> String? {
    switch self {
    case .one(let digits): digits
    case .byRole(let digits): digits[role]
    }
  }
}

/// A key that stands in the root before and in no role of this one.
package struct Leaver: Hashable, Sendable {
  /// A keyholder's id, or the first digits of the key id where nobody brings the card.
  package let id: String
  package let reason: Reason
  /// Whose key it was; a keyholder has a name already.
  package let name: String?
  /// `script.yaml:line:column`.
  package let place: String

  package enum Reason: String, Sendable, CaseIterable {
    /// As planned.
    case routine
    /// Nobody has the card any more.
    case lost
    /// Somebody else may have the key, or use it.
    case suspected
    /// The card's firmware is known to be weak.
    case firmware
    /// The person left.
    case left
  }
}

/// The root that a ceremony goes on from: read, and verified by itself.
package struct Baseline: Hashable, Sendable {
  package let root: Root
  /// The whole file.
  package let bytes: [UInt8]
  /// Metadata that is signed again, and what it delegates.
  package let metadata: BaselineMetadata
  /// SHA-256 of the file.
  package var digest: SHA256Digest { SHA256Digest(of: bytes) }
  /// The real root, where this is its twin.
  package let original: Root?
  /// By the id of a key that is kept in reality, its stand-in. Never iterated.
  private let standIns: [String: MetadataKey]

  /// Throws `BASELINE-INVALID` for what no client would start from, `BASELINE-UNKNOWN-ROLE` for roles that this program would
  /// lose, and `BASELINE-FIELD` for custom fields that no script can repeat or take away.
  package init(_ bytes: [UInt8], named name: String, metadata: [(name: String, bytes: [UInt8])] = [])
    throws(Finding)
  {
    var chain = RootChain()
    chain.trust(bytes, place: name)
    guard let root = chain.newest else {
      let reason = chain.steps.first?.findings.first { $0.severity == .error }
      throw Finding(
        .baselineInvalid, "The root to go on from does not verify by itself: \(reason?.what ?? "it cannot be read.")",
        hint: "Get the root that clients have now, and pin that file.", place: name)
    }
    if let other = root.otherRoles.names.first {
      throw Finding(
        .baselineUnknownRole, "The root to go on from names keys for \(shown(other)), a role that TUF does not have.",
        hint: "This program would lose that role. Leave it out with the program that made it.", place: name)
    }
    let named = root.fields.names + TopLevelRole.allCases.flatMap { root[$0].fields.names }
    if let odd = named.first(where: { !CustomFields.isForeignName($0) }) {
      throw Finding(
        .baselineField, "The root to go on from has a custom field “\(shown(odd))”, a name that no script can state.",
        hint: "Make a root without that field first, with the program that made this one, and go on from that.",
        place: name)
    }
    self.root = root
    self.bytes = bytes
    self.metadata = try BaselineMetadata(metadata, after: root)
    original = nil
    standIns = [:]
  }

  /// What the files are signed with: by each key that can be read, the signatures that hold, and over what.
  package var signatures: [(key: PublicKey, signature: [UInt8], message: [UInt8])] {
    ((try? Envelope(asClientsRead: bytes, place: ""))?.signatures(by: root.keys) ?? []) + metadata.signatures
  }

  /// Keys whose private halves these signatures give away.
  var exposedKeys: Set<PublicKey> {
    var nonces = ECDSANonces()
    for (key, signature, message) in signatures {
      _ = nonces.note(signature, by: key, over: SHA256Digest(of: message).bytes)
    }
    return nonces.exposed
  }

  /// The twin of a real root.
  ///
  /// - Parameter standIns: by the id of a key that is kept in reality, its stand-in.
  init(twin root: Root, _ bytes: [UInt8], of real: Baseline, _ standIns: [String: MetadataKey]) {
    self.root = root
    self.bytes = bytes
    metadata = real.metadata
    original = real.original ?? real.root
    self.standIns = standIns
  }

  /// A twin with its signatures.
  package func signed(_ file: [UInt8]) -> Baseline {
    Baseline(twin: root, file, of: self, standIns)
  }

  /// Why a client that has this root would not go on to that file; nil where it would.
  package func refusal(of next: [UInt8]) -> Finding? {
    var chain = RootChain()
    chain.trust(bytes, place: "the root before")
    chain.update(next, place: "the new root")
    guard chain.steps.last?.outcome != .updated else { return nil }
    return chain.steps.last?.findings.first { $0.severity == .error }
      ?? Finding(.baselineInvalid, "No client goes on to this root.", hint: "Nothing was written.")
  }

  /// The one key of the root, or of what its metadata delegates, whose id begins with these digits; nil where there is none,
  /// or more than one. In a twin its stand-in: a script names the real keys.
  package func key(_ digits: String) -> MetadataKey? {
    let real = (original ?? root).keys.keys
    let delegated = metadata.keys.filter { key in !real.contains { $0.keyID == key.keyID } }
    let found = (real + delegated).filter { $0.keyID.hasPrefix(digits) }
    guard let first = found.first, found.allSatisfy({ $0.keyID == first.keyID }) else { return nil }
    return standIns[first.keyID] ?? root.keys[first.keyID] ?? delegated.first { $0.keyID == first.keyID }
  }

  /// The first digits of a key id, so many that no other key has them.
  func shortest(_ keyID: String) -> String {
    var count = KeptKeyName.fewestDigits
    let others = (root.keys.keys + metadata.keys).filter { $0.keyID != keyID }
    while count < keyID.utf8.count, others.contains(where: { $0.keyID.hasPrefix(keyID.prefix(count)) }) { count += 1 }
    return String(keyID.prefix(count))
  }

  /// The ids of a role's keys, in their order; nil where neither the root nor what is pinned beside it names the role.
  func keyIDs(of role: String) -> [String]? {
    TopLevelRole(rawValue: role).map { root[$0].keyIDs } ?? metadata.entry(of: role)?.role.keyIDs
  }
}

extension Script {
  /// The root that the script goes on from, and the metadata that it pins beside it; nil where it founds one.
  ///
  /// - Parameters:
  ///   - folder: before the names of the files, in whatever is wrong with them: "" or `inputs/`.
  ///   - read: the content of a file that the script pins.
  package func baseline(
    in folder: String = "", reading read: (PinnedFile) throws(Finding) -> [UInt8]
  ) throws(Finding) -> Baseline? {
    guard let files = goesOn else { return nil }
    var metadata: [(name: String, bytes: [UInt8])] = []
    for file in files.metadata { metadata.append((folder + file.name, try read(file))) }
    return try Baseline(try read(files.root), named: folder + files.root.name, metadata: metadata)
  }

  /// Every script of a root after the first goes on from one.
  package var isRotation: Bool { goesOn != nil }

  /// The same script with the root that it goes on from.
  ///
  /// - Parameter baseline: from the files that the script pins, or what stands for it in a rehearsal.
  package func going(on baseline: Baseline?) -> Script {
    var script = self
    script.baseline = baseline
    return script
  }

  /// The root key of the root before, or of another role there, that somebody keeps; nil where theirs are made here,
  /// or nothing in the root before has that name.
  package func keptKey(of keyholder: String, _ role: String) -> MetadataKey? {
    self.keyholder(keyholder)?.key?.digits(for: role).flatMap {
      baseline?.key($0) ?? answered?.named?.key($0) ?? pendingRoot?.key($0)
    }
  }

  /// A kept key that serves two roles has one slot: that of the first of them.
  func keptSlot(of keyholder: String, _ role: OfflineRole) -> Slot {
    guard case .one? = self.keyholder(keyholder)?.key, let root = offlineRole("root"), role.name != "root",
      let key = keptKey(of: keyholder, "root"),
      root.keyholders.contains(keyholder) || baseline?.root[.root].keyIDs.contains(key.keyID) == true
    else { return role.slot }
    return root.slot
  }

  /// Whether somebody with a role keeps the key with this id.
  package func keeps(_ keyID: String) -> Bool {
    offlineRoles.contains { role in role.keyholders.contains { keptKey(of: $0, role.name)?.keyID == keyID } }
  }

  /// Who keeps a key, or brings it once more and leaves.
  package func keeper(of keyID: String) -> Keyholder? {
    keyholders.first { keyholder in
      (keptRoles(of: keyholder.id) + roles(of: keyholder.id).map(\.name)).contains {
        keptKey(of: keyholder.id, $0)?.keyID == keyID
      }
    }
  }

  /// Keyholders whose key stands in the root before, in the order of the script.
  package var keptKeyholders: [Keyholder] { keyholders.filter { $0.key != nil } }

  /// Those of them that have no role any more.
  package func leaver(_ id: String) -> Leaver? { leaving.first { $0.id == id } }

  /// Roles of a kept card's keys: one for each different key.
  package func keptRoles(of keyholder: String) -> [String] {
    guard let key = self.keyholder(keyholder)?.key else { return [] }
    switch key {
    case .one: return [offlineRoles.first { $0.keyholders.contains(keyholder) }?.name ?? "root"]
    case .byRole(let digits):
      let first = TopLevelRole.allCases.map(\.rawValue).filter { digits[$0] != nil }
      return first + digits.keys.filter { !first.contains($0) }.sorted()
    }
  }

  /// The public keys on a kept card, as a card writes them.
  package func keptPublicKeys(of keyholder: String) -> [[UInt8]] {
    keptRoles(of: keyholder).compactMap { keptKey(of: keyholder, $0)?.publicKey?.bytes }
  }

  /// Whose card holds a kept key by the script of the ceremony that made it: a role's keys stand in the order of its
  /// keyholders. nil where that script is of another root.
  package func formerOwner(of keyholder: String, in before: Script) -> String? {
    for role in keptRoles(of: keyholder) {
      if let waiting = pendingRoot?.root, let key = keptKey(of: keyholder, role),
        let named = TopLevelRole(rawValue: role),
        let place = waiting[named].keyIDs.firstIndex(of: key.keyID), let old = before.offlineRole(role),
        old.keyholders.indices.contains(place)
      {
        return old.keyholders[place]
      }
      // Who signs for the root before alone had that card there, too.
      if pendingRoot != nil { return before.keyholder(keyholder)?.key == nil ? nil : keyholder }
      guard let key = keptKey(of: keyholder, role),
        let place = baseline?.keyIDs(of: role)?.firstIndex(of: key.keyID), let old = before.offlineRole(role),
        old.keyholders.indices.contains(place)
      else { continue }
      return old.keyholders[place]
    }
    return nil
  }

  /// Whose key of the root role before it is; the order of the script.
  package var oldSigners: [String] {
    guard let baseline else { return [] }
    return keyholders.map(\.id).filter { id in
      keptKey(of: id, "root").map { baseline.root[.root].keyIDs.contains($0.keyID) } ?? false
    }
  }

  /// Who may sign a role's metadata: its keyholders, and for a root those of the root before.
  package func signers(of role: String) -> [String] {
    let own = offlineRole(role)?.keyholders ?? []
    return role == "root" ? keyholders.map(\.id).filter { own.contains($0) || oldSigners.contains($0) } : own
  }

  /// What holds where somebody is absent.
  package func absentRule(of keyholder: String) -> AbsentRule {
    if let own = self.keyholder(keyholder)?.absent { return own }
    // Whoever leaves may sign, and need not.
    return leaver(keyholder) != nil && absent == .stop ? .enrolled : absent
  }
}

extension MetadataKey {
  /// The algorithm by which a card has such a key; nil where no card that is known here has one.
  package var cardAlgorithm: KeyAlgorithm? {
    publicKey.flatMap { key in KeyAlgorithm.allCases.first { $0.ofKeys == key.algorithm } }
  }
}
