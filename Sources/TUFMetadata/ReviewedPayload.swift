import CanonicalJSON
import Findings
import Keys
import UTC

/// A signed part that was reviewed without a finding: the only thing that a ceremony shows, signs and writes.
package struct ReviewedPayload: Hashable, Sendable {
  /// The role whose keys sign it: `root`, `targets` or a delegated one.
  package let role: String
  package let version: Int64
  /// What is signed, shown and written. ``Envelope/signedBytes`` are the canonical bytes.
  package let envelope: Envelope
  /// SHA-256 of the canonical bytes.
  package let digest: SHA256Digest

  /// The canonical bytes that every card signs.
  package var canonical: [UInt8] { envelope.signedBytes }
  package var signed: JSONObject { envelope.signed }

  /// Reviews a root that follows `previous`, or version 1 where there is none. Throws every finding.
  package init(_ root: Root, after previous: Root?, _ rules: ReviewRules) throws(ReviewRefusal) {
    try self.init(TopLevelRole.root.rawValue, root.version, root.json, root.findings(after: previous, rules))
  }

  /// Reviews targets metadata of a role that follows `previous`, or version 1 where there is none.
  ///
  /// - Parameter listed: the target files that it is to list; nil where they are those of `previous`.
  package init(
    _ targets: Targets, of role: String, after previous: Targets?, listed: JSONObject? = nil, _ rules: ReviewRules
  ) throws(ReviewRefusal) {
    try self.init(
      role, targets.version, targets.json, targets.findings(after: previous, listed: listed, rules))
  }

  /// Reviews a root that somebody else built and asks to sign: it is signed as it is, whoever wrote it, where its text can
  /// be shown and the card signs so many bytes. Throws every finding.
  package init(asked envelope: Envelope, _ root: Root, _ rules: ReviewRules) throws(ReviewRefusal) {
    var findings = TextCheck.findings(in: .object(envelope.signed)) + rules.sizeFindings(of: envelope.signedBytes.count)
    if root.isExpired(at: rules.now) { findings.append(rules.expiryFinding(root.expires)) }
    guard findings.isEmpty else { throw ReviewRefusal(findings: findings) }
    role = TopLevelRole.root.rawValue
    version = root.version
    self.envelope = Envelope(signed: envelope.signed)
    digest = SHA256Digest(of: envelope.signedBytes)
  }

  private init(
    _ role: String,
    _ version: Int64,
    _ signed: JSONObject,
    _ findings: [Finding]
  ) throws(ReviewRefusal) {
    guard findings.isEmpty else { throw ReviewRefusal(findings: findings) }
    self.role = role
    self.version = version
    envelope = Envelope(signed: signed)
    digest = SHA256Digest(of: envelope.signedBytes)
  }
}

/// Why a payload must not be signed: at least one finding, each an error.
package struct ReviewRefusal: Error, Hashable, Sendable {
  package let findings: [Finding]
}

/// What a payload is reviewed against.
package struct ReviewRules: Hashable, Sendable {
  /// Metadata that we sign expires within so many days.
  package static let longestDays: Int64 = 730

  /// The most bytes of a signed part: a record's line is at most 1 MiB.
  package static let largestPayload = 700_000

  /// The ceremony's recorded time.
  package var now: UTCTime
  package var isRehearsal: Bool
  /// The most bytes that every card of the role signs; nil where there is no limit.
  package var payloadLimit: Int?
  /// Whether a rehearsal's mark is among these bytes. Virtual cards sign it besides: the real ones will sign without it.
  package var countsMark: Bool

  package init(now: UTCTime, isRehearsal: Bool, payloadLimit: Int?, countsMark: Bool = true) {
    self.now = now
    self.isRehearsal = isRehearsal
    self.payloadLimit = payloadLimit
    self.countsMark = countsMark
  }
}

extension Root {
  /// Everything that keeps this root from being signed, each an error.
  package func findings(after previous: Root?, _ rules: ReviewRules) -> [Finding] {
    var findings = rules.findings(
      in: json,
      expires: expires,
      specVersion: specVersion,
      isRehearsal: isRehearsal
    )
    do throws(Finding) {
      let (again, oddities) = try Root.read(readBack(json))
      // A key that is kept has the id and the fields that it had.
      let kept = previous.map { before in oddities.filter { before.keepsOddity($0) } } ?? []
      findings += oddities.filter { !kept.contains($0) }.map(\.asError)
      if again != self { findings.append(roundTripFailed) }
    } catch {
      return findings + [error]
    }
    let expected = (previous?.version ?? 0).addingReportingOverflow(1).partialValue
    if version != expected {
      findings.append(
        Finding(
          .rootVersionStep,
          "This root has version \(version); it must have \(expected).",
          hint: previous == nil
            ? "A genesis makes version 1; a rotation needs the root before."
            : "Give it the version after the last one."
        )
      )
    }
    if consistentSnapshot == nil {
      findings.append(Field.shape("signed.consistent_snapshot is missing"))
    }
    let used = Set(TopLevelRole.allCases.flatMap { self[$0].keyIDs })
    for key in keys.keys where !used.contains(key.keyID) {
      findings.append(
        Finding(
          .keyUnused,
          "Key \(shortened(key.keyID)) belongs to no role.",
          hint: "Remove it or name it in a role."
        )
      )
    }
    let size = Envelope(signed: json).serialized().count
    if size > RootChain.largestRoot {
      findings.append(
        Finding(
          .rootTooLarge,
          "This root has \(size) bytes; clients download at most \(RootChain.largestRoot).",
          hint: "Remove keys or custom fields."
        )
      )
    }
    return findings
  }
}

