import PIVTypes
import SmartCard

/// The keys that cards deleted, by their recorded answers: a slot held a key, the card was told to delete it and did not
/// refuse, and then said that the slot is empty; all in one step of the script, by the same card. Nothing made a key in
/// that slot meanwhile, brought one or moved one.
struct DeletedKeys {
  struct Key: Hashable {
    /// Of the script.
    let step: String
    let slot: UInt8
    /// As the card wrote it.
    let bytes: [UInt8]
  }

  private struct Place: Hashable {
    let step: String
    let slot: UInt8
  }

  private(set) var gone: Set<Key> = []
  /// What each slot held last, and what the card calls itself that said so. Never iterated.
  private var held: [Place: (key: [UInt8], card: Set<String>)] = [:]
  /// Where a card was told to delete a key, and was not heard to refuse. Never iterated.
  private var told: Set<Place> = []

  /// A key that was moved away is not deleted, and one that came since is another.
  ///
  /// - Parameter command: at least class, instruction and parameters, of whatever is sent, before its answer.
  mutating func forget(_ command: some Collection<UInt8>, in step: String) {
    let header = Array(command.prefix(4))
    guard [Instruction.generateKeyPair, Instruction.importKey, Instruction.moveKey].contains(header[1]),
      header[1] != Instruction.moveKey || header[2] != 0xff
    else { return }
    for slot in header[2...] {
      held[Place(step: step, slot: slot)] = nil
      told.remove(Place(step: step, slot: slot))
    }
  }

  /// - Parameters:
  ///   - header: class, instruction and parameters of a whole command, before its answer.
  ///   - card: what the card calls itself.
  mutating func tell(_ header: [UInt8], in step: String, _ card: Set<String>) {
    let place = Place(step: step, slot: header[3])
    guard header[1] == Instruction.moveKey, header[2] == 0xff, held[place]?.card.isDisjoint(with: card) == false else {
      return
    }
    told.insert(place)
  }

  /// The same with its answer.
  mutating func note(
    _ header: [UInt8], _ answer: [UInt8], _ status: [UInt8], in step: String, _ card: Set<String>
  ) {
    guard header.count == 4 else { return }
    let place = Place(step: step, slot: header[3])
    if header[1] == Instruction.moveKey, status != [0x90, 0x00] { told.remove(place) }
    guard header[1] == Instruction.getMetadata else { return }
    let fields = status == [0x90, 0x00] ? (try? TLV.parse(answer)) ?? [] : []
    if let key = fields.value(of: 0x04).flatMap({ try? TLV.parse($0) })?.value(of: 0x86) {
      told.remove(place)
      held[place] = (key, card)
    } else if status == [0x6a, 0x88]
      || !fields.isEmpty && fields.allSatisfy({ $0.tag == 0x02 || $0 == TLV(0x03, [0]) }),
      told.contains(place), let before = held[place], !before.card.isDisjoint(with: card)
    {
      gone.insert(Key(step: step, slot: place.slot, bytes: before.key))
    }
  }
}
