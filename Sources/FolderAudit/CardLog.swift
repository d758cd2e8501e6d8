import CanonicalJSON
import CeremonyEngine
import Keys
import SmartCard
import Transcript

/// What each card was told to do that cannot be undone: read off the recorded commands, not off what the engine says.
public struct CardLog: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    /// The card's serial as it answered, or "unknown".
    public let card: String
    /// `generate`, `sign`, `reset` or `delete`.
    public let command: String
    /// The slot, in hex; "" for a reset.
    public let slot: String
    /// The number of the record that holds the command.
    public let record: Int64
    /// Whether that record stands in `sealing.jsonl`.
    public let isSealing: Bool
    /// The status word that came back, or why nothing did.
    public internal(set) var answer: String
  }

  public private(set) var entries: [Entry] = []
  private var card = "unknown"
  private var asksSerial = false
  private var isOpen = false
  private var isClosed = false

  public init() {}

  /// Takes the next record into account.
  public mutating func note(_ record: Record) {
    switch record.kind {
    case .close: isClosed = true
    case .card: card = "unknown"
    case .command:
      isOpen = false
      asksSerial = false
      let hex = record.body["apdu"]?.string ?? ""
      guard let header = Hex.decode(hex.prefix(8)), header.count == 4 else { return }
      asksSerial = header[1] == Instruction.getSerial
      // A block of a chain is not the command: the last block is.
      guard header[0] & 0x10 == 0 else { return }
      let slot = Hex.encode([header[3]])
      switch header[1] {
      case Instruction.generateKeyPair: open("generate", slot, record)
      case Instruction.generalAuthenticate where header[3] != 0x9b: open("sign", slot, record)
      case Instruction.reset: open("reset", "", record)
      case Instruction.moveKey: open("delete", slot, record)
      default: break
      }
    case .response:
      if asksSerial, record.body["sw"]?.string == "9000",
        let bytes = record.body["data"]?.string.flatMap(Hex.decode), bytes.count == 4
      {
        card = String(bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
      }
      if isOpen, let last = entries.indices.last {
        entries[last].answer = record.body["sw"]?.string ?? record.body["failure"]?.string ?? ""
      }
      isOpen = false
    default: break
    }
  }

  private mutating func open(_ command: String, _ slot: String, _ record: Record) {
    entries.append(Entry(card: card, command: command, slot: slot, record: record.seq, isSealing: isClosed, answer: ""))
    isOpen = true
  }
}
