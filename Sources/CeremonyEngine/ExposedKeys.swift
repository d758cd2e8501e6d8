import CeremonyScript
import Findings
import Keys
import PIVTypes
import TUFMetadata

extension Finding {
  /// A key whose signatures give its private half away.
  static func exposed(_ whose: String, _ hint: String, place: String? = nil) -> Finding {
    Finding(
      .nonceRepeated,
      "Signatures of \(whose) share their random number: whoever has them can compute the private key.",
      hint: hint, place: place)
  }
}

extension FolderRecords {
  /// Whether what cards answered here gives away the private half of a key. Every signature that counts is such an answer.
  func expose(_ key: PublicKey) -> Bool {
    guard let algorithm = key.cardAlgorithm, algorithm != .ed25519 else { return false }
    var nonces = ECDSANonces()
    for file in [RecordFile.transcript, .sealing] {
      for answer in exchanges[file]?.answers ?? []
      where answer.algorithm == algorithm.rawValue && key.isValid(answer.signature, overDigest: answer.digest) {
        if nonces.note(answer.signature, by: key, over: answer.digest) { return true }
      }
    }
    return false
  }
}

extension CeremonyEngine {
  /// An error for each key of the root or of an official whose signatures here gave its private half away.
  var exposures: [Finding] {
    let script = ceremony.script
    return script.cardholders.flatMap { keyholder in
      script.roles(of: keyholder.id).compactMap { role in
        let key = ceremony.madeKeys(of: keyholder.id, role.name).first(where: ceremony.nonces.exposed.contains)
        return key.map { _ in
          .exposed(
            "the \(role.name) key of \(keyholder.name)", "Do not publish the root: make it anew without this card.",
            place: "metadata/1.root.json")
        }
      }
    }
  }
}

extension Ceremony {
  /// The key that stands for this part; of an official, also that of a card that left.
  fileprivate func madeKeys(of cardholder: String, _ role: String) -> [PublicKey] {
    let left = script.official(cardholder) == nil ? [] : retired.filter { $0.keyholder == cardholder }.map(\.card)
    return (left + [cards[cardholder]].compactMap(\.self)).compactMap { $0.keys[role]?.publicKey }
  }
}
