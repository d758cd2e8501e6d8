import Attestation
import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata
import Transcript
import UTC

/// What is known at a point of the ceremony: the room's memory, which the steps read and change.
struct Ceremony {
  /// With the root that it goes on from, once that was read.
  var script: Script
  /// With the steps of a twin, once the root before was read.
  var plan: Plan
  let configuration: CeremonyConfiguration
  /// The time of the first record; certificates, expiry and policy are judged at it.
  let time: UTCTime

  var position = 0
  /// Failures of the present step in a row.
  var failures = 0
  /// On the screen that was asked last.
  var compared: [Screen.Labelled] = []
  var inputs: [String: [UInt8]] = [:]
  /// By cardholder. Never iterated: the script's order is the order.
  var cards: [String: EnrolledCard] = [:]
  /// Whose card is in the reader, identified.
  var present: String?
  /// How many of a keyholder's spare cards were taken.
  var sparesTaken: [String: Int] = [:]
  /// Cards that had to leave, in that order.
  var retired: [RetiredCard] = []
  /// Officials whose cards have no part in the ceremony any more. Never iterated.
  var dismissed: Set<String> = []
  /// Steps that were done before the ceremony went back, and are not done again; or never will be. By their place, why.
  /// Never iterated.
  var skips: [Int: String] = [:]
  /// The steps right before the present one that were skipped, and why, in words.
  var skipped: [String] = []
  /// It was given up, and is closed as such.
  var isAborting = false
  var payloads: [String: Payload] = [:]
  var dropped: [DroppedPayload] = []
  var oneTime = OneTimeKeys()
  var products: [Product] = []
  var exceptions = 0
  var attendance = Attendance()
  /// The bag that each keyholder closed here last. Never iterated.
  var closedBags: [String: String] = [:]
  /// What is wrong with the machine and was accepted, by point and code. Never iterated.
  var acceptedOfHost: [HostPoint.Subject: Set<Finding.Code>] = [:]
  /// What happened around the cards.
  var room = RoomFacts()
  /// What the card of an official signs in this step.
  var statement: InitialsStatement?
  /// A warning for each kept key that can be copied from its card, which the script accepts.
  var copyableKeys: [Finding] = []
  /// Keyholders whose kept keys signed a challenge here. Never iterated.
  var proven: Set<String> = []
  /// Of the real root that a rehearsal goes on from.
  var twin = Twin()
  /// Files that came from elsewhere and are kept among the inputs.
  var delivers: [BoundFile] = []
  var elsewhere = Elsewhere()
  /// What a new or a kept key signs in this step.
  var proof: KeyProof?
  /// Of the closed transcript: the SHA-256 of its last line, and of the whole file.
  var head: SHA256Digest?
  var transcript: SHA256Digest?
  var sealSignatures: [AcceptedSignature] = []
  /// In an answer: signatures on the seal that another ceremony asked for.
  var askedSealSignatures: [AcceptedSignature] = []
  /// What the card that sealed for somebody is called, as it said itself then. Never iterated.
  var sealedWith: [String: CardName] = [:]
  /// Cards that were told to reset because their keys leave, by keyholder. Never iterated.
  var toldToWipe: [String: CardName] = [:]
  /// Cards that were wiped, in that order.
  var wipes: [WipeRecord] = []
  /// The random numbers in the ECDSA signatures so far.
  var nonces = ECDSANonces()
  /// What was still to come after the close was given up.
  var isSealingGivenUp = false

  init(script: Script, configuration: CeremonyConfiguration, time: UTCTime) {
    self.script = script
    self.script.isOnVirtualCards = configuration.isRehearsal && configuration.cards == .virtual
    plan = Plan(script)
    self.configuration = configuration
    self.time = time
  }

  var step: PlannedStep { plan.steps[min(position, plan.steps.count - 1)] }

  /// On to the next step.
  mutating func advance() {
    failures = 0
    skipped = []
    if let why = skips.removeValue(forKey: position) { noteSkipped(because: why) }
    position += 1
    while let why = skips.removeValue(forKey: position) {
      noteSkipped(because: why)
      position += 1
    }
  }

  private mutating func noteSkipped(because why: String) {
    guard plan.steps.indices.contains(position) else { return }
    let step = plan.steps[position]
    skipped.append("Skipped: step \(step.number), \(step.action.title). Why: \(why).")
  }

  /// The record of something that did not go to plan, with the next number.
  mutating func exception(_ code: Finding.Code, _ what: String) -> Effect {
    exceptions += 1
    return .record(ExceptionRecord(number: exceptions, code: code, what: what))
  }

