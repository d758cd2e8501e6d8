import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import TUFMetadata

/// Takes in signatures that were made elsewhere: whoever made one has read the digest from their own screen before it
/// counts without a mark.
struct CollectStep: StepMachine {
  let role: String
  /// What was brought and is not settled yet, in its order.
  private var brought: [Delivered] = []
  /// Whose signature waits for their word.
  private var asked: (delivered: Delivered, keyholder: Keyholder)?

  private static let take = "take"
  private static let goOn = "done"
  private static let heard = "heard"
  private static let notHeard = "not-heard"

  init(role: String) { self.role = role }

  mutating func begin(_ ceremony: inout Ceremony) -> Transition { ask(ceremony, []) }

  mutating func handle(_ event: Event, _ ceremony: inout Ceremony) -> Transition {
    switch event {
    case .answer(Self.take):
      guard let wanted = ceremony.deliveryWanted(role) else { return .unexpected }
      return .wait(for: .deliveries(wanted))
    case .delivered(let record):
      brought = record.signatures
      ceremony.note(files: record)
      guard brought.isEmpty else { return settle(&ceremony, []) }
      let why =
        record.missing.map { [$0.what, $0.hint] } ?? [
          "No new file that ends in .tar or .json lay in the folder for answers."
        ]
      return ask(ceremony, [.show(ceremony.screen("No file was taken in", why))], told: ["No file was taken in."] + why)
    case .answer(Self.goOn): return .done()
    case .answer(let token):
      guard let (delivered, keyholder) = asked else { return .unexpected }
      asked = nil
      return settle(
        &ceremony, ceremony.accept(delivered, of: keyholder, role, isConfirmed: token == Self.heard))
    default: return .unexpected
    }
  }

  /// On to the next signature that somebody has to speak for; then the first question again.
  private mutating func settle(_ ceremony: inout Ceremony, _ before: [Effect]) -> Transition {
    var effects = before
    while !brought.isEmpty {
      let delivered = brought.removeFirst()
      let keyholder: Keyholder
      switch ceremony.judge(delivered, role) {
      case .success(let owner):
        guard let owner else { continue }
        keyholder = owner
      case .failure(let finding):
        effects.append(.record(FindingRecord(finding)))
        var screen = ceremony.screen("\(finding.code)", [finding.what, finding.hint])
        screen.digests = [Screen.Labelled(label: "the file", digest: delivered.file.digest)]
        effects.append(.show(screen))
        continue
      }
      asked = (delivered, keyholder)
      return .wait(effects, for: .ask(word(of: keyholder, delivered, ceremony)))
    }
    return ask(ceremony, effects)
  }

  private func word(of keyholder: Keyholder, _ delivered: Delivered, _ ceremony: Ceremony) -> Screen {
    let prompt = Prompt(
      delivered.head == nil
        ? "Has \(keyholder.name) read this digest from their own screen, seen or heard by everybody here?"
        : "Has \(keyholder.name) read both digests from their own screen, seen or heard by everybody here?",
      [
        Prompt.Answer(token: Self.heard, meaning: "they are the same, and it was \(keyholder.name)"),
        Prompt.Answer(
          token: Self.notHeard, meaning: "nobody saw or heard them; the signature counts, and is marked"),
      ], unattended: Self.heard)
    var screen = ceremony.asking(
      prompt, "A signature of \(keyholder.name)",
      [
        "It holds over the whole payload.",
        delivered.isWitnessed
          ? "The record of how it was made came with it, and holds."
          : "It came without a record of how it was made: it counts, and is called unwitnessed.",
      ])
    if let isNetworked = delivered.isNetworked {
      screen.facts = [
        Screen.Fact(name: "network where it was signed", value: isNetworked ? "CONNECTED" : "none was connected")
      ]
    }
    if let payload = ceremony.payloads[role]?.reviewed {
      screen.digests = [Screen.Labelled(label: "\(role), the signed part", digest: payload.digest)]
    }
    if let head = delivered.head {
      screen.digests.append(Screen.Labelled(label: "the head of their ceremony", digest: head))
    }
    return screen
  }

  /// - Parameter told: what came of the last look, where it brought nothing.
  private func ask(_ ceremony: Ceremony, _ effects: [Effect], told: [String] = []) -> Transition {
    let waiting = ceremony.waiting(for: role).map(\.name)
    let prompt = Prompt(
      "Are there files from elsewhere?",
      [
        Prompt.Answer(token: Self.take, meaning: "read the files in the folder for answers"),
        Prompt.Answer(token: Self.goOn, meaning: "no more are read now"),
      ], unattended: waiting.isEmpty || !effects.isEmpty ? Self.goOn : Self.take)
    var screen = ceremony.asking(
      prompt, nil,
      told + [
        waiting.isEmpty ? "No signature is missing." : "Not signed yet: \(waiting.joined(separator: ", ")).",
        "Put each answer into the folder that was named with --answers.",
      ])
    if let payload = ceremony.payloads[role]?.reviewed {
      screen.digests = [Screen.Labelled(label: "\(role), the signed part", digest: payload.digest)]
    }
    return .wait(effects, for: .ask(screen))
  }
}

