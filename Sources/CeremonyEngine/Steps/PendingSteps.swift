import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIVTypes
import Requests
import TUFMetadata

extension Ceremony {
  /// Whether a root may be left waiting for signatures from elsewhere: the script says so of those who did not sign, and with
  /// them it is reached.
  func mayWait(for role: String) -> Bool {
    let signatures = payloads[role]?.signatures ?? []
    let others = waiting(for: role).map(\.id).filter { script.absentRule(of: $0) == .pending }
    return role == "root" && isReachable(quorums(of: role), signatures, with: Set(others))
  }

  /// The root waits. What is missing is named.
  mutating func pend(_ role: String) -> Transition {
    payloads[role]?.isPending = true
    return .done(
      .show(
        screen(
          "PENDING: \(pendingWords(role))",
          ["It is written, and a client would refuse it. Whoever is waited for has a request in the folder."])))
  }

  /// “root 4: old 3 of 3, new 2 of 3, waiting for Fred”; “root 1: 1 of 2, waiting for Fred” where it follows none.
  func pendingWords(_ role: String) -> String {
    guard let payload = payloads[role] else { return "" }
    let quorums = quorums(of: role)
    let sides = quorums.map {
      (quorums.count > 1 ? "\($0.side.rawValue) " : "") + "\(count(payload.signatures, for: $0)) of \($0.threshold)"
    }
    let names = waiting(for: role).map(\.name).joined(separator: ", ")
    return "\(role) \(payload.reviewed.version): \(sides.joined(separator: ", ")), waiting for \(names)"
  }

  /// Takes up the root that waits, and the signatures that it has, where the script finishes a pending ceremony.
  ///
  /// Throws `PENDING-DIFFERS` where it is not the one that the script names, and `REQUEST-DEADLINE` where it has expired.
  mutating func readWaiting() throws(Finding) -> [Effect] {
    guard let named = script.pending else { return [] }
    let name = CeremonyConfiguration.After.fileName
    func differs(_ what: String) -> Finding {
      Finding(
        .pendingDiffers, what, hint: "Name the folder of the ceremony that ended pending: --after FOLDER.",
        place: script.place(of: "previous.pending"))
    }
    guard let after = configuration.after, after.head == named.head, let bytes = inputs[name] else {
      throw differs("The script finishes another ceremony than the one that was named.")
    }
    let envelope = try Envelope(parsing: bytes, place: name)
    let finishing = try script.finishing(bytes, isRehearsal: configuration.isRehearsal)
    guard let waiting = finishing.pendingRoot else { throw differs("No root waits there.") }
    guard !waiting.root.isExpired(at: time) else {
      throw Finding(
        .requestDeadline, "The root that waits expired at \(waiting.root.expires).",
        hint: "Build another one, and name this one under “withdrawn”.", place: script.place(of: "previous.pending"))
    }
    script = finishing
    let reviewed: ReviewedPayload
    do throws(ReviewRefusal) {
      reviewed = try ReviewedPayload(
        asked: waiting.envelope, waiting.root,
        ReviewRules(now: time, isRehearsal: configuration.isRehearsal, payloadLimit: nil))
    } catch { throw error.findings.first ?? differs("The root that waits cannot be finished.") }
    var effects = built(reviewed)
    for signature in envelope.signatures {
      guard
        let keyholder = script.signers(of: "root").first(where: { key(of: $0, "root")?.keyID == signature.keyID }),
        let named = key(of: keyholder, "root"), let key = named.publicKey, let scheme = named.scheme,
        key.isValid(signature.bytes, over: reviewed.canonical, scheme)
      else {
        throw differs("The root that waits has a signature of nobody whom the script names, or one that does not hold.")
      }
      // A card that draws badly may have done so before.
      _ = nonces.note(signature.bytes, by: key, over: reviewed.digest.bytes)
      payloads["root"]?.signatures.append(
        AcceptedSignature(keyholder: keyholder, keyID: signature.keyID, bytes: signature.bytes))
      proven.insert(keyholder)
      effects.append(
        .record(
          SignatureRecord(
            role: "root", signer: SignatureRecord.Signer(keyholder: keyholder, keyID: signature.keyID),
            signature: signature.bytes, payload: reviewed.digest,
            verifiers: SignatureRecord.verifiers(of: key.algorithm))))
    }
    return effects
  }

  /// Takes up the root that waited in the ceremony before this one, where both go on from one root, or found version 1.
  ///
  /// Throws `PREVIOUS-DIFFERS` where the script does not withdraw it.
  mutating func readWithdrawn() throws(Finding) {
    guard script.pending == nil, let after = configuration.after, after.waited(before: script) else { return }
    script = try script.withdrawing(inputs[CeremonyConfiguration.After.fileName] ?? [])
  }

  /// An exception for each payload that will not be finished: what was signed under it stays signed.
  var withdrawing: [Effect] {
    mutating get { script.withdrawnWords.map { exception(.payloadWithdrawn, $0) } }
  }

  /// The same, for everybody to know before anything is done; nil where nothing is withdrawn.
  var withdrawnShown: Screen? {
    guard !script.withdrawn.isEmpty else { return nil }
    var screen = screen("Withdrawn", script.withdrawnWords)
    screen.prompt = .compare(
      "Was it decided that nobody finishes this any more?", "confirm", "it was, and whoever may still sign was told",
      always: [])
    return screen
  }

  /// Writes what a keyholder elsewhere is asked for.
  ///
  /// - Parameter head: of the transcript so far.
  mutating func request(_ keyholder: Keyholder, _ role: String, nonce: [UInt8], head: SHA256Digest) -> [Effect] {
    guard let payload = payloads[role]?.reviewed, let key = key(of: keyholder.id, role),
      let own = script.cardRole(role, of: keyholder.id)
    else { return [] }
    let person = Asked(
      id: keyholder.id, name: keyholder.name, keyID: key.keyID, slot: own.slot.description)
    let request = Request(
      .sign(SignatureWanted(payload: payload.canonical, trusted: script.baseline?.bytes, signers: [person])),
      engine: Int64(EngineVersion.current), release: configuration.program.version,
      isRehearsal: configuration.isRehearsal, repository: script.repository, title: script.title, nonce: nonce,
      deadline: root?.expires, head: head,
      say: Request.words)
    let product = Product(Request.path(of: keyholder.id, role), request.bytes)
    products.append(product)
    var screen = screen("A request for \(keyholder.name)")
    screen.digests = [Screen.Labelled(label: "the request", digest: request.digest)]
    return [.create(product), .show(screen)]
  }
}
