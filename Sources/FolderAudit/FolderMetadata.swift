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
import Transcript

/// A metadata file of the folder, judged by itself and by what the transcript shows of it.
struct FolderMetadata {
  let path: String
  let role: String
  let envelope: Envelope
  private(set) var findings: [Finding] = []

  /// Throws what keeps the file from being read as metadata of its name.
  ///
  /// - Parameters:
  ///   - isWaiting: whether it waits for signatures.
  ///   - ofOthers: whether another program made the signed part.
  init(
    _ path: String, _ records: FolderRecords, _ source: any ProductsSource, isWaiting: Bool = false,
    ofOthers: Bool = false
  ) throws(Finding) {
    self.path = path
    let bytes = try records.content(of: path, in: source)
    do throws(Finding) {
      envelope = try Envelope(parsing: bytes, place: path)
      let header = try Header.read(envelope.signed)
      role = Self.role(of: path, header.type)
      guard header.isExpiryExact || ofOthers else {
        throw Finding(
          .expiresForm, "The expiry is not written as YYYY-MM-DDTHH:MM:SSZ.",
          hint: "A ceremony writes no such file. Compare the folder with another copy.")
      }
      guard path == "\(isWaiting ? "pending" : "metadata")/\(header.version).\(role).json",
        header.type == "root" || header.type == "targets"
      else {
        throw Finding(
          .metadataType, "The file holds version \(header.version) of \(role).",
          hint: "A file was put in the place of another. Compare the folder with another copy.")
      }
      // The signatures bind nothing but the signed part.
      guard bytes == envelope.serialized(), envelope.fields == [:], envelope.signatures.allSatisfy({ $0.fields == [:] })
      else {
        throw Finding(
          .metadataRoundTrip, "The file is not printed as this program prints metadata, or has other members.",
          hint: "Compare the folder with another copy.")
      }
    } catch {
      throw error.place == path ? error : error.at(path)
    }
    let isRehearsal = records.configuration?.isRehearsal ?? false
    if envelope.signed[Header.rehearsalMark] != (isRehearsal ? true : nil) {
      add(
        .rehearsalMark, "It is marked as a rehearsal, or not, unlike the first record says.",
        "Do not trust it; compare the folder with another copy.")
    }
    if records.payloads[role]?.contains(SHA256Digest(of: envelope.signedBytes)) != true {
      add(
        .evidenceMissing, "No record shows that this signed part was built in the ceremony.",
        "Treat the folder as changed; compare it with another copy.")
    }
  }

  /// The role of a file: its type, or for delegated targets the role of its name.
  private static func role(of path: String, _ type: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard type == "targets", parts.count == 3, !["root", "snapshot", "timestamp"].contains(parts[1]) else {
      return type
    }
    return String(parts[1])
  }

  /// Judges the signatures by the keys that a root or what delegates names, and a root's also by those of the root before.
  ///
  /// - Parameter elsewhere: signatures that came from elsewhere.
  mutating func judgeSignatures(
    _ named: NamedRoles.Entry, after before: Root?, _ records: FolderRecords, _ elsewhere: SignaturesElsewhere,
    oneTime: OfflineRole? = nil
  ) {
    let sides = RootSides(envelope, (named.role, named.keys), after: before)
    for keyID in sides.idle {
      add(
        .signatureInvalid, "The signature by key \(shortened(keyID)) counts for nothing.",
        "A ceremony writes no such signature. Compare the folder with another copy.")
    }
    if sides.isMet == elsewhere.isPending {
      add(
        .thresholdNotReached,
        before == nil
          ? "\(role) has \(sides.new.counted.count) valid signatures of \(sides.new.threshold)."
          : "\(role) has \(sides.words).", "Do not publish it. Compare the folder with another copy.")
    }
    let digest = SHA256Digest(of: envelope.signedBytes)
    let ours = Set(envelope.signatures.map { FolderRecords.Accepted(keyID: $0.keyID, signature: $0.bytes) })
    if ours != records.accepted[role]?[digest] ?? [] {
      add(
        .evidenceMissing, "It has other signatures than the transcript records.",
        "Treat the folder as changed; compare it with another copy.")
    }
    for signature in envelope.signatures {
      guard let key = named.keys[signature.keyID] ?? before?.keys[signature.keyID], key.publicKey != nil else {
        continue
      }
      if oneTime != nil, let publicKey = key.publicKey {
        let signed = OneTimeRecords.Signed(
          role: role, publicKey: publicKey.bytes, payload: digest, signature: signature.bytes)
        if !records.oneTime.signed.contains(signed) {
          add(
            .evidenceMissing, "No record has a one-time key sign what key \(shortened(signature.keyID)) signed.",
            "Treat the folder as changed; compare it with another copy.")
        }
        continue
      }
      if !elsewhere.has(signature),
        !records.isFromCard(signature.bytes, by: key, over: envelope.signedBytes, in: .transcript)
      {
        add(
          .evidenceMissing,
          "The signature by key \(shortened(signature.keyID)) is what no card answered in the transcript.",
          "Treat the folder as changed; compare it with another copy.")
      }
    }
  }

