import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIVTypes
import TUFMetadata

/// What a ceremony knows of itself, for its report and for the verdict of who re-executed it.
package struct CeremonyAccount: Sendable {
  package let configuration: CeremonyConfiguration
  /// Everybody with a part, as the script names them.
  package let people: [Person]
  /// The files that it wrote and a record or the sums name, in their order.
  package let products: [Product]
  /// The files that it read, sorted.
  package let inputs: [String]
  /// The SHA-256 of the last line of the closed transcript; nil before that.
  package let head: SHA256Digest?
  /// Who signed the transcript seal; nil before the transcript is closed.
  package let seal: SealCount?
  package let facts: CeremonyFacts
  /// Whether a key was accepted without proof that it is on hardware.
  package let isUnproven: Bool
  /// A warning for each kept key that stays although nothing showed that its card still signs, or although it can be copied.
  package let unproven: [Finding]
  /// An error for each key of the root or of an official whose signatures here gave its private half away.
  package let exposures: [Finding]
}

extension CeremonyEngine {
  /// As far as it has come.
  package var account: CeremonyAccount { ceremony.account }
}

extension Ceremony {
  var account: CeremonyAccount {
    CeremonyAccount(
      configuration: configuration, people: script.people, products: products,
      inputs: inputs.keys.map { "inputs/\($0)" }.sorted(), head: head, seal: sealCount, facts: facts,
      isUnproven: isUnproven,
      unproven: unprovenKept.map {
        .keptUnproven(
          $0, place: script.path(of: "root").replacing("metadata/", with: isPending ? "pending/" : "metadata/"))
      } + copyableKeys,
      exposures: exposures)
  }

  /// How many signed the transcript seal; nil before the transcript is closed.
  private var sealCount: SealCount? {
    guard transcript != nil, let root = script.offlineRole("root") else { return nil }
    let missing = script.officials.map(\.id).filter { official in
      cards[official]?.keys[official] != nil && !sealSignatures.contains { $0.keyholder == official }
    }
    func side(_ side: Quorum.Side) -> SealCount.Side? {
      sealQuorums.first { $0.side == side }.map {
        SealCount.Side(count: sealCount(for: $0), needed: $0.threshold)
      }
    }
    return SealCount(
      count: side(.new)?.count ?? 0, needed: side(.new)?.needed ?? script.sealCount, threshold: root.threshold,
      old: side(.old), missing: missing, isGivenUp: isSealingGivenUp, mayFollow: isLeftUnsealed,
      of: script.isAnswer ? .answer : isPending ? .pending : .root)
  }

  /// What is known so far.
  var facts: CeremonyFacts {
    CeremonyFacts(
      title: script.title, repository: script.repository, administrator: script.administrator,
      witness: script.witness,
      cards: script.cardholders.compactMap { keyholder in
        cards[keyholder.id].map { card in
          CeremonyFacts.Card(
            keyholder: keyholder.name, name: card.name, firmware: card.identity.firmware?.description,
            caseNumber: card.caseFacts.first?.value,
            keys: script.roles(of: keyholder.id).compactMap { role in
              card.keys[role.name].map { made in
                CeremonyFacts.Key(
                  role: role.name, keyID: script.metadataKey(made.publicKey, of: keyholder.id).keyID,
                  slot: role.slot.description, algorithm: role.algorithm.description,
                  pinPolicy: role.pinPolicy.description, touchPolicy: role.touchPolicy.description,
                  attestation: made.attestation?.facts.shown ?? [], vendor: made.attestation?.facts.vendor)
              }
            })
        }
      },
      payloads: script.offlineRoles.compactMap { role in
        payloads[role.name].map { payload in
          CeremonyFacts.Payload(
            role: role.name, version: payload.reviewed.version, bytes: payload.reviewed.canonical.count,
            digest: payload.reviewed.digest, signers: payload.signatures.map { name(of: $0.keyholder) },
            waiting: waiting(for: role.name).map(\.name), keyholders: role.signerNames.count, threshold: role.threshold)
        }
      },
      dropped: dropped.map { dropped in
        CeremonyFacts.Dropped(
          role: dropped.role, digest: dropped.payload.reviewed.digest,
          signers: dropped.payload.signatures.map { name(of: $0.keyholder) }, why: dropped.why)
      },
      retired: retired.map { "\($0.card.name) of \(name(of: $0.keyholder))" },
      sealers: sealSignatures.filter { script.official($0.keyholder) == nil }.map {
        name(of: $0.keyholder)
      },
      officialSealers: sealSignatures.filter { script.official($0.keyholder) != nil }.map {
        name(of: $0.keyholder)
      },
      exceptions: exceptions, rootKeys: keyOrigins, rotation: rotation,
      wipes: CeremonyFacts.Wipe.all(script, wipes),
      answer: AnsweredFacts(script), room: room)
  }
}
