import Attestation
import CanonicalJSON
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Keys
import PIVTypes
import TUFMetadata
import Transcript

extension CeremonyFacts {
  /// What the files of a complete ceremony say, once they were judged.
  init(
    _ script: Script, _ root: Root?, _ metadata: [FolderMetadata], _ keys: [AttestedKey], _ seal: FolderSeal,
    _ exceptions: Int, _ dropped: [DroppedRecord], _ retired: [String], _ origins: [RootKeyOrigin], unproven: [String],
    _ wipes: [WipeRecord] = []
  ) {
    func name(of keyID: String) -> String {
      keys.first { $0.keyID == keyID }?.keyholder ?? script.keeper(of: keyID)?.name
        ?? origins.first { $0.keyID == keyID }?.owner ?? "key \(shortened(keyID))"
    }
    let rotation = script.baseline.flatMap { baseline -> CeremonyFacts.Rotation? in
      guard let root, let file = metadata.first(where: { $0.role == "root" }) else { return nil }
      let sides = RootSides(file.envelope, (root[.root], root.keys), after: baseline.root)
      return CeremonyFacts.Rotation(
        version: baseline.root.version, digest: baseline.digest, head: script.goesOn?.head,
        changes: script.changes(to: root),
        old: CeremonyFacts.Rotation.Side(
          count: sides.old?.counted.count ?? 0, threshold: baseline.root[.root].threshold),
        new: CeremonyFacts.Rotation.Side(count: sides.new.counted.count, threshold: sides.new.threshold),
        unproven: unproven.map(script.name))
    }
    self.init(
      title: script.title, repository: script.repository, administrator: script.administrator,
      witness: script.witness,
      cards: script.cardholders.flatMap { keyholder in
        let roles = script.roles(of: keyholder.id).map(\.name)
        let own = keys.filter { key in
          key.keyholder.map { isIdentical($0, keyholder.name) } == true && roles.contains(key.role)
        }
        return Set(own.compactMap(\.card)).sorted().map { card in
          CeremonyFacts.Card(
            keyholder: keyholder.name, name: card,
            firmware: own.lazy.compactMap { $0.facts?.firmware.description }.first, caseNumber: nil,
            keys: own.filter { $0.card == card }.compactMap { key in
              script.cardRole(key.role, of: keyholder.id).map { role in
                CeremonyFacts.Key(
                  role: key.role, keyID: key.keyID, slot: key.slot.description, algorithm: key.algorithm.description,
                  pinPolicy: role.pinPolicy.description, touchPolicy: role.touchPolicy.description,
                  attestation: key.facts?.shown ?? [], vendor: key.facts?.vendor)
              }
            })
        }
      },
      payloads: script.offlineRoles.compactMap { role in
        guard let file = metadata.first(where: { $0.role == role.name }) else { return nil }
        let signers = file.envelope.signatures.map { name(of: $0.keyID) }
        return CeremonyFacts.Payload(
          role: role.name, version: file.envelope.signed["version"]?.integer ?? 0,
          bytes: file.envelope.signedBytes.count, digest: SHA256Digest(of: file.envelope.signedBytes),
          signers: signers, waiting: script.signers(of: role.name).map(script.name).filter { !signers.contains($0) },
          keyholders: role.signerNames.count, threshold: role.threshold)
      },
      dropped: dropped.map { record in
        CeremonyFacts.Dropped(
          role: record.role, digest: record.payload,
          signers: record.signers.map { script.cardholder($0.keyholder)?.name ?? $0.keyholder }, why: record.why)
      },
      retired: retired,
      sealers: (seal.rootSealers + seal.oldSealers.filter { !seal.rootSealers.contains($0) }).map(name),
      officialSealers: seal.officialSealers.map(name), exceptions: exceptions, rootKeys: origins, rotation: rotation,
      wipes: CeremonyFacts.Wipe.all(script, wipes), answer: AnsweredFacts(script),
      room: RoomFacts())
  }
}
