import ArgumentParser
import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyScript
import Findings
import FolderAudit
import Invocation
import Keys
import Products
import Report
import ThisProgram
import Transcript

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Hold a ceremony again from its transcript, and compare every byte.",
    discussion: """
      Every APDU, screen and product must come out byte-identical; signatures, thresholds and attestations are \
      verified on the way. Says what that proves and what it does not. What an earlier engine version made is not \
      re-executed: everything else is verified from the files, ENGINE-VERSION names the release that can, and the exit \
      is 3; --from-files takes that for enough, for the folders of --after too. A version that this release does not \
      know is an error.

      Example: tuf-audit replay ceremony-2 --after ceremony-1
      """)

  @Argument(help: "The products folder of a ceremony, or a bundle of it.")
  var folder: String

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The products folders, or bundles, of the ceremonies before this one, in any order.", valueName: "dir"))
  var after: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "What answered requests of this ceremony elsewhere: each is replayed, and held against what was recorded of it.",
      valueName: "site"))
  var with: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The head or the final head as you know it from elsewhere: 64 hexadecimal characters, or 32 words. Name it last.",
      valueName: "hex|words"), transform: { $0 })
  var head: [String] = []

  @OptionGroup var common: StrictOptions
  @OptionGroup var files: FilesOption

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !head.isEmpty { _ = try SHA256Digest(spoken: head, by: "--head") }
  }

  func run() throws {
    let source = try NamedProducts.open(
      folder, "replay", isStrict: common.strict, output.format, nothing: ReplayWords.nothing)
    func folders(_ paths: [String]) throws -> [CeremonyChain.Folder] {
      try paths.map { path in
        CeremonyChain.Folder(
          name: path,
          source: try NamedProducts.open(
            path, "replay", isStrict: common.strict, output.format, nothing: ReplayWords.nothing))
      }
    }
    let heard = try head.isEmpty ? nil : SHA256Digest(spoken: head, by: "--head")
    let verdict = Replay(
      source, named: folder, after: try folders(after), with: try folders(with), heard: heard, report: Report.page
    ).verdict()
    let words = ReplayWords(verdict)
    try Outcome(
      "replay", findings: verdict.findings, isStrict: common.strict, accepted: files.accepted,
      isLess: files.isLess(verdict), text: words.text, json: words.json
    ).finish(output.format)
  }
}

/// What a replay says, in one screen and as an object.
struct ReplayWords {
  private let verdict: ReplayVerdict

  init(_ verdict: ReplayVerdict) { self.verdict = verdict }

  var text: String {
    var rows = verdict.banners
    rows.append(verdict.headline)
    if verdict.records > 0 {
      let incidents = verdict.incidentLines
      rows += ["", verdict.incidentTitle + (incidents.isEmpty ? "." : ":")] + incidents.map { "  \($0)" }
    }
    rows += elsewhere
    if let links = verdict.chain?.links, !links.isEmpty {
      rows +=
        ["", "The ceremonies before this one, each by what the one after it says:"] + links.map { "  \($0.words)" }
    }
    if let sites = verdict.sites?.sites, !sites.isEmpty {
      rows += ["", "What was held elsewhere for it:"] + sites.map { "  \($0.words)" }
    }
    rows += ["", "Proved:"] + verdict.proved.map { "  \($0)" }
    rows += ["Not proved:"] + verdict.notProved.map { "  \($0)" }
    if !cards.isEmpty { rows += ["", "What each card was told to do:"] }
    for (card, commands) in cards {
      rows.append("  card \(card)")
      for (what, records) in commands {
        rows.append(
          "    \(what), record\(records.count == 1 ? "" : "s") \(records.joined(separator: ", "))")
      }
    }
    // Names and answers of cards are what somebody wrote into a file.
    return rows.map { printable($0) + "\n" }.joined()
  }

  /// What the object says where there was nothing to replay.
  static let nothing: JSONObject = [
    "replayed": false, "verified": false, "reexecuted": false, "rehearsal": .null, "unproven": .null, "ending": .null,
    "records": 0,
    "products": 0, "cards": [], "seal": .null, "head": .null, "final-head": .null, "named": .null, "script": .null,
    "roots": [], "vendors": [], "program": .null, "verify": [], "incidents": [],
    "after": .null, "chain": [], "sites": [],
  ]