  /// Back to the reset of the card that the present step provisions. Its keys are made anew.
  mutating func rewindToReset() {
    while position > 0 {
      // It begins with the reset.
      if case .standIn = step.action { return }
      if case .reset(let keyholder) = step.action {
        cards[keyholder]?.keys = [:]
        cards[keyholder]?.guid = nil
        cards[keyholder]?.holdings = nil
        return
      }
      position -= 1
    }
  }

  /// Who acts, as screens name them: a substitute together with whom they stand in for.
  func name(of part: String) -> String {
    let name = script.name(of: part)
    return attendance.substitute(of: part).map { "\($0) for \(name)" } ?? name
  }

  /// Whether a key was accepted without proof that it is on hardware.
  var isUnproven: Bool {
    script.cardholders.contains { keyholder in
      cards[keyholder.id]?.keys.values.contains { $0.isUnproven } ?? false
    }
  }
}

/// A keyholder's card as the ceremony knows it.
struct EnrolledCard {
  var identity: CardIdentity
  /// By role. Never iterated for anything whose order shows.
  var keys: [String: EnrolledKey] = [:]
  var guid: [UInt8]?
  /// The number on its case, where the card does not say its serial.
  var caseNumber: CaseNumber?
  /// Whether it was told to make a key here and was not seen empty since, whatever it answered.
  var mayHoldKeys = false
  /// Public keys that it was told to delete here and did not refuse to, as cards write them. Never iterated.
  var toldToDelete: Set<[UInt8]> = []
  /// Whether it was told to take a new management key, whatever it answered.
  var mayHaveNewManagementKey = false
  /// What was on it when it was last looked at; nil where nobody looked since it changed.
  var holdings: [Holding]?

  /// nil where nothing tells this card from another. A GUID that was written here counts before the card's own.
  var cardName: CardName? { identity.serial.map { .serial($0) } ?? (guid ?? identity.guid).map { .guid($0) } }

  /// The serial, or `guid-` and the GUID where there is none.
  var name: String { cardName?.description ?? "unnamed" }
}

/// A key that was made in the ceremony.
struct EnrolledKey {
  let publicKey: PublicKey
  var attestation: KeyAttestation?
  /// Nothing proves that it is on hardware, and the script accepts that.
  var isUnproven = false
  /// The card said that its slot holds it.
  var isReadBack = false

  struct KeyAttestation {
    let leaf: [UInt8]
    let intermediate: [UInt8]
    let facts: AttestationFacts
  }
}

/// A payload between its building and its writing.
struct Payload {
  let reviewed: ReviewedPayload
  /// By key id, each verified over the whole payload.
  var signatures: [AcceptedSignature] = []
  var isVerified = false
  /// Whether it waits for signatures from elsewhere when the ceremony ends.
  var isPending = false
}

struct AcceptedSignature {
  let keyholder: String
  let keyID: String
  let bytes: [UInt8]
}

// MARK: - Screens

extension Ceremony {
  /// A screen of the present step, with everything that every screen carries.
  func screen(_ title: String? = nil, _ text: [String] = []) -> Screen {
    var screen = Screen(
      step: step.number, steps: plan.steps.count, title: title ?? step.action.title, who: name(of: step.who))
    screen.text = text
    if configuration.isRehearsal { screen.banners.append("REHEARSAL") }
    if isAborting { screen.banners.append("ABORTING") }
    if isUnproven { screen.banners.append("NOT PROVEN TO BE ON HARDWARE") }
    screen.banners += [script.witnessing.banner].compactMap(\.self)
    func mark(_ words: String, _ people: [String]) {
      if !people.isEmpty { screen.banners.append("\(words): \(people.map(script.name(of:)).joined(separator: ", "))") }
    }
    mark("UNWITNESSED", elsewhere.unwitnessed)
    mark("IDENTITY NOT CONFIRMED", elsewhere.unconfirmed)
    if payloads["root"] != nil, !unprovenKept.isEmpty {
      screen.banners.append("KEPT WITHOUT PROOF: \(unprovenKept.map(\.name).joined(separator: ", "))")
    }
    screen.standing = standing
    return screen
  }

  /// A screen that asks, with the step's words to say on it.
  func asking(_ prompt: Prompt, _ title: String? = nil, _ text: [String] = []) -> Screen {
    var screen = screen(title, text)
    screen.say = step.say
    screen.prompt = prompt
    return screen
  }
}
