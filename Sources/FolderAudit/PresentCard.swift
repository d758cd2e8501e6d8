import CeremonyRecords
import Keys
import PIV
import PIVTypes
import SmartCard

/// The card that is in the reader, by its recorded answers: what it calls itself, whether it was reset, and of which slots it
/// said since then that they are empty.
struct PresentCard {
  /// Its serial, and `guid-` with the GUID of its CHUID.
  private(set) var names: Set<String> = []
  private var isReset = false
  private var empty: Set<UInt8> = []

  init() {}

  /// - Parameter header: class, instruction and parameters of a whole command; empty for what is not looked at.
  mutating func note(_ header: [UInt8], _ data: [UInt8], _ answer: [UInt8], _ status: [UInt8]) {
    guard header.count == 4 else { return }
    let isDone = status == [0x90, 0x00]
    switch header[1] {
    case Instruction.getSerial where isDone && answer.count == 4:
      names.insert(String(answer.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))
    case Instruction.getData where isDone && data == [0x5c, 0x03, 0x5f, 0xc1, 0x02]:
      guard let content = (try? TLV.parse(answer))?.value(of: 0x53),
        let guid = (try? TLV.parse(content))?.value(of: 0x34), guid.count == 16
      else { return }
      names.insert(CardName.guid(guid).description)
    case Instruction.reset where isDone: (isReset, empty) = (true, [])
    // Whatever makes, brings or moves a key.
    case Instruction.generateKeyPair, Instruction.importKey, Instruction.moveKey: empty = []
    case Instruction.getMetadata where isReset:
      guard let slot = Slot(reference: header[3]) else { return }
      if Self.isEmpty(slot, answer, status) { empty.insert(slot.reference) } else { empty.remove(slot.reference) }
    default: break
    }
  }

  /// Whether a card says so of a slot that holds no key: ``PIVSession/slotReading(_:)``.
  private static func isEmpty(_ slot: Slot, _ answer: [UInt8], _ status: [UInt8]) -> Bool {
    switch status {
    case [0x90, 0x00]:
      guard !answer.isEmpty else { return true }
      return (try? TLV.parse(answer))?.allSatisfy { $0.tag == 0x02 || $0 == TLV(0x03, [0]) } == true
    case [0x6a, 0x88]: return true
    case [0x6a, 0x86]: return slot.isRetired
    default: return false
    }
  }

  /// Whether it was reset, is the one that the record names, and said of each slot what the record says.
  func shows(_ wipe: WipeRecord) -> Bool {
    isReset && names.contains(wipe.card) && wipe.empty.allSatisfy { empty.contains($0.reference) }
  }
}
