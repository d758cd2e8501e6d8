import ArgumentParser
import CeremonyScript
import Findings
import FolderAudit
import Invocation
import Keys
import Products
import SignatureMerge

struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Joins the signatures of several copies of one metadata file, ours or another tool's.",
    discussion: """
      A path is a metadata file with some of its signatures, or an answer that 'sign' wrote. All must sign the same bytes. \
      The result is DIR/pending/N.ROLE.json, the same bytes in whatever order the files are named. Each file is kept \
      unchanged in DIR/parts.

      With --trusted each side is counted, and the exit is 3 while a signature is missing. Without it no threshold is \
      judged: the key ids that have signed are listed, and which signatures could be checked. Nothing here finishes a root.

      Example: tuf-ceremony merge ada.json boris.tar --trusted 3.root.json --out joined
      """)

  @Argument(help: ArgumentHelp("Metadata files and answers, in any order.", valueName: "path"))
  var paths: [String]

  @Option(help: ArgumentHelp("The folder to write, which must not exist.", valueName: "dir"))
  var out: String

  @Option(
    help: ArgumentHelp(
      "The root that clients have now. For a root that is signed: the one before it.", valueName: "root"))
  var trusted: String?

  @Option(help: ArgumentHelp("The delegated role that targets metadata is for.", valueName: "role"))
  var role: String?

  @Option(
    help: ArgumentHelp(
      "What will not be finished: the SHA-256 of its signed part, or a script that names it under “withdrawn”. May be repeated.",
      valueName: "sha256|script"))
  var withdrawn: [String] = []

  @OptionGroup var output: OutputOptions

  func run() throws {
    try answering("merge", output.format, nothing: SignatureMerge.nothing) {
      let trusted = try trusted.map { try TrustedRoot(try content($0, atMost: .metadata), path: $0) }
      let merge = try SignatureMerge(parts(), trusted: trusted, role: role)
      if let place = try withdrawn.first(where: { try Self.digests($0).contains(merge.payload) }) {
        throw Finding(
          .payloadWithdrawn, "This \(merge.role) is withdrawn: nobody wants it finished. Nothing was written.",
          hint: "Ask whoever named it there. The signatures stay valid; keep the files.", place: place)
      }
      let folder = try ProductsFolder(creating: out)
      for file in merge.files { try folder.create(file.path, file.bytes) }
      return CommandAnswer(
        text: merge.text + "written: \(printable("\(out)/\(merge.path)"))\n", json: merge.json,
        warnings: merge.parts.flatMap(\.warnings), status: merge.isPending == true ? .warning : .fine)
    }
  }

  private static func digests(_ named: String) throws(Finding) -> [SHA256Digest] {
    if let digest = SHA256Digest(hex: named) { return [digest] }
    do throws(Finding) { return try Script(tuf_ceremony.named(named, atMost: 1 << 20)).withdrawn } catch {
      throw error.inScript(named)
    }
  }

  /// Each different file once; no more are kept in memory than are joined at all.
  private func parts() throws(Finding) -> [SignaturePart] {
    var parts: [SignaturePart] = []
    for path in paths {
      let part = try SignaturePart(try content(path, atMost: .answer), path: path) { FolderVerifier($0).findings }
      guard !parts.contains(where: { $0.digest == part.digest }) else { continue }
      parts.append(part)
      if parts.count > SignatureMerge.mostParts { break }
    }
    return parts
  }

  /// Throws `UNREADABLE`, and `FILE-REFUSED` for a link, a folder, a device and more than what of that kind is read.
  private func content(_ path: String, atMost kind: SignaturePart.Kind) throws(Finding) -> [UInt8] {
    guard let bytes = try FileContent.read(path, atMost: kind.largest, place: path) else {
      throw Finding(
        .unreadablePath, "The file cannot be read: it is not there, or not yours to read.", hint: "Check the name.",
        place: path)
    }
    return bytes
  }
}
