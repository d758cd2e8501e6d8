import ArgumentParser
import CanonicalJSON
import CeremonyEngine
import CeremonyRuntime
import Findings
import PCSC
import PIV

struct CardInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Says what a card holds, without using its PIN.")

  @OptionGroup var choice: CardOptions

  @Option(help: "A virtual card's file, instead of a card in a reader: virtual-cards/SERIAL.json of a rehearsal.")
  var state: String?

  @Option(help: "text or json.")
  var format: CardFormat = .text

  func validate() throws {
    if state != nil, choice.reader != nil || choice.serial != nil {
      throw ValidationError("--state names the card already; leave out --reader and --serial")
    }
  }

  func run() throws {
    try endingCard {
      let description = try described()
      switch format {
      case .text: put(description.text)
      case .json: put(String(decoding: JSONValue.object(description.json).canonical(), as: UTF8.self) + "\n")
      }
      return .fine
    }
  }

  private func described() throws -> CardDescription {
    if let state { return try CardDescription(virtualCard: try named(state, atMost: 1 << 20)) }
    let (_, channel) = try choice.hold()
    defer { channel.release() }
    return try CardDescription(PIVSession(channel: channel, vault: NoSecrets()))
  }
}
