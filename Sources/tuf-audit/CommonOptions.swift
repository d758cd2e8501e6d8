import ArgumentParser
import UTC

/// What a command takes beside its format where nothing depends on `--rehearsal`, which every command accepts.
struct StrictOptions: ParsableArguments {
  @Flag(help: "Let every warning end with exit 1.")
  var strict = false

  @Flag(help: .hidden)
  var rehearsal = false
}

/// What a command takes beside its format where metadata of a rehearsal is refused unless it is asked for.
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