extension Ceremony {
  /// Who may sign this role's metadata and has not, in the script's order.
  func waiting(for role: String) -> [Keyholder] {
    let signed = Set((payloads[role]?.signatures ?? []).map(\.keyholder))
    return script.signers(of: role).compactMap(script.keyholder).filter { !signed.contains($0.id) }
  }

  /// Which signatures can be taken in; nil before the payload is there.
  fileprivate func deliveryWanted(_ role: String) -> DeliveryWanted? {
    payloads[role].map { payload in
      DeliveryWanted(
        role: role, payload: payload.reviewed.digest, requests: requests, isRehearsal: configuration.isRehearsal)
    }
  }

  /// SHA-256 of the requests that an answer may name: those of this ceremony, and of the pending one that it finishes.
  private var requests: [SHA256Digest] {
    products.filter { $0.path.hasPrefix("requests/") }.map { SHA256Digest(of: $0.bytes) }
      + (configuration.after?.requests ?? [])
  }

  /// The files are kept among the inputs.
  fileprivate mutating func note(files record: DeliveryRecord) {
    for delivered in record.signatures where !delivers.contains(delivered.file) { delivers.append(delivered.file) }
  }

  /// Whose signature it is; nil where it is there already. Fails where it does not count.
  fileprivate func judge(_ delivered: Delivered, _ role: String) -> Result<Keyholder?, Finding> {
    func refused(_ code: Finding.Code, _ what: String, _ hint: String) -> Result<Keyholder?, Finding> {
      .failure(Finding(code, what, hint: hint, place: delivered.file.path))
    }
    if let code = delivered.codes.first {
      return refused(
        .answerRefused, "What came with this signature does not hold: \(delivered.codes.joined(separator: ", ")).",
        "Ask for the answer again. `explain \(code)` says what that means.")
    }
    guard let payload = payloads[role]?.reviewed,
      let keyholder = script.signers(of: role).compactMap(script.keyholder).first(where: {
        key(of: $0.id, role)?.keyID == delivered.keyID
      }), let named = key(of: keyholder.id, role), let key = named.publicKey, let scheme = named.scheme
    else {
      return refused(
        .answerKey, "A signature by key \(shortened(delivered.keyID)) counts for nothing here.",
        "Only keys of this root, and of the one before it, sign.")
    }
    guard key.isValid(delivered.signature, over: payload.canonical, scheme) else {
      return refused(
        .signatureInvalid, "The signature of \(keyholder.name) does not hold over what is signed here.",
        "Ask \(keyholder.name) to sign the request of this ceremony.")
    }
    let isThere = payloads[role]?.signatures.contains { $0.keyholder == keyholder.id } == true
    return .success(isThere ? nil : keyholder)
  }

  /// Counts a signature that was judged.
  fileprivate mutating func accept(
    _ delivered: Delivered, of keyholder: Keyholder, _ role: String, isConfirmed: Bool
  ) -> [Effect] {
    guard let payload = payloads[role]?.reviewed, let key = key(of: keyholder.id, role)?.publicKey else { return [] }
    let digest = SHA256Digest(of: payload.canonical)
    guard !nonces.note(delivered.signature, by: key, over: digest.bytes) else {
      return [
        .record(
          FindingRecord(
            .exposed("the key of \(keyholder.name)", "This signature was not counted. Treat the key as known.")))
      ]
    }
    payloads[role]?.signatures.append(
      AcceptedSignature(keyholder: keyholder.id, keyID: delivered.keyID, bytes: delivered.signature))
    // A signature over the root shows that the key still signs.
    if keyholder.key != nil, role == "root" { proven.insert(keyholder.id) }
    var effects: [Effect] = []
    if delivered.isWitnessed {
      elsewhere.witnessed.insert(keyholder.id)
    } else {
      elsewhere.unwitnessed.append(keyholder.id)
      effects.append(.record(FindingRecord(.unwitnessed("The signature of \(keyholder.name)", delivered.file.path))))
    }
    if isConfirmed, let head = delivered.head {
      effects.append(.record(HeardRecord(person: keyholder.id, head: head)))
    }
    if !isConfirmed {
      elsewhere.unconfirmed.append(keyholder.id)
      effects.append(
        exception(
          .identityUnconfirmed,
          "Nobody saw or heard \(keyholder.name) read the digest; their signature was counted all the same."))
    }
    effects.append(
      .record(
        SignatureRecord(
          role: role, signer: SignatureRecord.Signer(keyholder: keyholder.id, keyID: delivered.keyID),
          signature: delivered.signature, payload: digest, verifiers: SignatureRecord.verifiers(of: key.algorithm))))
    effects.append(.show(screen("Taken in: the signature of \(keyholder.name)")))
    return effects
  }
}

/// What is known of people whose part came from elsewhere.
struct Elsewhere {
  /// Keyholders whose signature came with the whole evidence. Never iterated.
  var witnessed: Set<String> = []
  /// Keyholders whose signature came without a record of how it was made.
  var unwitnessed: [String] = []
  /// Keyholders whom nobody saw or heard.
  var unconfirmed: [String] = []
}
