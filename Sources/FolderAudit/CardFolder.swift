import CanonicalJSON
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Products
import Transcript

/// What `cards/IDENTITY/` says of a card, held against the script and what the records show of it.
struct CardFolder {
  let name: String
  let owner: Keyholder
  let serial: UInt32?
  /// By role.
  private(set) var publicKeys: [String: PublicKey] = [:]
  /// What is wrong, and leaves the rest to be judged.
  private(set) var findings: [Finding] = []

  var path: String { "cards/\(name)" }

  /// Throws where it does not say whose card it is.
  init(_ name: String, _ script: Script, _ records: FolderRecords, _ source: any ProductsSource) throws(Finding) {
    self.name = name
    let place = "cards/\(name)/card.json"
    let bytes = try records.content(of: place, in: source)
    let card = (try? JSONValue(parsing: bytes))?.object
    serial = card?["serial"]?.integer.flatMap { UInt32(exactly: $0) }
    guard let card, JSONValue.object(card).pretty() == bytes, Self.names.isSuperset(of: card.names),
      let keyholder = card["keyholder"]?.string,
      card["identity"]?.string == name, let guid = card["guid"]?.string,
      serial.map({ String($0) == name }) ?? (name == "guid-\(guid)" && card["serial"] == nil)
    else { throw Self.refused("card.json is about another card than its folder.", place) }
    // Whose it is the keys say, and the records whose cards made them.
    let number = serial
    let owners = script.cardholders.filter { isIdentical($0.name, keyholder) && $0.mayUse(number) }
    let holder = owners.first { person in
      script.roles(of: person.id).contains { records.files["cards/\(name)/\($0.name)_pubkey.pem"] != nil }
    }
    guard let owner = holder ?? owners.first, let step = script.provisioning(of: owner.id) else {
      throw Self.refused("The script gives this card to somebody else, or to nobody.", place)
    }
    self.owner = owner
    if let serial, records.exchanges[.transcript]?.serials[step]?.contains(serial) != true {
      findings.append(
        Self.refused("No card said that serial where the card of \(owner.name) was provisioned.", place))
    }
    var entries: [JSONValue] = []
    var known = [place]
    for role in script.roles(of: owner.id) {
      let path = "cards/\(name)/\(role.name)_pubkey.pem"
      guard records.files[path] != nil else { continue }
      let text = String(decoding: try records.content(of: path, in: source), as: UTF8.self)
      let key = try? PublicKey(pem: text)
      publicKeys[role.name] = key
      let isMade = key.map { records.steps(making: $0).contains("\(step)/generate-\(role.name)") } ?? false
      if !isMade || key.map({ !isIdentical($0.pem, text) || $0.weakness != nil }) ?? true {
        findings.append(Self.refused("It holds no \(role.name) key that the card of \(owner.name) made.", path))
      }
      let attestation = "cards/\(name)/\(role.name)_attestation.pem"
      let isAttested = records.files[attestation] != nil
      entries.append(role.entry(isAttested: isAttested))
      known += [path] + (isAttested ? [attestation, "cards/\(name)/attestation_intermediate.pem"] : [])
    }
    let rule = JSONValue.string(script.cards.managementKey.rawValue)
    if card["keys"] != .array(entries) || card["management-key"] ?? rule != rule {
      findings.append(
        Self.refused("card.json says other things of the keys than the script and the files beside it.", place))
    }
    for other in records.files.keys.filter({ $0.hasPrefix("cards/\(name)/") && !known.contains($0) }).sorted() {
      findings.append(Self.refused("No ceremony writes this file of a card of \(owner.name).", other))
    }
  }

  private static let names: Set = [
    "keyholder", "identity", "keys", "firmware", "guid", "management-key", "serial", "case", "case-confirmed",
  ]

  private static func refused(_ what: String, _ place: String) -> Finding {
    Finding(.cardFiles, what, hint: "Treat the folder as changed; compare it with another copy.", place: place)
  }
}

extension Keyholder {
  /// Whether a card with this serial may be the keyholder's.
  fileprivate func mayUse(_ serial: UInt32?) -> Bool {
    switch card {
    case .serial(let pinned): pinned == serial || serial.map(spares.contains) == true
    case .record: true
    }
  }
}

extension FolderRecords {
  /// The steps of the records in which a card made this key.
  fileprivate func steps(making key: PublicKey) -> Set<String> {
    key.cardAlgorithm.flatMap {
      exchanges[.transcript]?.makers[RecordedExchanges.Key(algorithm: $0.rawValue, bytes: key.bytes)]
    } ?? []
  }
}