  var json: JSONObject {
    var object: JSONObject = [
      "replayed": .bool(verdict.holds), "verified": .bool(verdict.isSound),
      "reexecuted": .bool(verdict.isReexecuted),
      "rehearsal": .bool(verdict.isRehearsal), "unproven": .bool(verdict.isUnproven),
      "ending": verdict.outcome.map { .string($0.ending.rawValue) } ?? .null,
      "records": .integer(verdict.records), "products": .integer(Int64(verdict.products)),
      "cards": .array(
        verdict.cards.entries.map {
          var entry: JSONObject = [
            "card": .string($0.card), "command": .string($0.command), "slot": .string($0.slot),
            "record": .integer($0.record),
            "file": .string($0.isSealing ? RecordFile.sealing.name : RecordFile.transcript.name),
            "answer": .string($0.answer),
          ]
          entry["to"] = $0.target.map { .string($0) }
          return .object(entry)
        }),
    ]
    object["seal"] =
      verdict.seal.map {
        [
          "count": .integer(Int64($0.count)), "needed": .integer(Int64($0.needed)),
          "threshold": .integer(Int64($0.threshold)),
          "old": $0.old.map { ["count": .integer(Int64($0.count)), "needed": .integer(Int64($0.needed))] } ?? .null,
        ]
      } ?? .null
    object["after"] =
      verdict.configuration?.after.map {
        [
          "root": .string($0.root.hex), "head": .string($0.head.hex),
          "verified": .bool(verdict.isEarlierVerified),
        ]
      } ?? .null
    object["chain"] = .array(
      (verdict.chain?.links ?? []).map { link in
        [
          "folder": .string(link.name), "named-by": .string(link.namedBy),
          "root": .string(link.ceremony.names.root.hex), "version": .integer(Int64(link.ceremony.version)),
          "head": .string(link.ceremony.names.head.hex),
          "final-head": link.ceremony.finalHead.map { .string($0.hex) } ?? .null,
        ]
      })
    object["sites"] = .array(
      (verdict.sites?.sites ?? []).map { site in
        [
          "folder": .string(site.name), "people": .array(site.people.map { .string($0) }),
          "head": .string(site.head.hex), "asked-after": site.askedAfter.map { .integer($0) } ?? .null,
          "taken-in": .integer(site.takenIn), "heard": site.heard.map { .integer($0) } ?? .null,
        ]
      })
    object["head"] = verdict.head.map { .string($0.hex) } ?? .null
    object["final-head"] = verdict.finalHead.map { .string($0.hex) } ?? .null
    object["named"] = verdict.namedHead.map { .string($0.rawValue) } ?? .null
    object["script"] = verdict.configuration.map { .string($0.script.hex) } ?? .null
    object["roots"] = .array(verdict.roots.map { ["path": .string($0.path), "sha256": .string($0.digest.hex)] })
    object["vendors"] = .array(
      (verdict.facts?.vendors ?? []).map {
        ["name": .string($0.name), "sha256": .string($0.digest.hex), "kind": .string($0.kind.rawValue)]
      })
    object["program"] =
      verdict.configuration.map { .object($0.program.json) } ?? .null
    object["verify"] = .array(
      (verdict.configuration?.verifiers ?? []).map { ["path": .string($0.path), "sha256": .string($0.digest.hex)] })
    object["incidents"] = .array(verdict.incidents.all.map { .object(verdict.json(for: $0)) })
    return object
  }

  /// What nobody can know from the folder alone.
  private var elsewhere: [String] {
    var known = verdict.knownElsewhere
    guard !known.isEmpty else { return [] }
    if let digest = try? ThisProgram.digest() {
      known.append(
        KnownElsewhere(
          label: "tuf-audit", digest: digest,
          note:
            "this program, \(ThisProgram.version), commit \(ThisProgram.commit ?? "not known"), as it says of itself",
          isReadAloud: true))
    }
    let width = (known.map(\.label.columns).max() ?? 0) + 2
    func row(_ label: String, _ value: String) -> String {
      "  \(label.padded(to: width))\(value)"
    }
    return ["", KnownElsewhere.title]
      + known.flatMap { known in
        [row(known.label, known.digest.hex)]
          + (known.isReadAloud
            ? stride(from: 0, to: 32, by: 8).map { row("", known.digest.words[$0..<$0 + 8].joined(separator: " ")) }
            : [])
          + [row("", known.note)]
      }
  }

  private func name(of entry: CardLog.Entry) -> String {
    "\(entry.record)\(entry.isSealing ? " of sealing.jsonl" : "")"
  }

  /// Each card with what it was told, and in which records; in the order in which they came first.
  private var cards: [(String, [(String, [String])])] {
    Self.grouped(verdict.cards.entries, by: \.card).map { card, entries in
      (card, Self.grouped(entries, by: what).map { what, entries in (what, entries.map(name)) })
    }
  }

  private func what(_ entry: CardLog.Entry) -> String {
    let answer = entry.answer == "9000" ? "" : " (answered \(entry.answer))"
    return "\(entry.what)\(answer)\(entry.isSealing ? " after the close" : "")"
  }

  /// What has the same key together, each key where it came first.
  private static func grouped(
    _ entries: [CardLog.Entry], by key: (CardLog.Entry) -> String
  ) -> [(String, [CardLog.Entry])] {
    var places: [String: Int] = [:]
    var groups: [(String, [CardLog.Entry])] = []
    for entry in entries {
      let name = key(entry)
      let place = places[name, default: groups.count]
      if place == groups.count { groups.append((name, [])) }
      places[name] = place
      groups[place].1.append(entry)
    }
    return groups
  }
}
