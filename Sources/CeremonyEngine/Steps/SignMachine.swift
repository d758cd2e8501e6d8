import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Requests
import TUFMetadata
import Transcript

/// One card's signature: over a role's metadata with that role's key, over the transcript seal with the root key or an
/// official's, over an official's initials, or over a proof that a new key signs.
struct SignMachine: CardMachine {
  enum Subject: Hashable {
    case metadata(role: String)
    /// Of the real root's twin.
    case twin
    case seal
    /// In an answer: the seal of the ceremony that asks.
    case askedSeal
    case initials
    /// Of the new key for a role, or of an official's.
    case proof(role: String)

    /// As records and screens call it.
    var name: String {
      switch self {
      case .metadata(let role): role
      case .twin: "twin"
      case .seal: "seal"
      case .askedSeal: SignatureRecord.askedSeal
      case .initials: "initials"
      case .proof: "proof"
      }
    }

    /// As a sentence has it.
    var words: String {
      switch self {
      case .metadata(let role): role
      case .twin: "the twin of the real root"
      case .seal: "the transcript seal"
      case .askedSeal: "the seal that is asked for"
      case .initials: "the initials"
      case .proof: "a proof of the new key"
      }
    }
  }

  let subject: Subject
  private var triesLeft: Int?
  /// Drawn for the proof.
  private var nonce: [UInt8] = []

  init(subject: Subject) { self.subject = subject }

  private func pin(of keyholder: Keyholder) -> SecretOperation {
    SecretOperation(action: .enter, kind: .pin, handle: SecretHandle("\(keyholder.id)/pin"))
  }

