import Findings
import Keys
import Requests
import TUFMetadata

extension Script {
  /// The same script with the root that waits for signatures, which it must fit: its root role names exactly the keys of
  /// that root, in their order, and its threshold. Nothing is built anew.
  ///
  /// Throws `PENDING-DIFFERS` where it does not fit.
  package func finishing(_ waiting: AskedRoot) throws(Finding) -> Script {
    var script = self
    script.pendingRoot = waiting
    guard let role = offlineRole("root") else { return script }
    let named = role.keyholders.map { script.keptKey(of: $0, "root")?.keyID ?? "" }
    guard named == waiting.root[.root].keyIDs, role.threshold == waiting.root[.root].threshold else {
      throw Finding(
        .pendingDiffers, "The script names other keys of root, or another threshold, than the root that waits.",
        hint: "Draft the script anew: tuf-ceremony draft collect --after FOLDER.", place: role.place)
    }
    return script
  }

  /// The same from the file of that root, where the script finishes a pending ceremony; else the script itself.
  ///
  /// Throws what ``AskedRoot`` throws, and `PENDING-DIFFERS`.
  package func finishing(_ file: [UInt8], isRehearsal: Bool) throws(Finding) -> Script {
    guard let pending, (baseline == nil) == (goesOn == nil) else { return self }
    let place = "inputs/previous.root.json"
    let envelope = try Envelope(parsing: file, place: place)
    guard SHA256Digest(of: envelope.signedBytes) == pending.payload else {
      throw Finding(
        .pendingDiffers, "Another root waits there than the script names.",
        hint: "Name the folder of the ceremony that ended pending: --after FOLDER.",
        place: self.place(of: "previous.pending"))
    }
    let wanted = SignatureWanted(payload: envelope.signedBytes, trusted: baseline?.bytes, signers: [])
    let waiting: AskedRoot
    do throws(Finding) { waiting = try AskedRoot(wanted, isRehearsal: isRehearsal) } catch { throw error.at(place) }
    return try finishing(waiting)
  }

  /// What is wrong with a script that finishes a pending ceremony.
  package var finishingFindings: [Finding] {
    var findings: [Finding] = []
    func refuse(_ what: String, _ hint: String, at path: String) {
      findings.append(Finding(.scriptValue, what, hint: hint, place: place(of: path) ?? "script.yaml"))
    }
    if offlineRoles.contains(where: { $0.name != "root" }) || !onlineRoles.isEmpty {
      refuse("What finishes a pending root has no role but root.", "Leave the other roles out.", at: "roles")
    }
    if previous != nil {
      refuse(
        "The script names the root before the pending one by its digest alone.",
        "Name its file; or leave “previous.root” out where the pending root founds version 1.", at: "previous.root")
    }
    if steps.contains(where: { if case .build = $0.action { true } else { false } }) {
      refuse("What waits is finished as it is: nothing is built.", "Leave the “build” steps out.", at: "steps")
    }
    if isSealedElsewhere, let official = officials.first {
      refuse(
        "No card seals here, and the \(official.id) has one.", "Take the card away, or name keyholders under “seal”.",
        at: official.id)
    }
    if let pending, withdrawn.contains(pending.payload) {
      refuse(
        "The payload that is finished here is withdrawn, too.", "Decide: finish it, or withdraw it.", at: "withdrawn")
    }
    if let keyholder = keyholders.first(where: { $0.key == nil }) {
      refuse(
        "\(keyholder.name) has no “key”: whoever signs has a key of the root that waits, or of the one before.",
        "Add the first digits of its id.", at: "keyholders.\(keyholder.id)")
    }
    return findings
  }

  /// Whether only the role root stands in it: another ceremony built, or builds, the whole.
  package var hasRootAlone: Bool { isAnswer || pending != nil }
}
