import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import Findings
import Keys
import PIV
import PIVTypes
import SmartCard

/// What a model and firmware of card does, in a form that its owner can give away: which commands it was sent, and by which
/// status words it answered. No answer's content is in it but the firmware, kinds and numbers, so no serial, GUID, key or
/// certificate can be.
package struct CardRecord {
  package let json: JSONObject

  /// Asks a card only what changes nothing and uses no try.
  ///
  /// - Parameter slot: by which it is asked how it speaks of slots.
  package init(_ card: any CardChannel, program: String, slot: Slot = .signature) throws(PIVError) {
    let channel = ObservedChannel(card)
    let session = PIVSession(channel: channel, vault: NoSecrets())
    guard case .identity(let identity) = try CardOperation.identify.perform(on: session) else {
      throw .malformed(.select)
    }
    let tries = try session.read { () throws(PIVError) in try session.pinTriesLeft() }
    let credentials = try (
      session.read { () throws(PIVError) in try session.pinMetadata() },
      session.read { () throws(PIVError) in try session.pukMetadata() },
      session.read { () throws(PIVError) in try session.managementKeyMetadata() }
    )
    _ = try session.read { () throws(PIVError) in try session.slotReading(slot) }
    _ = try session.read { () throws(PIVError) in try session.attest(slot) }
    for object in [Slot.attestation.certificateObject, .printedInformation] {
      _ = try session.read { () throws(PIVError) in try session.readObject(object) }
    }
    func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
    json = [
      "format": 1, "program": .string(program), "virtual": .bool(identity.isVirtual),
      "firmware": identity.firmware.map { .string($0.description) } ?? .null,
      "says-serial": .bool(identity.serial != nil), "says-guid": .bool(identity.guid != nil),
      "says-tries-left": .bool(tries != nil),
      "pin-tries": number(credentials.0?.triesTotal), "puk-tries": number(credentials.1?.triesTotal),
      "management-key": credentials.2?.algorithm.map { .string("\($0)") } ?? .null,
      "exchanges": .array(channel.exchanges.map { .object($0) }),
    ]
  }
}

/// Notes of each exchange what is the same for every card of a kind.
private final class ObservedChannel: CardChannel {
  private let card: any CardChannel
  private(set) var exchanges: [JSONObject] = []

  init(_ card: any CardChannel) { self.card = card }

  func transmit(_ command: CommandAPDU) throws(CardFailure) -> ResponseAPDU {
    let answer = try card.transmit(command)
    // An answer in parts has as many as it is long, which is the content's business.
    guard command.ins != Instruction.getResponse else { return answer }
    var exchange: JSONObject = [
      "command": .string(Hex.encode([command.cla, command.ins, command.p1, command.p2])),
      "status": .string(Self.kind(answer.status)), "answers": .bool(!answer.data.isEmpty),
    ]
    // The name of an application or of an object, which is the standard's.
    if [Instruction.select, Instruction.getData].contains(command.ins), case .plain(let data) = command.data {
      exchange["data"] = .string(Hex.encode(data))
    }
    exchanges.append(exchange)
    return answer
  }

  /// Without the length that is in two of them.
  private static func kind(_ status: StatusWord) -> String {
    [0x61, 0x6c].contains(status.sw1) ? "\(status.description.prefix(2))xx" : status.description
  }
}
