import CeremonyScript
import Findings
import Keys
import TUFMetadata

/// A ceremony that ended pending, as its folder has it.
package struct PendingBefore: Sendable {
  /// Its script.
  let script: Script
  /// The root that it went on from, beside the script of whoever finishes it; nil where it founded version 1.
  let file: FileBeside?
  let baseline: Baseline?
  /// The root that waits, with the signatures that it has.
  let waiting: Envelope
  let root: Root
  /// SHA-256 of the last line of its transcript.
  let head: SHA256Digest

  /// - Parameters:
  ///   - script: of that ceremony.
  ///   - named: the root that its script names, under the name that it has there; nil where it founded version 1.
  ///   - twin: what stood for that root in a rehearsal; nil where nothing did.
  ///   - waiting: `pending/N.root.json`.
  ///
  /// Throws what keeps one of the roots from being read.
  package init(
    _ script: Script, after named: FileBeside?, twin: [UInt8]?, waiting bytes: [UInt8], head: SHA256Digest
  ) throws(Finding) {
    let real = try named.map { file throws(Finding) in try Baseline(file.bytes, named: file.name) }
    let baseline = try twin.map { bytes throws(Finding) in try Baseline(bytes, named: "the twin") } ?? real
    self.script = script.going(on: real)
    self.baseline = baseline
    // The real root may lie there already, under its own name.
    file = twin.map { FileBeside(name: "twin-\(baseline?.root.version ?? 0).root.json", bytes: $0) } ?? named
    waiting = try Envelope(parsing: bytes, place: "pending")
    root = try Root.read(waiting.signed).root
    self.head = head
  }

  /// SHA-256 of what is signed.
  package var payload: SHA256Digest { SHA256Digest(of: waiting.signedBytes) }

  /// Somebody whose key may sign.
  struct Signer {
    let keyholder: Keyholder
    let keyID: String
    let hasSigned: Bool
  }

  /// The keyholders of the root that waits, in its order; then those of the root before alone.
  var signers: [Signer] {
    let role = script.offlineRole("root")?.keyholders ?? []
    let new = root[.root].keyIDs
    // A script's keyholders stand in the root in their order, and a twin's keys in that of the real root.
    var ids = zip(role, new).map { (id: $0, keyID: $1) }
    let old = zip(script.baseline?.root[.root].keyIDs ?? [], baseline?.root[.root].keyIDs ?? [])
    for id in script.oldSigners where !role.contains(id) {
      guard let kept = script.keptKey(of: id, "root"), let keyID = old.first(where: { $0.0 == kept.keyID })?.1
      else { continue }
      ids.append((id, keyID))
    }
    return ids.compactMap { id, keyID in
      script.keyholder(id).map {
        Signer(
          keyholder: $0, keyID: keyID,
          hasSigned: waiting.signatures.contains { $0.keyID == keyID && !$0.bytes.isEmpty })
      }
    }
  }

  /// How many keys of a role have signed.
  func count(_ role: Role) -> Int {
    signers.count { $0.hasSigned && role.keyIDs.contains($0.keyID) }
  }
}

/// The script of the ceremony that takes in what a pending one waits for, and finishes its root: whole and commented.
package struct CollectDraft: Sendable {
  package let before: PendingBefore
  package var title: String?
  package var repository: String?
  package var administrator: String?
  package var witness: String?
  /// Whether no card is in the room: the seal is asked for afterwards.
  package var isSealedElsewhere = false
  /// Other payloads for this version that somebody may have signed.
  package var withdrawn: [SHA256Digest] = []

  package init(after before: PendingBefore) {
    self.before = before
    // What was open in the script before is open again.
    func known(_ text: String) -> String? { ScriptText.isOpen(text) ? nil : text }
    repository = known(before.script.repository)
    administrator = known(before.script.administrator)
    witness = known(before.script.witness)
  }

  /// The script, read back, and what lies beside it. Throws what the reader has against a value that was given.
  package func drafted() throws(Finding) -> DraftedScript {
    let bytes = try ScriptTemplate.collect.filled(with: content)
    return DraftedScript(
      bytes: bytes, script: try Script(bytes).going(on: before.baseline), online: [:],
      files: [before.file].compactMap(\.self), open: open)
  }

  private var open: [String] {
    var open: [String] = []
    if repository == nil { open.append("the repository, as people name it") }
    if administrator == nil { open.append("the administrator's name and initials") }
    if witness == nil { open.append("the witness's name and initials") }
    for signer in before.signers where ScriptText.isOpen(signer.keyholder.name) {
      open.append("the name of the keyholder \(signer.keyholder.id)")
    }
    return open
  }

  private var missing: [String] {
    let root = before.root
    let names = before.signers.filter { !$0.hasSigned }.map(\.keyholder.name)
    let old = before.baseline.map { baseline in
      let role = baseline.root[.root]
      return "Of the root before: \(before.count(role)) of the \(role.threshold) signatures that it needs."
    }
    return [old].compactMap(\.self) + [
      "Of its own: \(before.count(root[.root])) of the \(root[.root].threshold) signatures that it needs.",
      names.isEmpty ? "Everybody has signed." : "Not signed yet: \(names.joined(separator: ", ")).",
    ]
  }

  private var content: [String: Any] {
    let (root, signers) = (before.root, before.signers)
    let isSame = administrator == before.script.administrator && witness == before.script.witness
    var content = DraftedOfficials(
      administrator, witness, initials: isSame ? before.script.initials : nil
    ).content
    content["version"] = root.version
    content["missing"] = missing.map(printable)
    content["open"] = open.map(printable)
    content["title"] = YAMLText.of(
      title ?? "Root \(root.version)\(repository.map { " of \($0)" } ?? ""), finished")
    content["repository"] = YAMLText.of(repository ?? ScriptText.open("repository"))
    content["rootBefore"] = before.file?.pinned.content
    content["head"] = before.head.hex
    content["payload"] = before.payload.hex
    content["hasWithdrawn"] = !withdrawn.isEmpty
    content["withdrawn"] = withdrawn.map(\.hex)
    content["threshold"] = root[.root].threshold
    content["rules"] = before.script.offlineRole("root")?.lines ?? []
    content["ids"] = signers.filter { root[.root].keyIDs.contains($0.keyID) }.map(\.keyholder.id)
      .joined(separator: ", ")
    let here = signers.filter(\.hasSigned)
    content["fatal"] = DraftedPreflight.lines(needsReaders: !isSealedElsewhere)
    content["isSealedElsewhere"] = isSealedElsewhere
    content["sealers"] = (here.isEmpty ? signers : here).map(\.keyholder.id).joined(separator: ", ")
    content["keyholders"] = signers.map { signer in
      [
        "id": signer.keyholder.id, "name": YAMLText.of(signer.keyholder.name), "card": card(of: signer.keyholder),
        "keptKey": YAMLText.quoted(String(signer.keyID.prefix(16))), "isOther": isOther(signer.keyholder),
        "isWaitedFor": !signer.hasSigned,
      ]
    }
    return content
  }

  private func card(of keyholder: Keyholder) -> String {
    if case .serial(let serial) = keyholder.card { "\(serial)" } else { "record" }
  }

  private func isOther(_ keyholder: Keyholder) -> Bool {
    if case .other = keyholder.model ?? before.script.cards.model { true } else { false }
  }
}
