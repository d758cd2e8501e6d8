import ArgumentParser
import CeremonyReplay
import CeremonyRuntime
import CeremonyScript
import Findings
import Glibc
import Keys
import PIVTypes
import Products
import ScriptDraft
import TUFMetadata
import UTC

struct DraftRotation: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotation",
    abstract: "The root after another one: who stays proves their card, both quorums sign.",
    discussion: """
      People, ids and rules come from the ceremony before. Of a root that others made, they come from the fields of its keys, \
      or from its key ids. What is not known is marked, or takes a form that only 'rehearse' takes: 'check' then ends with 3 \
      and lists it. The root is copied beside the script.

      Reasons: routine, lost (nobody has the card), suspected (somebody else may use the key), firmware, left. Who leaves \
      and joins under one name gets a new card.

      Example: tuf-ceremony draft rotation --after ceremony-1 --leaves chandra --reason lost --joins Chandra --out script.yaml
      """)

  @Option(
    help: ArgumentHelp(
      "The root that clients have now: the products folder of its ceremony, or the file of anybody's root.",
      valueName: "dir-or-root"))
  var after: String

  @Option(
    name: .customLong("leaves"),
    help: ArgumentHelp(
      """
      Whose key leaves: the id of a keyholder or of an online key, or the first digits of a key id; may be repeated. A \
      --reason follows each, or it stands here as well: chandra=lost.
      """, valueName: "id"))
  var leaves: [String] = []

  @Option(
    name: .customLong("reason"),
    help: ArgumentHelp("Why the one who was named last leaves.", valueName: "reason"))
  var reasons: [String] = []

  @Option(
    name: .customLong("joins"),
    help: ArgumentHelp("Who brings a new card; may be repeated.", valueName: "name"))
  var joins: [String] = []

  @Option(
    name: .customLong("wipe"),
    help: ArgumentHelp(
      "Whose card is wiped at the end, by id: of those who leave and bring it. May be repeated.", valueName: "id"))
  var wipes: [String] = []

  @Option(
    name: .customLong("without"),
    help: ArgumentHelp(
      "Who will not be in the room, by id: their key stays, and nobody proves it. May be repeated.", valueName: "id"))
  var without: [String] = []

  @Option(
    name: .customLong("elsewhere"),
    help: ArgumentHelp(
      """
      Who signs at their own place: a request is written for them. The id of a keyholder, or the name of somebody who \
      joins; their key is made there, too. May be repeated.
      """, valueName: "id-or-name"))
  var elsewhere: [String] = []

  @Option(
    help: ArgumentHelp(
      "A ceremony after the same root that ended pending, and whose root will not be finished. May be repeated.",
      valueName: "dir"))
  var withdraws: [String] = []

  @Option(
    help: ArgumentHelp(
      "The kind of new root keys: ed25519, ecdsa-p256 or ecdsa-p384. As before, if it is not given.",
      valueName: "kind"),
    transform: { text in
      guard let algorithm = KeyAlgorithm(text) else {
        throw ValidationError("Keys are ed25519, ecdsa-p256 or ecdsa-p384.")
      }
      return algorithm
    })
  var algorithm: KeyAlgorithm?

  @Option(
    help: ArgumentHelp("The targets metadata that clients have now, where it must be signed again.", valueName: "file"))
  var targets: String?

  @OptionGroup var options: DraftOptions

  func validate() throws { _ = try leaving() }

  /// Each with its reason. `ID=REASON` has it within; for the others they stand in the same order.
  private func leaving() throws -> [(who: String, reason: Leaver.Reason)] {
    let words = Leaver.Reason.allCases.map(\.rawValue).joined(separator: ", ")
    var left = reasons[...]
    let pairs = try leaves.map { text throws -> (who: String, reason: Leaver.Reason) in
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let word = parts.count == 2 ? parts[1] : left.popFirst() else {
        throw ValidationError("--leaves \(text): add --reason, one of \(words).")
      }
      guard let reason = Leaver.Reason(rawValue: word) else {
        throw ValidationError("“\(word)” is no reason. Reasons are \(words).")
      }
      return (parts[0], reason)
    }
    guard left.isEmpty else { throw ValidationError("--reason \(left.joined(separator: " ")): nobody leaves for it.") }
    return pairs
  }

  func run() throws {
    try ending {
      var draft = RotationDraft(after: try rootBefore())
      draft.repository = options.repository ?? draft.repository
      draft.administrator = options.administrator ?? draft.administrator
      draft.witness = options.witness ?? draft.witness
      draft.title = options.title
      draft.leaves = try leaving()
      draft.joins = joins
      draft.wipes = wipes
      draft.elsewhere = elsewhere
      draft.withdrawn = try EarlierCeremony.open(
        in: withdraws, version: draft.before.baseline.root.version + 1)
      draft.nonces = try joins.map { _ in try SystemEntropy().bytes(count: 16) }
      draft.threshold = options.threshold
      draft.expires = options.expires.flatMap { UTCTime($0) }
      draft.algorithm = algorithm
      draft.serviceKey = try options.serviceKey
      draft.serviceKeyURI = options.onlineKeyURI
      let vendors = try options.vendorFiles
      if !vendors.isEmpty { draft.vendors = vendors }
      if Asking.isPossible { ask(&draft) }
      do {
        let whole = without.isEmpty ? nil : try draft.drafted()
        draft.without = without
        let drafted = try draft.drafted()
        let digests =
          whole.map {
            [
              "SHA-256 with everybody:  \(SHA256Digest(of: $0.bytes).hex)",
              "SHA-256 without \(without.joined(separator: ", ")):  \(SHA256Digest(of: drafted.bytes).hex)",
            ]
          } ?? []
        return try options.write(drafted, notes: digests)
      } catch let finding as Finding { throw finding.inScript(options.out) }
    }
  }

  private func rootBefore() throws -> RootBefore {
    var given: [String: FileBeside] = [:]
    if let path = targets {
      given["targets"] = FileBeside(
        name: path.split(separator: "/").last.map(String.init) ?? path, bytes: try named(path, atMost: 1 << 20))
    }
    var status = stat()
    guard stat(after, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      return try RootBefore(try named(after, atMost: 1 << 20), named: after, metadata: given)
    }
    let folder = try namedFolder(after)
    let earlier = try EarlierCeremony(folder)
    let script = try Script(folder.read("script.yaml"))
    let inputs = try script.files.map { FileBeside(name: $0.name, bytes: try folder.read("inputs/\($0.name)")) }
    return try RootBefore(
      earlier.root, named: after, head: earlier.names.head, script: script,
      metadata: newestMetadata(in: folder).merging(given) { _, named in named }, inputs: inputs)
  }

  /// The metadata of a folder but its root, by role.
  private func newestMetadata(in folder: ProductsFolder) throws -> [String: FileBeside] {
    var found: [String: FileBeside] = [:]
    for path in try folder.list(besides: ["annex"]).map(\.path) where path.hasPrefix("metadata/") {
      let parts = path.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[1] != "root" else { continue }
      found[String(parts[1])] = FileBeside(
        name: String(path.dropFirst("metadata/".count)), bytes: try folder.read(path))
    }
    return found
  }

  /// What is still open, one by one.
  private func ask(_ draft: inout RotationDraft) {
    Asking.begin()
    draft.repository = draft.repository ?? Asking.line("The repository, as people name it")
    draft.administrator = draft.administrator ?? Asking.line("Who sits at the keyboard")
    draft.witness = draft.witness ?? Asking.name("Who watches, compares and confirms", besides: [draft.administrator])
    let names = draft.names
    if draft.leaves.isEmpty {
      put(printable("In the root before are: \(names.joined(separator: ", "))") + "\n")
      while let who = Asking.value(
        "Who leaves, or Enter where nobody does any more", "Type one of the names above.",
        { names.contains($0) ? $0 : nil })
      {
        let words = Leaver.Reason.allCases.map(\.rawValue).joined(separator: ", ")
        guard let reason = Asking.value("Why (\(words))", "Type one of these words.", { Leaver.Reason(rawValue: $0) })
        else { continue }
        draft.leaves.append((who, reason))
      }
    }
    if draft.joins.isEmpty {
      while let name = Asking.line("Who joins with a new card, or Enter where nobody does any more") {
        draft.joins.append(name)
      }
    }
    draft.expires = draft.expires ?? Asking.expiry()
  }
}

extension EarlierCeremony {
  /// What the ceremonies in these folders left open of a version, and that will not be finished. Throws `PREVIOUS-DIFFERS` for
  /// one that did not end pending with it.
  static func open(in folders: [String], version: Int64) throws -> [SHA256Digest] {
    var open: [SHA256Digest] = []
    for path in folders {
      let earlier = try EarlierCeremony(namedFolder(path))
      guard earlier.isPending, Int64(earlier.version) == version else {
        throw Finding(
          .previousDiffers, "No root of version \(version) waits there.",
          hint: "Name the folder of a ceremony that ended pending with that version.", place: path)
      }
      open += earlier.open.filter { !open.contains($0) }
    }
    return open
  }
}
