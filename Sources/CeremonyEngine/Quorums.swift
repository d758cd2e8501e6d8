import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Keys
import Requests
import TUFMetadata

/// One side whose keys must sign: a role's own keys, or for a root also those of the root before (TUF §5.3.4).
struct Quorum: Hashable {
  enum Side: String, Hashable { case old, new }

  let side: Side
  let threshold: Int
  /// Ids of keyholders.
  let signers: [String]
}

extension Ceremony {
  /// The keys that must sign a role's metadata, by side; empty for a role that is not signed here.
  func quorums(of role: String) -> [Quorum] {
    guard let own = script.offlineRole(role) else { return [] }
    let new = Quorum(side: .new, threshold: own.threshold, signers: own.signerNames)
    guard role == "root", let old = script.baseline?.root[.root] else { return [new] }
    return [Quorum(side: .old, threshold: old.threshold, signers: script.oldSigners), new]
  }

  /// The root keys that must seal the transcript, by side.
  var sealQuorums: [Quorum] {
    guard let root = script.offlineRole("root") else { return [] }
    // Who is elsewhere seals there: of a root that waits, or that waited, any of its keys that are here seal it.
    guard !isPending, script.pending == nil else {
      return [Quorum(side: .new, threshold: isPending ? 1 : script.sealCount, signers: script.signers(of: "root"))]
    }
    let new = Quorum(side: .new, threshold: script.sealCount, signers: root.keyholders)
    guard let old = script.baseline?.root[.root] else { return [new] }
    return [Quorum(side: .old, threshold: old.threshold, signers: script.oldSigners), new]
  }

  /// Keyholders whose answer was taken in with its evidence: each sealed it, and so what it is over.
  var sealedElsewhere: Set<String> { elsewhere.witnessed }

  /// How many seals count for one side, here and elsewhere.
  func sealCount(for quorum: Quorum) -> Int {
    // Whoever sealed elsewhere did not see this transcript: without a seal here nobody did.
    sealSignatures.isEmpty
      ? 0 : Set(sealSignatures.map(\.keyholder)).union(sealedElsewhere).intersection(quorum.signers).count
  }

  /// Whether a root waits for signatures from elsewhere.
  var isPending: Bool { payloads["root"]?.isPending == true }

  /// How many of these signatures count for one side.
  func count(_ signatures: [AcceptedSignature], for quorum: Quorum) -> Int {
    Set(signatures.map(\.keyholder)).intersection(quorum.signers).count
  }

  /// Whether a payload has all the signatures that it needs, on each side.
  func isReached(_ role: String) -> Bool {
    let signatures = payloads[role]?.signatures ?? []
    return quorums(of: role).allSatisfy { count(signatures, for: $0) >= $0.threshold }
  }

  /// Whether each side is still reached with these people beside those who signed.
  func isReachable(_ quorums: [Quorum], _ signatures: [AcceptedSignature], with others: Set<String>) -> Bool {
    let all = Set(signatures.map(\.keyholder)).union(others)
    return quorums.allSatisfy { all.intersection($0.signers).count >= $0.threshold }
  }

  /// The key with which somebody signs for a role: kept from the root before, or made here. nil where there is none yet.
  func key(of cardholder: String, _ role: String) -> MetadataKey? {
    script.keptKey(of: cardholder, role)
      ?? cards[cardholder]?.keys[role].map { script.metadataKey($0.publicKey, of: cardholder) }
  }

  /// Whether somebody's key exists: it was made here, or is kept.
  func hasKey(_ cardholder: String) -> Bool {
    script.keyholder(cardholder)?.key != nil || cards[cardholder]?.keys.isEmpty == false
  }

  /// Keyholders of the root whose key was made here, or showed here that its card still signs.
  var provenRootKeyholders: Set<String> {
    Set(
      (script.offlineRole("root")?.keyholders ?? []).filter {
        script.keyholder($0)?.key == nil || proven.contains($0) || script.absentRule(of: $0) == .pending
      })
  }

  /// The keys of the root that is built, and where they come from; empty before it is.
  var keyOrigins: [RootKeyOrigin] {
    // Whoever answers knows where their own key comes from, and of the others nothing.
    script.isAnswer ? [] : namedRoles.map { script.keyOrigins(of: $0) { proven.contains($0) } } ?? []
  }

  /// Who signs for each role, by the root that is built and what delegates; nil before there is a root.
  var namedRoles: NamedRoles? {
    guard let root else { return nil }
    var named = NamedRoles(root)
    for role in ["targets"] + script.delegatedRoles {
      guard let signed = payloads[role]?.reviewed.signed,
        let delegations = try? Targets.read(signed).targets.delegations
      else { continue }
      named.note(delegations)
    }
    return named
  }

  /// What the root before, and both sides, come to; nil for a first root.
  var rotation: CeremonyFacts.Rotation? {
    guard let baseline = script.baseline else { return nil }
    func side(_ side: Quorum.Side) -> CeremonyFacts.Rotation.Side? {
      quorums(of: "root").first { $0.side == side }.map { quorum in
        CeremonyFacts.Rotation.Side(
          count: count(payloads["root"]?.signatures ?? [], for: quorum), threshold: quorum.threshold)
      }
    }
    guard let old = side(.old), let new = side(.new) else { return nil }
    return CeremonyFacts.Rotation(
      version: baseline.root.version, digest: baseline.digest, head: script.goesOn?.head,
      changes: root.map(script.changes(to:)) ?? [], old: old, new: new, unproven: unprovenKept.map(\.name))
  }

  /// Keyholders whose kept key stays although nothing showed that its card still signs.
  var unprovenKept: [Keyholder] {
    script.isAnswer
      ? [] : script.keptKeyholders.filter { !script.roles(of: $0.id).isEmpty && !proven.contains($0.id) }
  }

  /// For which side somebody's signature counts, where there are two.
  func whatCounts(_ role: String, _ keyholder: Keyholder) -> [String] {
    if let root = script.answered?.root, let key = key(of: keyholder.id, role) {
      let sides = root.sides(of: key.keyID)
      return [
        sides.old && sides.new
          ? "This signature counts for both: the root before, and this one."
          : "This signature counts for \(sides.old ? "the root before" : "this root") alone."
      ]
    }
    let quorums = quorums(of: role)
    guard quorums.count > 1 else { return [] }
    let sides = quorums.filter { $0.signers.contains(keyholder.id) }.map(\.side)
    if sides.count > 1 { return ["This signature counts for both: the root before, and this one."] }
    guard sides == [.old] else { return ["This signature counts for this root alone."] }
    let leaves = script.leaver(keyholder.id).map { " \(keyholder.name) leaves (\($0.reason.rawValue))." } ?? ""
    return ["This signature counts for the root before alone.\(leaves)"]
  }
}
