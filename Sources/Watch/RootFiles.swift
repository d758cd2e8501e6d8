import CanonicalJSON
import Findings
import TUFMetadata
import UTC

/// The roots of one repository, put in order and followed as a client does.
struct RootFiles {
  struct Result {
    var newest: Root?
    var files: [FileVerdict] = []
    var findings: [Finding] = []
  }

  private struct Candidate: Sendable {
    let file: MetadataFile
    let version: Int64?
    /// Of two files with one version, the one that is named with it goes first.
    var order: (Int64, Int, String) { (version ?? .max, file.name.version == nil ? 1 : 0, file.path) }
  }

  /// Reads roots ahead of their turn, on all processors, a few at a time so that memory stays flat.
  private struct Preparation {
    private var waiting: ArraySlice<Candidate>
    private var ready: ArraySlice<(Candidate, PreparedRoot?)> = []
    private let oldest: Int64

    /// Roots before version `oldest` are not read.
    init(_ candidates: [Candidate], after oldest: Int64?) {
      waiting = candidates[...]
      self.oldest = oldest ?? 0
    }

    mutating func next(known: KeyRing?) -> (Candidate, PreparedRoot?)? {
      if ready.isEmpty {
        let window = Array(waiting.prefix(16))
        waiting = waiting.dropFirst(16)
        ready =
          concurrentMap(window) { [oldest] candidate in
            let isOld = candidate.version.map { $0 < oldest } ?? false
            return (candidate, isOld ? nil : Self.prepared(candidate.file, known))
          }[...]
      }
      return ready.popFirst()
    }

    private static func prepared(_ file: MetadataFile, _ known: KeyRing?) -> PreparedRoot {
      switch file.read() {
      case .success(let bytes): PreparedRoot(bytes, place: file.path, known: known)
      case .failure(let finding): PreparedRoot(unreadable: finding, place: file.path)
      }
    }
  }

  let judge: RepositoryJudge

  func verdict(on files: [MetadataFile]) -> Result {
    var result = Result()
    var chain = RootChain()
    if let trusted = judge.trusted {
      chain.trust(trusted.bytes, place: trusted.path)
      if chain.newest == nil {
        result.findings += chain.steps.flatMap(\.findings)
        result.files = files.map { FileVerdict(path: $0.path, role: "root", status: .unreached) }
        return result
      }
    }
    let trustedVersion = chain.newest?.version
    var last: (version: Int64, signed: [UInt8]?)? = chain.newest.flatMap { root in
      judge.trusted.map { (root.version, PreparedRoot($0.bytes, place: $0.path).signedBytes) }
    }
    var preparation = Preparation(candidates(files), after: trustedVersion)
    while let (candidate, root) = preparation.next(known: chain.newest?.keys) {
      if let version = candidate.version, let last, version <= last.version {
        let isSame = root?.signedBytes != nil && root?.signedBytes == last.signed
        result.files.append(older(candidate, version, than: last.version, isSame: isSame))
        continue
      }
      guard let root else { continue }
      chain.update(root)
      guard let step = chain.steps.last else { continue }
      if let version = step.version, [.trusted, .updated].contains(step.outcome) {
        last = (version, root.signedBytes)
      }
      result.files.append(verdict(step, candidate))
    }
    result.newest = chain.newest
    judgeNewest(chain, trustedVersion, &result)
    return result
  }

  /// By version; the version in the name counts, and without one that inside. Unreadable files without either go last.
  private func candidates(_ files: [MetadataFile]) -> [Candidate] {
    files.map { file in
      Candidate(file: file, version: file.name.version ?? (try? file.read().get()).flatMap(Self.version))
    }
    .sorted { $0.order < $1.order }
  }

  private static func version(_ bytes: [UInt8]) -> Int64? {
    (try? JSONValue(parsing: bytes))?["signed"]?["version"]?.integer
  }

  /// A file with the version of the root before it, or an earlier one.
  private func older(_ candidate: Candidate, _ version: Int64, than last: Int64, isSame: Bool) -> FileVerdict {
    var verdict = FileVerdict(path: candidate.file.path, role: "root", status: .superseded)
    verdict.version = version
    guard version == last else { return verdict }
    if isSame {
      verdict.status = .duplicate
    } else {
      verdict.status = .invalid
      verdict.findings.append(
        Finding(
          .versionConflict,
          "This file claims to be version \(version) of the root and differs from the other one.",
          hint: "Find out which of the two was published; one of them is damaged or forged.",
          place: candidate.file.path
        )
      )
    }
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

  private func judgeNewest(_ chain: RootChain, _ trustedVersion: Int64?, _ result: inout Result) {
    guard let newest = chain.newest else { return }
    // Expiry is judged below, with its windows.
    let conclusion = chain.conclusion(at: judge.time).filter { $0.code != .rootExpired }
    let place = result.files.lastIndex { $0.status == .superseded && $0.version == newest.version }
    if let place {
      result.files[place].status = .ok
      judge.judgeCurrent(&result.files[place])
      result.files[place].findings += conclusion
      if conclusion.contains(where: { $0.severity == .error }) { result.files[place].status = .invalid }
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
