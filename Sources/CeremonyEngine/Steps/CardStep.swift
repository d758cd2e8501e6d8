import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV

/// What is done with somebody's card once it is in the reader and known to be the right one.
protocol CardMachine: Sendable {
  /// Whether a card that did not answer may have changed its PIN, PUK or management key.
  var leavesDoubt: Bool { get }
  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition
  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition
  /// The card did not do what it was told: what it is called.
  mutating func failed(_ error: PIVError, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Finding
}

extension CardMachine {
  var leavesDoubt: Bool { false }
  mutating func failed(_ error: PIVError, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Finding {
    error.finding
  }
}

/// Brings the right card into the reader, then lets the machine work with it.
///
/// A card that is there already is used as it is; otherwise one is asked for, selected, and compared by identity
/// before anything else is done with it.
struct CardStep<Machine: CardMachine>: StepMachine {
  private var machine: Machine
  private let keyholder: String
  /// Whether this step may bind a card whose serial the script leaves to the room.
  private let binds: Bool
  private var phase = Phase.awaiting

  private enum Phase { case awaiting, identifying, working }

  init(_ machine: Machine, of keyholder: String, binds: Bool = false) {
    self.machine = machine
    self.keyholder = keyholder
    self.binds = binds
  }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition {
    if ceremony.present == keyholder, !binds, let card = ceremony.cards[keyholder],
      let person = ceremony.script.cardholder(keyholder)
    {
      phase = .working
      return machine.begin(card, &ceremony, person)
    }
    let isOther = ceremony.present != nil
    ceremony.present = nil
    let serial = ceremony.expectedSerial(of: keyholder)
    let named = serial.map { " (serial \($0))" } ?? ""
    var screen = ceremony.screen(
      "Insert the card of \(ceremony.name(of: keyholder))\(named)",
      ["Only this card. A PIN is asked for only when it is known to be the right one."])
    screen.say = ceremony.step.say
    return .wait(
      (isOther ? [.releaseCard] : []) + [.show(screen)], for: .awaitCard(keyholder: keyholder, serial: serial))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard let person = ceremony.script.cardholder(keyholder) else { return .unexpected }
    switch (phase, event) {
    case (.awaiting, .cardPresent):
      phase = .identifying
      return .wait(for: .card(.identify))
    case (.awaiting, .noCard(let finding)):
      return .fail(finding)
    case (.identifying, .card(.success(.identity(let identity)))):
      if let finding = refusal(of: identity, ceremony) { return .fail(finding, [.releaseCard]) }
      var card = ceremony.cards[keyholder] ?? EnrolledCard(identity: identity)
      card.identity = identity
      ceremony.cards[keyholder] = card
      ceremony.present = keyholder
      phase = .working
      return machine.begin(card, &ceremony, person)
    case (_, .card(.failure(let error))):
      // A card that never became the present one is let go here; the engine lets go of a present one.
      let place = "the card of \(person.name)"
      guard phase == .working else { return .fail(error.finding.at(place), [.releaseCard]) }
      let finding = machine.failed(error, &ceremony, person).at(place)
      return machine.leavesDoubt ? Transition(effects: [], next: .failInDoubt(finding)) : .fail(finding)
    case (.working, _):
      return machine.handle(event, &ceremony, person)
    default:
      return .unexpected
    }
  }

  /// Why this card is not the keyholder's; nil where it is.
  private func refusal(of identity: CardIdentity, _ ceremony: Ceremony) -> Finding? {
    let shown = identity.serial.map { "serial \($0)" } ?? "no serial"
    for other in ceremony.script.cardholders + ceremony.script.nobodies where other.id != keyholder {
      guard let card = ceremony.cards[other.id] else { continue }
      let isSame =
        identity.serial != nil
        ? card.identity.serial == identity.serial : (card.guid != nil && card.guid == identity.guid)
      if isSame {
        return Finding(
          .wrongCard, "This is the card of \(other.name) (\(shown)).",
          hint: "Take it out and insert the card of \(ceremony.name(of: keyholder)).")
      }
    }
    if let serial = identity.serial,
      let retired = ceremony.retired.first(where: { $0.card.identity.serial == serial })
    {
      return Finding(
        .wrongCard, "This card (\(shown)) of \(ceremony.name(of: retired.keyholder)) is out of this ceremony.",
        hint: "Take it out, and destroy or reset it. Insert the card of \(ceremony.name(of: keyholder)).")
    }
    if let serial = identity.serial, let owner = ceremony.script.owner(of: serial), owner.id != keyholder {
      return Finding(
        .wrongCard, "This card (\(shown)) is for \(owner.name), as the script says.",
        hint: "Take it out and insert the card of \(ceremony.name(of: keyholder)).")
    }
    if let expected = ceremony.expectedSerial(of: keyholder) {
      guard identity.serial == expected else {
        return Finding(
          .wrongCard, "This card has \(shown); the card of \(ceremony.name(of: keyholder)) has serial \(expected).",
          hint: "Take it out and insert the right one.")
      }
    } else if let known = ceremony.cards[keyholder], let guid = known.guid {
      guard identity.guid == guid else {
        return Finding(
          .wrongCard,
          "This card does not carry the identity that was written to the card of \(ceremony.name(of: keyholder)).",
          hint: "Take it out and insert the right one.")
      }
    }
    if ceremony.configuration.isUnattended, !identity.isVirtual {
      return Finding(
        .wrongCard, "This is not one of our virtual cards, and nobody is there to confirm that it may be changed.",
        hint: "Run the rehearsal at a terminal, or serve virtual cards.")
    }
    if !ceremony.configuration.isRehearsal, identity.isVirtual {
      return Finding(
        .wrongCard, "This is a virtual card: its keys are in a file.", hint: "A real ceremony needs real cards.")
    }
    return nil
  }
}
