import Attestation
import CanonicalJSON
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import PIVTypes
import Products
import TUFMetadata
import UTC

/// A key of a role that the script gives to cards, or of an official, and what its card says of it.
package struct AttestedKey: Sendable {
  /// `root`, `targets`, a delegated role, `administrator` or `witness`.
  package let role: String
  package let keyID: String
  /// The name that the script gives; nil where the folder does not say whose key it is.
  package let keyholder: String?
  /// The card's serial, or `guid-` and its GUID.
  package let card: String?
  package let slot: Slot
  package let algorithm: KeyAlgorithm
  /// nil where the card attested nothing, or nothing that holds.
  package let facts: AttestationFacts?
  /// The record of `transcript.jsonl` that had the card make the key; nil where none did.
  package let generatedIn: Int64?
  /// Whether it is kept from the root before, and is not attested here.
  package let isKept: Bool
}

/// The attestations of a folder, judged by the script, the root and the certificates that are in it, at the time of the
/// first record.
struct FolderAttestations {
  /// In the order of the script's roles and the root's keys.
  private(set) var keys: [AttestedKey] = []
  private(set) var findings: [Finding] = []
  private let enrolled: EnrolledKeys
  /// Cards whose keys stand in no metadata, such as `71 of Ada`.
  var retired: [String] {
    folders.filter { folder in !keys.contains { $0.card == folder.name } }.map { "\($0.name) of \($0.owner.name)" }
  }

  private let records: FolderRecords
  private let source: any ProductsSource
  private let script: Script
  private let anchors: TrustAnchors
  private let time: UTCTime
  /// The folder of the card that attested by a device's serial. Never iterated.
  private var devices: [UInt32: String] = [:]
  private var folders: [CardFolder] = []

  /// Throws what keeps everything from being judged: the script, a vendor certificate or a card's file.
  ///
  /// - Parameter named: nil in an answer, which makes keys for the root of another ceremony or none.
  init(_ records: FolderRecords, _ script: Script, _ named: NamedRoles?, _ time: UTCTime, _ source: any ProductsSource)
    throws(Finding)
  {
    self.records = records
    self.source = source
    self.script = script
    self.time = time
    var inputs: [String: [UInt8]] = [:]
    for file in script.files {
      inputs[file.name] = try records.pinned(file, in: source)
    }
    anchors = try script.anchors(inputs, isRehearsal: records.configuration?.isRehearsal ?? false)
    for name in Set(records.files.keys.compactMap(Self.folder)).sorted() {
      let folder = try CardFolder(name, script, records, source)
      findings += folder.findings
      folders.append(folder)
    }
    enrolled = try EnrolledKeys(records, script, source)
    findings += enrolled.findings
    for role in script.offlineRoles where role.oneTime == nil {
      for (place, key) in (named?[role.name]?.named ?? madeKeys(role)).enumerated() {
        if script.keeps(key.keyID) {
          keep(key, role)
        } else if let known = enrolled.key(key.keyID) {
          judge(enrolled: known, role)
        } else {
          try judge(key, role.keyholders.indices.contains(place) ? own(role, of: role.keyholders[place]) : role)
        }
      }
    }
    for role in script.officialRoles {
      let own = folders.compactMap { $0.publicKeys[role.name] }
      if own.isEmpty {
        findings.append(
          Finding(
            .cardFiles, .warning, "There is no key of the \(role.name), whom the script gives a card.",
            hint: "The ceremony went on without that card: its exceptions say why.", place: "cards"))
      }
      for key in own { try judge(MetadataKey(key), role) }
    }
  }

  /// What the cards of a role's keyholders made, in their order.
  func madeKeys(_ role: OfflineRole) -> [MetadataKey] {
    role.keyholders.compactMap { id in
      folders.last { $0.owner.id == id }?.publicKeys[role.name].map { script.metadataKey($0, of: id) }
    }
  }

  private func own(_ role: OfflineRole, of keyholder: String) -> OfflineRole {
    script.cardRole(role.name, of: keyholder) ?? role
  }

