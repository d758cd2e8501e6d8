import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import SmartCard
import UTC
import VirtualCard

/// Everybody and everything around an engine, in which all goes well: people who answer as an unattended rehearsal does,
/// virtual cards, files, a clock. A value: what happens in a copy of it does not happen here.
struct World: Sendable {
  /// Nothing in it answers this.
  struct Silent: Error { let what: String }

  /// By serial, the memory of each card.
  private var cards: [UInt32: [UInt8]] = [:]
  /// Whose card is which.
  private var serials: [String: UInt32] = [:]
  private(set) var present: UInt32?
  private var secrets: [String: [UInt8]] = [:]
  private var oneTimeKeys: [String: OneTimeKey] = [:]
  /// Beside the script, by name.
  var files: [String: [UInt8]] = [:]
  private(set) var time: UTCTime
  private var drawn: UInt8 = 0
  private var head: Int64 = 0

  init(_ script: Script, at time: UTCTime, model: CardProfile = .yubikey, isMarked: Bool = true) {
    self.time = time
    for (place, owner) in script.cardholders.enumerated() {
      let serial: UInt32 = if case .serial(let pinned) = owner.card { pinned } else { 20_000_001 + UInt32(place) }
      serials[owner.id] = serial
      for each in [serial] + owner.spares {
        cards[each] =
          VirtualCard(
            serial: each, model: model, isMarked: isMarked, seed: Array("card \(each)".utf8),
            messageLimit: script.virtualMessageLimit(of: owner.id)
          ).state
      }
    }
  }

  /// Puts somebody's card into the reader, whoever's is asked for.
  mutating func insert(cardOf owner: String) throws {
    guard let serial = serials[owner] else { throw Silent(what: "the card of \(owner)") }
    present = serial
  }

  /// What comes of a question; nil after the end.
  mutating func answer(to asked: Asked) throws -> Event? {
    switch asked {
    case .screen(let screen):
      guard let prompt = screen.prompt else { throw Silent(what: screen.title) }
      return prompt.line == nil || prompt.takes(prompt.unattended)
        ? .answer(prompt.unattended) : .text(prompt.unattended)
    case .read(let name):
      guard let bytes = files[name] else { throw Silent(what: name) }
      return .input(bytes)
    case .list: return .listed([])
    case .oneTime(let operation): return .oneTime(try perform(operation))
    case .awaitCard(let keyholder, let serial):
      present = serial ?? serials[keyholder]
      return .cardPresent
    case .card(let operation): return .card(try perform(operation))
    case .random(let count):
      drawn += 1
      return .random((0..<count).map { UInt8($0) ^ drawn })
    case .clock:
      time = time.adding(seconds: 1)
      return .clock(time)
    case .host: return .host(HostRecord([HostPoint(.network, "no interface")]))
    case .head:
      head += 1
      return .head(number: head, digest: SHA256Digest(of: [UInt8(truncatingIfNeeded: head)]))
    case .secret(let operation):
      let name = operation.handle.description
      switch (operation.action, operation.kind) {
      case (.make, .managementKey): secrets[name] = (0..<24).map { $0 }
      case (.make, _): secrets[name] = Array("58293746".utf8)
      case (.enter, _): return .secret(isDone: secrets[name] != nil)
      case (.forget, _): secrets[name] = nil
      }
      return .secret(isDone: true)
    case .close: return .closed(head: SHA256Digest(of: [1]), transcript: SHA256Digest(of: [2]))
    case .end, .deliveries, .enrolments: return nil
    }
  }

  /// What somebody's card signs at their own place.
  mutating func signature(of owner: String, over message: [UInt8]) throws -> [UInt8] {
    let before = present
    defer { present = before }
    try insert(cardOf: owner)
    let pin = SecretHandle("\(owner)/pin")
    guard
      case .success(.signature(let bytes)) = try perform(
        .sign(.signature, .ed25519, .always, message: message, pin: pin))
    else { throw Silent(what: "the signature of \(owner)") }
    return bytes
  }

  private mutating func perform(_ operation: OneTimeOperation) throws -> OneTimeRecord {
    switch operation {
    case .make(let role, let number):
      drawn += 1
      let key = try OneTimeKey(seed: Secret(copying: Array(repeating: drawn, count: 32)))
      oneTimeKeys["\(role) \(number)"] = key
      return .made(role: role, number: number, publicKey: key.publicKey)
    case .sign(let role, let number, let message):
      guard let key = oneTimeKeys["\(role) \(number)"] else { throw Silent(what: "a one-time key") }
      return .signed(
        role: role, number: number, payload: SHA256Digest(of: message), signature: try key.signature(over: message))
    case .wipe:
      defer { oneTimeKeys = [:] }
      return .wiped(count: oneTimeKeys.count)
    }
  }

  private mutating func perform(_ operation: CardOperation) throws -> Result<CardOutcome, PIVError> {
    guard let present, let memory = cards[present] else { throw Silent(what: "a card") }
    let card = try VirtualCard(state: memory)
    defer { cards[present] = card.state }
    let session = PIVSession(channel: card, vault: SmallVault(secrets))
    do throws(PIVError) {
      return .success(try operation.perform(on: session))
    } catch {
      return .failure(error)
    }
  }
}

/// Secrets by their names, and the factory's.
final class SmallVault: SecretVault {
  private let secrets: [String: [UInt8]]

  init(_ secrets: [String: [UInt8]]) { self.secrets = secrets }

  func reveal(_ handle: SecretHandle) throws -> Secret {
    guard let bytes = FactorySecret(handle)?.value ?? secrets[handle.description] else {
      throw PIVError.secretUnavailable
    }
    return try Secret(copying: bytes)
  }

  func draw(count: Int) throws -> Secret { try Secret.random(count: count) }

  func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    try compute()
  }
}
