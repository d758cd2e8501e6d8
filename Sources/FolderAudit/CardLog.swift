import CanonicalJSON
import CeremonyRecords
import CeremonyResults
import Keys
import SmartCard
import Transcript

/// What each card was told to do that cannot be undone: read off the recorded commands, not off what the engine says.
package struct CardLog: Hashable, Sendable {
  package struct Entry: Hashable, Sendable {
    /// The card's serial as it answered, or "unknown".
    package let card: String
    /// `generate`, `sign`, `reset`, `delete` or `move`.
    package let command: String
    /// The slot, in hex; "" for a reset.
    package let slot: String
    /// Where a key was moved to, in hex; nil for anything else.
    package let target: String?
    /// The number of the record that holds the command.
    package let record: Int64
    /// Whether that record stands in `sealing.jsonl`.
    package let isSealing: Bool
    /// The status word that came back, or why nothing did.
    package internal(set) var answer: String

    /// In words.
    package var what: String {
      if let target { return "\(command) \(slot) to \(target)" }
      return slot.isEmpty ? command : "\(command) in \(slot)"
    }
  }

  package private(set) var entries: [Entry] = []
  private var card = "unknown"
  private var asksSerial = false
  private var isOpen = false
  private var isClosed = false

  package init() {}

  /// Takes the next record into account.
  package mutating func note(_ record: Record) {
    switch record.kind {
    case .close: isClosed = true
    case .card: card = "unknown"
    case .command:
      isOpen = false
      asksSerial = false
      guard let header = CommandRecord(fields: record.body)?.bytes.prefix(4) else { return }
      asksSerial = header[1] == Instruction.getSerial
      // A block of a chain is not the command: the last block is.
      guard header[0] & 0x10 == 0 else { return }
      let slot = Hex.encode([header[3]])
      switch header[1] {
      case Instruction.generateKeyPair: open("generate", slot, record)
      case Instruction.generalAuthenticate where header[3] != 0x9b: open("sign", slot, record)
      case Instruction.reset: open("reset", "", record)
      case Instruction.moveKey where header[2] != 0xff: open("move", slot, to: Hex.encode([header[2]]), record)
      case Instruction.moveKey: open("delete", slot, record)
      default: break
      }
    case .response:
      let response = ResponseRecord(fields: record.body)
      if asksSerial, case .answer(let bytes, [0x90, 0x00])? = response, bytes.count == 4 {
        card = String(bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
      }
      if isOpen, let last = entries.indices.last {
        entries[last].answer = response?.outcome ?? ""
      }
      isOpen = false
    default: break
    }
  }

  private mutating func open(_ command: String, _ slot: String, to target: String? = nil, _ record: Record) {
    entries.append(
      Entry(
        card: card, command: command, slot: slot, target: target, record: record.seq, isSealing: isClosed, answer: ""))
    isOpen = true
  }
}