extension Targets {
  /// Everything that keeps this metadata from being signed, each an error.
  ///
  /// - Parameter listed: the target files that it is to list; nil where they are those of `previous`.
  package func findings(
    after previous: Targets?, listed: JSONObject? = nil, _ rules: ReviewRules
  ) -> [Finding] {
    var findings = rules.findings(
      in: json,
      expires: expires,
      specVersion: specVersion,
      isRehearsal: isRehearsal
    )
    do throws(Finding) {
      let (again, oddities) = try Targets.read(readBack(json))
      findings += oddities.map(\.asError)
      if again != self { findings.append(roundTripFailed) }
    } catch {
      return findings + [error]
    }
    let expected = (previous?.version ?? 0).addingReportingOverflow(1).partialValue
    if version != expected {
      findings.append(
        Finding(
          .targetsVersionStep,
          "This targets metadata has version \(version); it must have \(expected).",
          hint: "Give it the version after the last one, or 1."
        )
      )
    }
    let size = JSONValue.object(json).canonical().count
    if size > ReviewRules.largestPayload {
      findings.append(
        Finding(
          .payloadTooLarge, "The signed part has \(size) bytes, and a transcript takes \(ReviewRules.largestPayload).",
          hint: "List fewer files in one role: delegate to several."))
    }
    if targets != listed ?? previous?.targets ?? [:] {
      findings.append(
        Finding(
          .targetsNotEmpty,
          "This targets metadata lists other target files than the one before it.",
          hint: "A ceremony signs delegations, and what was listed already. Delegated roles sign for new files."
        )
      )
    }
    return findings
  }
}

extension Root {
  /// Whether an oddity of another root's is that of a key of this one, which a later root keeps as it is.
  package func keepsOddity(_ oddity: Finding) -> Bool {
    guard oddity.code == .keyIDOtherRule, let own = try? Root.read(json).oddities else { return false }
    return own.contains(oddity)
  }
}

/// The signed part as any program will read it from the written file.
private func readBack(_ signed: JSONObject) throws(Finding) -> JSONObject {
  let file = Envelope(signed: signed)
  let again = try Envelope(parsing: file.serialized(), place: "the written file")
  guard again.signedBytes == file.signedBytes else { throw roundTripFailed }
  return again.signed
}

private let roundTripFailed = Finding(
  .metadataRoundTrip,
  "This metadata, written and read back, is not the same.",
  hint: "Look for a custom field with the name of one of TUF's own."
)

extension Finding {
  fileprivate var asError: Finding { Finding(code, what, hint: hint, place: place) }
}

extension ReviewRules {
  /// What holds for all metadata that we sign.
  fileprivate func findings(
    in signed: JSONObject,
    expires: UTCTime,
    specVersion: String,
    isRehearsal marked: Bool
  ) -> [Finding] {
    var findings: [Finding] = []
    if specVersion != Header.writtenSpecVersion {
      findings.append(
        Finding(
          .specVersion,
          "This metadata names version \(shown(specVersion)) of the specification.",
          hint: "We write \(Header.writtenSpecVersion)."
        )
      )
    }
    if expires <= now || expires > now.adding(days: Self.longestDays) { findings.append(expiryFinding(expires)) }
    let isMarkExact = signed[Header.rehearsalMark] == (isRehearsal ? true : nil)
    if marked != isRehearsal || !isMarkExact {
      findings.append(
        Finding(
          .rehearsalMark,
          isRehearsal
            ? "A rehearsal's metadata must carry its mark."
            : "Real metadata must not carry a rehearsal's mark.",
          hint: "Set \(Header.rehearsalMark) to true in a rehearsal, and nowhere else."
        )
      )
    }
    findings += TextCheck.findings(in: .object(signed))
    return findings + sizeFindings(of: JSONValue.object(signed).canonical().count)
  }

  fileprivate func expiryFinding(_ expires: UTCTime) -> Finding {
    Finding(
      .expiryWindow, "The expiry \(expires) is not within \(Self.longestDays) days after \(now).",
      hint: "Correct the expiry in the script, or the clock.")
  }

  /// - Parameter whole: bytes of the canonical signed part.
  fileprivate func sizeFindings(of whole: Int) -> [Finding] {
    let isWithoutMark = isRehearsal && !countsMark
    let size = whole - (isWithoutMark ? Header.rehearsalMarkSize : 0)
    guard let payloadLimit, size > payloadLimit else { return [] }
    return [
      Finding(
        .payloadTooLarge,
        "The signed part has \(size) bytes\(isWithoutMark ? " without the rehearsal's mark" : ""), and the card signs at most \(payloadLimit).",
        hint: "Use fewer keys, or let targets and root share theirs, or use P-256 keys, which have no such limit.")
    ]
  }
}
