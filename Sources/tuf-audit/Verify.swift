import ArgumentParser
import Findings
import Invocation
import MetadataFiles
import Watch

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify chains of root metadata, and other metadata against its delegator.",
    discussion: """
      Follows the update-root rules of the TUF specification (§5.3) from --trusted, or from the oldest root at hand, \
      and says what a client does at each step. Other metadata is verified against the newest root, or against the \
      file that --delegator names.

      Example: tuf-audit verify metadata --trusted 1.root.json
      """
  )

  @OptionGroup var judging: Judging
  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("The root or targets metadata that delegates to the files.", valueName: "file"))
  var delegator: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if delegator != nil, judging.complete {
      throw ValidationError("--complete is about a whole repository, and --delegator about some of its files.")
    }
    if delegator != nil, judging.trusted != nil {
      throw ValidationError("--delegator takes its file as given, so --trusted has no place beside it.")
    }
  }

  func run() throws {
    guard let delegator else {
      try Outcome(judging.verdict("verify", .expiredOnly, common), output.format).finish(output.format)
    }
    try Outcome(verdict(against: delegator), output.format).finish(output.format)
  }

  private func verdict(against delegator: String) -> WatchVerdict {
    let named = NamedPaths(judging.paths)
    let time = judging.at ?? SystemClock.now
    let judge = RepositoryVerifier(
      time: time,
      expiryThresholds: .expiredOnly,
      allowsRehearsal: common.rehearsal,
      trusted: nil
    )
    var verdicts: [RepositoryVerdict] = []
    var unreadable = named.unreadable
    switch FileReader.read(delegator) {
    case .success(let bytes):
      verdicts = named.repositories.map { judge.verdict(on: $0, delegator: bytes, path: delegator) }
    case .failure(let finding): unreadable.append(finding)
    }
    let newest = verdicts.flatMap(\.files).compactMap(\.expires).max()
    return WatchVerdict(
      command: "verify",
      time: time,
      repositories: verdicts,
      findings: ClockCheck.findings(at: time, isAsked: judging.at != nil, newestExpiry: newest)
        + named.findings,
      unreadable: unreadable,
      isStrict: common.strict
    )
  }
}
