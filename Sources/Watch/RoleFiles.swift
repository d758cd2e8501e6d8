import CanonicalJSON
import Findings
import TUFMetadata

/// Who may sign for a role, and the type of its metadata.
struct Authority: Sendable {
  let name: String
  let type: String
  let role: Role
  let keys: KeyRing
}

/// What timestamp or snapshot says of a role's file: which one clients take (TUF §5.5.4, §5.6.2).
struct Reference: Sendable {
  enum Content: Sendable {
    case named(MetaFile)
    /// Others are named, and this one is not.
    case absent
    /// There is nothing at hand that could say.
    case unknown
  }

  static let unknown = Reference(content: .unknown, by: .snapshot, isReached: false)

  let content: Content
  let by: TopLevelRole
  /// Whether clients get as far as the metadata that says so. Where they do not, what it says is a warning.
  let isReached: Bool

  var version: Int64? { if case .named(let file) = content { file.version } else { nil } }

  /// What keeps clients from taking a file.
  func misfits(_ bytes: [UInt8], _ version: Int64, _ verdict: FileVerdict) -> [Finding] {
    let role = shown(verdict.role)
    switch content {
    case .unknown: return []
    case .absent:
      return [finding(.metaAbsent, "The \(by.rawValue) here does not name \(role), so clients refuse it.", verdict)]
    case .named(let file) where file.version != version:
      let what = "The \(by.rawValue) here names version \(file.version) of \(role), and this is version \(version)."
      return [finding(.metaVersion, what, verdict)]
    case .named(let file):
      return file.misfits(bytes).map { misfit in
        switch misfit {
        case .length(let length):
          finding(
            .metaLength,
            "The \(by.rawValue) here names a file of \(length) bytes for \(role), and this one has \(bytes.count).",
            verdict
          )
        case .hash(let algorithm):
          finding(
            .metaHash,
            "The \(by.rawValue) here names another \(shown(algorithm)) digest for \(role) than this file has.",
            verdict
          )
        case .unknownAlgorithm(let name):
          finding(
            .metaHashUnknown,
            "The \(shown(name)) digest that the \(by.rawValue) here names for \(role) cannot be made, so it was not compared.",
            verdict
          )
        }
      }
    }
  }

  private func finding(_ code: Finding.Code, _ what: String, _ verdict: FileVerdict) -> Finding {
    Finding(
      code,
      isReached ? .error : .warning,
      what,
      hint: isReached
        ? "Clients stop here. Publish the file that is named, or sign a new \(by.rawValue)."
        : "No client gets as far as that \(by.rawValue); see what is said of it.",
      place: verdict.path
    )
  }
}

/// The files of one role, the newest name first, judged against the role's delegator and what names them.
struct RoleFiles {
  struct Outcome: Sendable {
    var verdicts: [FileVerdict] = []
    /// The signed part of the current version; nil where none is valid.
    var signed: JSONObject?
    var delegations: Delegations?
    /// Whether the current version is valid, and the one that is named where that is known.
    var isReached = false
    /// Of the current version, in ``verdicts``.
    var place: Int?
  }

  fileprivate struct Current {
    let place: Int
    let version: Int64
    let envelope: Envelope
    let delegations: Delegations?
    let misfits: [Finding]
  }

  let judge: RepositoryVerifier
  let authority: Authority
  let reference: Reference
  let isOnline: Bool

  /// The newest valid version that is not newer than the one named is current; older ones are superseded, and what is
  /// not valid neither counts nor hides the one that is.
  func judged(_ files: [MetadataFile]) -> Outcome {
    var outcome = Outcome()
    var current: Current?
    var newer: Current?
    for file in files.sorted(by: { ($0.name.version ?? .max, $1.path) > ($1.name.version ?? .max, $0.path) }) {
      var verdict = FileVerdict(path: file.path, role: authority.name, status: .superseded)
      verdict.isOnline = isOnline
      if let named = file.name.version, let current, named < current.version {
        verdict.version = named
        outcome.verdicts.append(verdict)
        continue
      }
      do throws(Finding) {
        let bytes = try file.read().get()
        let envelope = try Envelope(asClientsRead: bytes, place: file.path)
        let delegations = try check(envelope, file, &verdict)
        let version = verdict.version ?? 0
        let found = Current(
          place: outcome.verdicts.count,
          version: version,
          envelope: envelope,
          delegations: delegations,
          misfits: reference.misfits(bytes, version, verdict)
        )
        if let named = reference.version, version > named {
          verdict.status = .ignored
          verdict.findings.append(notYetNamed(verdict, named))
          newer = newer ?? found
        } else if let known = current, !found.replaces(known) {
          settle(&verdict, found, known)
        } else {
          current = found
        }
      } catch {
        verdict.status = .invalid
        verdict.findings.append(error.place == nil ? error.at(file.path) : error)
      }
      outcome.verdicts.append(verdict)
    }
    // Where there are none but newer files, the one that clients are sent to is missing.
    if let current = current ?? newer { conclude(current, &outcome) }
    for place in outcome.verdicts.indices where place != outcome.place {
      judge.refuseRehearsal(&outcome.verdicts[place])
    }
    return outcome
  }

