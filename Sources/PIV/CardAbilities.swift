import PIVTypes
import SmartCard

/// Whether a card knows a command, as far as its answer tells.
public enum Ability: Hashable, Sendable {
  case yes
  case no
  /// It was not asked, or its answer leaves it open.
  case unknown
}

/// What a card knows, found out without changing anything and without using a try.
public struct CardAbilities: Hashable, Sendable {
  /// It says what a slot holds (Yubico F7).
  public var metadata = Ability.unknown
  /// It attests its keys (Yubico F9), and shows the certificate that they are attested with.
  public var attestation = Ability.unknown
  /// It sets its numbers of tries (Yubico FA).
  public var tries = Ability.unknown
  /// It takes a new management key (Yubico FF).
  public var managementKey = Ability.unknown
  /// It keeps a management key behind its PIN.
  public var keptKey = Ability.unknown
  /// It resets (Yubico FB).
  public var reset = Ability.unknown
  /// It deletes single keys (Yubico F6).
  public var deletion = Ability.unknown
  /// The numbers of tries that it has now, where it says so and cannot set others.
  public var pinTries: Int?
  public var pukTries: Int?
  /// Commands that it carried out although it was only asked whether it knows them.
  public var carriedOut: [PIVCommand] = []

  public init() {}
}

/// What is asked beyond what every ceremony needs.
public struct AbilityQuestions: Hashable, Sendable {
  /// A slot that will get a key.
  public let slot: Slot
  public var attestation: Bool
  public var keptKey: Bool
  /// RESET itself is sent. A card whose PIN and PUK are blocked obeys at once, so this is for cards that are known to be
  /// empty, or whose serial was typed.
  public var reset: Bool
  /// Deletion of the slot's key is sent: for a slot that is known to be empty.
  public var deletion: Bool

  public init(
    slot: Slot, attestation: Bool = false, keptKey: Bool = false, reset: Bool = false, deletion: Bool = false
  ) {
    self.slot = slot
    self.attestation = attestation
    self.keptKey = keptKey
    self.reset = reset
    self.deletion = deletion
  }
}

extension PIVSession {
  /// Asks a card that was just selected which commands it knows.
  ///
  /// Each is sent where it cannot be carried out: without PIN, without management authentication, or without its data.
  /// A card that knows it names what is missing; one that does not says 6D00 or 6E00. CHANGE REFERENCE DATA is never
  /// asked, because it would use a try.
  public func abilities(_ questions: AbilityQuestions) throws(PIVError) -> CardAbilities {
    var found = CardAbilities()
    let slot = questions.slot.reference
    found.metadata = try ask(CommandAPDU(Instruction.getMetadata, 0, slot), nothingThere).ability
    if questions.attestation {
      found.attestation = try ask(CommandAPDU(Instruction.attest, slot, 0), nothingThere).ability
      if found.attestation == .yes, try lacks(Slot.attestation.certificateObject) { found.attestation = .no }
    }
    let tries = try ask(CommandAPDU(Instruction.setRetries, 3, 3), refusals)
    found.tries = tries.ability
    if tries.isCarriedOut { found.carriedOut.append(.setTries) }
    if found.tries != .yes, found.metadata == .yes {
      found.pinTries = try read { () throws(PIVError) in try pinMetadata() }?.triesTotal
      found.pukTries = try read { () throws(PIVError) in try pukMetadata() }?.triesTotal
    }
    let key = try ask(CommandAPDU(Instruction.setManagementKey, 0xff, 0xff), refusals)
    found.managementKey = key.ability
    if key.isCarriedOut { found.carriedOut.append(.setManagementKey) }
    if questions.keptKey { found.keptKey = try protectsPrintedInformation() }
    if questions.deletion {
      found.deletion = try ask(CommandAPDU(Instruction.moveKey, 0xff, slot), refusals + nothingThere).ability
    }
    // Last, for it may have an effect.
    if questions.reset, let left = try send(CommandAPDU(Instruction.verify, 0, 0x80)).status.triesLeft, left > 0 {
      let reset = try ask(CommandAPDU(Instruction.reset, 0, 0), Self.resetRefusals)
      found.reset = reset.ability
      if reset.isCarriedOut { found.carriedOut.append(.reset) }
    }
    return found
  }

  /// What a card says to RESET that has it, and whose PIN and PUK are not blocked.
  static let resetRefusals: [StatusWord] = [.securityNotSatisfied, .blocked, .conditionsNotSatisfied, .wrongData]

  private var refusals: [StatusWord] { Self.resetRefusals + [.wrongLength, .wrongParameters] }
  private var nothingThere: [StatusWord] {
    [.referenceNotFound, .notFound, .wrongParameters, .wrongData, .conditionsNotSatisfied]
  }

  private func ask(
    _ command: CommandAPDU, _ known: [StatusWord]
  ) throws(PIVError) -> (ability: Ability, isCarriedOut: Bool) {
    let status = try send(command).status
    switch status {
    case .success: return (.yes, true)
    case .instructionNotSupported, .classNotSupported, .functionNotSupported: return (.no, false)
    default: return (known.contains(status) ? .yes : .unknown, false)
    }
  }

  /// Whether the object in which a management key is kept needs the PIN. A card that has none says only that.
  private func protectsPrintedInformation() throws(PIVError) -> Ability {
    do throws(PIVError) {
      return try readObject(.printedInformation) == nil ? .unknown : .no
    } catch .pinNotVerified {
      return .yes
    } catch {
      if case .noAnswer = error { throw error }
      return .unknown
    }
  }

  /// Whether the card says that an object is not there.
  private func lacks(_ object: DataObject) throws(PIVError) -> Bool {
    try read { () throws(PIVError) in try readObject(object) == nil } ?? false
  }

  /// nil for anything that the card says instead of what was asked for.
  package func read<Value>(_ what: () throws(PIVError) -> Value) throws(PIVError) -> Value? {
    do throws(PIVError) {
      return try what()
    } catch {
      if case .noAnswer = error { throw error }
      return nil
    }
  }
}
