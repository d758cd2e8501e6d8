import CanonicalJSON
import Findings
import Keys
import PIVTypes
import Requests
import TUFMetadata
import UTC

extension Script {
  /// What a keyholder whose key is made elsewhere is asked for. The same script gives the same request; the nonce is the
  /// keyholder's own in it, so that what is edited elsewhere in the script leaves their answer good.
  ///
  /// Throws `REQUEST-KEY` where nobody of that id has “enrol”, or not just a key of root.
  ///
  /// - Parameters:
  ///   - files: that the script names, by name.
  ///   - largest: how many bytes the key will have to sign at most.
  package func enrolmentRequest(
    for id: String, engine: Int64, release: String, isRehearsal: Bool, files: [String: [UInt8]], largest: Int
  ) throws(Finding) -> Request {
    guard let keyholder = keyholder(id), let nonce = keyholder.enrol, let role = cardRole("root", of: id),
      roles(of: id).map(\.name) == ["root"]
    else {
      throw Finding(
        .requestKey, "The script does not have a root key of “\(visible(id))” made elsewhere.",
        hint: "Write “enrol” at that keyholder, with the nonce that `draft` draws.",
        place: place(of: "keyholders.\(id)"))
    }
    let wanted = KeyWanted(
      person: Asked(id: id, name: keyholder.name, keyID: "", slot: role.slot.description),
      role: [
        "algorithm": .string(role.algorithm.description), "pin-policy": .string(role.pinPolicy.description),
        "slot": .string(role.slot.description), "touch-policy": .string(role.touchPolicy.description),
      ], cards: cardFields(of: keyholder), fields: keyholder.fields.kept, largest: Int64(largest),
      files: JSONObject(
        cards.vendorCertificates.compactMap { file in
          files[file.name].map { (file.name, .string(Base64.encode($0))) }
        }))
    return Request(
      .enrol(wanted), engine: engine, release: release, isRehearsal: isRehearsal, repository: repository, title: title,
      nonce: nonce, say: ["I read you the id of my key."])
  }

  /// The rules for cards as a script has them.
  private func cardFields(of keyholder: Keyholder) -> JSONObject {
    var fields: JSONObject = [
      "attestation": .string(cards.attestation.rawValue), "management-key": .string(cards.managementKey.rawValue),
      "other-vendors": .string(cards.acceptsOtherVendors ? "accepted" : "refused"),
      "pin-tries": .integer(Int64(cards.pinTries)), "puk-tries": .integer(Int64(cards.pukTries)),
      "read-back": .string(cards.readBack.rawValue), "tries": .string(cards.tries.rawValue),
    ]
    if case .other(let limit) = keyholder.model ?? cards.model {
      fields["model"] = "other"
      fields["payload-limit"] = .integer(Int64(limit))
    }
    if !cards.vendorCertificates.isEmpty {
      fields["vendor-certificates"] = .array(
        cards.vendorCertificates.map { ["file": .string($0.name), "sha256": .string($0.digest.hex)] })
    }
    return fields
  }
}
