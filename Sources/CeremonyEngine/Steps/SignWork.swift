import CanonicalJSON
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import TUFMetadata
import Transcript

extension Finding.Code {
  /// A card returned a signature that does not hold over the whole message.
  public static let signatureWrong = Finding.Code("SIGNATURE-WRONG")
}

/// One card's signature: over a role's metadata with that role's key, over the transcript seal with the root key or an
/// official's, or over an official's initials.
struct SignWork: CardWork {
  enum Subject: Hashable {
    case metadata(role: String)
    case seal
    case initials

    /// As records and screens call it.
    var name: String {
      switch self {
      case .metadata(let role): role
      case .seal: "seal"
      case .initials: "initials"
      }
    }

    /// As a sentence has it.
    var words: String {
      switch self {
      case .metadata(let role): role
      case .seal: "the transcript seal"
      case .initials: "the initials"
      }
    }
  }

  let subject: Subject
  private var triesLeft: Int?

  init(subject: Subject) { self.subject = subject }

  private func pin(of keyholder: Keyholder) -> SecretTask {
    SecretTask(work: .enter, kind: .pin, handle: SecretHandle("\(keyholder.id)/pin"))
  }

  /// Whose key signs.
  private func keyRole(_ ceremony: Ceremony, _ keyholder: Keyholder) -> OfflineRole? {
    if case .metadata(let role) = subject { return ceremony.script.offlineRole(role) }
    return ceremony.script.cardRole(ceremony.script.official(keyholder.id) == nil ? "root" : keyholder.id)
  }

  mutating func begin(_ card: EnrolledCard, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Turn {
    guard let role = keyRole(ceremony, keyholder) else { return .unexpected }
    return .wait(subject == .initials ? .head : .card(.readMetadata(role.slot)))
  }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony, _ keyholder: Keyholder) -> Turn {
    guard let role = keyRole(ceremony, keyholder), let key = ceremony.cards[keyholder.id]?.keys[role.name]?.publicKey
    else { return .unexpected }
    if case .head(let number, let digest) = event, subject == .initials,
      let initials = ceremony.script.initials.of(keyholder.id)
    {
      let statement = InitialsStatement(
        person: keyholder.id, initials: initials, step: ceremony.step.scriptID, record: number, head: digest,
        isRehearsal: ceremony.setting.isRehearsal)
      ceremony.statement = statement
      return .wait(.record(.statement, statement.json), .card(.readMetadata(role.slot)))
    }
    guard let message = ceremony.message(subject) else { return .unexpected }
    switch event {
    case .card(.success(.metadata(let metadata))):
      // Before the PIN is asked for: is this the key that the metadata names?
      if let metadata, metadata.publicKey != key.bytes {
        return .fail(
          Finding(
            .wrongCard, "Slot \(role.slot) of this card holds another key than the one that was made for \(role.name).",
            hint: "Take it out and insert the card that was provisioned for \(keyholder.name)."))
      }
      return .wait(.card(.pinTries))
    case .card(.success(.tries(let left))):
      triesLeft = left
      guard left != 0 else { return .fail(PIVError.pinBlocked.finding.at("the card of \(keyholder.name)")) }
      return .wait(.ask(question(message, role, ceremony, keyholder)))
    case .answer(Prompt.keptTry): return .fail(.lastTryKept(.pin, keyholder))
    case .answer(let token):
      if triesLeft == 1, token != Prompt.lastTry { return .wait(.ask(ceremony.lastTry(of: .pin, keyholder))) }
      return .wait(.secret(pin(of: keyholder)))
    case .secret(isDone: true):
      return .wait(
        .card(.sign(role.slot, role.algorithm, role.touchPolicy, message: message, pin: pin(of: keyholder).handle)))
    case .secret(isDone: false):
      return .fail(Finding(.secretNotMade, "No PIN was entered.", hint: "Try again."))
    case .card(.success(.signature(let signature))):
      return accept(signature, key, message, role, &ceremony, keyholder)
    default: return .unexpected
    }
  }

