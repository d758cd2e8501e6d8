import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import Keys
import PIV
import PIVTypes
import SmartCard
import VirtualCard

/// What a card says of itself without a PIN.
package struct CardDescription {
  private let facts: [(name: String, value: String)]
  package let json: JSONObject

  /// A virtual card from its stored state. Throws `VIRTUAL-CARD-UNREADABLE`.
  package init(virtualCard state: [UInt8]) throws {
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

  /// The same keys where nothing could be asked: what is not known is null.
  package static let nothing: JSONObject = [
    "serial": .null, "firmware": .null, "guid": .null, "virtual": .null, "credentials": .null, "slots": .null,
    "unknown-slots": .null,
  ]

  /// Asks a card that a session can talk to.
  package init(_ session: PIVSession) throws(PIVError) {
    var facts: [(String, String)] = []
    var json = Self.nothing
    if case .identity(let identity) = try CardOperation.identify.perform(on: session) {
      facts += identity.facts.map { ($0.name, $0.value) }
      if let guid = identity.guid { facts.append(("GUID", Hex.encode(guid))) }
      if identity.isVirtual { facts.append(("kind", "virtual card of tuf-ceremony: proves nothing")) }
      json["serial"] = identity.serial.map { .integer(Int64($0)) } ?? .null
      json["firmware"] = identity.firmware.map { .string($0.description) } ?? .null
      json["guid"] = identity.guid.map { .string(Hex.encode($0)) } ?? .null
      json["virtual"] = .bool(identity.isVirtual)
    }
    if case .credentials(let told, let puk, let management) = try CardOperation.credentials.perform(on: session) {
      var pin = told
      // Every card says how many tries its PIN has left (SP 800-73-4 part 2 §3.2.1), and no try is lost by asking.
      if pin == nil, let left = try session.read({ () throws(PIVError) in try session.pinTriesLeft() }) ?? nil {
        pin = CredentialMetadata(isFactory: nil, triesLeft: left)
      }
      var credentials = JSONObject()
      for (name, found) in [("PIN", pin), ("PUK", puk), ("management key", management)] {
        facts.append((name, found?.words ?? CredentialMetadata.notSaid))
        credentials[name] = found.map { .object($0.json) } ?? .null
      }
      json["credentials"] = .object(credentials)
    }
    if case .holdings(let holdings) = try CardOperation.inspect(Slot.all).perform(on: session) {
      var slots: [JSONValue] = []
      for holding in holdings.occupied {
        let (words, slot) = try Self.described(holding, session)
        facts.append(("slot \(holding.slot)", words))
        slots.append(.object(slot))
      }
      if holdings.isEmpty { facts.append(("slots", "all empty")) }
      let unknown = holdings.unknown
      if !unknown.isEmpty { facts.append((slots.isEmpty ? "slots" : "other slots", [Holding].notSaid)) }
      json["slots"] = slots.isEmpty && !unknown.isEmpty ? .null : .array(slots)
      json["unknown-slots"] = .array(unknown.map { .string($0.description) })
    }
    self.facts = facts
    self.json = json
  }

  private static func described(
    _ holding: Holding, _ session: PIVSession
  ) throws(PIVError) -> (words: String, json: JSONObject) {
    var words = [holding.words]
    var slot: JSONObject = ["slot": .string(holding.slot.description)]
    guard let metadata = holding.metadata else { return (holding.words, slot) }
    slot["algorithm"] = .string(metadata.algorithmName)
    slot["pin-policy"] = metadata.pinPolicy.map { .string($0.description) } ?? .null
    slot["touch-policy"] = metadata.touchPolicy.map { .string($0.description) } ?? .null
    slot["generated"] = metadata.origin.map { .bool($0 == .generated) } ?? .null
    slot["public-key"] = .string(Hex.encode(metadata.publicKey))
    words += metadata.pinPolicy.map { ["PIN \($0)"] } ?? []
    words += metadata.touchPolicy.map { ["touch \($0)"] } ?? []
    slot["attestation"] = .null
    if metadata.origin != .imported {
      let isGiven = try Self.attests(holding.slot, session)
      slot["attestation"] = isGiven ? "not checked" : "none"
      words.append(isGiven ? "the card gives an attestation, not checked here" : "the card does not attest it")
    }
    return (words.joined(separator: ", "), slot)
  }

  /// Whether the card answers with an attestation of the key in a slot. Nobody's certificates are at hand to judge it by.
  private static func attests(_ slot: Slot, _ session: PIVSession) throws(PIVError) -> Bool {
    do throws(PIVError) {
      _ = try session.attest(slot)
      return true
    } catch {
      if case .noAnswer = error { throw error }
      return false
    }
  }

  /// Two columns.
  package var text: String {
    let width = facts.map(\.name.columns).max() ?? 0
    return facts.map { $0.name.padded(to: width + 2) + $0.value + "\n" }.joined()
  }
}

extension CredentialMetadata {
  fileprivate static let notSaid = "the card does not say"

  /// What the card says, which need not be so.
  fileprivate var words: String {
    var words: [String] = []
    switch (triesLeft, triesTotal) {
    case (let left?, let total?): words.append("\(left) of \(total) tries left")
    case (let left?, nil): words.append(left == 1 ? "1 try left" : "\(left) tries left")
    case (nil, _): break
    }
    switch isFactory {
    case true?: words.append("FACTORY VALUE still in place")
    case false?: words.append("changed, as the card says")
    case nil: break
    }
    return words.isEmpty ? Self.notSaid : words.joined(separator: ", ")
  }

  fileprivate var json: JSONObject {
    [
      "factory": isFactory.map { .bool($0) } ?? .null,
      "tries": triesTotal.map { .integer(Int64($0)) } ?? .null,
      "tries-left": triesLeft.map { .integer(Int64($0)) } ?? .null,
    ]
  }
}
