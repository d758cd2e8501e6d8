import CanonicalJSON
import CeremonyRecords
import CeremonyScript
import Foundation
import Judges
import Keys
import Products
import Report
import Testing

/// The form has what the screens of a ceremony show, under the same names: no digest more, and none less.
@Suite struct PaperScreensTests {
  /// The screens of a whole rehearsal, in their order.
  private static func screens(_ products: MemoryProducts) throws -> [(step: String, screen: Screen)] {
    try ["transcript.jsonl", "sealing.jsonl"].flatMap { file in
      try products.read(file).split(separator: 10).compactMap { line in
        let record = try JSONValue(parsing: Array(line))
        guard record["kind"] == "screen", let body = record["body"]?.object else { return nil }
        return (try #require(record["step"]?.string), try #require(Screen(body)))
      }
    }
  }

  /// Without the number of a record, which nobody knows before.
  private static func name(_ label: String) -> String {
    label.hasPrefix("head after record ") ? "head after record" : label
  }

  @Test(arguments: ["first-rehearsal", "pep458-genesis"])
  func everyDigestHasItsPlace(name: String) throws {
    let script = try Ceremonies.script(name)
    let products = try Ceremonies.played(script)
    let screens = try Self.screens(products)
    let paper = try Paper(script, for: [.rehearsal]).rendered(as: .html)
    guard let form = try ParsedForm(paper, .html, "the form of \(name)"),
      let filled = try ParsedForm(
        try Paper(script, filledFrom: products).rendered(as: .html), .html, "the filled form of \(name)")
    else { return }
    var compared = 0
    for (row, full) in zip(form.rows, filled.rows) {
      let id = try #require(Self.steps(script).first { row.cells[2].contains(" \($0)") && row.cells[0] == $1 }?.0)
      let shown = screens.filter { $0.step == id }.map(\.screen)
      let names = Set(shown.flatMap(\.digests).map { Self.name($0.label) })
      #expect(Set(row.digests) == names, "\(id)")
      #expect(Set(full.digests.map(Self.name)) == names, "\(id), filled in")
      compared += names.count
      // Whoever is asked has room to write, and a row that goes by itself asks nobody.
      let isAsked = shown.contains { $0.prompt != nil }
      if isAsked { #expect(row.cells[3] != "by itself", "\(id)") }
      for digest in shown.flatMap(\.digests) {
        #expect(filled.text.contains(digest.digest.words.joined(separator: " ")), "\(id)")
      }
    }
    #expect(compared >= 10)
    // What is shown before the first step stands on the first sheet.
    for digest in screens.filter({ $0.step.isEmpty }).flatMap(\.screen.digests) {
      #expect(form.text.contains("\(digest.label): SHA-256"), "\(digest.label)")
    }
  }

  private static func steps(_ script: [UInt8]) throws -> [(String, String)] {
    Plan(try Script(script)).steps.map { ($0.id, String($0.number)) }
  }

  @Test func viewersHaveRoomForWhatIsReadAloudAndForNothingElse() throws {
    let script = try Ceremonies.script("pep458-genesis")
    let paper = try Paper(script, for: [.rehearsal])
    guard let page = try ParsedPage(try paper.renderedForViewers(), "the page for viewers") else { return }
    #expect(page.problems == [])
    for words in [
      SHA256Digest(of: script).words.joined(separator: " "), "key id", "root, the signed part", "metadata/1.root.json",
      "final head", "SHA256SUMS", "tuf-audit replay FOLDER --head WORDS", "FOR REHEARSALS ONLY",
    ] { #expect(page.text.contains(words), "\(words)") }
    #expect(!page.text.contains("Initial the step") && !page.text.contains("as in row"))
  }
}
