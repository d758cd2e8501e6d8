import ArgumentParser
import CeremonyReplay
import CeremonyScript
import Findings
import Keys
import Products
import ScriptDraft

struct DraftCollect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "collect",
    abstract: "Finishes a root that waits for signatures: what came from elsewhere is taken in.",
    discussion: """
      People, keys and rules come from the folder of the ceremony that ended pending. The root that it went on from, \
      if there is one, is copied beside the script. What is not known is marked: 'check' then ends with 3 and lists it.

      Example: tuf-ceremony draft collect --after ceremony-2 --out collect.yaml
      """)

  @Option(help: ArgumentHelp("The products folder of a ceremony that ended pending.", valueName: "dir"))
  var after: String

  @Option(help: "What the ceremony is called, on screens and on paper.")
  var title: String?

  @Option(help: ArgumentHelp("Who sits at the keyboard.", valueName: "name"))
  var administrator: String?

  @Option(help: ArgumentHelp("Who watches, compares and confirms.", valueName: "name"))
  var witness: String?

  @Flag(help: "No card is in the room: the ceremony ends UNSEALED, and its seal is asked for afterwards.")
  var sealElsewhere = false

  @Option(help: ArgumentHelp("The script to write; it must not exist.", valueName: "script"))
  var out: String

  func run() throws {
    try ending {
      do {
        let earlier = try EarlierCeremony(namedFolder(after))
        var draft = CollectDraft(after: try pendingBefore(earlier))
        draft.withdrawn = earlier.open.filter { $0 != draft.before.payload }
        draft.title = title
        draft.isSealedElsewhere = sealElsewhere
        draft.administrator = administrator ?? draft.administrator
        draft.witness = witness ?? draft.witness
        return try DraftFile(out).write(try draft.drafted())
      } catch let finding as Finding { throw finding.inScript(out) }
    }
  }

  private func pendingBefore(_ earlier: EarlierCeremony) throws(Finding) -> PendingBefore {
    let folder = try namedFolder(after)
    let script = try Script(folder.read("script.yaml"))
    guard earlier.isPending else {
      throw Finding(
        .pendingDiffers, "The ceremony in \(after) did not end pending: no root waits there for signatures.",
        hint: "Name the folder of the one that did.", place: after)
    }
    let twin = "twin/\(earlier.version - 1).root.json"
    return try PendingBefore(
      script,
      after: script.goesOn.map { files throws(Finding) in
        FileBeside(name: files.root.name, bytes: try folder.read("inputs/\(files.root.name)"))
      },
      twin: folder.exists(twin) ? folder.read(twin) : nil, waiting: earlier.root, head: earlier.names.head)
  }
}
