import Attestation
import CeremonyEngine
import Keys
import PIV
import PIVTypes

/// A key that a card shows in a slot, and by what. None of it is proof; only a signature would be.
struct ShownKey {
  enum Evidence {
    /// The card says so itself (Yubico F7).
    case metadata
    /// The card signs it with its attestation key (Yubico F9).
    case attestation
    /// A certificate that somebody put into the slot's object names it.
    case certificate
  }

  let slot: Slot
  let key: PublicKey
  let evidence: Evidence

  /// What follows "slot 9c: a key of role root".
  var words: String {
    switch evidence {
    case .metadata: ""
    case .attestation: ", by its attestation"
    case .certificate: ", by the certificate in the slot; the card itself does not say what it holds"
    }
  }
}

extension PIVSession {
  /// Every key that the card shows, by the best evidence that it has; whether it says by itself what it holds.
  func shownKeys() throws(PIVError) -> (keys: [ShownKey], saysItself: Bool) {
    try select()
    var keys: [ShownKey] = []
    var attests = true
    do throws(PIVError) {
      for slot in Slot.all {
        guard let metadata = try slotMetadata(slot), let algorithm = KeyAlgorithm(rawValue: metadata.algorithm),
          let key = try? PublicKey(card: metadata.publicKey, algorithm)
        else { continue }
        keys.append(ShownKey(slot: slot, key: key, evidence: .metadata))
      }
      return (keys, true)
    } catch {
      guard case .notSupported = error else { throw error }
    }
    for slot in Slot.all {
      if attests, let key = try attestedKey(slot, &attests) {
        keys.append(ShownKey(slot: slot, key: key, evidence: .attestation))
      } else if let key = try readCertificate(slot).flatMap(PublicKey.init(certificate:)) {
        keys.append(ShownKey(slot: slot, key: key, evidence: .certificate))
      }
    }
    return (keys, false)
  }

  private func attestedKey(_ slot: Slot, _ attests: inout Bool) throws(PIVError) -> PublicKey? {
    do throws(PIVError) {
      return PublicKey(certificate: try attest(slot))
    } catch {
      switch error {
      case .notSupported: attests = false
      case .noKey: break
      default: throw error
      }
      return nil
    }
  }
}
