import ArgumentParser
import CanonicalJSON
import CeremonyReplay
import CeremonyRuntime
import Findings
import Invocation
import PCSC
import PIV
import Readers

struct CardInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Says what a card holds, without using its PIN.",
    discussion: "Example: tuf-ceremony card info --serial 20000001")

  @OptionGroup var choice: CardOptions

  @Option(help: "A virtual card's file, instead of a card in a reader: virtual-cards/SERIAL.json of a rehearsal.")
  var state: String?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if state != nil, choice.reader != nil || choice.serial != nil {
      throw ValidationError("--state names the card already; leave out --reader and --serial")
    }
  }

  func run() throws {
    try answering("card info", output.format, nothing: CardDescription.nothing) {
      let description = try described()
      return CommandAnswer(text: description.text, json: description.json)
    }
  }

  private func described() throws -> CardDescription {
    if let state { return try CardDescription(virtualCard: try named(state, atMost: 1 << 20)) }
    let (_, channel) = try choice.hold()
    defer { channel.release() }
    return try CardDescription(PIVSession(channel: channel, vault: NoSecrets()))
  }
}
