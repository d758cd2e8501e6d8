import Attestation
import CanonicalJSON
import CardOperations
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

extension AttestationFacts {
  package var shown: [Screen.Fact] {
    [
      Screen.Fact(
        name: "made on", value: "a device with serial \(serial.map { String($0) } ?? "unknown"), firmware \(firmware)"),
      Screen.Fact(name: "slot", value: slot.description),
      Screen.Fact(name: "PIN policy", value: pinPolicy?.description ?? "unknown"),
      Screen.Fact(name: "touch policy", value: touchPolicy?.description ?? "unknown"),
      Screen.Fact(name: "vouched for by", value: root),
      Screen.Fact(name: "SHA-256 of that root", value: rootFingerprint.hex),
      Screen.Fact(name: "that root is", value: vendor.meaning),
    ]
  }
}

extension Ceremony {
  func anchors() throws(Finding) -> TrustAnchors { try script.anchors(inputs, isRehearsal: configuration.isRehearsal) }
}

extension Script {
  /// The vendor certificates that the script pins; in a rehearsal also the authority of our virtual cards.
  ///
  /// - Parameter inputs: the content of the files that the script names, by name.
  package func anchors(_ inputs: [String: [UInt8]], isRehearsal: Bool) throws(Finding) -> TrustAnchors {
    var certificates: [[UInt8]] = []
    for file in cards.vendorCertificates {
      certificates += try TrustAnchors.certificates(pem: String(decoding: inputs[file.name] ?? [], as: UTF8.self))
    }
    let others = cards.acceptsOtherVendors ? Set(certificates.map { SHA256Digest(of: $0) }) : []
    return try TrustAnchors(
      certificates: certificates, otherRoots: others, testCA: TrustAnchors.virtualCardAuthority,
      acceptsTestCA: isRehearsal)
  }
}

extension OfflineRole {
  /// What `card.json` says of such a key.
  package func entry(isAttested: Bool) -> JSONValue {
    [
      "role": .string(name), "slot": .string(slot.description), "algorithm": .string(algorithm.description),
      "pin-policy": .string(pinPolicy.description), "touch-policy": .string(touchPolicy.description),
      "attested": .bool(isAttested),
    ]
  }
}
