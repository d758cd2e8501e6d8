import CanonicalJSON
import Findings
import TUFMetadata
import UTC

extension RepositoryVerifier {
  /// Judges files against one delegator, a root or targets file that is taken as given. It must be well-formed and
  /// current itself; a root must carry its own threshold of signatures.
  package func verdict(on repository: MetadataRepository, delegator: [UInt8], path: String)
    -> RepositoryVerdict
  {
    var verdict = FileVerdict(path: path, role: "delegator", status: .ok)
    var files: [[UInt8]: [MetadataFile]] = [:]
    for file in repository.files where file.path != path {
      files[Array(file.name.role.utf8), default: []].append(file)
    }
    var version: Int64?
    var others: [FileVerdict] = []
    var notJudged: [NotJudged] = []
    do throws(Finding) {
      let envelope = try Envelope(asClientsRead: delegator, place: path)
      let header = try Header.read(envelope.signed)
      verdict.version = header.version
      verdict.expires = header.expires
      verdict.isRehearsal = header.isRehearsal
      if header.type == TopLevelRole.root.rawValue {
        verdict.role = header.type
        version = header.version
        let result = try judge(files, byRoot: delegator, &verdict)
        others = result.files.map { $0.refusedUnlessDelegated() }
        notJudged = result.notJudged
      } else {
        let (targets, oddities, sick) = try Targets.readAsClient(envelope.signed)
        verdict.findings += (oddities + sick).map { $0.at(path) }
        guard let delegations = targets.delegations else {
          throw Finding(
            .noDelegator,
            "This targets metadata delegates to nothing.",
            hint: "Name the file that delegates.",
            place: path
          )
        }
        var delegated = DelegatedFiles(judge: self, delegations: delegations, files: files)
        others = delegated.verdicts().files.map { $0.refusedUnlessDelegated() }
        notJudged = [NotJudged("snapshot", "with --delegator, what it says of these files was not looked at")]
      }
      judgeCurrent(&verdict)
    } catch {
      verdict.status = .invalid
      verdict.findings.append(error.place == nil ? error.at(path) : error)
    }
    return RepositoryVerdict(
      path: repository.path,
      trust: .delegator,
      rootVersion: version,
      files: [verdict] + others,
      findings: verdict.status == .invalid || !others.isEmpty
        ? []
        : [
          Finding(
            .nothingToVerify,
            "There is no file here besides the delegator.",
            hint: "Name the files that it delegates to.",
            place: repository.path
          )
        ],
      notJudged: notJudged
    )
  }

  private func judge(
    _ files: [[UInt8]: [MetadataFile]],
    byRoot bytes: [UInt8],
    _ verdict: inout FileVerdict
  ) throws(Finding) -> DelegatedFiles.Result {
    var chain = RootChain()
    chain.trust(bytes, place: verdict.path)
    guard let root = chain.newest else {
      throw chain.steps.flatMap(\.findings).first { $0.severity == .error }
        ?? Finding(.noRoot, "This root is not valid.", hint: "Name another delegator.", place: verdict.path)
    }
    verdict.findings += chain.steps.flatMap(\.findings)
    verdict.findings += chain.conclusion(at: time).filter { $0.code != .rootExpired }
    var delegated = DelegatedFiles(judge: self, root: root, files: files, roots: [], isWhole: false)
    return delegated.verdicts()
  }
}

extension FileVerdict {
  /// A file that somebody asked to verify against a delegator which does not name it has failed.
  fileprivate func refusedUnlessDelegated() -> FileVerdict {
    guard status == .ignored else { return self }
    var copy = self
    copy.status = .invalid
    copy.findings = [
      Finding(
        .notDelegated,
        "The delegator does not name \(shown(role)).",
        hint: "Name the file's own delegator, or give the file the name of its role.",
        place: path
      )
    ]
    return copy
  }
}
