import ArgumentParser
import Bundles
import CanonicalJSON
import CeremonyReplay
import CeremonyResults
import Export
import Findings
import Invocation
import Keys
import Products
import Report
import Transcript
import TUFMetadata
import UTC

struct ExportCommand: ParsableCommand {
  /// What other programs read.
  enum Form: String, ExpressibleByArgument, CaseIterable {
    case bundle, asciicast, repository, rstuf
    case tufOnCI = "tuf-on-ci"

    /// Whether it is for a service or clients, who take over what a ceremony that was held to its end made.
    var isHandedOver: Bool { [.repository, .rstuf, .tufOnCI].contains(self) }
  }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a ceremony in a form that other programs read.",
    discussion: """
      bundle is the whole folder as one tar archive, the same bytes wherever it is packed, and every command here \
      reads it in place of the folder. asciicast is the ceremony as asciinema plays it. rstuf is what the Repository \
      Service for TUF is sent: for version 1 the payload that bootstraps it, for a later root the payload that updates it. \
      Of an answer to a request, and with --signature, it is one signature for a root that waits there. repository is a folder as clients download it: metadata/, and targets/ \
      with the files of --targets. What online keys sign is signed with --online-key, or lies in to-sign/. tuf-on-ci is a folder as \
      tuf-on-ci keeps it in git, to go on from or to be imported.

      The ceremony is replayed first; what does not come out again is not exported. One that was given up, interrupted \
      or never sealed is, with exit 1. What an earlier engine version made must be as its files say, and the exit is 3, \
      unless --from-files.

      Example: tuf-audit export ceremony-1 --format bundle --out ceremony-1.tar
      """)

  @Argument(help: "The products folder of a ceremony, or a bundle of it.")
  var folder: String

  @Option(name: .customLong("format"), help: "bundle, asciicast, repository, rstuf or tuf-on-ci.")
  var form: Form

  @Option(
    help: ArgumentHelp(
      "The file to write, or for repository and tuf-on-ci the folder; it must not exist.", valueName: "path"))
  var out: String

  @OptionGroup var common: CommonOptions
  @OptionGroup var files: FilesOption
  @OptionGroup var rstuf: RSTUFOptions
  @OptionGroup var repository: RepositoryOptions

  @Flag(help: "Say what was done as one JSON object, as --format json does elsewhere.")
  var json = false

  private static let nothing: JSONObject = ["rehearsal": .null, "sha256": .null, "words": .null]

  func validate() throws {
    guard form == .rstuf || !rstuf.isGiven || form == .repository && rstuf.isExpirationAlone else {
      throw ValidationError("--bins and --signature are for --format rstuf, --expiration for that and repository.")
    }
    guard form == .repository || !repository.isGiven || form == .tufOnCI && repository.isFilesAlone else {
      throw ValidationError(
        "--online-key, --online-version and --at are for --format repository, --targets and --with for that and tuf-on-ci."
      )
    }
  }

  func run() throws {
    let format = json ? OutputFormat.json : .text
    let source = try NamedProducts.open(folder, "export", isStrict: common.strict, format, nothing: Self.nothing)
    let verdict = Replay(source, report: Report.page).verdict()
    var findings = verdict.findings
    if verdict.isRehearsal, !common.rehearsal {
      findings.append(
        Finding(
          .rehearsal, "This ceremony was a rehearsal; nothing that comes out of it is to be trusted.",
          hint: "Give --rehearsal to export it all the same."))
    }
    var failure: ExitStatus?
    var words = verdict.banners.map { $0 + "\n" }.joined()
    var object = Self.nothing
    object["rehearsal"] = .bool(verdict.isRehearsal)
    var unreadable: [Finding] = []
    // What a service takes over comes of a ceremony that was held to its end.
    let isGood = form.isHandedOver ? verdict.isSound && !verdict.isAwaitingSeal : verdict.agrees
    if isGood, common.rehearsal || !verdict.isRehearsal {
      let settings = try rstuf.settings()
      do throws(Finding) {
        let digest: SHA256Digest
        let what: String
        switch form {
        case .repository, .tufOnCI:
          let named = try repository.read()
          unreadable = named.unreadable
          if let first = unreadable.first { throw first }
          let tree = try self.tree(source, verdict, settings, named)
          digest = try repository.write(tree.files, copying: tree.copies, to: out)
          what = tree.words
          findings += tree.remarks
        case .bundle, .asciicast, .rstuf:
          digest = try write(source, verdict, settings)
          what = ""
        }
        object["sha256"] = .string(digest.hex)
        object["words"] = .array(digest.words.map { .string($0) })
        words += "written: \(out)\n\(what)SHA-256  \(digest.hex)\n"
        words += stride(from: 0, to: 32, by: 8).map {
          "         " + digest.words[$0..<$0 + 8].joined(separator: " ") + "\n"
        }
        .joined()
      } catch {
        if unreadable.isEmpty { findings.append(error) }
        failure = error.code == .cannotCreate ? .cannotCreate : nil
      }
    }
    if object["sha256"] == .null { words += "Nothing was written.\n" }
    try Outcome(
      "export", findings: findings, unreadable: unreadable, isStrict: common.strict, accepted: files.accepted,
      isLess: files.isLess(verdict), failure: failure, text: words, json: object
    ).finish(format)
  }

  private func write(
    _ source: any ProductsSource, _ verdict: ReplayVerdict, _ settings: RSTUFPayload.Settings
  ) throws(Finding) -> SHA256Digest {
    let file = try NewFile(out)
    switch form {
    case .bundle:
      _ = try Bundle(source, time: try beginning(source)).write { bytes throws(Finding) in try file.append(bytes) }
    case .asciicast:
      let content = TranscriptContent(
        transcript: try source.read(RecordFile.transcript.name), sealing: try? source.read(RecordFile.sealing.name))
      try file.append(Asciicast(content, title: verdict.facts?.title ?? "").bytes)
    case .rstuf: try file.append(try payload(source, verdict, settings))
    case .repository, .tufOnCI: break
    }
    return try file.finish()
  }

  /// What is written for clients or tuf-on-ci.
  private struct Tree {
    let files: [(name: String, bytes: [UInt8])]
    let copies: [(file: TargetFile, name: String)]
    let words: String
    var remarks: [Finding] = []
  }

  /// Throws `REHEARSAL`, too, where a rehearsal would sign with a key of a real root.
  private func tree(
    _ source: any ProductsSource, _ verdict: ReplayVerdict, _ options: RSTUFPayload.Settings,
    _ named: RepositoryOptions.Named
  ) throws(Finding) -> Tree {
    let paths = try source.list().map(\.path)
    guard verdict.roots.first != nil else { throw noRoot(verdict) }
    if !repository.keys.isEmpty, paths.contains(where: { $0.hasPrefix("twin/") }) {
      throw Finding(
        .rehearsal,
        "This rehearsal went on from a real root, and its online keys are the real ones. Nothing is signed.",
        hint: "Leave --online-key out; what is to be signed then lies in \(ClientRepository.waiting)/.")
    }
    let prefix = "\(ClientRepository.metadata)/"
    let made = try paths.filter { $0.hasPrefix(prefix) && $0.hasSuffix(".json") }.map { path throws(Finding) in
      ReturnedMetadata.File(path: path, bytes: try source.read(path))
    }
    let signed = try SignedMetadata(made, with: named.metadata)
    let sums = "of \(NewTree.sums), which names every other file:\n"
    guard form == .repository else {
      let tree = try TUFOnCITree(signed, targets: named.files)
      let words =
        tree.isImport
        ? "\(TUFOnCITree.importFile): what its import asks. Root 2 will have other key ids, and a threshold of owners signs it.\n"
        : ""
      return Tree(files: tree.files, copies: tree.targets, words: words + sums, remarks: tree.remarks)
    }
    var settings = ClientRepository.Settings(now: repository.at ?? SystemClock.now, isRehearsal: verdict.isRehearsal)
    settings.version = repository.version
    for role in ClientRepository.Settings.roles { settings.expirations[role] = options.expirations[role] }
    let tree = try ClientRepository(signed, targets: named.files, settings, signers: named.signers)
    return Tree(files: tree.files, copies: tree.targets.map { ($0, $0.name) }, words: Self.words(tree, signed) + sums)
  }

  private static func words(_ repository: ClientRepository, _ signed: SignedMetadata) -> String {
    let waiting = repository.waitingCount
    let absent = repository.absent.count
    let left = repository.leftCount
    let isAnythingKnown = signed.snapshot != nil || signed.root.version == 1
    return
      (waiting == 0 ? "" : "\(counted(waiting, "file")) in \(ClientRepository.waiting)/ to be signed by online keys\n")
      + (absent == 0 ? "" : "\(counted(absent, "target file")) that signed metadata lists: not in the tree\n")
      + (left == 0
        ? "" : "\(counted(left, "name")) that clients know: still in the snapshot, and nothing leads there\n")
      + (isAnythingKnown
        ? ""
        : "No snapshot that clients have was named. Those who were here before refuse one that lists less: --with N.snapshot.json\n")
  }

  /// Of the root that the ceremony made; of one that it signed for another ceremony, or that waits, a signature.
  private func payload(
    _ source: any ProductsSource, _ verdict: ReplayVerdict, _ settings: RSTUFPayload.Settings
  ) throws(Finding) -> [UInt8] {
    let isAnswer = verdict.facts?.answer != nil
    let isWaiting = isAnswer || rstuf.signature != nil
    let waiting = isWaiting ? try source.list().map(\.path).first(where: Self.isWaiting) : nil
    guard let path = verdict.roots.first?.path ?? waiting else {
      throw noRoot(verdict)
    }
    let content = try source.read(path)
    return isWaiting
      ? try RSTUFSignature(content, path: path, by: rstuf.signature).bytes
      : try RSTUFPayload(content, path: path, settings).bytes
  }

  private func noRoot(_ verdict: ReplayVerdict) -> Finding {
    Finding(
      .handOver,
      verdict.facts?.answer != nil ? "This ceremony signed no root." : "This ceremony has written no root.",
      hint: verdict.isPending
        ? "What waits here is finished first."
          + (form == .rstuf ? " A single signature over it: --signature and the first digits of a key id." : "")
        : "Name the folder of a ceremony that ended.", place: folder)
  }

  private static func isWaiting(_ path: String) -> Bool { path.hasPrefix("pending/") && path.hasSuffix(".root.json") }

  /// When the first record was made.
  private func beginning(_ source: any ProductsSource) throws(Finding) -> UTCTime {
    var reader = TranscriptReader(try source.open(RecordFile.transcript.name), name: RecordFile.transcript.name)
    return (try? reader.next())?.at ?? .epoch
  }
}
