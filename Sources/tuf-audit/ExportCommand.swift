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
    case bundle, asciicast, rstuf
  }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a ceremony in a form that other programs read.",
    discussion: """
      bundle is the whole folder as one tar archive, the same bytes wherever it is packed, and every command here \
      reads it in place of the folder. asciicast is the ceremony as asciinema plays it. rstuf is what the Repository \
      Service for TUF is sent: for version 1 the payload that bootstraps it, for a later root the payload that updates it. Of an answer to a request, and with --signature, it \
      is one signature for a root that waits there.

      The ceremony is replayed first; what does not come out again is not exported. One that was given up, interrupted \
      or never sealed is, with exit 1. What an earlier engine version made must be as its files say, and the exit is 3, \
      unless --from-files.

      Example: tuf-audit export ceremony-1 --format bundle --out ceremony-1.tar
      """)

  @Argument(help: "The products folder of a ceremony, or a bundle of it.")
  var folder: String

  @Option(name: .customLong("format"), help: "bundle, asciicast or rstuf.")
  var form: Form

  @Option(help: ArgumentHelp("The file to write; it must not exist.", valueName: "file"))
  var out: String

  @OptionGroup var common: CommonOptions
  @OptionGroup var files: FilesOption
  @OptionGroup var rstuf: RSTUFOptions

  @Flag(help: "Say what was done as one JSON object, as --format json does elsewhere.")
  var json = false

  private static let nothing: JSONObject = ["rehearsal": .null, "sha256": .null, "words": .null]

  func validate() throws {
    guard form == .rstuf || !rstuf.isGiven else {
      throw ValidationError("--expiration, --bins and --signature are for --format rstuf.")
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
    // What a service takes over comes of a ceremony that was held to its end.
    let isGood = form == .rstuf ? verdict.isSound : verdict.agrees
    if isGood, common.rehearsal || !verdict.isRehearsal {
      let settings = try rstuf.settings()
      do throws(Finding) {
        let digest = try write(source, verdict, settings)
        object["sha256"] = .string(digest.hex)
        object["words"] = .array(digest.words.map { .string($0) })
        words += "written: \(out)\nSHA-256  \(digest.hex)\n"
        words += stride(from: 0, to: 32, by: 8).map {
          "         " + digest.words[$0..<$0 + 8].joined(separator: " ") + "\n"
        }
        .joined()
      } catch {
        findings.append(error)
        failure = error.code == .cannotCreate ? .cannotCreate : nil
      }
    }
    if object["sha256"] == .null { words += "Nothing was written.\n" }
    try Outcome(
      "export", findings: findings, isStrict: common.strict, accepted: files.accepted, isLess: files.isLess(verdict),
      failure: failure, text: words, json: object
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
    }
    return try file.finish()
  }

  /// Of the root that the ceremony made; of one that it signed for another ceremony, or that waits, a signature.
  private func payload(
    _ source: any ProductsSource, _ verdict: ReplayVerdict, _ settings: RSTUFPayload.Settings
  ) throws(Finding) -> [UInt8] {
    let isAnswer = verdict.facts?.answer != nil
    let isWaiting = isAnswer || rstuf.signature != nil
    let waiting = isWaiting ? try source.list().map(\.path).first(where: Self.isWaiting) : nil
    guard let path = verdict.roots.first?.path ?? waiting else {
      throw Finding(
        .handOver, isAnswer ? "This ceremony signed no root." : "This ceremony has written no root.",
        hint: verdict.isPending
          ? "What waits here is finished first. A single signature over it: --signature and the first digits of a key id."
          : "Name the folder of a ceremony that ended.", place: folder)
    }
    let content = try source.read(path)
    return isWaiting
      ? try RSTUFSignature(content, path: path, by: rstuf.signature).bytes
      : try RSTUFPayload(content, path: path, settings).bytes
  }

  private static func isWaiting(_ path: String) -> Bool { path.hasPrefix("pending/") && path.hasSuffix(".root.json") }

  /// When the first record was made.
  private func beginning(_ source: any ProductsSource) throws(Finding) -> UTCTime {
    var reader = TranscriptReader(try source.open(RecordFile.transcript.name), name: RecordFile.transcript.name)
    return (try? reader.next())?.at ?? .epoch
  }
}
