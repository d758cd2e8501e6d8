import CeremonyRecords
import CeremonyScript
import Findings
import Keys
import PIVTypes
import Products
import Requests
import TUFMetadata
import Transcript

/// The requests that a ceremony wrote for keyholders elsewhere, and whether a root may wait for them.
struct AskedElsewhere {
  private(set) var findings: [Finding] = []
  private let script: Script
  private let root: Root
  private let named: NamedRoles

  init(
    _ records: FolderRecords, _ script: Script, _ root: Root, _ named: NamedRoles, _ files: [FolderMetadata],
    isPending: Bool,
    _ source: any ProductsSource
  ) {
    self.script = script
    self.root = root
    self.named = named
    for file in files {
      guard script.steps.contains(where: { $0.action == .show(role: file.role) }) else { continue }
      for keyholder in records.asked(for: file.role, by: script) { judgeRequest(for: keyholder, file, records, source) }
    }
    judgeHeard(records)
    if isPending, let file = files.first(where: { $0.role == "root" }) { judgeWaiting(file) }
  }

  /// It asks for exactly this signature, and says nothing else than the ceremony does.
  private mutating func judgeRequest(
    for keyholder: Keyholder, _ file: FolderMetadata, _ records: FolderRecords, _ source: any ProductsSource
  ) {
    let path = Request.path(of: keyholder.id, file.role)
    guard records.files[path] != nil else {
      return add(.evidenceMissing, "There is no request for \(keyholder.name), whose signature may come later.", path)
    }
    let request: Request
    do throws(Finding) { request = try Request(records.content(of: path, in: source), place: path) } catch {
      return findings.append(error)
    }
    guard let configuration = records.configuration, let engine = records.engine, let head = request.head,
      let keyID = keyID(of: keyholder.id, file.role), let own = script.cardRole(file.role, of: keyholder.id)
    else { return add(.answerRequest, "The request does not say which ceremony asks.", path) }
    let person = Asked(id: keyholder.id, name: keyholder.name, keyID: keyID, slot: own.slot.description)
    let wanted = SignatureWanted(
      payload: file.envelope.signedBytes, trusted: script.baseline?.bytes, signers: [person])
    let expected = Request(
      .sign(wanted), engine: engine, release: configuration.program.version, isRehearsal: configuration.isRehearsal,
      repository: script.repository, title: script.title, nonce: request.nonce, deadline: root.expires, head: head,
      say: Request.words)
    guard request == expected else {
      return add(
        .answerRequest, "The request asks for something else, or of somebody else, than this ceremony does.", path)
    }
    guard records.heads.contains(head),
      records.drawn.contains(RandomRecord(bytes: request.nonce, purpose: Request.purpose(of: keyholder.id)))
    else {
      return add(.answerRequest, "The request names a head or a nonce that is not of this ceremony.", path)
    }
  }

  /// Whoever was heard reading a head made what came with it.
  private mutating func judgeHeard(_ records: FolderRecords) {
    guard records.knows(EngineVersion.withBoards) else { return }
    for (heard, place) in records.heard {
      let keyID = keyID(of: heard.person, "root")
      let signed = records.deliveries.contains {
        $0.delivered.head == heard.head && $0.delivered.codes.isEmpty && $0.delivered.keyID == keyID
      }
      let made = records.enrolments.contains {
        $0.enrolment.made?.head == heard.head && $0.enrolment.codes.isEmpty
          && $0.enrolment.made?.proof.person == heard.person
      }
      if !signed, !made {
        add(.recordMalformed, "This record says that somebody was heard who made nothing that has this head.", place)
      }
    }
  }

  /// With those whom the script lets sign later both sides would be reached.
  private mutating func judgeWaiting(_ file: FolderMetadata) {
    let later = script.elsewhere("root").compactMap { keyID(of: $0.id, "root") }
    let all = Set(file.envelope.signatures.map(\.keyID) + later)
    let sides = [root[.root], script.baseline?.root[.root]].compactMap(\.self)
    guard sides.contains(where: { all.intersection($0.keyIDs).count < $0.threshold }) else { return }
    add(.thresholdNotReached, "The script lets nobody sign later who could complete it.", file.path)
  }

  /// With which somebody signs: kept, or in the place of the keyholder among the keys of the role.
  private func keyID(of keyholder: String, _ role: String) -> String? {
    if let kept = script.keptKey(of: keyholder, role) { return kept.keyID }
    guard let ids = named[role]?.role.keyIDs,
      let place = script.offlineRole(role)?.keyholders.firstIndex(of: keyholder)
    else { return nil }
    return ids.indices.contains(place) ? ids[place] : nil
  }

  private mutating func add(_ code: Finding.Code, _ what: String, _ place: String) {
    findings.append(
      Finding(code, what, hint: "Treat the folder as changed; compare it with another copy.", place: place))
  }
}

extension FolderRecords {
  /// Keyholders for whom a request is written where the metadata of a role is shown.
  func asked(for role: String, by script: Script) -> [Keyholder] {
    role == "root" || !knows(EngineVersion.withRequestsForRootsAlone) ? script.elsewhere(role) : []
  }
}
