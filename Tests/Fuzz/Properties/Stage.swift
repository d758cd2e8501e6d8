import CanonicalJSON
import CeremonyRecords
import Findings
import Keys
import Screens

/// Whatever a screen says, and however large the terminal is, a stage has exactly the terminal's rows, none is wider, and
/// nothing in it moves the cursor. Of a screen of a size that ceremonies have nothing is lost: each word, digest and answer
/// stands on one of its pages.
///
/// Columns and rows above the least, whether it is styled, and a screen as a record holds it.
func judgeStage(_ bytes: [UInt8]) {
  guard bytes.count > 3, let body = try? JSONValue(parsing: Array(bytes.dropFirst(3))).object,
    let screen = Screen(fields: body)?.printable
  else { return }
  let layout = StageLayout(
    columns: StageLayout.leastColumns + Int(bytes[0]) % 140, rows: StageLayout.leastRows + Int(bytes[1]) % 40,
    isStyled: bytes[2] % 2 == 1)
  var view = StageView(screen)
  view.clock = "21:58:12 UTC"
  view.head = "0123456789ab"
  view.line = screen.prompt == nil ? nil : "> "
  if bytes[2] & 2 != 0 { view.notes = ["Nobody takes that answer here: type one of those above."] }
  var pages: [StageFrame] = []
  var count = 1
  while pages.count < count {
    view.page = pages.count
    let frame = layout.frame(view)
    require(frame.page == pages.count, "page \(pages.count) is page \(frame.page)")
    judge(frame, layout)
    count = frame.pages
    pages.append(frame)
  }
  guard let prompt = screen.prompt, isOfUsualSize(screen, prompt) else { return }
  let shown = pages.map { $0.rows.map(unstyled).joined(separator: " ") }
  for token in prompt.answers.map(\.token) + prompt.always {
    require(words(of: shown.last ?? "").contains(token), "the answer \(token) is not where people answer")
  }
  let all = Set(shown.flatMap(words))
  for text in screen.text + screen.say + screen.facts.map(\.value) + [prompt.question] {
    for word in words(of: text) where word.columns <= 30 {
      require(all.contains { $0.contains(word) }, "“\(word)” is on no page")
    }
  }
  for digest in screen.digests.map(\.digest) {
    for word in digest.words { require(all.contains(word), "a word of a digest is on no page") }
  }
}

private func judge(_ frame: StageFrame, _ layout: StageLayout) {
  require(frame.rows.count == layout.rows, "\(frame.rows.count) rows of \(layout.rows)")
  for row in frame.rows {
    let text = unstyled(row)
    require(text.columns <= layout.columns, "a row of \(text.columns) columns on \(layout.columns): \(text)")
    require(text == printable(text), "something in a row moves the cursor")
  }
  let isInside = frame.cursor.row < layout.rows && frame.cursor.column < layout.columns
  require(isInside, "the cursor stands beside the terminal")
}

/// Of a screen of a ceremony with nine keyholders.
private func isOfUsualSize(_ screen: Screen, _ prompt: Prompt) -> Bool {
  let boards = screen.standing?.boards ?? []
  let names =
    boards.flatMap { $0.people.map(\.name) + $0.sides.map(\.side) + [$0.role] } + (screen.standing?.away ?? [])
  let tokens = prompt.answers.map(\.token) + prompt.always
  return boards.count <= 3 && boards.allSatisfy { $0.people.count <= 9 && $0.sides.count <= 2 }
    && names.count <= 30 && names.allSatisfy { $0.columns <= 24 } && screen.tally.count <= 3
    && screen.tally.allSatisfy { $0.columns <= 200 } && screen.banners.count <= 3
    && screen.banners.allSatisfy { $0.columns <= 60 } && (screen.standing?.ceremony.columns ?? 0) <= 80
    && screen.title.columns <= 120 && screen.who.columns <= 60 && (screen.standing?.section.columns ?? 0) <= 40
    && prompt.answers.count <= 6 && tokens.count <= 14 && tokens.allSatisfy { $0.columns <= 20 && !$0.contains(" ") }
    && tokens.allSatisfy { !$0.isEmpty } && prompt.question.columns <= 160
}

private func words(of text: String) -> [String] {
  text.split { $0 == " " || $0 == "," }.map(String.init)
}

/// Without the sequences for bold and inverse.
private func unstyled(_ row: String) -> String {
  var text = ""
  var isInside = false
  for scalar in row.unicodeScalars {
    if scalar == "\u{1b}" { isInside = true }
    if !isInside { text.unicodeScalars.append(scalar) }
    if isInside, scalar == "m" { isInside = false }
  }
  return text
}
