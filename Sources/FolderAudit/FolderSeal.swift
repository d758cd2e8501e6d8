import CeremonyRecords
import CeremonyResults
import Findings
import Keys
import Products
import TUFMetadata
import Transcript

/// The keys that may sign a transcript seal.
struct SealKeys {
  /// Of the root that is made; in an answer of those who answer.
  let own: [MetadataKey]
  /// Of the root before.
  let old: [MetadataKey]
  let officials: OfficialKeys?
}

/// The transcript seal, judged by the root that it seals and the keys of officials that the ceremony made.
struct FolderSeal {
  /// Ids of root keys whose signature holds, sorted.
  private(set) var rootSealers: [String] = []
  /// The same of keys of the root before.
  private(set) var oldSealers: [String] = []
  /// The same of the officials' keys.
  private(set) var officialSealers: [String] = []
  private(set) var findings: [Finding] = []

  /// What came from elsewhere, and is judged by its evidence.
  init(_ late: LateSeal, _ ceremony: UnsealedCeremony) {
    findings = late.findings
    let ids = { (keys: [MetadataKey]) in keys.map(\.keyID).filter(late.sealers.contains).sorted() }
    (rootSealers, oldSealers) = (ids(ceremony.keys.own), ids(ceremony.keys.old))
  }

  /// - Parameters:
  ///   - keys: that may seal.
  ///   - paths: of the files that the seal names beside the transcript.
  init(_ records: FolderRecords, _ keys: SealKeys, over paths: [String], _ source: any ProductsSource) throws(Finding) {
    let seal = try records.seal(over: paths, source)
    let bytes = try source.read(SealCount.path)
    let signatures = TranscriptSeal.signatures(in: bytes)
    guard seal.envelope(signatures) == bytes else {
      add(.sealMismatch, "The transcript seal is over another transcript or other metadata.")
      return
    }
    let message = seal.preAuthenticationEncoding
    guard message.count <= TranscriptSeal.largest else {
      add(.sealMismatch, "The transcript seal is too long: a card signs at most \(TranscriptSeal.largest) bytes of it.")
      return
    }
    let recorded = records.accepted["seal"]?[SHA256Digest(of: message)] ?? []
    if recorded != Set(signatures.map { FolderRecords.Accepted(keyID: $0.keyID, signature: $0.bytes) }) {
      add(.evidenceMissing, "The seal has other signatures than sealing.jsonl records.")
    }
    for signature in signatures {
      let name = shortened(signature.keyID)
      let own = keys.own.first { $0.keyID == signature.keyID }
      let old = keys.old.first { $0.keyID == signature.keyID }
      guard let key = own ?? old ?? keys.officials?.key(signature.keyID),
        key.isValid(signature.bytes, over: message),
        !(rootSealers + oldSealers + officialSealers).contains(signature.keyID)
      else {
        add(
          .sealMismatch,
          "The seal's signature by key \(name) does not hold, or is by no key of the root or an official.")
        continue
      }
      if own != nil { rootSealers.append(signature.keyID) }
      if old != nil { oldSealers.append(signature.keyID) }
      if own == nil, old == nil { officialSealers.append(signature.keyID) }
      if !records.isFromCard(signature.bytes, by: key, over: message, in: .sealing) {
        add(.evidenceMissing, "The seal's signature by key \(name) is what no card answered in the records.")
      }
    }
  }

  private mutating func add(_ code: Finding.Code, _ what: String) {
    findings.append(
      Finding(
        code, what, hint: "Treat the folder as changed, and compare the head with the one that was read aloud.",
        place: SealCount.path))
  }
}

extension FolderRecords {
  /// The statement that is sealed.
  ///
  /// - Parameter paths: of the files that it names beside the transcript.
  func seal(over paths: [String], _ source: any ProductsSource) throws(Finding) -> TranscriptSeal {
    var subjects: [(path: String, digest: SHA256Digest)] = paths.compactMap { path in
      files[path].map { (path, $0) }
    }
    subjects.append((RecordFile.transcript.name, try source.digest(of: RecordFile.transcript.name)))
    return TranscriptSeal(
      head: head, isRehearsal: configuration?.isRehearsal ?? false, subjects: subjects,
      engine: engine ?? Int64(EngineVersion.current), ending: ending?.ending == .pending ? .pending : .complete)
  }
}
