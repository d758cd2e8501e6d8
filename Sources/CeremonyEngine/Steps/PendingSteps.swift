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
    return script.baseline != nil && isReachable(quorums(of: role), signatures, with: Set(others))
  }

  /// The root waits. What is missing is named.
  mutating func pend(_ role: String) -> Transition {
    payloads[role]?.isPending = true
    return .done(.show(screen("PENDING: \(pendingWords(role))", ["It is written, and a client would refuse it. Whoever is waited for has a request in the folder."])))
  }

  /// “root 4: old 3 of 3, new 2 of 3, waiting for Fred”.
  func pendingWords(_ role: String) -> String {
    guard let payload = payloads[role] else { return "" }
    let sides = quorums(of: role).map { "\($0.side.rawValue) \(count(payload.signatures, for: $0)) of \($0.threshold)" }
    let names = waiting(for: role).map(\.name).joined(separator: ", ")
    return "\(role) \(payload.reviewed.version): \(sides.joined(separator: ", ")), waiting for \(names)"
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
      say: ["I read you the digest of what I sign, in words."])
    let product = Product(Request.path(of: keyholder.id, role), request.bytes)
    products.append(product)
    var screen = screen("A request for \(keyholder.name)")
    screen.digests = [Screen.Labelled(label: "the request", digest: request.digest)]
    return [.create(product), .show(screen)]
  }
}
