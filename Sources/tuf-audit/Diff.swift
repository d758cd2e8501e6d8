import ArgumentParser
import CanonicalJSON
import Findings
import MetadataFiles
import TUFMetadata
import Watch

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what changed from one metadata file to another.",
    discussion: """
      Keys, roles, thresholds, expiry, custom fields, and what stands outside the signed part. Nothing is verified \
      here: see verify. Exit 0 whether or not something changed.
      """
  )

  @Argument(help: "The earlier file.")
  var old: String

  @Argument(help: "The later file.")
  var new: String

  @OptionGroup var common: StrictOptions

  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    var contents: [(bytes: [UInt8], path: String)] = []
    var unreadable: [Finding] = []
    for path in [old, new] {
      switch FileReader.read(path) {
      case .success(let bytes): contents.append((bytes, path))
      case .failure(let finding): unreadable.append(finding)
      }
    }
    var findings: [Finding] = []
    var difference: MetadataDifference?
    if contents.count == 2 {
      do { difference = try MetadataDifference(old: contents[0], new: contents[1]) } catch {
        findings.append(error)
      }
    }
    try Outcome(
      "diff",
      findings: findings,
      unreadable: unreadable,
      isStrict: common.strict,
      text: difference?.text ?? "",
      json: difference?.json ?? ["same_signed": .null, "rehearsal": .null, "changes": .null]
    ).finish(format)
  }
}
