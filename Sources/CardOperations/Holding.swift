import Attestation
import Keys
import PIV
import PIVTypes

/// A slot that is not known to be empty, and by what. Only ``Evidence/metadata(_:)`` and
/// ``Evidence/attestation(_:)`` are the card's own words, and none of it is proof.
package struct Holding: Hashable, Sendable {
  package enum Evidence: Hashable, Sendable {
    /// The card says which key (Yubico F7).
    case metadata(SlotMetadata)
    /// The card attests a key (Yubico F9); DER.
    case attestation([UInt8])
    /// Something stands in the slot's certificate object: DER, or whatever is there.
    case certificate([UInt8])
    /// The card does not say whether it holds a key. That counts as occupied.
    case unknown
  }

  package let slot: Slot
  package let evidence: Evidence

  package init(slot: Slot, evidence: Evidence) {
    self.slot = slot
    self.evidence = evidence
  }

  /// nil where the card does not say it.
  package var metadata: SlotMetadata? {
    guard case .metadata(let metadata) = evidence else { return nil }
    return metadata
  }

  /// The key as a card writes it, by whatever evidence; nil where none names it, and for a kind of key that is not read here:
  /// it could be any key of a root.
  package var publicKey: [UInt8]? {
    switch evidence {
    case .metadata(let metadata): KeyAlgorithm(rawValue: metadata.algorithm) == nil ? nil : metadata.publicKey
    case .attestation(let certificate), .certificate(let certificate): PublicKey(certificate: certificate)?.bytes
    case .unknown: nil
    }
  }

  package var words: String {
    switch evidence {
    case .metadata(let metadata):
      let origin =
        metadata.origin.map { $0 == .generated ? "generated on the card" : "imported" } ?? "of unknown origin"
      return "\(metadata.algorithmName) key, \(origin)"
    case .attestation: return "a key, by its attestation; the card does not say more"
    case .certificate: return "a certificate; the card does not say more"
    case .unknown: return "the card does not say whether it holds a key"
    }
  }
}

extension [Holding] {
  /// Slots that hold a key, as far as anything says so.
  package var occupied: [Holding] { filter { $0.evidence != .unknown } }
  /// Slots of which nothing says whether they hold a key.
  package var unknown: [Slot] { filter { $0.evidence == .unknown }.map(\.slot) }

  /// Those of which the card does not say which key it is. A certificate is whatever somebody put there.
  package var unnamed: [Holding] {
    filter { holding in
      if case .certificate = holding.evidence { true } else { holding.publicKey == nil }
    }
  }

  package static let notSaid = "the card does not say which slots hold keys"
}

extension PIVSession {
  /// Every slot that is not known to be empty: by what the card says (F7), failing that by what it attests (F9) or by
  /// the certificates that it shows.
  func holdings(in slots: [Slot]) throws(PIVError) -> [Holding] {
    var holdings: [Holding] = []
    var saysItself = true
    var attests = true
    for slot in slots {
      let reading = saysItself ? try slotReading(slot) : .unknown
      if reading == .unknown { saysItself = false }
      switch reading {
      case .key(let metadata): holdings.append(Holding(slot: slot, evidence: .metadata(metadata)))
      case .empty: break
      case .blank:
        // An answer that lost its data looks like this, too.
        if case .key(let metadata) = try slotReading(slot) {
          holdings.append(Holding(slot: slot, evidence: .metadata(metadata)))
          break
        }
        let evidence = try evidence(of: slot, &attests)
        if evidence != .unknown { holdings.append(Holding(slot: slot, evidence: evidence)) }
      case .notSaid, .unknown: holdings.append(Holding(slot: slot, evidence: try evidence(of: slot, &attests)))
      }
    }
    return holdings
  }

  /// That there is no attestation says nothing: no card attests a key that was imported.
  private func evidence(of slot: Slot, _ attests: inout Bool) throws(PIVError) -> Holding.Evidence {
    if attests {
      do throws(PIVError) {
        return .attestation(try attest(slot))
      } catch {
        switch error {
        case .notSupported: attests = false
        case .noAnswer: throw error
        default: break
        }
      }
    }
    do throws(PIVError) {
      guard let content = try readObject(slot.certificateObject) else { return .unknown }
      return .certificate(Self.certificate(in: content) ?? content)
    } catch {
      if case .noAnswer = error { throw error }
      return .unknown
    }
  }
}
