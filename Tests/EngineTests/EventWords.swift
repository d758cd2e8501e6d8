import Attestation
import CeremonyEngine
import CeremonyRecords
import Findings
import Foundation
import Keys
import PIVTypes
import SmartCard
import UTC

@testable import CardOperations
@testable import PIV

/// Words that no event is.
struct NoSuchEvent: Error { let words: String }

extension Moment {
  /// The event that such words mean here:
  /// `ok` is what the world answers, `type …` a token, `line …` a line, `card …` what a card answers, and so on.
  mutating func event(_ words: String) throws -> Event {
    let parts = words.split(separator: " ", maxSplits: 1).map(String.init)
    let rest = parts.count == 2 ? parts[1] : ""
    switch parts.first {
    case "ok":
      guard let asked = driver.asks else { throw NoSuchEvent(words: words) }
      if case .deliveries = asked { return try event("delivered nothing") }
      if case .enrolments(let wanted) = asked { return try event("enrolled \(wanted.person)") }
      guard let event = try world.answer(to: asked) else { throw NoSuchEvent(words: words) }
      return event
    case "begun": return .begun
    case "went-on": return .wentOn
    case "type": return .answer(rest)
    case "line": return .text(rest)
    case "file": return .input(Array(rest.utf8))
    case "listed": return .listed([])
    case "wiped": return .oneTime(.wiped(count: Int(rest) ?? 0))
    case "delivered": return .delivered(try delivery(rest))
    case "enrolled": return .enrolled(try enrolment(rest))
    case "no-card": return .noCard(Finding(.cardMissing, "No card came.", hint: "Insert it."))
    case "inserted":
      if !rest.isEmpty { try world.insert(cardOf: rest) }
      return .cardPresent
    case "random": return .random(Array(repeating: 7, count: Int(rest) ?? 0))
    case "clock": return .clock(world.time.adding(seconds: Int64(rest) ?? 0))
    case "host": return .host(try host(rest))
    case "head": return .head(number: Int64(rest) ?? 0, digest: SHA256Digest(of: [9]))
    case "secret": return .secret(isDone: rest == "done")
    case "closed": return .closed(head: SHA256Digest(of: [1]), transcript: SHA256Digest(of: [2]))
    case "fails": return .card(.failure(try error(rest)))
    case "card": return .card(.success(try outcome(rest)))
    default: throw NoSuchEvent(words: words)
    }
  }

  /// `network HOST-NETWORK HOST-INTERFACE, swap HOST-SWAP; allowed HOST-SWAP`.
  private func host(_ words: String) throws -> HostRecord {
    let parts = words.components(separatedBy: "; allowed ")
    func codes(_ words: some Sequence<Substring>) throws -> [Finding.Code] {
      try words.map { word in
        guard let code = Finding.OfHost.named(String(word))?.code else { throw NoSuchEvent(words: String(word)) }
        return code
      }
    }
    let points = try parts[0].components(separatedBy: ", ").filter { !$0.isEmpty }.map { point in
      let words = point.split(separator: " ")
      guard let subject = words.first.flatMap({ HostPoint.Subject(rawValue: String($0)) }) else {
        throw NoSuchEvent(words: point)
      }
      return HostPoint(subject, "so", try codes(words.dropFirst()))
    }
    return HostRecord(
      points.isEmpty ? [HostPoint(.network, "no interface")] : points,
      allowed: parts.count > 1 ? try codes(parts[1].split(separator: " ")) : [])
  }

  private func error(_ words: String) throws -> PIVError {
    switch words {
    case "removed": .noAnswer(.removed)
    case "timeout": .noAnswer(.timeout)
    case "broken off": .noAnswer(.communication)
    case "not PIV": .notPIV(.notFound)
    case "wrong PIN, 2 left": .wrongPIN(triesLeft: 2)
    case "wrong PUK, 2 left": .wrongPUK(triesLeft: 2)
    case "PIN blocked": .pinBlocked
    case "PUK blocked": .pukBlocked
    case "not touched": .notTouched
    case "new value refused": .newValueRefused(.wrongData)
    case "no RESET": .notSupported(.reset)
    case "management key wrong": .managementKeyWrong
    case "key not kept": .managementKeyNotKept
    case "no DELETE KEY": .notSupported(.deleteKey)
    case "management needed": .managementNotAuthenticated
    case "no such key": .noKey(.signature)
    case "no such algorithm": .algorithmNotSupported(.ed25519, .signature)
    case "malformed": .malformed(.generate)
    case "too long": .messageTooLong(bytes: 4000)
    case "no secret": .secretUnavailable
    default: throw NoSuchEvent(words: words)
    }
  }

