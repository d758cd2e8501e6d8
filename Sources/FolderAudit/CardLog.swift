import CanonicalJSON
import CeremonyEngine
import CeremonyRecords
import Keys
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
      guard let header = CommandRecord(fields: record.body)?.bytes.prefix(4) else { return }
      asksSerial = header[1] == 0xf8
      // A block of a chain is not the command: the last block is.
      guard header[0] & 0x10 == 0 else { return }
      let slot = Hex.encode([header[3]])
      switch header[1] {
      case 0x47: open("generate", slot, record)
      case 0x87 where header[3] != 0x9b: open("sign", slot, record)
      case 0xfb: open("reset", "", record)
      case 0xf6: open("delete", slot, record)
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

  private mutating func open(_ command: String, _ slot: String, _ record: Record) {
    entries.append(Entry(card: card, command: command, slot: slot, record: record.seq, isSealing: isClosed, answer: ""))
    isOpen = true
  }
}
