import ArgumentParser
import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyRuntime
import CeremonyScript
import Findings
import Keys
import PCSC
import PIV
import PIVTypes
import Products
import Readers
import SmartCard
import UTC

struct CardProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Before the day: what does this card know, and can it sign the script's largest payload?",
    discussion: """
      First the card is asked which commands it knows, without changing anything. Then, with a throw-away key, it signs: \
      the card must be empty and have its factory management key, as after 'card reset'. A key is made in the slot of \
      each algorithm's largest payload, signs as many bytes, and is deleted; a card that cannot delete a key is reset.
      With --record and without a script any card is only asked: nothing on it is changed, and no try is used. What its \
      kind answers is written to a file without serial, GUID, key or certificate, for the project: Runbook/CARDS.md.

      Example: tuf-ceremony card probe genesis.yaml
      """)

  @Argument(help: "The script.")
  var script: String?

  @Option(help: "The serial of the card to try it on, or guid-… where it has none.")
  var sacrifice: CardName?

  @Option(help: ArgumentHelp("A new file for what this kind of card does, instead of a script.", valueName: "file"))
  var record: String?

  @Option(help: "A part of the reader's name.")
  var reader: String?

  @OptionGroup var timeout: CardTimeout

  func validate() throws {
    switch (script, sacrifice, record) {
    case (nil, nil, _?), (_?, _?, nil): break
    case (_, _, _?): throw ValidationError("--record asks any card, without a script and without --sacrifice")
    default: throw ValidationError("name a script and --sacrifice SERIAL, or --record FILE")
    }
  }

  func run() throws {
    try endingCard {
      if let record { return try write(record) }
      guard let path = self.script, let sacrifice else { return .usage }
      let named = try NamedScript(path)
      let script = named.script
      let sizes = script.payloadSizes(online: try named.onlineKeys(), at: SystemClock().read().at)
      let (card, channel) = try PresentCards(cardTimeout: timeout.seconds).hold(reader: reader, name: sacrifice)
      defer { channel.release() }
      let session = PIVSession(channel: channel, vault: EnteredVault())
      guard case .holdings(let held) = try CardOperation.inspect(Slot.all).perform(on: session) else {
        return .internalError
      }
      say("The card \(card.typed)" + (card.firmware.map { ", firmware \($0)." } ?? "."))
      try ask(session, card, CardNeeds(script, script.offlineRoles, of: nil), isEmpty: held.isEmpty)
      guard held.isEmpty else {
        let slots = held.occupied.map(\.slot.description)
        throw Finding(
          .slotOccupied,
          slots.isEmpty
            ? "Of the card \(card.typed), \([Holding].notSaid); a key is tried on empty cards only."
            : "The card \(card.typed) holds keys in \(slots.joined(separator: ", ")); a key is tried on empty cards only.",
          hint: "Take an empty card, or empty this one with 'card reset --serial \(card.typed)'.")
      }
      for algorithm in KeyAlgorithm.allCases {
        let roles = script.offlineRoles.filter { $0.algorithm == algorithm }
        let largest = sizes.filter { size in roles.contains { $0.name == size.role } }.max { $0.bytes < $1.bytes }
        guard let largest, let role = roles.first(where: { $0.name == largest.role }) else { continue }
        try probe(session, role, bytes: largest.bytes)
      }
      return .fine
    }
  }

  private func write(_ path: String) throws -> ExitStatus {
    let (_, channel) = try PresentCards(cardTimeout: timeout.seconds).hold(reader: reader, name: nil)
    defer { channel.release() }
    let record = try CardRecord(channel, program: ProgramVersion.current)
    let file = try NewFile(path)
    try file.append(JSONValue.object(record.json).pretty())
    try file.finish()
    put("Nothing on the card was changed. Read the file before you send it: Runbook/CARDS.md says where to.\n")
    return .fine
  }

  /// Says which commands the card knows; nothing on it is changed. Throws what the script needs and the card has not.
  private func ask(_ session: PIVSession, _ card: CardIdentity, _ needs: CardNeeds, isEmpty: Bool) throws {
    guard let needed = needs.questions(isEmpty: isEmpty) else { return }
    var questions = needed
    questions.attestation = true
    questions.keptKey = true
    questions.deletion = isEmpty
    guard case .abilities(let found) = try CardOperation.abilities(questions).perform(on: session) else { return }
    for (what, ability) in [
      ("says what a slot holds", found.metadata), ("attests its keys", found.attestation),
      ("sets its numbers of tries", found.tries), ("takes a new management key", found.managementKey),
      ("keeps a management key behind its PIN", found.keptKey), ("resets", found.reset),
      ("deletes a key", found.deletion),
    ] {
      put("\(what): \(ability.words)\n")
    }
    if let refusal = needs.refusal(found, card, of: "The card \(card.typed)") { throw refusal }
    guard !isEmpty || found.deletion == .yes || found.reset == .yes else {
      throw Finding(
        .cardUnsupported,
        "The card \(card.typed) is not known to delete a key or to reset, so no key is made on it for a try.",
        hint: "Nothing on it was changed. Use another card.")
    }
    for unknown in needs.notKnown(found, card, needed) { say("Not known beforehand: \(unknown).") }
    for lack in needs.doneWithout(found) { say(lack) }
  }

  private func probe(_ session: PIVSession, _ role: OfflineRole, bytes count: Int) throws {
    // No PIN and no touch: what is tried is the size, and the key lives for a second.
    let made = try CardOperation.generate(role.slot, role.algorithm, .never, .never).perform(on: session)
    guard case .publicKey(let material) = made else { throw PIVError.malformed(.generate) }
    let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    let answer = Result<[UInt8], PIVError> { () throws(PIVError) in
      try session.sign(message, in: role.slot, role.algorithm, touch: .never)
    }
    try delete(session, role.slot)
    let signature = try answer.get()
    guard let key = try? PublicKey(card: material, role.algorithm),
      key.isValid(signature, over: message, role.algorithm.scheme)
    else {
      throw Finding(
        .signatureWrong,
        "The card signed \(count) bytes with \(role.algorithm), and the signature does not hold over them.",
        hint: "Do not use this kind of card for this script.")
    }
    put("\(role.algorithm) in slot \(role.slot): signs \(count) bytes, the largest payload (\(role.name))\n")
  }

  private func delete(_ session: PIVSession, _ slot: Slot) throws(PIVError) {
    do throws(PIVError) {
      try session.deleteKey(slot)
    } catch {
      guard case .notSupported = error else { throw error }
      _ = try CardOperation.reset.perform(on: session)
      say("This card cannot delete a key, so it was reset.")
    }
  }
}

extension Ability {
  fileprivate var words: String {
    switch self {
    case .yes: "yes"
    case .no: "no"
    case .unknown: "not known"
    }
  }
}

extension KeyAlgorithm {
  fileprivate var scheme: SignatureScheme {
    switch self {
    case .ed25519: .ed25519
    case .ecdsaP256: .ecdsaSHA256
    case .ecdsaP384: .ecdsaSHA384
    }
  }
}
