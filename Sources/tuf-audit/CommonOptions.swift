import ArgumentParser
import UTC

/// What every command takes beside its format.
struct CommonOptions: ParsableArguments {
  @Flag(help: "Let every warning end with exit 1.")
  var strict = false

  @Flag(help: "Accept metadata that was made in a rehearsal.")
  var rehearsal = false
}

/// The two formats that every command has.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

extension UTCTime: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