  /// What attested a kept key is in the folder of the ceremony that made it.
  private mutating func keep(_ key: MetadataKey, _ role: OfflineRole) {
    guard let owner = role.keyholders.first(where: { script.keptKey(of: $0, role.name)?.keyID == key.keyID }),
      let algorithm = key.publicKey?.cardAlgorithm
    else { return }
    keys.append(
      AttestedKey(
        role: role.name, keyID: key.keyID, keyholder: script.name(of: owner), card: nil,
        slot: own(role, of: owner).slot, algorithm: algorithm, facts: nil, generatedIn: nil, isKept: true))
  }

  /// A key that came from elsewhere is attested by what came with it, which was judged where it is.
  private mutating func judge(enrolled key: AttestedKey, _ role: OfflineRole) {
    keys.append(key)
    guard key.facts == nil else { return }
    let isNeeded = script.cards.attestation == .required
    findings.append(
      Finding(
        .attestationMissing, isNeeded ? .error : .warning,
        "The \(role.name) key of \(key.keyholder ?? "somebody") is not proven to be on hardware: nothing attests it.",
        hint: isNeeded
          ? "The script asks for attestations. Compare the folder with another copy."
          : "The script accepts that. Trust this key no more than a key in a file.", place: "inputs"))
  }

  /// IDENTITY of `cards/IDENTITY/FILE`.
  private static func folder(_ path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "cards" ? String(parts[1]) : nil
  }

  private mutating func judge(_ key: MetadataKey, _ role: OfflineRole) throws(Finding) {
    let name = "\(role.name) key \(shortened(key.keyID))"
    guard let publicKey = key.publicKey, let algorithm = publicKey.cardAlgorithm else {
      return add(.cardFiles, "The \(name) is of a kind that no card makes.", "cards")
    }
    let holders = folders.filter { $0.publicKeys[role.name] == publicKey }
    var facts: AttestationFacts?
    defer {
      keys.append(
        AttestedKey(
          role: role.name, keyID: key.keyID, keyholder: holders.first?.owner.name, card: holders.first?.name,
          slot: role.slot, algorithm: algorithm, facts: facts, generatedIn: records.generation(of: publicKey),
          isKept: false))
    }
    guard let folder = holders.first, holders.count == 1 else {
      return add(.cardFiles, "The \(name) is in \(holders.count) folders of cards, and belongs into one.", "cards")
    }
    let path = "\(folder.path)/\(role.name)_attestation.pem"
    guard records.files[path] != nil else {
      let isNeeded = script.cards.attestation == .required
      return findings.append(
        Finding(
          .attestationMissing, isNeeded ? .error : .warning,
          "The \(name) of \(folder.owner.name) is not proven to be on hardware: there is no attestation of it.",
          hint: isNeeded
            ? "The script asks for attestations. Compare the folder with another copy."
            : "The script accepts that. Trust this key no more than a key in a file.",
          place: folder.path))
    }
    let evidence = AttestationEvidence(
      leaf: try certificate(path), intermediate: try certificate("\(folder.path)/attestation_intermediate.pem"))
    let verdict = evidence.verdict(
      against: AttestationExpectation(
        slot: role.slot, key: publicKey, serial: folder.serial, pinPolicy: role.pinPolicy,
        touchPolicy: role.touchPolicy),
      trusting: anchors, at: time)
    findings += verdict.findings.map { $0.at(path) }
    if verdict.holds { facts = verdict.facts }
    guard let serial = facts?.serial, let owner = devices.updateValue(folder.name, forKey: serial),
      owner != folder.name
    else { return }
    add(
      .serialRepeated, "The \(name) and a key of card \(owner) are attested by one device, with serial \(serial).", path
    )
  }

  /// The DER of a file with exactly one certificate, in the form that the ceremony writes.
  private func certificate(_ path: String) throws(Finding) -> [UInt8] {
    let bytes = try records.content(of: path, in: source)
    let blocks = try? PEM.decode(String(decoding: bytes, as: UTF8.self))
    guard let der = blocks?.first?.bytes, Array(PEM.encode("CERTIFICATE", der).utf8) == bytes else {
      throw Finding(
        .attestationMalformed, "\(path) does not hold one certificate as the ceremony writes it.",
        hint: "Compare the folder with another copy.", place: path)
    }
    return der
  }

  private mutating func add(_ code: Finding.Code, _ what: String, _ place: String) {
    findings.append(
      Finding(code, what, hint: "Treat the folder as changed; compare it with another copy.", place: place))
  }
}