  /// Whose key signs.
  private func keyRole(_ ceremony: Ceremony, _ keyholder: Keyholder) -> OfflineRole? {
    let role =
      switch subject {
      case .metadata(let role), .proof(let role): role
      case .twin, .askedSeal: "root"
      case .seal, .initials: ceremony.script.official(keyholder.id) == nil ? "root" : keyholder.id
      }
    return ceremony.script.cardRole(role, of: keyholder.id)
  }

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = keyRole(ceremony, keyholder) else { return .unexpected }
    switch subject {
    case .initials: return .wait(for: .head)
    // The slot of a new key was read back just before.
    case .proof where keyholder.key == nil: return .wait(for: drawing(ceremony))
    case .proof, .metadata, .twin, .seal, .askedSeal: return .wait(for: .card(.readMetadata(role.slot)))
    }
  }

  /// What a proof begins with: its nonce, which whoever asks for a key drew.
  private mutating func drawing(_ ceremony: Ceremony) -> Question {
    guard let request = ceremony.script.answered?.request else { return .random(count: 16, purpose: "proof of a key") }
    nonce = request.nonce
    return .head
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Transition {
    guard let role = keyRole(ceremony, keyholder), let named = ceremony.key(of: keyholder.id, role.name),
      let key = named.publicKey
    else { return .unexpected }
    if case .head(let number, let digest) = event, subject == .initials,
      let initials = ceremony.script.initials.of(keyholder.id)
    {
      let statement = InitialsStatement(
        person: keyholder.id, initials: initials, step: ceremony.step.scriptID, record: number, head: digest,
        isRehearsal: ceremony.configuration.isRehearsal)
      ceremony.statement = statement
      return .wait(.record(statement), for: .card(.readMetadata(role.slot)))
    }
    if case .card(.success(.slot(let reading))) = event {
      return read(reading, key, role, ceremony, keyholder)
    }
    if case .proof = subject {
      switch event {
      case .random(let bytes):
        nonce = bytes
        return .wait(for: .head)
      case .head(let number, let digest):
        let proof = ceremony.proof(of: named, role, keyholder, nonce: nonce, after: number, digest)
        ceremony.proof = proof
        return .wait(.record(proof), for: .card(.pinTries))
      default: break
      }
    }
    guard let message = ceremony.message(subject) else { return .unexpected }
    switch event {
    case .card(.success(.tries(let left))):
      triesLeft = left
      guard left != 0 else { return .fail(PIVError.pinBlocked.finding.at("the card of \(keyholder.name)")) }
      if case .proof = subject { return proving(message, role, ceremony, keyholder) }
      return .wait(for: .ask(question(message, role, ceremony, keyholder)))
    case .answer(Prompt.differs.token): return .fail(ceremony.comparisonDiffers())
    case .answer(Prompt.keptTry): return .fail(.lastTryKept(.pin, keyholder))
    case .answer(let token):
      if triesLeft == 1, token != Prompt.lastTry { return .wait(for: .ask(ceremony.lastTry(of: .pin, keyholder))) }
      return .wait(for: .secret(pin(of: keyholder)))
    case .secret(isDone: true):
      return .wait(
        for: .card(.sign(role.slot, role.algorithm, role.touchPolicy, message: message, pin: pin(of: keyholder).handle))
      )
    case .secret(isDone: false):
      return .fail(Finding(.secretNotMade, "No PIN was entered.", hint: "Try again."))
    case .card(.success(.signature(let signature))):
      return accept(signature, named, key, message, role, &ceremony, keyholder)
    default: return .unexpected
    }
  }

  /// Before the PIN is asked for: is this the key that the metadata names?
  private mutating func read(
    _ reading: SlotReading, _ key: PublicKey, _ role: OfflineRole, _ ceremony: Ceremony, _ keyholder: Keyholder
  ) -> Transition {
    let next = if case .proof = subject { drawing(ceremony) } else { Question.card(.pinTries) }
    switch reading {
    case .key(let metadata) where metadata.publicKey != key.bytes:
      return .fail(
        Finding(
          .wrongCard,
          "Slot \(role.slot) of this card holds another key than the \(role.name) key of \(keyholder.name).",
          hint: "Take it out and insert the card of \(keyholder.name)."))
    case .key: return .wait(for: next)
    case .empty, .blank: return .fail(.slotIsEmpty(role, keyholder))
    case .notSaid, .unknown:
      guard keyholder.key == nil ? ceremony.script.mayLackReadBack : ceremony.tellsApart(keyholder) else {
        return .fail(PIVError.notSupported(.metadata).finding)
      }
      // The card was told by its identity; its signature tells the key.
      let wasReadBack = ceremony.cards[keyholder.id]?.keys[role.name]?.isReadBack == true
      return .wait(wasReadBack ? [.record(FindingRecord(.notReadBack(role, keyholder)))] : [], for: next)
    }
  }

  /// The digest stands for nothing that anybody has to compare, so there is nothing to ask before the PIN.
  private func proving(
    _ message: [UInt8], _ role: OfflineRole, _ ceremony: Ceremony, _ keyholder: Keyholder
  ) -> Transition {
    if triesLeft == 1 { return .wait(for: .ask(ceremony.lastTry(of: .pin, keyholder))) }
    let isKept = isChallenge(keyholder)
    let screen = ceremony.screen(
      isKept
        ? "The kept \(role.name) key of \(keyholder.name) signs a challenge"
        : "The \(role.name) key of \(keyholder.name) signs for the first time",
      [
        isKept
          ? "\(message.count) bytes that were drawn just now. They show that the card still signs, and count for nothing."
          : role.algorithm == .ed25519
            ? "\(message.count) bytes, as many as it will have to sign later. This signature counts for nothing."
            : "A digest of \(message.count) bytes, as later one of the payload. This signature counts for nothing.",
        whatComes(role),
      ])
    return .wait(.show(screen), for: .secret(pin(of: keyholder)))
  }

  private func isChallenge(_ keyholder: Keyholder) -> Bool {
    if case .proof = subject { keyholder.key != nil } else { false }
  }

  private func whatComes(_ role: OfflineRole) -> String {
    "The PIN comes next\(triesLeft.map { " (\(Ceremony.tries($0)))" } ?? "")"
      + (role.touchPolicy == .never ? "." : "; touch the card when it blinks.")
  }

  private func question(
    _ message: [UInt8], _ role: OfflineRole, _ ceremony: Ceremony, _ keyholder: Keyholder
  ) -> Screen {
    var screen = ceremony.asking(
      subject == .initials
        ? .proceed("Are these the initials, and is this the step?", "sign", "sign them, over every record so far")
        : .compare(
          subject == .seal || subject == .askedSeal
            ? "Is this the head that was read aloud?" : "Is this the digest that was shown?", "sign",
          "sign these bytes"),
      "\(keyholder.name) signs \(subject.words)",
      [
        "\(message.count) bytes, whole; \(ceremony.script.capacity(of: role, of: keyholder.id, for: message.count)).",
        whatComes(role),
      ])
    if case .metadata(let name) = subject { screen.text += ceremony.whatCounts(name, keyholder) }
    let digest = SHA256Digest(of: message)
    switch subject {
    case .metadata(let role): screen.digests = [Screen.Labelled(label: "\(role), the signed part", digest: digest)]
    case .twin: screen.digests = [Screen.Labelled(label: "the twin, the signed part", digest: digest)]
    case .seal:
      guard let head = ceremony.head else { break }
      screen.text.append("It names the head of the transcript and every metadata file.")
      screen.digests = [Screen.Labelled(label: "head", digest: head)]
    case .askedSeal:
      guard let asked = ceremony.script.answered?.seal else { break }
      screen.text.append("It names the head of that transcript and its metadata files.")
      screen.digests = [Screen.Labelled(label: "head of what is sealed", digest: asked.seal.head)]
    case .initials:
      guard let statement = ceremony.statement else { break }
      screen.facts = [
        Screen.Fact(name: "step", value: statement.step), Screen.Fact(name: "initials", value: statement.initials),
      ]
      screen.digests = [Screen.Labelled(label: "head after record \(statement.record)", digest: statement.head)]
    case .proof: break
    }
    return screen
  }

  private func accept(
    _ signature: [UInt8], _ named: MetadataKey, _ key: PublicKey, _ message: [UInt8], _ role: OfflineRole,
    _ ceremony: inout Ceremony,
    _ keyholder: Keyholder
  ) -> Transition {
    guard key.isValid(signature, over: message, role.algorithm.scheme) else {
      return .fail(
        Finding(
          .signatureWrong,
          "The card of \(keyholder.name) said that it signed, but its signature does not hold over the whole message.",
          hint: "Nothing was written. Do not use this card; take another one."))
    }
    guard !ceremony.nonces.note(signature, by: key, over: SHA256Digest(of: message).bytes) else {
      return .fail(
        .exposed("the card of \(keyholder.name)", "Do not use this card; its key is to be treated as known."))
    }
    let keyID = named.keyID
    let accepted = AcceptedSignature(keyholder: keyholder.id, keyID: keyID, bytes: signature)
    switch subject {
    case .metadata(let role): ceremony.payloads[role]?.signatures.append(accepted)
    case .twin:
      let content = ceremony.twin.content
      ceremony.twin.content = content?.adding(Envelope.Signature(keyID: keyID, bytes: signature))
    case .seal:
      ceremony.sealSignatures.append(accepted)
      ceremony.sealedWith[keyholder.id] = ceremony.cards[keyholder.id]?.identity.name
    case .askedSeal: ceremony.askedSealSignatures.append(accepted)
    case .initials: ceremony.noteSignedInitials(of: keyholder.id)
    case .proof:
      ceremony.proof = nil
      if keyholder.key != nil { ceremony.noteProven(keyholder.id, role.name) }
    }
    let record = Effect.record(
      SignatureRecord(
        role: subject.name, signer: SignatureRecord.Signer(keyholder: keyholder.id, keyID: keyID),
        signature: signature, payload: SHA256Digest(of: message),
        verifiers: SignatureRecord.verifiers(of: key.algorithm)))
    let shown = Effect.show(
      ceremony.screen(
        "\(keyholder.name) has signed \(isChallenge(keyholder) ? "a challenge" : subject.words)",
        ["The signature holds over the whole message."]))
    // A proof is in the middle of its card's provisioning, or before another one of the same card.
    if case .proof = subject, keyholder.key == nil || !ceremony.proven.contains(keyholder.id) {
      return .done(record, shown)
    }
    ceremony.present = nil
    return .done(record, shown, .releaseCard)
  }
}