  private func question(
    _ message: [UInt8], _ role: OfflineRole, _ ceremony: Ceremony, _ keyholder: Keyholder
  ) -> Screen {
    var screen = ceremony.asking(
      subject == .initials
        ? .proceed("Are these the initials, and is this the step?", "sign", "sign them, over every record so far")
        : .proceed("Is this the digest that was shown?", "sign", "sign these bytes"),
      "\(keyholder.name) signs \(subject.words)",
      [
        "\(message.count) bytes, whole; \(ceremony.script.capacity(of: role)).",
        "The PIN comes next\(triesLeft.map { " (\(Ceremony.tries($0)))" } ?? ""); touch the card when it blinks.",
      ])
    let digest = SHA256Digest(of: message)
    switch subject {
    case .metadata(let role): screen.digests = [Screen.Labelled(label: "\(role), the signed part", digest: digest)]
    case .seal:
      screen.digests = [Screen.Labelled(label: "the seal's statement, encoded for signing", digest: digest)]
      guard let head = ceremony.head else { break }
      screen.text.append("It names the head of the transcript and every metadata file.")
      screen.digests.insert(Screen.Labelled(label: "head", digest: head), at: 0)
    case .initials:
      guard let statement = ceremony.statement else { break }
      screen.facts = [
        Screen.Fact(name: "step", value: statement.step), Screen.Fact(name: "initials", value: statement.initials),
      ]
      screen.digests = [Screen.Labelled(label: "head after record \(statement.record)", digest: statement.head)]
    }
    return screen
  }

  private func accept(
    _ signature: [UInt8], _ key: PublicKey, _ message: [UInt8], _ role: OfflineRole, _ ceremony: inout Ceremony,
    _ keyholder: Keyholder
  ) -> Turn {
    guard key.isValid(signature, over: message, role.algorithm.scheme) else {
      return .fail(
        Finding(
          .signatureWrong,
          "The card of \(keyholder.name) said success, and its signature does not hold over the whole message.",
          hint: "Nothing was written. Do not use this card; take another one."))
    }
    guard !ceremony.nonces.note(signature, by: key, over: SHA256Digest(of: message).bytes) else {
      return .fail(
        .exposed("the card of \(keyholder.name)", "Do not use this card; its key is to be treated as known."))
    }
    let keyID = MetadataKey(key).keyID
    let accepted = AcceptedSignature(keyholder: keyholder.id, keyID: keyID, bytes: signature)
    switch subject {
    case .metadata(let role): ceremony.payloads[role]?.signatures.append(accepted)
    case .seal: ceremony.sealSignatures.append(accepted)
    case .initials: ceremony.noteSignedInitials(of: keyholder.id)
    }
    ceremony.present = nil
    return .done(
      .record(
        .signature,
        [
          "role": .string(subject.name), "keyholder": .string(keyholder.id), "keyid": .string(keyID),
          "sig": .string(Hex.encode(signature)), "payload": .string(SHA256Digest(of: message).hex),
          "verified-by": .array(role.algorithm == .ed25519 ? ["libsodium", "swift-crypto"] : ["swift-crypto"]),
        ]),
      .show(
        ceremony.screen(
          "\(keyholder.name) has signed \(subject.words)",
          ["The signature holds over the whole message."])),
      .releaseCard)
  }
}

extension Ceremony {
  /// The bytes that a card signs; nil before they exist.
  func message(_ subject: SignWork.Subject) -> [UInt8]? {
    switch subject {
    case .metadata(let role): payloads[role]?.reviewed.canonical
    case .seal: seal?.preAuthenticationEncoding
    case .initials: statement?.preAuthenticationEncoding
    }
  }

  /// The initials that an official typed last are also their card's.
  fileprivate mutating func noteSignedInitials(of official: String) {
    guard let place = room.initials.lastIndex(where: { $0.role == official && $0.step == step.scriptID }) else {
      return
    }
    room.initials[place].card = cards[official]?.name
    statement = nil
  }

  /// The statement that the seal signs; nil before the transcript is closed.
  var seal: TranscriptSeal? {
    guard let head, let transcript else { return nil }
    let metadata = products.filter { $0.path.hasPrefix("metadata/") }
      .map { (path: $0.path, digest: SHA256Digest(of: $0.bytes)) }
    return TranscriptSeal(
      head: head, isRehearsal: setting.isRehearsal, subjects: metadata + [("transcript.jsonl", transcript)],
      engine: Int64(EngineVersion.current))
  }
}
