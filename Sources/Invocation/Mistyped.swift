import ArgumentParser
import Findings

/// The first word of a command line that its command does not know: a subcommand or an option.
///
/// The parser names it only where nothing else is wrong, and then as an unexpected argument.
struct Mistyped {
  private let word: String
  private let isOption: Bool
  /// The command up to the word, such as `tuf-ceremony card`.
  private let path: String
  private let known: [String]

  /// nil where every word is known.
  init?(_ arguments: [String], of program: any ParsableCommand.Type) {
    var command = program
    var path = [program._commandName]
    var rest = arguments[...]
    while let word = rest.first, !word.hasPrefix("-"), !command.configuration.subcommands.isEmpty {
      rest = rest.dropFirst()
      if word == "help" { return nil }
      guard let next = command.configuration.subcommands.first(where: { $0._commandName == word }) else {
        self.init(
          word: word, isOption: false, path: path.joined(separator: " "),
          known: command.configuration.subcommands.map { $0._commandName })
        return
      }
      command = next
      path.append(word)
    }
    let known = Self.options(of: command)
    let typed = rest.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }
      .map { String($0.prefix { $0 != "=" }) }
    guard let word = typed.first(where: { !known.contains($0) }) else { return nil }
    self.init(word: word, isOption: true, path: path.joined(separator: " "), known: known)
  }

  private init(word: String, isOption: Bool, path: String, known: [String]) {
    (self.word, self.isOption, self.path, self.known) = (word, isOption, path, known)
  }

  /// What is wrong, what may have been meant, and where to look.
  var words: String {
    let guess = nearest(word, among: known).map { " Did you mean '\($0)'?" } ?? ""
    return """
      Error: '\(path)' has no \(isOption ? "option" : "subcommand") '\(word)'.\(guess)
        See '\(path) --help' for more information.
      """
  }

  /// Every option that its help names, hidden ones too; a name in the prose of a help more does no harm.
  private static func options(of command: any ParsableCommand.Type) -> [String] {
    func help<Command: ParsableCommand>(_: Command.Type) -> String { Command.helpMessage(includeHidden: true) }
    return help(command).matches(of: /--[a-z][a-z0-9-]*/).map { String($0.output) }
  }
}
