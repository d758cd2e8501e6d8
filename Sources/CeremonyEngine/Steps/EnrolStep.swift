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

/// Takes in the key of a keyholder that was made elsewhere, on their own card. Attestation proves a card and not a person:
/// the step stops until they have read the key id from their own screen.
struct EnrolStep: StepMachine {
  let keyholder: String
  /// What was brought and is not settled yet.
  private var brought: [Enrolment] = []
  /// Which key waits for its keyholder's word.
  private var asked: (enrolment: Enrolment, key: EnrolledKey, id: String)?

  private static let take = "take"
  private static let heard = "heard"
  private static let notHeard = "not-heard"

  init(keyholder: String) { self.keyholder = keyholder }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition { ask(ceremony, [], isFirst: true) }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    guard let person = ceremony.script.keyholder(keyholder), let nonce = person.enrol else { return .unexpected }
    switch event {
    case .answer(Self.take):
      return .wait(
        for: .enrolments(
          EnrolmentWanted(person: person.id, nonce: nonce, isRehearsal: ceremony.configuration.isRehearsal)))
    case .enrolled(let record):
      brought = record.enrolments
      for enrolment in brought where !ceremony.delivers.contains(enrolment.file) {
        ceremony.delivers.append(enrolment.file)
      }
      guard brought.isEmpty else { return settle(&ceremony, person, []) }
      let why =
        record.missing.map { [$0.what, $0.hint] } ?? ["No new file that ends in .tar lay in the folder for answers."]
      return ask(ceremony, [.show(ceremony.screen("No file was taken in", why))], told: ["No file was taken in."] + why)
    case .answer(let token):
      guard let (enrolment, key, id) = asked else { return .unexpected }
      asked = nil
      return .done(ceremony.enrol(enrolment, key, id, person, isConfirmed: token == Self.heard))
    default: return .unexpected
    }
  }

  private mutating func settle(_ ceremony: inout Ceremony, _ person: Keyholder, _ before: [Effect]) -> Transition {
    var effects = before
    while !brought.isEmpty {
      let enrolment = brought.removeFirst()
      do throws(Finding) {
        let (key, id, warnings) = try ceremony.judge(enrolment, person)
        asked = (enrolment, key, id)
        effects += warnings.map { .record(FindingRecord($0)) }
        return .wait(effects, for: .ask(word(of: person, key, id, enrolment.made?.head, ceremony)))
      } catch {
        effects.append(.record(FindingRecord(error)))
        var screen = ceremony.screen("\(error.code)", [error.what, error.hint])
        screen.digests = [Screen.Labelled(label: "the file", digest: enrolment.file.digest)]
        effects.append(.show(screen))
      }
    }
    return ask(ceremony, effects)
  }

  private func word(
    of person: Keyholder, _ key: EnrolledKey, _ id: String, _ head: SHA256Digest?, _ ceremony: Ceremony
  ) -> Screen {
    let prompt = Prompt(
      "Has \(person.name) read key id and head from their own screen, seen or heard by everybody here?",
      [
        Prompt.Answer(token: Self.heard, meaning: "they are the same, and it was \(person.name)"),
        Prompt.Answer(token: Self.notHeard, meaning: "nobody saw or heard them; the key is taken in, and is marked"),
      ], unattended: Self.heard)
    var screen = ceremony.asking(
      prompt, "The key of \(person.name)",
      [
        "It signed the nonce of this script, and the record of how it was made holds.",
        key.attestation == nil ? "Nothing attests it." : "Its card attests it.",
      ])
    screen.facts = key.attestation?.facts.shown ?? []
    if let digest = SHA256Digest(hex: id) { screen.digests = [Screen.Labelled(label: "key id", digest: digest)] }
    if let head { screen.digests.append(Screen.Labelled(label: "the head of their ceremony", digest: head)) }
    return screen
  }

  /// - Parameter told: what came of the last look, where it brought nothing.
  private func ask(
    _ ceremony: Ceremony, _ effects: [Effect], isFirst: Bool = false, told: [String] = []
  ) -> Transition {
    let prompt = Prompt(
      "Is the file with the key of \(ceremony.script.name(of: keyholder)) there?",
      [Prompt.Answer(token: Self.take, meaning: "read the files in the folder for answers")],
      unattended: isFirst ? Self.take : Prompt.abort)
    return .wait(
      effects,
      for: .ask(ceremony.asking(prompt, nil, told + ["Put the file into the folder that was named with --answers."])))
  }
}

