import ArgumentParser
import CanonicalJSON
import CeremonyEngine
import Findings
import Keys
import Products

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Hold a ceremony again from its transcript, and compare every byte.",
    discussion: """
      Every APDU, screen and product must come out byte-identical; signatures, thresholds and attestations are \
      verified on the way. Says what that proves and what it does not.
      """)

  @Argument(help: "The products folder of a ceremony.")
  var folder: String

  @OptionGroup var common: CommonOptions

  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    let source = ProductsFolder(opening: folder)
    do { _ = try source.list() } catch {
      let unreadable = Finding(
        .fileRefused, "\(folder) cannot be read as a folder.", hint: "Name the products folder of a ceremony.",
        place: folder)
      try Outcome("replay", findings: [], unreadable: [unreadable], isStrict: common.strict).finish(format)
    }
    let verdict = Replay(source).verdict()
    let words = ReplayWords(verdict)
    try Outcome(
      "replay", findings: verdict.findings, isStrict: common.strict, text: words.text, json: words.json
    ).finish(format)
  }
}

/// What a replay says, in one screen and as an object.
struct ReplayWords {
  private let verdict: ReplayVerdict

  init(_ verdict: ReplayVerdict) { self.verdict = verdict }

  /// What nobody should believe without it, first.
  private var banners: [String] {
    (verdict.isRehearsal ? ["REHEARSAL: nothing that comes out of it is to be trusted"] : [])
      + (verdict.isUnproven ? ["NOT PROVEN TO BE ON HARDWARE"] : [])
      + (verdict.outcome?.ending == .aborted ? ["ABORTED"] : [])
  }

  private var proved: [String] {
    guard verdict.isReexecuted else { return ["The chain of records is whole; nothing was re-executed."] }
    var lines = ["\(verdict.records) records follow from each other, and every one came out again."]
    if verdict.products > 0 {
      lines.append("\(verdict.products) files came out again byte for byte, SHA256SUMS among them.")
    }
    if verdict.outcome?.ending == .complete {
      lines.append("Every signature holds over the whole payload, and every threshold is reached.")
      if let seal = verdict.seal {
        lines.append("\(seal.count) root keys sealed this transcript; the root's threshold is \(seal.threshold).")
      }
      if !verdict.isUnproven {
        lines.append(
          verdict.isRehearsal
            ? "Every key was attested by a chain that a rehearsal accepts." : "Every key was attested by a pinned vendor.")
      }
    }
    return lines
  }

  private static let notProved = [
    "who typed at the keyboard, and who held the cards",
    "that nothing else was signed elsewhere with these keys",
    "when an attested key was made, beyond what the recorded reset and generation say",
    "that the program was the one that the first record names",
  ]

  var text: String {
    var rows = banners
    if verdict.holds {
      rows.append("REPLAYED: the ceremony came out again byte for byte.")
    } else if verdict.findings.isEmpty {
      rows.append("NOT COMPLETE.")
    } else {
      rows.append("NOT AS RECORDED, OR NOT COMPLETE. See the findings.")
    }
    rows += ["", "Proved:"] + proved.map { "  \($0)" }
    rows += ["Not proved:"] + Self.notProved.map { "  \($0)" }
    if let head = verdict.head {
      rows += ["", "head  \(head.hex)"]
      rows += stride(from: 0, to: 32, by: 8).map { "      " + head.words[$0..<$0 + 8].joined(separator: " ") }
    }
    rows += ["", "What each card was told to do:"]
    for card in cards {
      rows.append("  card \(card)")
      for (what, records) in commands(of: card) {
        rows.append("    \(what), record\(records.count == 1 ? "" : "s") \(records.map { String($0) }.joined(separator: ", "))")
      }
    }
    return rows.joined(separator: "\n") + "\n"
  }

  var json: JSONObject {
    var object: JSONObject = [
      "replayed": .bool(verdict.holds), "reexecuted": .bool(verdict.isReexecuted),
      "rehearsal": .bool(verdict.isRehearsal), "unproven": .bool(verdict.isUnproven),
      "ending": verdict.outcome.map { .string($0.ending.rawValue) } ?? .null,
      "records": .integer(verdict.records), "products": .integer(Int64(verdict.products)),
      "cards": .array(
        verdict.cards.entries.map {
          [
            "card": .string($0.card), "command": .string($0.command), "slot": .string($0.slot),
            "record": .integer($0.record), "answer": .string($0.answer),
          ]
        }),
    ]
    object["seal"] =
      verdict.seal.map { ["count": .integer(Int64($0.count)), "threshold": .integer(Int64($0.threshold))] } ?? .null
    object["head"] = verdict.head.map { .string($0.hex) } ?? .null
    return object
  }

  private var cards: [String] {
    var seen: [String] = []
    for entry in verdict.cards.entries where !seen.contains(entry.card) { seen.append(entry.card) }
    return seen
  }

  private func commands(of card: String) -> [(String, [Int64])] {
    var grouped: [(String, [Int64])] = []
    for entry in verdict.cards.entries where entry.card == card {
      let slot = entry.slot.isEmpty ? "" : " in \(entry.slot)"
      let answer = entry.answer == "9000" ? "" : " (answered \(entry.answer))"
      let what = "\(entry.command)\(slot)\(answer)"
      if let place = grouped.firstIndex(where: { $0.0 == what }) {
        grouped[place].1.append(entry.record)
      } else {
        grouped.append((what, [entry.record]))
      }
    }
    return grouped
  }
}
