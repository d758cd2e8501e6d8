import CanonicalJSON
import CeremonyEngine
import Findings
import Keys
import PIV
import PIVTypes
import SmartCard
import VirtualCard

extension Finding.Code {
  /// A file that should hold a virtual card does not.
  public static let virtualCardUnreadable = Finding.Code("VIRTUAL-CARD-UNREADABLE")
}

/// What a card says of itself without a PIN.
public struct CardDescription {
  private let facts: [(name: String, value: String)]
  public let json: JSONObject

  /// A virtual card from its stored state. Throws `VIRTUAL-CARD-UNREADABLE`.
  public init(virtualCard state: [UInt8]) throws {
    let card: VirtualCard
    do { card = try VirtualCard(state: state) } catch {
      throw Finding(
        .virtualCardUnreadable, "This file does not hold a virtual card (\(error.field)).",
        hint: "Name a file SERIAL.json from the virtual-cards folder of a rehearsal.")
    }
    do {
      try self.init(PIVSession(channel: card, vault: NoSecrets()))
    } catch {
      throw error.finding
    }
  }

  /// Asks a card that a session can talk to.
  public init(_ session: PIVSession) throws(PIVError) {
    func run(_ task: CardTask) throws(PIVError) -> CardOutcome { try task.perform(on: session) }
    var facts: [(String, String)] = []
    var json: JSONObject = [:]
    if case .identity(let identity) = try run(.identify) {
      facts += identity.facts.map { ($0.name, $0.value) }
      if let serial = identity.serial { json["serial"] = .integer(Int64(serial)) }
      if let firmware = identity.firmware { json["firmware"] = .string(firmware.description) }
      if let guid = identity.guid {
        facts.append(("GUID", Hex.encode(guid)))
        json["guid"] = .string(Hex.encode(guid))
      }
      json["virtual"] = .bool(identity.isVirtual)
      if identity.isVirtual { facts.append(("kind", "virtual card of tuf-ceremony: proves nothing")) }
    }
    if case .credentials(let pin, let puk, let management) = try run(.credentials) {
      var credentials = JSONObject()
      for (name, found) in [("PIN", pin), ("PUK", puk), ("management key", management)] {
        guard let found else { continue }
        var entry = JSONObject()
        var words: [String] = []
        if let left = found.triesLeft {
          words.append("\(left) of \(found.triesTotal ?? left) tries left")
          entry["tries-left"] = .integer(Int64(left))
          entry["tries"] = .integer(Int64(found.triesTotal ?? left))
        }
        if found.isFactory == true { words.append("FACTORY VALUE still in place") }
        if let isFactory = found.isFactory { entry["factory"] = .bool(isFactory) }
        facts.append((name, words.isEmpty ? "changed" : words.joined(separator: ", ")))
        credentials[name] = .object(entry)
      }
      json["credentials"] = .object(credentials)
    }
    var slots: [JSONValue] = []
    if case .holdings(let holdings) = try run(.inspect(Slot.all)) {
      if holdings.isEmpty { facts.append(("slots", "all empty")) }
      if !holdings.unknown.isEmpty { facts.append(("slots", [Holding].notSaid)) }
      for holding in holdings.occupied {
        var words = [holding.words]
        var slot: JSONObject = ["slot": .string(holding.slot.description)]
        if let metadata = holding.metadata {
          slot["algorithm"] = .string(metadata.algorithmName)
          slot["pin-policy"] = metadata.pinPolicy.map { .string($0.description) }
          slot["touch-policy"] = metadata.touchPolicy.map { .string($0.description) }
          slot["generated"] = metadata.origin.map { .bool($0 == .generated) }
          slot["public-key"] = .string(Hex.encode(metadata.publicKey))
          words += metadata.pinPolicy.map { ["PIN \($0)"] } ?? []
          words += metadata.touchPolicy.map { ["touch \($0)"] } ?? []
          if metadata.origin == .generated {
            let isAttested = try Self.attests(holding.slot, session)
            slot["attested"] = .bool(isAttested)
            words.append(isAttested ? "attested" : "the card cannot attest it")
          }
        }
        facts.append(("slot \(holding.slot)", words.joined(separator: ", ")))
        slots.append(.object(slot))
      }
    }
    json["slots"] = .array(slots)
    self.facts = facts
    self.json = json
  }

  /// Whether the card attests the key in a slot. What the attestation is worth is not judged here.
  private static func attests(_ slot: Slot, _ session: PIVSession) throws(PIVError) -> Bool {
    do throws(PIVError) {
      if case .attestation = try CardTask.attest(slot).perform(on: session) { return true }
      return false
    } catch {
      switch error {
      case .noKey, .refused: return false
      default: throw error
      }
    }
  }

  /// Two columns.
  public var text: String {
    let width = facts.map(\.name.count).max() ?? 0
    return facts.map { $0.name + String(repeating: " ", count: width + 2 - $0.name.count) + $0.value + "\n" }.joined()
  }
}