  private mutating func outcome(_ words: String) throws -> CardOutcome {
    switch words {
    case "done": return .done
    case "unchanged": return .unchanged
    case "unsupported": return .unsupported
    case "unattested": return .unattested(.noKey(.attestation))
    case "signature of zeros": return .signature(Array(repeating: 0, count: 64))
    case "certificate none": return .certificate(nil)
    case "certificate another": return .certificate([0x30, 0])
    case "attestation that is none": return .attestation(leaf: [0x30, 0], intermediate: [0x30, 0])
    case "key of 31 bytes": return .publicKey(Array(repeating: 1, count: 31))
    // The neutral element, of small order.
    case "key of small order": return .publicKey([1] + Array(repeating: 0, count: 31))
    case "the key that Ada's card made":
      guard case .key(let key) = try Films.adasRootKey.get() else { throw NoSuchEvent(words: words) }
      return .publicKey(key.publicKey)
    case "factory key refused": return .factoryKey(opens: false)
    case "factory key opens": return .factoryKey(opens: true)
    case "holds nothing": return .holdings([])
    case "holds a certificate": return .holdings([Holding(slot: .signature, evidence: .certificate([0x30, 0]))])
    case "holds who knows": return .holdings([Holding(slot: .signature, evidence: .unknown)])
    case "holds a key of the root before":
      guard case .key(let key) = try Films.adasRootKey.get() else { throw NoSuchEvent(words: words) }
      return .holdings([Holding(slot: .signature, evidence: .metadata(key))])
    case "holds a key":
      let metadata = SlotMetadata(
        algorithm: KeyAlgorithm.ed25519.rawValue, pinPolicy: .once, touchPolicy: .never, origin: .imported,
        publicKey: Array(repeating: 5, count: 32))
      return .holdings([Holding(slot: .signature, evidence: .metadata(metadata))])
    case "holds an RSA key":
      // As a card writes it: modulus and exponent, and no key that is read here.
      let metadata = SlotMetadata(
        algorithm: 0x07, pinPolicy: .once, touchPolicy: .never, origin: .generated,
        publicKey: [0x81, 0x01, 0xc5, 0x82, 0x03, 0x01, 0x00, 0x01])
      return .holdings([Holding(slot: .signature, evidence: .metadata(metadata))])
    default: break
    }
    let parts = words.split(separator: " ", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw NoSuchEvent(words: words) }
    switch parts[0] {
    case "tries": return .tries(Int(parts[1]))
    case "slot": return .slot(try slot(parts[1]))
    case "abilities": return .abilities(try abilities(parts[1]))
    case "identity": return try identity(parts[1])
    default: throw NoSuchEvent(words: words)
    }
  }

  /// What a slot holds, beside what it should.
  private mutating func slot(_ words: String) throws -> SlotReading {
    switch words {
    case "empty": return .empty
    case "blank": return .blank
    case "still full":
      return .key(
        SlotMetadata(
          algorithm: KeyAlgorithm.ed25519.rawValue, pinPolicy: nil, touchPolicy: nil, origin: nil,
          publicKey: Array(repeating: 5, count: 32)))
    case "not said": return .notSaid(.wrongParameters)
    case "unknown": return .unknown
    default: break
    }
    guard case .card(.success(.slot(.key(let key))))? = try driver.asks.flatMap({ try world.answer(to: $0) }) else {
      throw NoSuchEvent(words: words)
    }
    func with(
      algorithm: UInt8? = nil, pin: PINPolicy? = nil, touch: TouchPolicy? = nil, origin: KeyOrigin? = nil,
      key other: [UInt8]? = nil
    ) -> SlotReading {
      .key(
        SlotMetadata(
          algorithm: algorithm ?? key.algorithm, pinPolicy: pin ?? key.pinPolicy, touchPolicy: touch ?? key.touchPolicy,
          origin: origin ?? key.origin, publicKey: other ?? key.publicKey))
    }
    switch words {
    case "another key": return with(key: Array(repeating: 3, count: 32))
    case "another algorithm": return with(algorithm: 0x11)
    case "an imported key": return with(origin: .imported)
    case "another PIN policy": return with(pin: .never)
    case "another touch policy": return with(touch: .never)
    case "no policies":
      return .key(
        SlotMetadata(
          algorithm: key.algorithm, pinPolicy: nil, touchPolicy: nil, origin: nil, publicKey: key.publicKey))
    default: throw NoSuchEvent(words: words)
    }
  }

  /// Everything, without or with what is said.
  private func abilities(_ words: String) throws -> CardAbilities {
    var found = CardAbilities()
    found.metadata = .yes
    found.attestation = .yes
    found.tries = .yes
    found.managementKey = .yes
    found.keptKey = .yes
    found.reset = .yes
    found.deletion = .yes
    switch words {
    case "all": break
    case "no metadata": found.metadata = .no
    case "no attestation": found.attestation = .no
    case "no tries": found.tries = .no
    case "no tries, and the right ones": (found.tries, found.pinTries, found.pukTries) = (.no, 5, 4)
    case "no management key": found.managementKey = .no
    case "no reset": found.reset = .no
    case "no deletion": found.deletion = .no
    case "deletion unknown": found.deletion = .unknown
    case "reset unknown": found.reset = .unknown
    case "metadata unknown": found.metadata = .unknown
    case "kept key unknown": found.keptKey = .unknown
    case "did reset": found.carriedOut = [.reset]
    case "did set tries": found.carriedOut = [.setTries]
    default: throw NoSuchEvent(words: words)
    }
    return found
  }

  /// The card's own identity, but for what is said.
  private mutating func identity(_ words: String) throws -> CardOutcome {
    guard case .card(.success(.identity(let own)))? = try driver.asks.flatMap({ try world.answer(to: $0) }) else {
      throw NoSuchEvent(words: words)
    }
    func with(serial: UInt32?, firmware: FirmwareVersion? = nil, guid: [UInt8]? = nil, isVirtual: Bool = true)
      -> CardOutcome
    {
      .identity(
        CardIdentity(
          serial: serial, firmware: firmware ?? own.firmware, guid: guid ?? own.guid, isVirtual: isVirtual))
    }
    switch words {
    case "without serial": return with(serial: nil)
    case "of another make": return with(serial: own.serial, isVirtual: false)
    case "of firmware 5.4": return with(serial: own.serial, firmware: FirmwareVersion(5, 4, 3))
    default:
      guard let serial = UInt32(words) else { throw NoSuchEvent(words: words) }
      return with(serial: serial)
    }
  }
}
