import CeremonyRecords
import Findings
import Terminal

/// Lays a screen out as a stage: one step, one screen, never taller than the terminal. What it is about stands at the top,
/// how things stand below the middle, and what is asked on the last rows. What is longer is turned page by page.
package struct StageLayout: Sendable {
  package static let leastColumns = 80
  package static let leastRows = 24
  /// Turns to the next page.
  package static let more = "more"

  package let columns: Int
  package let rows: Int
  /// Whether escape sequences for bold and inverse may be written.
  package let isStyled: Bool

  package init(columns: Int, rows: Int, isStyled: Bool) {
    self.columns = max(1, columns)
    self.rows = max(1, rows)
    self.isStyled = isStyled
  }

  package var isTooSmall: Bool { columns < Self.leastColumns || rows < Self.leastRows }

  package func frame(_ view: StageView) -> StageFrame {
    guard !isTooSmall else { return tooSmall }
    let parts = StageParts(columns: columns, isStyled: isStyled)
    let header = parts.header(view)
    var title = parts.title(of: view.screen)
    var footer = parts.footer(view)
    let notes = parts.notes(view)
    let line = view.line.map { [parts.cut($0)] } ?? (view.screen.prompt == nil ? [] : [""])
    var content = parts.content(of: view.screen)
    var prompt = parts.prompt(view.screen.prompt)
    var isShort = false
    let room = rows - header.count - title.count - notes.count - line.count
    // Where it gets narrow, only who has signed is named, and the meaning of the answers turns into a page of its own.
    if room - footer.count < 12 { footer = parts.footer(view, isShort: true) }
    if prompt.count > room - footer.count - 4, let asked = view.screen.prompt {
      content += parts.asContent(prompt)
      prompt = parts.shortPrompt(asked)
      isShort = true
    }
    let space = max(1, room - footer.count)
    var pages = [content.map(\.text)]
    if content.count > space - prompt.count {
      if let asked = view.screen.prompt {
        let last = isShort ? parts.shortPrompt(asked, isPaged: true) : parts.prompt(asked, isPaged: true)
        pages = Self.pages(content, of: space - parts.turning(asked).count, last: space - last.count)
      } else {
        let more = "… \(content.count - space + 1) more rows: see the transcript."
        pages = [content.prefix(space - 1).map(\.text) + [more]]
      }
    }
    let places = Self.places(pages)
    let page =
      view.place.map { place in places.lastIndex { $0 <= place } ?? 0 } ?? min(max(0, view.page), pages.count - 1)
    if pages.count > 1, let asked = view.screen.prompt {
      title = parts.title(of: view.screen, page: "   (page \(page + 1) of \(pages.count))")
      prompt =
        page < pages.count - 1
        ? parts.turning(asked)
        : isShort ? parts.shortPrompt(asked, isPaged: true) : parts.prompt(asked, isPaged: true)
    }
    var shown = header + title + pages[page]
    let below = footer + prompt + notes + line
    shown += Array(repeating: "", count: max(0, rows - shown.count - below.count)) + below
    // Whatever does not fit is lost above what is asked, and never below.
    if shown.count > rows { shown = header.prefix(1) + shown.suffix(rows - 1) }
    return StageFrame(
      rows: shown, cursor: (rows - 1, min(columns - 1, line.first?.columns ?? 0)), page: page, pages: pages.count,
      place: places[page], nextPlace: page + 1 < places.count ? places[page + 1] : 0)
  }

  /// How many rows a terminal needs that shows it without turning pages.
  package func neededRows(_ view: StageView) -> Int {
    let parts = StageParts(columns: columns, isStyled: isStyled)
    return parts.header(view).count + parts.title(of: view.screen).count + parts.footer(view).count
      + parts.content(of: view.screen).count
      + parts.prompt(view.screen.prompt).count + parts.notes(view).count + 1
  }

  private var tooSmall: StageFrame {
    let words = [
      "This terminal is too small: \(columns) columns and \(rows) rows.",
      "Make it at least \(Self.leastColumns) by \(Self.leastRows). The ceremony waits, and nothing is lost.",
    ]
    let shown = words.flatMap { TextFlow(width: columns).rows($0, continued: "") }.prefix(rows)
    return StageFrame(
      rows: shown + Array(repeating: "", count: rows - shown.count), cursor: (min(rows - 1, shown.count), 0), page: 0,
      pages: 1, place: 0, nextPlace: 0)
  }

  /// Where each page begins: how many letters stand before it. Spaces and marks depend on the width, and do not count.
  private static func places(_ pages: [[String]]) -> [Int] {
    var places: [Int] = []
    var place = 0
    for page in pages {
      places.append(place)
      for row in page { place += TextStyle.letters(of: row) }
    }
    return places
  }

  /// Rows as pages of so many, the last one of at most `last`: cut where something new begins, if that is possible, and
  /// else where a part of it begins.
  static func pages(_ rows: [StageParts.Row], of space: Int, last: Int) -> [[String]] {
    var rest = rows[...]
    var pages: [[String]] = []
    while true {
      rest = rest.drop { $0.text.isEmpty }
      guard rest.count > max(1, last) else { return pages + [rest.map(\.text)] }
      let most = min(max(1, space), rest.count - 1)
      let places = (1...most).reversed()
      func place(of start: StageParts.Row.Start) -> Int? { places.first { rest[rest.startIndex + $0].start == start } }
      let start = place(of: .whole)
      // A digest that fits on a page is not cut: what is asked stands on a page of its own then.
      guard start != nil || rest.count > space else { return pages + [rest.map(\.text), []] }
      let cut = start ?? place(of: .part) ?? most
      pages.append(rest.prefix(cut).map(\.text))
      rest = rest.dropFirst(cut)
    }
  }
}