extension Ceremony {
  /// The bytes that a card signs; nil before they exist.
  func message(_ subject: SignMachine.Subject) -> [UInt8]? {
    switch subject {
    case .metadata(let role): payloads[role]?.reviewed.canonical
    case .twin: twin.content?.signedBytes
    case .seal: seal?.preAuthenticationEncoding
    case .askedSeal: script.answered?.seal?.seal.preAuthenticationEncoding
    case .initials: statement?.preAuthenticationEncoding
    case .proof: proof?.preAuthenticationEncoding
    }
  }

  /// A kept key has shown that its card still signs; a person is proven with the last of them.
  fileprivate mutating func noteProven(_ keyholder: String, _ role: String) {
    if script.keptRoles(of: keyholder).last == role { proven.insert(keyholder) }
  }

  /// What a new key signs, with Ed25519 as many bytes as the most that it will have to; or the challenge of a kept one.
  fileprivate func proof(
    of key: MetadataKey, _ role: OfflineRole, _ keyholder: Keyholder, nonce: [UInt8], after record: Int64,
    _ head: SHA256Digest
  ) -> KeyProof {
    let proof = KeyProof(
      script.isAnswer ? .enrolled : keyholder.key == nil ? .test : .kept, keyID: key.keyID, person: keyholder.id,
      slot: role.slot.description, script: configuration.script,
      record: record, head: head, nonce: nonce, isRehearsal: configuration.isRehearsal)
    guard role.algorithm == .ed25519, keyholder.key == nil else { return proof }
    return proof.padded(to: script.official(keyholder.id) == nil ? largestPayload(of: role) : sealSize)
  }

