import ArgumentParser

/// The two forms in which most commands say what came of them.
package enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
}

/// How a command says what came of it.
package struct OutputOptions: ParsableArguments {
  @Option(name: .customLong("format"), help: "text or json.")
  var named = OutputFormat.text

  @Flag(help: "The same as --format json.")
  var json = false

  package init() {}

  package var format: OutputFormat { json ? .json : named }
}
