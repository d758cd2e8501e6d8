import ArgumentParser
import FindingCatalogue

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Says what the code of a finding means, and what to do next.",
    discussion: """
      Without a code: all of them, by what they are about.

      Example: tuf-ceremony explain CARD-REMOVED
      """)

  @Argument(help: "The code, such as CARD-REMOVED, in capitals or not.")
  var code: String?

  func validate() throws {
    do { _ = try FindingCatalogue.explained(code) } catch { throw ValidationError(error.description) }
  }

  func run() throws { tell(try FindingCatalogue.explained(code).text) }
}
