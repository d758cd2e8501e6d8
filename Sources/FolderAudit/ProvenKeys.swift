import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Requests
import SmartCard
import TUFMetadata
import Transcript

/// The proofs that new keys signed, each by the key that was made in its step before it; and which keys have none.
struct ProvenKeys {
  private(set) var findings: [Finding] = []
  /// Keyholders who keep a key, have a role, and did not sign a challenge with it.
  private(set) var unproven: [String] = []

  init(
    _ script: Script, _ records: FolderRecords, _ metadata: [FolderMetadata], _ officials: OfficialKeys?,
    _ elsewhere: SignaturesElsewhere? = nil
  ) {
    var proven: Set<String> = []
    /// Keyholders and roles whose kept keys signed a challenge.
    var shown: Set<String> = []
    for signed in records.proofs {
      if signed.proof.purpose == .kept {
        if let role = keptRole(of: signed, script, records) {
          shown.insert("\(signed.proof.person) \(role)")
          judgeFirmware(signed, role, script, records)
        } else {
          add("The challenge in \(signed.step) is not signed by the kept key of that step.", signed.place)
        }
        continue
      }
      guard let (role, scheme) = role(of: signed, script, records) else {
        add("The proof in \(signed.step) is not signed by the key that a card made there just before.", signed.place)
        continue
      }
      guard signed.proof.purpose == (script.isAnswer ? .enrolled : .test),
        script.answered.map({ $0.request.nonce == signed.proof.nonce }) ?? true
      else {
        add("The proof in \(signed.step) is for another purpose, or for the nonce of another request.", signed.place)
        continue
      }
      let size = scheme == .ed25519 ? Self.largest(role, script, records, metadata) : 0
      guard signed.proof == signed.proof.padded(to: size) else {
        add("The proof in \(signed.step) is not as long as the most that its key has to sign.", signed.place)
        continue
      }
      proven.insert("\(signed.step) \(signed.proof.keyID)")
    }
    guard let engine = records.engine, engine >= EngineVersion.withProofs else { return }
    /// Whether the last key that was made for a role in the step that provisions this person's card is this one, proven.
    func isProven(_ person: String, _ role: OfflineRole, _ keyID: String?) -> Bool? {
      guard let step = script.provisioning(of: person), let own = script.cardRole(role.name, of: person),
        let made = records.exchanges[.transcript]?.generations["\(step)/generate-\(role.name)"],
        let key = try? PublicKey(card: made.key, own.algorithm)
      else { return nil }
      let last = script.metadataKey(key, of: person).keyID
      return (keyID ?? last) == last && proven.contains("\(step)/prove-\(role.name) \(last)")
    }
    judgeKept(script, shown, records, elsewhere)
    for role in script.offlineRoles {
      for keyholder in role.keyholders
      where script.keyholder(keyholder)?.key == nil
        && (isProven(keyholder, role, nil) ?? !script.isAnswer) == false
      {
        add(
          "The \(role.name) key of \(script.name(of: keyholder)) signed no proof after it was made.",
          records.rootPath ?? "metadata")
      }
    }
    guard engine >= EngineVersion.withOfficialProofs else { return }
    for official in Keyholder.officials {
      guard let keyID = officials?.keyID(of: official), let role = script.cardRole(official, of: official),
        isProven(official, role, keyID) != true
      else { continue }
      add("The key of the \(official) signed no proof after it was made.", "cards")
    }
  }

