import ArgumentParser
import CanonicalJSON
import Invocation

/// The script of the action for CI systems, so that whoever has this program at a pinned digest has the script, too.
struct WatchScript: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch-script",
    abstract: "Print the shell script that fetches what a repository serves, and judges it.",
    discussion: """
      This program opens no network connection; the script fetches with curl, and runs this program. Its head names \
      its settings.

      Example: tuf-audit watch-script >root-expiry.sh
      """
  )

  @OptionGroup var strict: StrictOptions

  @OptionGroup var output: OutputOptions

  func run() throws {
    let script = String(decoding: PackageResources.root_expiry_sh, as: UTF8.self)
    let outcome = Outcome(
      "watch-script", findings: [], isStrict: strict.strict, text: script, json: ["script": .string(script)])
    try outcome.finish(output.format)
  }
}
