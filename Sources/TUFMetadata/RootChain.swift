import CanonicalJSON
import Findings
import UTC

/// The update of a client's root, version by version (TUF §5.3), as a state machine: give it the trusted root, then
/// every newer one in order, then ask for the conclusion.
package struct RootChain: Sendable {
  /// Clients download no larger root (python-tuf's limit in bytes).
  package static let largestRoot = 512_000
  /// Clients follow no more new roots in one refresh (python-tuf's limit).
  package static let mostRotations = 256

  package enum Outcome: String, Sendable {
    /// The root that the chain starts from, taken as given.
    case trusted
    /// A client goes on to this root.
    case updated
    /// A client stops before this root.
    case refused
    /// A client never gets here, since it stopped at an earlier root.
    case unreached
  }

  /// The verdict on one file.
  package struct Step: Sendable {
    /// The name of the file.
    package let place: String
    /// nil where the file could not be read so far.
    package let version: Int64?
    package let expires: UTCTime?
    package let outcome: Outcome
    package let isRehearsal: Bool
    /// By the keys of the root before; nil for the first root and where it did not come to that.
    package let byOldKeys: SignatureCount?
    /// By the root's own keys.
    package let byNewKeys: SignatureCount?
    /// Fast-forward recovery: the keys of timestamp or snapshot changed, so a client drops that metadata (TUF §5.3.11).
    package let dropsMetadata: Bool
    package let findings: [Finding]
    /// What a client does, in words.
    package let client: String
  }

  /// The newest root that a client would end at; nil before ``trust(_:place:)`` or where that was refused.
  package private(set) var newest: Root?
  /// Those that nobody took.
  package private(set) var steps: [Step] = []
  private var isBegun = false
  private var rotations = 0
  private var newestOddities: [Finding] = []
  private var newestPlace = ""
  private var isStopped = false

  package init() {}

  /// Starts from a root. It must carry its own threshold of signatures, which shows that it is whole, not that it is
  /// the right one: where it comes from, the caller must know.
  package mutating func trust(_ bytes: [UInt8], place: String) { update(PreparedRoot(bytes, place: place)) }

  /// Goes on to the next root as a client does: version exactly one more, a threshold by the old keys and one by its
  /// own, an intermediate expiry ignored. The first one is trusted.
  package mutating func update(_ bytes: [UInt8], place: String) { update(PreparedRoot(bytes, place: place)) }

  /// The same with a root that was read before.
  package mutating func update(_ prepared: PreparedRoot) {
    var judgement = Judgement(place: prepared.place)
    do throws(Finding) {
      let content = try prepared.content.get()
      judgement.version = content.root.version
      judgement.expires = content.root.expires
      judgement.isRehearsal = content.root.isRehearsal
      guard !isStopped else { return record(judgement, nil) }
      if let newest { try checkStep(from: newest, to: content.root) }
      judge(content, &judgement)
      judgement.findings += content.oddities + content.sick
      record(judgement, content.root)
      if !judgement.isRefused { newestOddities = content.oddities }
    } catch {
      if !isStopped { judgement.refuse(error) }
      record(judgement, nil)
    }
  }

  /// Hands the steps over, so that a long history needs no room for them.
  package mutating func takeSteps() -> [Step] {
    defer { steps = [] }
    return steps
  }

  /// What the chain as a whole comes to, beyond the findings of its steps: expiry of the newest root at `time`, and the
  /// oddities that a superseded root may have and the newest may not.
  package func conclusion(at time: UTCTime) -> [Finding] {
    guard let newest else {
      return !isBegun
        ? [
          Finding(
            .nothingToVerify,
            "No root metadata was found, so nothing was verified.",
            hint: "Name a folder that holds 1.root.json, 2.root.json, …, or the files themselves."
          )
        ] : []
    }
    var findings = newestOddities.filter { [.expiresForm, .keyIDMismatch, .keyHexPoint].contains($0.code) }.map {
      Finding($0.code, $0.what, hint: $0.hint, place: newestPlace)
    }
    if newest.isExpired(at: time) {
      findings.append(
        Finding(
          .rootExpired,
          "Root version \(newest.version) expired at \(newest.expires); clients refuse to update.",
          hint: "Sign and publish version \(newest.version + 1) now.",
          place: newestPlace
        )
      )
    }
    if rotations > Self.mostRotations {
      findings.append(
        Finding(
          .rootRotations,
          .warning,
          "From the trusted root there are \(rotations) newer ones; python-tuf follows "
            + "\(Self.mostRotations) in one refresh.",
          hint: "Ship clients with a newer root."
        )
      )
    }
    return findings
  }

  private struct Judgement {
    let place: String
    var version: Int64?
    var expires: UTCTime?
    var isRehearsal = false
    var byOldKeys: SignatureCount?
    var byNewKeys: SignatureCount?
    var findings: [Finding] = []
    /// A client stops before this root: other errors harm roles besides the root's own.
    var isRefused = false

    mutating func refuse(_ finding: Finding) {
      findings.append(finding)
      isRefused = true
    }
  }

  private func checkStep(from old: Root, to new: Root) throws(Finding) {
    let (expected, overflow) = old.version.addingReportingOverflow(1)
    guard !overflow, new.version == expected else {
      throw Finding(
        .rootVersionStep,
        "Version \(expected) must follow version \(old.version), and this is \(new.version).",
        hint: new.version > expected
          ? "Find the missing version: no client can skip one." : "Give each version once, in order."
      )
    }
  }

  private func judge(_ content: PreparedRoot.Content, _ judgement: inout Judgement) {
    let new = content.byOwnKeys
    judgement.byNewKeys = new
    var unknown = Set(new.unknown)
    var invalid = Set(new.invalid)
    var unchecked = Set(new.unchecked)
    var salted = Set(new.salted)
    if let newest {
      var checker = content.checker
      let isSame = newest[.root] == content.root[.root] && newest.keys == content.root.keys
      let old = isSame ? new : checker.count(newest[.root], newest.keys)
      judgement.byOldKeys = old
      // Known to either root is known; a signature is bad unless one of the roots has a key that it matches.
      unknown.formIntersection(old.unknown)
      invalid = invalid.union(old.invalid).subtracting(
        old.counted + old.repeated + new.counted + new.repeated
      )
      let checked = old.counted + old.repeated + new.counted + new.repeated
      unchecked = unchecked.union(old.unchecked).subtracting(checked)
      invalid.subtract(unchecked)
      salted.formUnion(old.salted)
      if !old.isMet {
        let isStrange = content.root.isStranger(to: newest) && old.counted.isEmpty && old.unchecked.isEmpty
        judgement.refuse(
          unmet(.rootThresholdOld, old, "the keys of version \(newest.version)", isStrange: isStrange)
        )
      }
    }
    if !new.isMet { judgement.refuse(unmet(.rootThresholdNew, new, "its own keys")) }
    judgement.findings += content.envelope.warnings(
      unknown: unknown,
      invalid: invalid,
      unchecked: unchecked,
      salted: salted
    )
  }

  private func unmet(
    _ code: Finding.Code,
    _ count: SignatureCount,
    _ whose: String,
    isStrange: Bool = false
  ) -> Finding {
    Finding(
      code,
      count.unmet(by: "by \(whose)"),
      hint: isStrange
        ? "It shares no root key with the version before: look whether it belongs to another repository."
        : count.hint("Collect the missing signatures; clients keep the root before.")
    )
  }

  private mutating func record(_ judgement: Judgement, _ root: Root?) {
    let outcome: Outcome =
      isStopped ? .unreached : judgement.isRefused ? .refused : newest == nil ? .trusted : .updated
    let accepted = judgement.isRefused || isStopped ? nil : root
    let drops = if let newest, let accepted { !newest.rotatedOnlineRoles(in: accepted).isEmpty } else { false }
    let client: String
    switch outcome {
    case .trusted: client = "starts from version \(accepted?.version ?? 0)"
    case .updated:
      client =
        "goes on to version \(accepted?.version ?? 0)" + (drops ? ", drops timestamp and snapshot" : "")
    case .refused:
      client = newest.map { "stops and stays at version \($0.version)" } ?? "has no root to start from"
    case .unreached: client = "never gets here"
    }
    isBegun = true
    if outcome == .updated { rotations += 1 }
    steps.append(
      Step(
        place: judgement.place,
        version: judgement.version,
        expires: judgement.expires,
        outcome: outcome,
        isRehearsal: judgement.isRehearsal,
        byOldKeys: judgement.byOldKeys,
        byNewKeys: judgement.byNewKeys,
        dropsMetadata: drops,
        findings: judgement.findings.map { $0.place == nil ? $0.at(judgement.place) : $0 },
        client: client
      )
    )
    if let accepted {
      newest = accepted
      newestPlace = judgement.place
    } else {
      isStopped = true
    }
  }
}

extension Root {
  /// Those of timestamp and snapshot whose keys are others in `next`: clients then drop what they have of both
  /// (TUF §5.3.11).
  package func rotatedOnlineRoles(in next: Root) -> [TopLevelRole] {
    [.timestamp, .snapshot].filter { role in
      let isSame = self[role] == next[role] && keys == next.keys
      return !isSame && keys.materials(of: self[role]) != next.keys.materials(of: next[role])
    }
  }
}