extension Ceremony {
  /// The key of a file that came, its id, and warnings. Throws why it is not taken in.
  fileprivate func judge(
    _ enrolment: Enrolment, _ person: Keyholder
  ) throws(Finding) -> (key: EnrolledKey, id: String, warnings: [Finding]) {
    func refused(_ code: Finding.Code, _ what: String) -> Finding {
      Finding(
        code, what, hint: "Ask \(person.name) for the file again, made for the request of this script.",
        place: enrolment.file.path)
    }
    guard enrolment.codes.isEmpty, let made = enrolment.made, let role = script.cardRole("root", of: person.id) else {
      throw refused(
        .answerRefused, "What came with this key does not hold: \(enrolment.codes.joined(separator: ", ")).")
    }
    guard let key = try? PublicKey(card: made.key, role.algorithm), key.weakness == nil else {
      throw refused(.answerKey, "The key of \(person.name) is none of the kind that the script asks for.")
    }
    let named = script.metadataKey(key, of: person.id)
    let proof = made.proof
    guard proof.purpose == .enrolled, proof.nonce == person.enrol, proof.person == person.id,
      proof.keyID == named.keyID, proof.slot == role.slot.description,
      proof.isRehearsal == configuration.isRehearsal
    else { throw refused(.answerRequest, "The key was proven for another request, person, slot or kind of ceremony.") }
    guard key.isValid(made.signature, over: proof.preAuthenticationEncoding, role.algorithm.scheme) else {
      throw refused(.signatureInvalid, "The proof of the key of \(person.name) does not hold.")
    }
    let others = cards.values.flatMap { $0.keys.values.map(\.publicKey) } + previousPublicKeys
    guard !others.contains(key) else {
      throw refused(.keyRepeated, "The key of \(person.name) is somebody else's here, or of the root before.")
    }
    return try attested(key, named.keyID, made, role, person, refused)
  }

  private func attested(
    _ key: PublicKey, _ id: String, _ made: Enrolment.Made, _ role: OfflineRole, _ person: Keyholder,
    _ refused: (Finding.Code, String) -> Finding
  ) throws(Finding) -> (key: EnrolledKey, id: String, warnings: [Finding]) {
    var enrolled = EnrolledKey(publicKey: key, isReadBack: true)
    var findings: [Finding] = []
    if let attestation = made.attestation {
      let verdict = AttestationEvidence(leaf: attestation.leaf, intermediate: attestation.intermediate).verdict(
        against: AttestationExpectation(
          slot: role.slot, key: key, serial: made.serial, pinPolicy: role.pinPolicy, touchPolicy: role.touchPolicy),
        trusting: try anchors(), at: time)
      if verdict.holds, let facts = verdict.facts {
        enrolled.attestation = EnrolledKey.KeyAttestation(
          leaf: attestation.leaf, intermediate: attestation.intermediate, facts: facts)
        if let shared = sharedDevice(facts, person) { throw shared }
      }
      findings = verdict.findings
    }
    guard enrolled.attestation == nil else { return (enrolled, id, findings) }
    guard script.cards.attestation == .optional else {
      throw findings.first
        ?? refused(.attestationMissing, "Nothing attests the key of \(person.name), and the script asks for it.")
    }
    enrolled.isUnproven = true
    return (
      enrolled, id,
      [
        Finding(
          .attestationMissing, .warning, "The key of \(person.name) is not proven to be on hardware.",
          hint: "The script says “attestation: optional”. The report begins with this.",
          place: "the key of \(person.id)")
      ]
    )
  }

  /// The key of a keyholder from now on.
  fileprivate mutating func enrol(
    _ enrolment: Enrolment, _ key: EnrolledKey, _ id: String, _ person: Keyholder, isConfirmed: Bool
  ) -> [Effect] {
    cards[person.id] = EnrolledCard(
      identity: CardIdentity(
        serial: enrolment.made?.serial, firmware: key.attestation?.facts.firmware, guid: enrolment.made?.guid,
        isVirtual: false), keys: ["root": key])
    var effects: [Effect] = []
    if isConfirmed, let head = enrolment.made?.head {
      effects.append(.record(HeardRecord(person: person.id, head: head)))
    }
    if !isConfirmed {
      elsewhere.unconfirmed.append(person.id)
      effects.append(
        exception(
          .identityUnconfirmed,
          "Nobody saw or heard \(person.name) read the key id; their key was taken in all the same."))
    }
    var screen = screen("Taken in: the key of \(person.name)")
    screen.facts = [Screen.Fact(name: "key id", value: id)]
    return effects + [.show(screen)]
  }
}
