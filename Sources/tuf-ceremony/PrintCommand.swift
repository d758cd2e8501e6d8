import ArgumentParser
import CeremonyRuntime
import CeremonyScript
import Findings
import Products
import Report
import ThisProgram

extension Paper.Format: ExpressibleByArgument {}

struct PrintCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "print",
    abstract: "The paper form of a ceremony: a row a step, to be followed, initialled and compared later.",
    discussion: """
      Print the page on A4 or Letter: Chromium puts the script's SHA-256 and the page number on every sheet. A script \
      with findings is refused; one that is fit for rehearsals only says so on the paper. With --filled the ceremony is \
      replayed first; one that was given up, did not end or was never sealed is printed and says so, with exit 1. What \
      an earlier engine version made is printed as its files have it, with exit 3, unless --from-files.

      Example: tuf-ceremony print genesis.yaml --out form.html
      """)

  @Argument(help: "The script.")
  var script: String

  @Option(help: "html or md.")
  var format = Paper.Format.html

  @Option(
    help: ArgumentHelp(
      "The products folder of a ceremony that was held by this script: the form is filled in from its transcript.",
      valueName: "dir"))
  var filled: String?

  @Flag(help: "A page for whoever watches instead: room for each digest that is read aloud, and what to do with it.")
  var viewer = false

  @Flag(help: "Take what the files prove for enough where another engine version made the folder: 0 instead of exit 3.")
  var fromFiles = false

  @Option(help: ArgumentHelp("The file to write, which must not exist; without it standard output.", valueName: "file"))
  var out: String?

  func validate() throws {
    if viewer, filled != nil || format != .html {
      throw ValidationError("--viewer is a page of its own, in html and not filled in.")
    }
  }

  func run() throws {
    try ending {
      let named = try NamedScript(script)
      let bytes = named.bytes
      let paper: Paper
      var status = ExitStatus.fine
      if let filled {
        paper = try Paper(bytes, filledFrom: try namedFolder(filled))
        for finding in paper.findings { say("\(finding)") }
        if paper.findings.contains(where: { $0.severity == .error }) {
          status = .violation
        } else if paper.isByFilesAlone, !fromFiles {
          status = .warning
        }
      } else {
        let kinds = try kinds(of: named)
        guard !kinds.isEmpty else { return .violation }
        paper = try Paper(bytes, for: kinds, after: named.script.baseline, program: try? ThisProgram.digest())
      }
      let page = try viewer ? paper.renderedForViewers() : paper.rendered(as: format)
      if let out {
        let file = try NewFile(out)
        try file.append(page)
        try file.finish()
      } else if !writeAll(1, page) {
        throw Finding(
          .cannotCreate, "The form could not be written to the end.", hint: "Make room, or name a file with --out.",
          place: "standard output")
      }
      return status
    }
  }

  /// What the script can be used for by the rules of 'run' and 'rehearse'. What keeps it from the real one is said.
  private func kinds(of named: NamedScript) throws -> [Mode] {
    let now = SystemClock().read().at
    let real = try named.findings([.real], at: now)
    let rehearsal = try named.findings([.rehearsal], at: now)
    let isReal = !real.contains { $0.severity == .error }
    let isRehearsed = !rehearsal.contains { $0.severity == .error }
    if isRehearsed, !isReal { say("FOR REHEARSALS ONLY: a real ceremony is refused.") }
    for finding in real + (isRehearsed ? [] : rehearsal.filter { !real.contains($0) }) { say("\(finding)") }
    return (isReal ? [.real] : []) + (isRehearsed ? [.rehearsal] : [])
  }
}