  private func largestPayload(of role: OfflineRole) -> Int {
    guard let online = try? keys().online else { return 0 }
    if let wanted = script.answered?.key { return Int(wanted.largest) }
    let mode: Mode = configuration.isRehearsal ? .rehearsal : .real
    return script.payloadSizes(online: online, at: time).first { $0.mode == mode && $0.role == role.name }?.bytes ?? 0
  }

  /// The most that an official's key signs.
  private var sealSize: Int {
    TranscriptSeal.size(
      over: script.sealedPaths, isRehearsal: configuration.isRehearsal,
      engine: Int64(EngineVersion.current))
  }

  /// The initials that an official typed last are also their card's.
  fileprivate mutating func noteSignedInitials(of official: String) {
    guard let place = room.initials.lastIndex(where: { $0.duty == official && $0.step == step.scriptID }) else {
      return
    }
    room.initials[place].card = cards[official]?.name
    statement = nil
  }

  /// The statement that the seal signs; nil before the transcript is closed.
  var seal: TranscriptSeal? {
    guard let head, let transcript else { return nil }
    let metadata = products.filter { $0.path.hasPrefix("metadata/") || $0.path.hasPrefix("pending/") }
      .map { (path: $0.path, digest: SHA256Digest(of: $0.bytes)) }
    let request = script.request.map { [(path: "inputs/\($0.name)", digest: $0.digest)] } ?? []
    return TranscriptSeal(
      head: head, isRehearsal: configuration.isRehearsal,
      subjects: metadata + request + [(RecordFile.transcript.name, transcript)],
      engine: Int64(EngineVersion.current), ending: isPending ? .pending : .complete)
  }
}
