import Attestation
import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIVTypes

extension EnrolledCard {
  /// The files of `cards/IDENTITY/`.
  func products(_ ceremony: Ceremony, _ keyholder: Keyholder) -> [Product] {
    let folder = "cards/\(name)"
    var products: [Product] = []
    var roles: [JSONValue] = []
    var intermediate: [UInt8]?
    for role in ceremony.script.roles(of: keyholder.id) {
      guard let key = keys[role.name] else { continue }
      products.append(Product("\(folder)/\(role.name)_pubkey.pem", Array(key.publicKey.pem.utf8)))
      if let attestation = key.attestation {
        products.append(
          Product("\(folder)/\(role.name)_attestation.pem", Array(PEM.encode("CERTIFICATE", attestation.leaf).utf8)))
        intermediate = attestation.intermediate
      }
      roles.append(role.entry(isAttested: key.attestation != nil))
    }
    if let intermediate {
      products.append(
        Product("\(folder)/attestation_intermediate.pem", Array(PEM.encode("CERTIFICATE", intermediate).utf8)))
    }
    var card: JSONObject = [
      "keyholder": .string(keyholder.name), "identity": .string(name), "keys": .array(roles),
      "firmware": .string(identity.firmware?.description ?? ""), "guid": .string(Hex.encode(guid ?? [])),
      "management-key": .string(ceremony.script.cards.managementKey.rawValue),
    ]
    if let serial = identity.serial { card["serial"] = .integer(Int64(serial)) }
    if let caseNumber {
      card["case"] = .string(caseNumber.number)
      card["case-confirmed"] = .bool(caseNumber.isAttested)
    }
    products.append(Product("\(folder)/card.json", JSONValue.object(card).pretty()))
    return products
  }
}

extension Ceremony {
  func anchors() throws(Finding) -> TrustAnchors { try script.anchors(inputs, isRehearsal: configuration.isRehearsal) }
}
