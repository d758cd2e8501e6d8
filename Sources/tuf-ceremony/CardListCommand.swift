import ArgumentParser
import CanonicalJSON
import CardOperations
import Findings
import Invocation
import Keys
import PIVTypes
import Readers

struct CardListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Shows the readers and the cards in them.",
    discussion: "Example: tuf-ceremony card list --format json")

  @OptionGroup var output: OutputOptions

  @OptionGroup var timeout: CardTimeout

  func run() throws {
    try answering("card list", output.format, nothing: ["readers": .null]) {
      let readers = try PresentCards(cardTimeout: timeout.seconds).readers
      let lines = readers.isEmpty ? ["No reader is connected."] : readers.map { "\($0.name): \($0.words)" }
      return CommandAnswer(
        text: lines.map { $0 + "\n" }.joined(), json: ["readers": .array(readers.map { .object($0.json) })])
    }
  }
}

extension PresentCards.Reader {
  fileprivate var words: String {
    switch content {
    case .empty: "empty"
    case .trouble(let finding): "\(finding.code): \(finding.what)"
    case .card(let card):
      (card.serial.map { "serial \($0)" } ?? card.guid.map { "no serial, GUID \(Hex.encode($0))" } ?? "no serial")
        + (card.firmware.map { ", firmware \($0)" } ?? "") + (card.isVirtual ? ", virtual: proves nothing" : "")
    }
  }

  fileprivate var json: JSONObject {
    var object: JSONObject = ["reader": .string(name)]
    switch content {
    case .empty: object["card"] = .null
    case .trouble(let finding):
      object["card"] = .null
      object["trouble"] = [
        "code": .string(finding.code.description), "what": .string(finding.what), "hint": .string(finding.hint),
      ]
    case .card(let card):
      object["card"] = [
        "serial": card.serial.map { .integer(Int64($0)) } ?? .null,
        "firmware": card.firmware.map { .string($0.description) } ?? .null,
        "guid": card.guid.map { .string(Hex.encode($0)) } ?? .null,
        "virtual": .bool(card.isVirtual),
      ]
    }
    return object
  }
}
