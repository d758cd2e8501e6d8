import ArgumentParser
import CanonicalJSON
import FindingCatalogue
import Findings
import Invocation

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say what the code of a finding means, and what to do next.",
    discussion: """
      Without a code: all of them, by what they are about.

      Example: tuf-audit explain CHAIN-BROKEN
      """)

  @Argument(help: "The code, such as CHAIN-BROKEN, in capitals or not.")
  var code: String?

  @Option(name: .customLong("format"), help: "text, json or markdown (all codes, as Runbook/FINDINGS.md has them).")
  var named = Form.text

  @Flag(help: "The same as --format json.")
  var json = false

  enum Form: String, ExpressibleByArgument, CaseIterable { case text, json, markdown }

  private var format: Form { json ? .json : named }

  func validate() throws {
    if format == .markdown, code != nil { throw ValidationError("--format markdown takes no code: it has all.") }
    do { _ = try FindingCatalogue.explained(code) } catch { throw ValidationError(error.description) }
  }

  func run() throws {
    let answer = try FindingCatalogue.explained(code)
    let outcome = Outcome(
      "explain", findings: [], isStrict: false, text: format == .markdown ? FindingCatalogue.page : answer.text,
      json: ["codes": .array(answer.explanations.map { .object($0.json) })])
    try outcome.finish(format == .json ? .json : .text)
  }
}
