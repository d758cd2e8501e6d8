import CeremonyScript
import Findings
import Keys
import PIVTypes
import TUFMetadata
import Transcript

/// The proofs that new keys signed, each by the key that was made in its step before it; and which keys have none.
struct ProvenKeys {
  private(set) var findings: [Finding] = []

  init(_ script: Script, _ records: FolderRecords) {
    var proven: Set<String> = []
    for signed in records.proofs {
      if isProof(signed, script, records) {
        proven.insert("\(signed.step) \(signed.proof.keyID)")
      } else {
        add("The proof in \(signed.step) is not signed by the key that a card made there just before.", signed.place)
      }
    }
    guard let engine = records.engine, engine >= EngineVersion.withProofs else { return }
    for role in script.offlineRoles {
      for keyholder in role.keyholders {
        guard let step = script.steps.first(where: { $0.action == .provision(keyholder: keyholder) }),
          let made = records.exchanges[.transcript]?.generations["\(step.id)/generate-\(role.name)"],
          let key = try? PublicKey(card: made.key, role.algorithm),
          !proven.contains("\(step.id)/prove-\(role.name) \(MetadataKey(key).keyID)")
        else { continue }
        add(
          "The \(role.name) key of \(script.name(of: keyholder)) signed no proof after it was made.",
          records.rootPath ?? "metadata")
      }
    }
  }

  private func isProof(_ signed: FolderRecords.SignedProof, _ script: Script, _ records: FolderRecords) -> Bool {
    let parts = signed.step.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].hasPrefix("prove-"),
      let step = script.steps.first(where: { $0.id == parts[0] }),
      step.action == .provision(keyholder: signed.proof.person),
      let role = script.roles(of: signed.proof.person).first(where: { $0.name == parts[1].dropFirst(6) }),
      let made = signed.made, made.header == [0, 0x47, 0, role.slot.reference],
      signed.proof.slot == role.slot.description,
      let publicKey = try? PublicKey(card: made.key, role.algorithm)
    else { return false }
    let key = MetadataKey(publicKey)
    let message = signed.proof.preAuthenticationEncoding
    return key.keyID == signed.proof.keyID && key.isValid(signed.signature.signature, over: message)
      && records.isFromCard(signed.signature.signature, by: key, over: message, in: .transcript)
  }

  private mutating func add(_ what: String, _ place: String) {
    findings.append(
      Finding(.evidenceMissing, what, hint: "Treat the folder as changed; compare it with another copy.", place: place))
  }
}
