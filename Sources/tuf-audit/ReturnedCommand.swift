import ArgumentParser
import CanonicalJSON
import CeremonyReplay
import Export
import Findings
import Invocation
import MetadataFiles
import Products
import Report
import TUFMetadata
import Watch

struct ReturnedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "returned", abstract: "Compare what a service publishes with what a ceremony signed.",
    discussion: """
      Each metadata file that the ceremony wrote is looked for among the served ones, by its role and version. What was \
      signed must be the same bytes, and every signature must be there; the form of the file is the service's own. Each \
      difference is named. What clients download (1.root.json) and what tuf-on-ci keeps in git (root.json) are known.

      The ceremony is replayed first; nothing is compared with a folder that does not come out again.

      Example: tuf-audit returned ceremony-2026 served/metadata
      """)

  @Argument(help: "The products folder of a ceremony, or a bundle of it.")
  var folder: String

  @Argument(help: "Metadata files that a service publishes, or folders of them.")
  var served: [String]

  @OptionGroup var common: CommonOptions
  @OptionGroup var files: FilesOption

  @OptionGroup var output: OutputOptions

  private static let nothing: JSONObject = ["rehearsal": .null, "files": .null]

  func run() throws {
    let source = try NamedProducts.open(
      folder, "returned", isStrict: common.strict, output.format, nothing: Self.nothing)
    let verdict = Replay(source, report: Report.page).verdict()
    var findings = verdict.findings
    var object = Self.nothing
    object["rehearsal"] = .bool(verdict.isRehearsal)
    var words = verdict.banners.map { $0 + "\n" }.joined()
    if verdict.isRehearsal, !common.rehearsal {
      findings.append(
        Finding(
          .rehearsal, "This ceremony was a rehearsal; no service should publish what comes out of it.",
          hint: "Give --rehearsal to compare it all the same."))
    }
    var unreadable: [Finding] = []
    let own = ((try? source.list()) ?? []).compactMap { entry in
      entry.path.hasPrefix("metadata/") ? NamedPaths.file(entry.path)?.name.role : nil
    }
    let there = read(roles: Set(own + ["root", "targets"]), &unreadable)
    if verdict.isSound, common.rehearsal || !verdict.isRehearsal, unreadable.isEmpty {
      do throws(Finding) {
        let paths = try source.list().map(\.path).filter { $0.hasPrefix("metadata/") }
        let made = try paths.map { path throws(Finding) in
          ReturnedMetadata.File(path: path, bytes: try source.read(path))
        }
        let returned = ReturnedMetadata(made: made, served: there)
        findings += returned.findings
        words += returned.comparisons.map { printable($0.words) + "\n" }.joined()
        object["files"] = .array(returned.comparisons.map(\.json))
      } catch {
        findings.append(error)
      }
    }
    if object["files"] == .null { words += "Nothing was compared.\n" }
    try Outcome(
      "returned", findings: findings, unreadable: unreadable, isStrict: common.strict, accepted: files.accepted,
      isLess: files.isLess(verdict), text: words, json: object
    ).finish(output.format)
  }

  /// Of a folder the files whose names are those of roles that the ceremony signed; a file that is named is taken as it is.
  private func read(roles: Set<String>, _ unreadable: inout [Finding]) -> [ReturnedMetadata.File] {
    var found: [ReturnedMetadata.File] = []
    func add(_ path: String) {
      switch FileReader.read(path) {
      case .success(let bytes): found.append(ReturnedMetadata.File(path: path, bytes: bytes))
      case .failure(let finding): unreadable.append(finding)
      }
    }
    for path in served {
      switch PathKind(of: path) {
      case .folder:
        let tree = FolderTree(path)
        unreadable += tree.findings
        for file in tree.folders.flatMap(\.files) {
          if let name = NamedPaths.file(file)?.name, roles.contains(name.role) { add(file) }
        }
      case .closedFolder: unreadable += FolderTree(path).findings
      case .file, .other: add(path)
      }
    }
    return found
  }
}
