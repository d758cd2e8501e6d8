import CanonicalJSON
import Findings
import Keys
import TUFMetadata
import UTC

/// The roots of one repository, put in order and followed as a client does.
struct RootFiles {
  struct Result {
    var newest: Root?
    var files: [FileVerdict] = []
    var findings: [Finding] = []
    /// Of the signed bytes of the roots that clients reach.
    var signed: Set<SHA256Digest> = []
  }

  private struct Candidate: Sendable {
    let file: MetadataFile
    let version: Int64?
    /// Of two files with one version, the one that is named with it goes first.
    var order: (Int64, Int, String) { (version ?? .max, file.name.version == nil ? 1 : 0, file.path) }
  }

  let judge: RepositoryVerifier

  func verdict(on files: [MetadataFile]) -> Result {
    var result = Result()
    var chain = RootChain()
    var last: PreparedRoot?
    let known = KnownKeys()
    if let trusted = judge.trusted {
      let root = PreparedRoot(trusted.bytes, place: trusted.path, known: known, by: .libsodium)
      chain.update(root)
      last = root
      if chain.newest == nil {
        result.findings += chain.steps.flatMap(\.findings)
        result.files = files.map { FileVerdict(path: $0.path, role: "root", status: .unreached) }
        return result
      }
    }
    let trustedVersion = chain.newest?.version
    var newestPlace: Int?
    if let signed = last?.signedDigest { result.signed.insert(signed) }
    var prepared = ReadAhead(candidates(files)) { candidate in
      let isOld = candidate.version.map { $0 < trustedVersion ?? 0 } ?? false
      return (candidate, isOld ? nil : Self.prepared(candidate.file, known))
    }
    while let (candidate, root) = prepared.next() {
      if let version = candidate.version, let last, let newest = last.version, version <= newest {
        result.files.append(older(candidate, root, version, than: last))
        continue
      }
      guard let root else { continue }
      chain.update(root)
      guard let step = chain.takeSteps().last else { continue }
      if [.trusted, .updated].contains(step.outcome) {
        last = root
        newestPlace = result.files.count
        if let signed = root.signedDigest { result.signed.insert(signed) }
      }
      result.files.append(verdict(step, candidate))
    }
    result.newest = chain.newest
    judgeNewest(chain, trustedVersion, newestPlace, &result)
    return result
  }

  /// By version; the version in the name counts, and without one that inside. Unreadable files without either go last.
  private func candidates(_ files: [MetadataFile]) -> [Candidate] {
    files.map { file in
      Candidate(file: file, version: file.name.version ?? (try? file.read().get()).flatMap(Self.version))
    }
    .sorted { $0.order < $1.order }
  }

  private static func prepared(_ file: MetadataFile, _ known: KnownKeys) -> PreparedRoot {
    switch file.read() {
    case .success(let bytes): PreparedRoot(bytes, place: file.path, known: known, by: .libsodium)
    case .failure(let finding): PreparedRoot(unreadable: finding, place: file.path)
    }
  }

  private static func version(_ bytes: [UInt8]) -> Int64? {
    (try? JSONValue(parsing: bytes))?["signed"]?["version"]?.integer
  }

  /// A file with the version of the root before it, or an earlier one, which is not read.
  private func older(
    _ candidate: Candidate,
    _ root: PreparedRoot?,
    _ version: Int64,
    than last: PreparedRoot
  ) -> FileVerdict {
    var verdict = FileVerdict(path: candidate.file.path, role: "root", status: .superseded)
    verdict.version = version
    guard let newest = last.root, version == newest.version else { return verdict }
    guard let root, let signed = root.signedDigest, let found = root.root else {
      verdict.status = .invalid
      if let refusal = root?.refusal {
        verdict.findings.append(refusal.place == nil ? refusal.at(candidate.file.path) : refusal)
      }
      return verdict
    }
    if signed == last.signedDigest {
      verdict.status = .duplicate
      return verdict
    }
    verdict.status = .invalid
    verdict.findings.append(
      found.isStranger(to: newest)
        ? Finding(
          .otherRepository,
          "This root of version \(version) shares no root key with the other one.",
          hint:
            "If another repository shares this folder, judge its files by themselves; else find out where it is from.",
          place: candidate.file.path
        )
        : Finding(
          .versionConflict,
          "This file claims to be version \(version) of the root and differs from the other one.",
          hint: "Find out which of the two was published.",
          place: candidate.file.path
        )
    )
    return verdict
  }

  private func verdict(_ step: RootChain.Step, _ candidate: Candidate) -> FileVerdict {
    var verdict = FileVerdict(path: step.place, role: "root", status: .superseded, findings: step.findings)
    verdict.version = step.version ?? candidate.version
    verdict.expires = step.expires
    verdict.isRehearsal = step.isRehearsal
    verdict.client = step.client
    verdict.signatures = step.byNewKeys.map { ($0.counted.count, $0.threshold) }
    switch step.outcome {
    case .refused: verdict.status = .invalid
    case .unreached: verdict.status = .unreached
    case .trusted, .updated:
      if verdict.hasError { verdict.status = .invalid }
      judge.refuseRehearsal(&verdict)
      if let named = candidate.file.name.version, let version = step.version, named != version {
        verdict.status = .invalid
        verdict.findings.append(
          Finding(
            .fileVersion,
            "The file is named as version \(named) and holds version \(version).",
            hint: "Find out whether a file was renamed or exchanged.",
            place: step.place
          )
        )
      }
    }
    return verdict
  }

  private func judgeNewest(
    _ chain: RootChain,
    _ trustedVersion: Int64?,
    _ place: Int?,
    _ result: inout Result
  ) {
    guard let newest = chain.newest else { return }
    // Expiry is judged below, with its windows.
    let conclusion = chain.conclusion(at: judge.time).filter { $0.code != .rootExpired }
    if let place {
      let isInvalid = result.files[place].status == .invalid
      result.files[place].status = .ok
      judge.judgeCurrent(&result.files[place])
      // What was a warning while nobody knew which root is the newest.
      result.files[place].findings.removeAll { warning in
        conclusion.contains { $0.code == warning.code && $0.what == warning.what }
      }
      result.files[place].findings += conclusion
      if isInvalid || conclusion.contains(where: { $0.severity == .error }) {
        result.files[place].status = .invalid
      }
      return
    }
    result.findings += conclusion
    if trustedVersion == newest.version, let trusted = judge.trusted {
      var verdict = FileVerdict(path: trusted.path, role: "root", status: .ok)
      verdict.version = newest.version
      verdict.expires = newest.expires
      verdict.isRehearsal = newest.isRehearsal
      verdict.client = "starts from version \(newest.version)"
      judge.judgeCurrent(&verdict)
      result.files.append(verdict)
    }
  }
}
