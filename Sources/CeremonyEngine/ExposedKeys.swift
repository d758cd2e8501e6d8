import CeremonyResults
import CeremonyScript
import Findings
import Keys
import TUFMetadata

extension Ceremony {
  /// An error for each key of the root or of an official whose signatures here gave its private half away.
  var exposures: [Finding] {
    script.cardholders.flatMap { keyholder in
      script.roles(of: keyholder.id).compactMap { role in
        let key = madeKeys(of: keyholder.id, role.name).first(where: nonces.exposed.contains)
        return key.map { _ in
          .exposed(
            "the \(role.name) key of \(keyholder.name)", "Do not publish the root: make it anew without this card.",
            place: script.path(of: "root"))
        }
      }
    }
  }

  /// The key that stands for this part; of an official, also that of a card that left.
  private func madeKeys(of cardholder: String, _ role: String) -> [PublicKey] {
    let left = script.official(cardholder) == nil ? [] : retired.filter { $0.keyholder == cardholder }.map(\.card)
    return [script.keptKey(of: cardholder, role)?.publicKey].compactMap(\.self)
      + (left + [cards[cardholder]].compactMap(\.self)).compactMap { $0.keys[role]?.publicKey }
  }
}
