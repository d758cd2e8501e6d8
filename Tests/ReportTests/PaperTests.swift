import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import Report
import Testing

@Suite struct PaperTests {
  @Test(arguments: ["first-rehearsal", "pep458-genesis", "root-only-genesis"], Paper.Format.allCases)
  func theRowsAreThePlan(name: String, format: Paper.Format) throws {
    let bytes = try Ceremonies.script(name)
    let script = try Script(bytes)
    let plan = Plan(script)
    let paper = try Paper(bytes, for: [.rehearsal])
    guard let form = try ParsedForm(try paper.rendered(as: format), format, "the form of \(name)") else { return }
    #expect(form.rows.map(\.cells[0]) == plan.steps.map { String($0.number) })
    for (row, step) in zip(form.rows, plan.steps) {
      let person = script.people.first { $0.id == step.who }
      let minutes = step.minutes > 0 ? " planned \(step.minutes) min, took min" : ""
      switch format {
      case .html:
        #expect(row.cells[1] == [person?.name ?? "Everyone", person?.duty ?? ""].joined(separator: " ").trimmed)
        #expect(row.cells[2] == "\(step.action.title) \(step.id)\(minutes)")
      case .md:
        #expect(row.cells[1] == person?.name ?? "Everyone")
        #expect(row.cells[2] == "\(step.action.title) · \(step.id)")
      }
      for words in step.say { #expect(row.cells[3].contains(words)) }
      #expect(Array(row.cells[4...]) == ["", "", "", "", ""])
    }
    // No saying is lost on its way through the plan.
    for words in script.steps.flatMap(\.say) { #expect(form.text.contains(words)) }
    let digest = SHA256Digest(of: bytes)
    for words in [
      digest.hex, digest.words.joined(separator: " "), "FOR REHEARSALS ONLY", "Signature", script.title,
      "\(plan.steps.count) steps, planned for \(plan.minutes) minutes",
    ] { #expect(form.text.contains(words), "\(words)") }
  }

  @Test func itIsAWellFormedPage() throws {
    let paper = try Paper(try Ceremonies.script("pep458-genesis"), for: [.real, .rehearsal])
    guard let page = try ParsedPage(try paper.rendered(as: .html), "a form") else { return }
    #expect(page.problems == [])
    #expect(page.text.contains("This is a real ceremony rehearsal"))
    #expect(!page.text.contains("FOR REHEARSALS ONLY"))
    for words in [
      "Number on the bag", "The second source", "head after record", "key id", "metadata/1.root.json",
      "To be typed: AD by the administrator",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
  }

  @Test(
    arguments: [
      "<script>alert(1)</script>", "</title><img src=x onerror=alert(1)>", "\" onclick=\"alert(1)", "&lt;b&gt;",
      "{{policy}} {{{style}}}", "a | b || c", "`code` **bold** _it_ ~~no~~ $x$", "[a](http://x.example) ![b](c) [^1]",
      "# no heading", "\\| \\` \\\\", "\u{0d4e}<script>", "<\u{0301}b>", "|\u{0301} |",
    ], Paper.Format.allCases)
  func markupStaysText(hostile: String, format: Paper.Format) throws {
    var script = String(decoding: try Ceremonies.script("first-rehearsal"), as: UTF8.self)
    let quoted = "'\(hostile.replacing("'", with: "''"))'"
    for (old, new) in [
      ("title: First rehearsal", "title: \(quoted)"), ("name: Ada", "name: \(quoted)"),
      ("say: I call everybody by name.", "say: \(quoted)"),
    ] { script = try script.editing(old, with: new) }
    let page = try Paper(Array(script.utf8), for: [.rehearsal]).rendered(as: format)
    guard let form = try ParsedForm(page, format, "a form full of markup") else { return }
    #expect(form.rows.count == Plan(try Script(Array(script.utf8))).steps.count)
    let shown = Data(printable(hostile).utf8)
    #expect(Data(form.rows[1].cells[3].utf8).range(of: shown) != nil)
    #expect(Data(form.rows[2].cells[1].utf8).range(of: shown) != nil)
    if format == .html { #expect(try #require(try ParsedPage(page, "it")).problems == []) }
  }

  @Test func serialsThatTheScriptPinsStandOnIt() throws {
    let script = try String(decoding: Ceremonies.script("first-rehearsal"), as: UTF8.self)
      .editing("name: Ada\n    card: record", with: "name: Ada\n    card: 71\n    spares: [72, 73]")
    let page = try Paper(Array(script.utf8), for: [.rehearsal]).rendered(as: .html)
    guard let form = try ParsedForm(page, .html, "a form with serials") else { return }
    #expect(form.text.contains("Serial 71, spare 72, 73"))
    #expect(form.rows[2].below == "Serial 71, spare 72, 73 in the script; read aloud")
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