  /// Judges the keys of a role that the ceremony signs for: a card in the transcript made each of them, or it is kept from
  /// the root before.
  mutating func judgeOrigin(_ named: NamedRoles.Entry, _ script: Script, _ records: FolderRecords) {
    for keyID in named.role.keyIDs {
      guard let key = named.keys[keyID]?.publicKey else { continue }
      if records.expose(key, after: script.baseline) {
        findings.append(
          .exposed("key \(shortened(keyID))", "Do not use this root: make it anew without this card.", place: path))
      }
      if let own = script.offlineRole(role), records.oneTime.have(key, for: own) { continue }
      guard records.generation(of: key) == nil, !script.keeps(keyID), !records.isEnrolled(key, script) else { continue }
      add(
        .evidenceMissing, "Key \(shortened(keyID)) was made by no card in the transcript.",
        "Find out where it comes from before you trust this root.")
    }
  }

  /// Takes over what was odd about a root: what we sign has nothing odd.
  mutating func refuse(_ oddities: [Finding]) {
    for oddity in oddities { add(oddity.code, oddity.what, oddity.hint) }
  }

  private mutating func add(_ code: Finding.Code, _ what: String, _ hint: String) {
    findings.append(Finding(code, what, hint: hint, place: path))
  }
}

extension FolderRecords {
  /// Who signs for each role, as far as the folder has metadata that says it.
  func named(_ root: Root, _ script: Script, _ source: any ProductsSource) -> NamedRoles {
    var named = NamedRoles(root)
    for role in ["targets"] + script.delegatedRoles {
      guard let bytes = try? content(of: script.path(of: role), in: source),
        let envelope = try? Envelope(parsing: bytes, place: role),
        let delegations = try? Targets.read(envelope.signed).targets.delegations
      else { continue }
      named.note(delegations)
    }
    return named
  }

  /// The number of the record of `transcript.jsonl` that had a card make this key first; nil where none did.
  func generation(of key: PublicKey) -> Int64? {
    key.cardAlgorithm.flatMap {
      exchanges[.transcript]?.made[RecordedExchanges.Key(algorithm: $0.rawValue, bytes: key.bytes)]
    }
  }

  /// Whether a card answered with this signature when it was given this message, or its digest.
  func isFromCard(_ signature: [UInt8], by key: MetadataKey, over message: [UInt8], in file: RecordFile) -> Bool {
    signing(signature, by: key, over: message).map { exchanges[file]?.signings.contains($0) == true } ?? false
  }

  /// What firmware the card had that made this signature, before the head; nil where it had not said so.
  func firmware(of signature: [UInt8], by key: MetadataKey, over message: [UInt8]) -> FirmwareVersion? {
    signing(signature, by: key, over: message).flatMap { exchanges[.transcript]?.firmware[$0] }
  }

  private func signing(_ signature: [UInt8], by key: MetadataKey, over message: [UInt8]) -> RecordedExchanges.Signing? {
    key.publicKey?.cardAlgorithm.map { algorithm in
      RecordedExchanges.Signing(
        algorithm: algorithm.rawValue, given: SHA256Digest(of: algorithm.signingInput(message)), signature: signature)
    }
  }
}
