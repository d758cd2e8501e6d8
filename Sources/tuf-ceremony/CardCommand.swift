import ArgumentParser

struct CardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "card", abstract: "Looks at cards, changes them outside a ceremony, and serves virtual ones.",
    subcommands: [CardInfoCommand.self, CardServeCommand.self])
}
