import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import Keys
import Screens
import Transcript
import UTC

/// A ceremony as asciinema plays it: asciicast v2, newline-delimited JSON.
///
/// Output is the stage as it stood at the recorded times, each frame whole, so that whoever joins late sees what ceremony it
/// is and how it stands; then the accepted answers. Each step begins with a marker that bears its id.
package struct Asciicast {
  /// Columns.
  package static let width = 100
  /// Rows, unless a screen needs more: a recording turns no pages.
  package static let leastHeight = 40
  /// Rows of the largest: what a screen has beyond them is not seen.
  package static let mostHeight = 200

  private let content: TranscriptContent
  private let title: String

  package init(_ content: TranscriptContent, title: String) {
    self.content = content
    self.title = title
  }

  /// UTF-8; empty where there is no record.
  package var bytes: [UInt8] {
    guard let first = content.records.first else { return [] }
    let views = content.records.map { view(of: $0) }
    let measure = StageLayout(columns: Self.width, rows: 1, isStyled: true)
    let needed = views.reduce(Self.leastHeight) { most, view in max(most, view.map(measure.neededRows) ?? 0) }
    let height = min(needed, Self.mostHeight)
    let layout = StageLayout(columns: Self.width, rows: height, isStyled: true)
    var lines = [
      "{\"version\": 2, \"width\": \(Self.width), \"height\": \(height), \"timestamp\": \(first.at.seconds), "
        + "\"title\": \(Self.quoted(printable(title))), \"env\": {\"TERM\": \"xterm-256color\"}}"
    ]
    var step: String?
    var shown: StageView?
    for (record, view) in zip(content.records, views) {
      let time = Self.seconds(record.mono)
      if record.step != step {
        step = record.step
        if !record.step.isEmpty { lines.append("[\(time), \"m\", \(Self.quoted(printable(record.step)))]") }
      }
      var output: String?
      if let view {
        shown = view
        output = Self.whole(layout.frame(view))
      } else if record.kind == .screen {
        output = printable(String(decoding: JSONValue.object(record.body).canonical(), as: UTF8.self)) + "\r\n"
      } else if record.kind == .answer, var answered = shown {
        let accepted = Reply(fields: record.body)?.accepted
        answered.line = "> " + (accepted.map { printable($0) } ?? "")
        if accepted == nil {
          answered.notes = ["That was not one of the answers. What was typed was not recorded."]
        }
        output = Self.whole(layout.frame(answered))
      }
      if let output { lines.append("[\(time), \"o\", \(Self.quoted(output))]") }
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// A recorded screen with what stood around it; nil for another record, and for a screen that is none.
  private func view(of record: Record) -> StageView? {
    guard record.kind == .screen, let screen = Screen(record.body)?.printable else { return nil }
    var view = StageView(screen)
    view.title = screen.standing?.ceremony ?? printable(title)
    view.clock = "\(record.at.description.dropFirst(11).dropLast()) UTC"
    view.seconds = Int(clamping: record.mono / 1_000_000_000)
    view.head = (try? record.line()).map { String(SHA256Digest(of: $0).hex.prefix(8)) }
    if screen.prompt != nil { view.line = "> " }
    return view
  }

  /// Over whatever was there.
  private static func whole(_ frame: StageFrame) -> String {
    "\u{1b}[H\u{1b}[2J" + frame.rows.joined(separator: "\r\n")
      + "\u{1b}[\(frame.cursor.row + 1);\(frame.cursor.column + 1)H"
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
