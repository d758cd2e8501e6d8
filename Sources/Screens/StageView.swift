import CeremonyRecords

/// A screen, and what stands around it on a stage and is not recorded.
package struct StageView: Sendable {
  package var screen: Screen
  /// What the ceremony is called.
  package var title: String
  /// Why the last answer was refused, or what is waited for. Right above the line on which people type.
  package var notes: [String] = []
  /// The line on which people type, and what they typed where it may be shown; nil where nobody is asked.
  package var line: String?
  /// The time of day, as in `21:58:12 UTC`.
  package var clock = ""
  /// Since the ceremony began, interruptions left out; nil where nobody knows.
  package var seconds: Int?
  /// The first digits of the digest of the record of this screen; nil where there is none.
  package var head: String?
  /// From 0 on; beyond the last one it is the last one.
  package var page = 0
  /// What is shown is the page with this place, whatever number it has; nil where ``page`` says it. A place is a number of
  /// letters from the beginning of the content: a terminal of another size has other rows.
  package var place: Int?

  package init(_ screen: Screen) {
    self.screen = screen
    title = screen.standing?.ceremony ?? ""
  }
}

/// Exactly the rows of a terminal.
package struct StageFrame: Hashable, Sendable {
  /// With their escape sequences; none is wider than the terminal.
  package let rows: [String]
  /// Where people type, from 0 on.
  package let cursor: (row: Int, column: Int)
  package let page: Int
  package let pages: Int
  /// Where this page begins, and the next one; see ``StageView/place``.
  package let place: Int
  package let nextPlace: Int

  /// Whether everything that is asked about was shown: on the last page.
  package var isLastPage: Bool { page == pages - 1 }

  package static func == (one: StageFrame, other: StageFrame) -> Bool {
    one.rows == other.rows && one.cursor == other.cursor && one.page == other.page && one.pages == other.pages
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(rows) }

  /// Draws it in place of another one, or over anything where that is nil: what to write, at once.
  package func drawn(over before: StageFrame?) -> String {
    let known = before.flatMap { $0.rows.count == rows.count ? $0.rows : nil }
    var text = ""
    for (place, row) in rows.enumerated() where known?[place] != row {
      // Erased first: behind a row that fills the terminal it would take the last character away.
      text += "\u{1b}[\(place + 1);1H\u{1b}[K\(row)"
    }
    if known == nil { text += "\u{1b}[J" }
    if text.isEmpty, before?.cursor ?? (-1, -1) == cursor { return "" }
    return text + "\u{1b}[\(cursor.row + 1);\(cursor.column + 1)H"
  }
}