  private func conclude(_ current: Current, _ outcome: inout Outcome) {
    outcome.place = current.place
    outcome.signed = current.envelope.signed
    outcome.delegations = current.delegations
    outcome.isReached = !current.misfits.contains { $0.severity == .error }
    let isSick = outcome.verdicts[current.place].hasError
    outcome.verdicts[current.place].status = .ok
    outcome.verdicts[current.place].findings.removeAll { $0.code == .metaNewer }
    judge.judgeCurrent(&outcome.verdicts[current.place])
    outcome.verdicts[current.place].findings += current.misfits
    if isSick || !outcome.isReached { outcome.verdicts[current.place].status = .invalid }
  }

  /// Reads the file and verifies it against its delegator. Throws what makes it invalid.
  private func check(
    _ envelope: Envelope,
    _ file: MetadataFile,
    _ verdict: inout FileVerdict
  ) throws(Finding) -> Delegations? {
    let header = try Header.read(envelope.signed, type: authority.type)
    verdict.version = header.version
    verdict.expires = header.expires
    verdict.isRehearsal = header.isRehearsal
    let (count, warnings) = envelope.judge(authority.role, authority.keys)
    verdict.signatures = (count.counted.count, count.threshold)
    verdict.findings += warnings.map { $0.at(file.path) }
    guard count.isMet else {
      throw Finding(
        .roleThresholdUnmet,
        count.unmet(by: "for \(shown(verdict.role))"),
        hint: count.hint(
          "Clients refuse this file. Collect the missing signatures, or find out who put it there."
        ),
        place: file.path
      )
    }
    guard header.isExpiryExact else {
      throw Finding(
        .expiresForm,
        "The expiry is not written as YYYY-MM-DDTHH:MM:SSZ; python-tuf refuses it.",
        hint: "Write the exact form and sign again.",
        place: file.path
      )
    }
    if let named = file.name.version, named != header.version {
      throw Finding(
        .fileVersion,
        "The file is named as version \(named) and holds version \(header.version).",
        hint: "Find out whether a file was renamed or exchanged.",
        place: file.path
      )
    }
    switch TopLevelRole(rawValue: authority.type) {
    case .targets:
      let (targets, oddities, sick) = try Targets.readAsClient(envelope.signed)
      verdict.findings += (oddities + sick).map { $0.at(file.path) }
      return targets.delegations
    case .timestamp: _ = try MetaFiles.read(envelope.signed, of: .timestamp)
    case .snapshot: _ = try MetaFiles.read(envelope.signed, of: .snapshot)
    case .root, nil: break
    }
    return nil
  }

  private func notYetNamed(_ verdict: FileVerdict, _ named: Int64) -> Finding {
    Finding(
      .metaNewer,
      .warning,
      "The \(reference.by.rawValue) here names version \(named) of \(shown(verdict.role)), so no client reads this newer one.",
      hint: "Publish a new \(reference.by.rawValue), or leave it as it is until then.",
      place: verdict.path
    )
  }

  /// A second valid file of a role, not newer than the current one: older, the same, or in conflict.
  private func settle(_ verdict: inout FileVerdict, _ found: Current, _ current: Current) {
    if found.envelope.signedBytes == current.envelope.signedBytes {
      verdict.status = .duplicate
    } else if found.version == current.version {
      verdict.status = .invalid
      verdict.findings.append(
        Finding(
          .versionConflict,
          "Another file of this role has the same version, is valid, and differs from this one.",
          hint: "Find out which of the two clients are served.",
          place: verdict.path
        )
      )
    }
  }
}

extension RoleFiles.Current {
  /// Whether this file takes the place of one that was looked at before: newer, or the one that is named.
  fileprivate func replaces(_ other: Self) -> Bool {
    version > other.version || (version == other.version && misfits.isEmpty && !other.misfits.isEmpty)
  }
}
