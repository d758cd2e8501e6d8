import Findings

extension FindingCatalogue {
  /// `Runbook/FINDINGS.md`.
  package static var page: String {
    """
    # Findings

    What is wrong has a code that does not change. Here is every one: what it means, and what to do next.
    `tuf-audit explain CODE` and `tuf-ceremony explain CODE` say the same at a terminal.

    An error ends a command with 1, unless another exit is named below; what a card refuses ends a `card` command with 5.
    A warning ends a command with 1 only where `--strict` is given. Not every command of a part says each of its codes.

    This page is made by `tuf-audit explain --format markdown`.

    """ + areas.map(\.section).joined()
  }
}

extension Area {
  fileprivate var section: String {
    """

    ## \(title)

    Can be said by \(ProgramCommand.allCases.filter(commands.contains).inWords).

    | code | what it means | what to do next |
    |---|---|---|

    """ + entries.map(row).joined()
  }

  private func row(_ entry: Entry) -> String {
    let one = Explanation(entry, entry.ownCommands ?? commands, area: title)
    let code = "`\(one.code)`" + (one.exit.map { "<br>exit \($0.rawValue)" } ?? "")
    let who = entry.ownCommands.map { _ in " Can be said by \(one.commands.inWords)." } ?? ""
    return "| \(code) | \(one.meaning)\(who) | \(one.advice) |\n"
  }
}
