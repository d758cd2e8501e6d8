import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import Screens
import Transcript
import UTC

/// A ceremony as asciinema plays it: asciicast v2, newline-delimited JSON.
///
/// Output is what the recorded screens look like in rows, at the recorded times, followed by the accepted answers.
/// Each step begins with a marker that bears its id.
package struct Asciicast {
  /// Columns.
  package static let width = 100
  /// Rows.
  package static let height = 40

  private let content: TranscriptContent
  private let title: String

  package init(_ content: TranscriptContent, title: String) {
    self.content = content
    self.title = title
  }

  /// UTF-8; empty where there is no record.
  package var bytes: [UInt8] {
    guard let first = content.records.first else { return [] }
    var lines = [
      "{\"version\": 2, \"width\": \(Self.width), \"height\": \(Self.height), \"timestamp\": \(first.at.seconds), "
        + "\"title\": \(Self.quoted(printable(title))), \"env\": {\"TERM\": \"xterm-256color\"}}"
    ]
    let layout = ScreenLayout(width: Self.width, isStyled: true)
    var step: String?
    for record in content.records {
      let time = Self.seconds(record.mono)
      if record.step != step {
        step = record.step
        if !record.step.isEmpty { lines.append("[\(time), \"m\", \(Self.quoted(printable(record.step)))]") }
      }
      if let output = Self.output(record, layout) { lines.append("[\(time), \"o\", \(Self.quoted(output))]") }
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private static func output(_ record: Record, _ layout: ScreenLayout) -> String? {
    switch record.kind {
    case .screen:
      guard let screen = Screen(record.body) else {
        return printable(String(decoding: JSONValue.object(record.body).canonical(), as: UTF8.self)) + "\r\n"
      }
      let rows = layout.rows(screen.printable).split(separator: "\n", omittingEmptySubsequences: false)
      return rows.joined(separator: "\r\n") + (screen.prompt == nil ? "" : "> ")
    case .answer:
      return Reply(fields: record.body)?.accepted.map { printable($0) + "\r\n" }
        ?? "\r\nThat was not one of the answers. What was typed was not recorded.\r\n> "
    default: return nil
    }
  }

  /// Seconds with six decimals; the last three digits of the nanoseconds are dropped.
  private static func seconds(_ nanoseconds: Int64) -> String {
    let micros = String(nanoseconds / 1000 % 1_000_000)
    return "\(nanoseconds / 1_000_000_000)." + String(repeating: "0", count: max(0, 6 - micros.utf8.count)) + micros
  }

  /// A JSON string of printable ASCII.
  private static func quoted(_ text: String) -> String {
    String(decoding: JSONValue.string(text).pretty().dropLast(), as: UTF8.self)
  }
}

extension Screen {
  /// The same screen with everything made visible that could move a cursor or turn the direction of writing.
  fileprivate var printable: Screen {
    var screen = self
    screen.title = Findings.printable(title)
    screen.who = Findings.printable(who)
    screen.text = text.map { Findings.printable($0) }
    screen.say = say.map { Findings.printable($0) }
    screen.tally = tally.map { Findings.printable($0) }
    screen.banners = banners.map { Findings.printable($0) }
    screen.facts = facts.map { Fact(name: Findings.printable($0.name), value: Findings.printable($0.value)) }
    screen.digests = digests.map { Labelled(label: Findings.printable($0.label), digest: $0.digest) }
    screen.prompt = prompt?.printable
    return screen
  }
}