  /// The role for which a kept key signed a challenge; nil where it is no challenge of such a key.
  private func keptRole(of signed: FolderRecords.SignedProof, _ script: Script, _ records: FolderRecords) -> String? {
    let parts = signed.step.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].hasPrefix("prove-"),
      let step = script.steps.first(where: { $0.id == parts[0] }),
      step.action == .prove(keyholder: signed.proof.person)
    else { return nil }
    let role = String(parts[1].dropFirst(6))
    let message = signed.proof.preAuthenticationEncoding
    guard script.keptRoles(of: signed.proof.person).contains(role),
      let key = script.keptKey(of: signed.proof.person, role), key.keyID == signed.proof.keyID,
      script.cardRole(role, of: signed.proof.person)?.slot.description == signed.proof.slot, signed.proof.pad.isEmpty,
      key.isValid(signed.signature.signature, over: message),
      records.isFromCard(signed.signature.signature, by: key, over: message, in: .transcript)
    else { return nil }
    return role
  }

  /// A kept key that stays can be copied from the card that signed the challenge: allowed by the script, or not. That it is
  /// not was no error to the engines before.
  private mutating func judgeFirmware(
    _ signed: FolderRecords.SignedProof, _ role: String, _ script: Script, _ records: FolderRecords
  ) {
    guard let keyholder = script.keyholder(signed.proof.person), let key = script.keptKey(of: keyholder.id, role),
      key.cardAlgorithm != .ed25519,
      let firmware = records.firmware(
        of: signed.signature.signature, by: key, over: signed.proof.preAuthenticationEncoding),
      let finding = Finding.copyable(keyholder, firmware, script, place: signed.place),
      !findings.contains(where: { $0.what == finding.what }),
      finding.severity == .warning || records.engine.map({ $0 >= EngineVersion.withRequests }) == true
    else { return }
    findings.append(finding)
  }

  /// A kept key that stays and signed no challenge: allowed by the script, or not; and too few of the others.
  private mutating func judgeKept(
    _ script: Script, _ shown: Set<String>, _ records: FolderRecords, _ elsewhere: SignaturesElsewhere?
  ) {
    guard script.baseline != nil || script.pending != nil, let root = script.offlineRole("root") else { return }
    let place = records.rootPath ?? "metadata"
    for keyholder in script.keptKeyholders where !script.roles(of: keyholder.id).isEmpty {
      let isShown = script.keptRoles(of: keyholder.id).allSatisfy { shown.contains("\(keyholder.id) \($0)") }
      // A signature over the root that was made elsewhere shows that the key still signs.
      let keyID = script.keptKey(of: keyholder.id, "root")?.keyID
      guard !isShown, keyID.map({ elsewhere?.keyIDs.contains($0) != true }) ?? true else { continue }
      unproven.append(keyholder.id)
      findings.append(
        script.pending != nil || [.keep, .pending].contains(script.absentRule(of: keyholder.id))
          ? .keptUnproven(keyholder, place: place)
          : Finding(
            .keptKeyUnproven, "\(keyholder.name) keeps a key, and no challenge was signed with it.",
            hint: "The script does not accept that. Treat the folder as changed; compare it with another copy.",
            place: place))
    }
    let count = root.keyholders.count { !unproven.contains($0) || script.absentRule(of: $0) == .pending }
    // What is finished here from a pending ceremony was judged there.
    if count < root.threshold, script.pending == nil {
      findings.append(
        Finding(
          .quorumUnproven,
          "The root needs \(root.threshold) signatures, and only \(count) of its keys are made or proven here.",
          hint: "Treat the folder as changed; compare it with another copy.", place: place))
    }
  }

  /// The most that a key for a role signs, in bytes: the role's metadata, or an official's the seal.
  private static func largest(
    _ role: String, _ script: Script, _ records: FolderRecords, _ metadata: [FolderMetadata]
  ) -> Int {
    if let wanted = script.answered?.key { return Int(wanted.largest) }
    guard script.official(role) != nil else {
      return metadata.first { $0.role == role }?.envelope.signedBytes.count ?? 0
    }
    guard let engine = records.engine, engine >= EngineVersion.withOfficialProofs else { return 0 }
    // As the script has it: whether a root will wait nobody knows yet.
    let paths =
      records.metadata + records.waiting.map { $0.replacing("pending/", with: "metadata/", maxReplacements: 1) }
    return TranscriptSeal.size(
      over: paths, isRehearsal: records.configuration?.isRehearsal ?? false, engine: engine)
  }

  /// The role for which the key was made that signed a proof, and what it signs by; nil where it is no proof of such a key.
  private func role(
    of signed: FolderRecords.SignedProof, _ script: Script, _ records: FolderRecords
  ) -> (name: String, scheme: SignatureScheme)? {
    let parts = signed.step.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].hasPrefix("prove-"),
      let step = script.steps.first(where: { $0.id == parts[0] }),
      step.action == .provision(keyholder: signed.proof.person),
      let role = script.roles(of: signed.proof.person).first(where: { $0.name == parts[1].dropFirst(6) }),
      let made = signed.made, made.header == [0, Instruction.generateKeyPair, 0, role.slot.reference],
      signed.proof.slot == role.slot.description,
      let publicKey = try? PublicKey(card: made.key, role.algorithm)
    else { return nil }
    let key = script.metadataKey(publicKey, of: signed.proof.person)
    let message = signed.proof.preAuthenticationEncoding
    guard key.keyID == signed.proof.keyID, key.isValid(signed.signature.signature, over: message),
      records.isFromCard(signed.signature.signature, by: key, over: message, in: .transcript)
    else { return nil }
    return (role.name, role.algorithm.scheme)
  }

  private mutating func add(_ what: String, _ place: String) {
    findings.append(
      Finding(.evidenceMissing, what, hint: "Treat the folder as changed; compare it with another copy.", place: place))
  }
}
