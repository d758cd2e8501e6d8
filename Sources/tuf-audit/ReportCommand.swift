import ArgumentParser
import CanonicalJSON
import CeremonyReplay
import CeremonyResults
import Findings
import Invocation
import Keys
import Products
import Report
import UTC

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write a page about a ceremony: one HTML file that loads nothing.",
    discussion: """
      The ceremony is replayed for it, and the verdict stands first. The page is written whatever the verdict is; the \
      exit code is the replay's: 3 for what an earlier engine version made, unless --from-files.

      Example: tuf-audit report DIR --out report.html --video https://example.org/stream.mp4 --starts 2027-01-01T10:00:00Z
      """)

  @Argument(help: "The products folder of a ceremony, or a bundle of it.")
  var folder: String

  @Option(help: ArgumentHelp("The page to write; it must not exist.", valueName: "file"))
  var out: String

  @Option(help: ArgumentHelp("The recording of the stream, to which each step links.", valueName: "url"))
  var video: String?

  @Option(help: ArgumentHelp("When the recording starts, YYYY-MM-DDTHH:MM:SSZ.", valueName: "time"))
  var starts: UTCTime?

  @OptionGroup var common: StrictOptions
  @OptionGroup var files: FilesOption

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (video == nil) == (starts == nil) else {
      throw ValidationError("--video and --starts belong together.")
    }
    if let video, let starts, Video(address: video, starts: starts) == nil {
      throw ValidationError("--video takes an http or https address without a fragment.")
    }
  }

  private static let nothing: JSONObject = ["rehearsal": .null, "replayed": .null, "sha256": .null]

  func run() throws {
    let source = try NamedProducts.open(folder, "report", isStrict: common.strict, output.format, nothing: Self.nothing)
    let recording = video.flatMap { address in starts.flatMap { Video(address: address, starts: $0) } }
    var findings: [Finding] = []
    var isLess = false
    var failure: ExitStatus?
    var words = ""
    var json = Self.nothing
    do throws(Finding) {
      let file = try NewFile(out)
      let report = Report(source, video: recording)
      findings = report.findings
      isLess = files.isLess(report.verdict)
      json["rehearsal"] = .bool(report.verdict.isRehearsal)
      json["replayed"] = .bool(report.verdict.holds)
      let html = try report.html()
      try file.append(html)
      try file.finish()
      let digest = SHA256Digest(of: html)
      json["sha256"] = .string(digest.hex)
      words = (report.verdict.banners + [report.verdict.headline, "written: \(out), SHA-256 \(digest.hex)"])
        .map { $0 + "\n" }.joined()
    } catch {
      findings.append(error)
      failure = error.code == .cannotCreate ? .cannotCreate : .internalError
    }
    try Outcome(
      "report", findings: findings, isStrict: common.strict, accepted: files.accepted, isLess: isLess,
      failure: failure, text: words, json: json
    ).finish(output.format)
  }
}
