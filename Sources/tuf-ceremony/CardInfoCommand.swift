import ArgumentParser
import CanonicalJSON
import CeremonyEngine
import CeremonyRuntime
import Findings

struct CardInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Says what a virtual card holds, without using its PIN.")

  @Option(help: "The file that a virtual card is kept in: virtual-cards/SERIAL.json of a rehearsal.")
  var state: String

  @Option(help: "text or json.")
  var format: Format = .text

  enum Format: String, ExpressibleByArgument { case text, json }

  func run() throws {
    try ending {
      let description = try CardDescription(virtualCard: try named(state, atMost: 1 << 20))
      switch format {
      case .text: put(description.text)
      case .json: put(String(decoding: JSONValue.object(description.json).canonical(), as: UTF8.self) + "\n")
      }
      return .fine
    }
  }
}
