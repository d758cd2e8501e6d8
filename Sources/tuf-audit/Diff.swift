import ArgumentParser
import CanonicalJSON
import CeremonyScript
import Findings
import Invocation
import Keys
import MetadataFiles
import TUFMetadata
import Watch

struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what changed from one metadata file to another.",
    discussion: """
      Keys, roles, thresholds, expiry, custom fields, and what stands outside the signed part. With the script of a \
      rotation also why each key left. Nothing is verified here: see verify. Exit 0 whether or not something changed.

      Example: tuf-audit diff 1.root.json 2.root.json
      """
  )

  @Argument(help: "The earlier file.")
  var old: String

  @Argument(help: "The later file.")
  var new: String

  @Option(help: "The script of the ceremony that went on from the earlier file; it says why each key left.")
  var script: String?

  @OptionGroup var common: StrictOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    var contents: [(bytes: [UInt8], path: String)] = []
    var unreadable: [Finding] = []
    var told: (bytes: [UInt8], path: String)?
    if let script {
      switch FileReader.read(script) {
      case .success(let bytes): told = (bytes, script)
      case .failure(let finding): unreadable.append(finding)
      }
    }
    for path in [old, new] {
      switch FileReader.read(path) {
      case .success(let bytes): contents.append((bytes, path))
      case .failure(let finding): unreadable.append(finding)
      }
    }
    var findings: [Finding] = []
    var difference: MetadataDifference?
    if contents.count == 2 {
      do throws(Finding) {
        let reasons = try told.map { told throws(Finding) in try Self.reasons(told, contents[0]) } ?? [:]
        difference = try MetadataDifference(old: contents[0], new: contents[1], reasons: reasons)
      } catch {
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
    ).finish(output.format)
  }

  /// Throws what keeps the script from being read, and `INPUT-CHANGED` where it goes on from another root.
  private static func reasons(
    _ told: (bytes: [UInt8], path: String), _ old: (bytes: [UInt8], path: String)
  ) throws(Finding) -> [String: String] {
    let script: Script
    do throws(Finding) { script = try Script(told.bytes) } catch { throw error.inScript(told.path) }
    guard script.goesOn?.root.digest == SHA256Digest(of: old.bytes) else {
      throw Finding(
        .inputChanged, "The script goes on from another root than the earlier file.",
        hint: "Name the script of the ceremony that went on from it.", place: told.path)
    }
    return script.going(on: try Baseline(old.bytes, named: old.path)).reasons
  }
}
