import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import Products
import Requests
import TUFMetadata
import Transcript

extension FolderVerifier {
  /// What is wrong with the evidence of what came from elsewhere, or is to be known of it. Throws what keeps it from being
  /// judged.
  package static func elsewhere(_ source: any ProductsSource) throws(Finding) -> [Finding] {
    let records = FolderRecords(source)
    let script = try Script(records.content(of: "script.yaml", in: source)).going(on: records, source)
      .finishing(records, source)
    return try SignaturesElsewhere(records, script, isPending: records.ending?.ending == .pending, source).findings
      + EnrolledKeys(records, script, source).findings
  }

  /// Judges the folder of a ceremony that answers a request: exactly what was asked for, by the keys of those who answer,
  /// on the records, and sealed by them. Whether a root is finished by it is not judged here.
  mutating func judgeAnswer(_ read: Script, _ ending: FolderRecords.Ending) throws(Finding) {
    guard let file = read.request, let engine = records.engine, engine >= EngineVersion.withRequests,
      let time = records.time
    else {
      throw Finding(
        .scriptOtherRelease, "The script answers a request, and came after this engine.",
        hint: "Use the release that made the transcript. If that is an earlier one, somebody changed the script.",
        place: "script.yaml")
    }
    let answered = try AnsweredRequest(
      records.pinned(file, in: source), engine: engine, isRehearsal: records.configuration?.isRehearsal ?? false,
      at: time)
    let script = try read.answering(answered)
    self.script = script
    findings += read.answerFindings.filter { $0.severity == .error }
    try judgeExtent(answered)
    findings += NamedPeople(script, records).findings + WipedCards(script, records).findings
    judgeProducts(script)
    for path in records.metadata { add(.fileUnknown, "An answer writes no finished metadata.", path) }
    let attestations = try FolderAttestations(records, script, nil, time, source)
    findings += attestations.findings
    var signed: [FolderMetadata] = []
    var sealers: [MetadataKey] = []
    if let root = answered.root, let path = script.pendingPath {
      sealers = script.keyholders.compactMap { script.keptKey(of: $0.id, TopLevelRole.root.rawValue) }
      signed = [try judgeSignatures(path, root, sealers)]
    } else if let asked = answered.seal {
      sealers = script.keyholders.compactMap { script.keptKey(of: $0.id, TopLevelRole.root.rawValue) }
      try judgeSeal(asked, sealers)
    } else {
      keys = attestations.keys
      retired = attestations.retired
      let proven = ProvenKeys(script, records, [], nil)
      findings += proven.findings
      madeKeys = script.offlineRoles.flatMap(attestations.madeKeys)
      sealers = madeKeys
      if Set(sealers.map(\.keyID)).count != script.keyholders.count {
        add(.evidenceMissing, "Not everybody who answers has one key that a card made here.", "cards")
      }
    }
    for key in sealers.compactMap(\.publicKey) where records.expose(key) {
      findings.append(
        .exposed(
          "key \(MetadataKey(key).keyID)", "Do not use it: its owner makes a new key.", place: "transcript.jsonl"))
    }
    let judged = try FolderSeal(
      records, SealKeys(own: sealers, old: [], officials: nil), over: script.sealedPaths, source)
    let seal = SealCount(
      count: judged.rootSealers.count, needed: script.sealCount, threshold: script.sealCount,
      isGivenUp: records.sealingEnding == .givenUp, of: .answer)
    self.seal = seal
    findings += judged.findings + seal.findings
    if ending.keys != [] || ending.ending != .complete {
      add(.recordMalformed, "An answer says where keys of a root come from, or that it waits itself.", ending.place)
    }
    facts = CeremonyFacts(
      script, nil, signed, keys, judged, ending.exceptions, records.dropped, retired, [], unproven: [])
  }

  /// An answer does what was asked, and nothing else.
  private mutating func judgeExtent(_ answered: AnsweredRequest) throws(Finding) {
    try script?.refusingTwin(records)
    if let first = records.deliveries.first?.place ?? records.enrolments.first?.place {
      add(.recordMalformed, "An answer takes in nothing from elsewhere.", first)
    }
    if records.configuration?.after?.requests.isEmpty == false {
      add(.previousDiffers, "An answer names no requests of a ceremony before it.", "transcript.jsonl record 0")
    }
    for dropped in records.droppedSigners { add(.payloadSurplus, "An answer gives up nothing.", dropped.place) }
    for signed in records.signedInitials { add(.evidenceMissing, "In an answer no card signs initials.", signed.place) }
    let asked = answered.wanted?.digest
    let seal = answered.seal.map { SHA256Digest(of: $0.seal.preAuthenticationEncoding) }
    if (records.accepted[SignatureRecord.askedSeal] ?? [:]).contains(where: { $0.key != seal }) {
      add(
        .payloadSurplus, "Something else than what was asked for was signed as a seal.",
        script?.pendingPath ?? RecordFile.transcript.name)
    }
    for role in ["root", "targets"] + records.accepted.keys.filter(Delegation.mayBeNamed).sorted() {
      guard (records.accepted[role] ?? [:]).contains(where: { role != "root" || $0.key != asked }) else { continue }
      add(
        .payloadSurplus, "Something else than what was asked for was signed as \(role).",
        script?.pendingPath ?? RecordFile.transcript.name)
    }
  }

  /// The seal of the ceremony that asks, signed by those who answer, and by no others.
  private mutating func judgeSeal(_ asked: AskedSeal, _ signers: [MetadataKey]) throws(Finding) {
    let path = Script.askedSealPath
    for other in records.waiting where other != path { add(.fileUnknown, "No answer writes this file.", other) }
    let bytes = try records.content(of: path, in: source)
    let signatures = TranscriptSeal.signatures(in: bytes)
    guard asked.seal.envelope(signatures) == bytes else {
      return add(.evidenceMissing, "What is sealed is not what was asked for.", path)
    }
    if signatures.map(\.keyID).sorted() != signers.map(\.keyID).sorted() {
      add(.signatureInvalid, "It does not have exactly the signatures of those who answer.", path)
    }
    let message = asked.seal.preAuthenticationEncoding
    for signature in signatures {
      guard let key = signers.first(where: { $0.keyID == signature.keyID }) else { continue }
      let name = shortened(signature.keyID)
      if !key.isValid(signature.bytes, over: message) {
        add(.signatureInvalid, "The signature by key \(name) does not hold.", path)
      }
      if !records.isFromCard(signature.bytes, by: key, over: message, in: .transcript) {
        add(.evidenceMissing, "The signature by key \(name) is what no card answered in the transcript.", path)
      }
    }
    let ours = Set(signatures.map { FolderRecords.Accepted(keyID: $0.keyID, signature: $0.bytes) })
    if ours != records.accepted[SignatureRecord.askedSeal]?[SHA256Digest(of: message)] ?? [] {
      add(.evidenceMissing, "It has other signatures than the transcript records.", path)
    }
  }

  /// The root with the signatures of those who answer, and no others.
  private mutating func judgeSignatures(
    _ path: String, _ asked: AskedRoot, _ signers: [MetadataKey]
  ) throws(Finding) -> FolderMetadata {
    let file = try FolderMetadata(path, records, source, isWaiting: true, ofOthers: true)
    findings += file.findings
    if file.envelope.signedBytes != asked.envelope.signedBytes {
      add(.evidenceMissing, "The signed part is not the one that was asked for.", path)
    }
    let signatures = file.envelope.signatures
    if signatures.map(\.keyID).sorted() != signers.map(\.keyID).sorted() {
      add(.signatureInvalid, "It does not have exactly the signatures of those who answer.", path)
    }
    for signature in signatures {
      guard let key = signers.first(where: { $0.keyID == signature.keyID }) else { continue }
      let name = shortened(signature.keyID)
      if !key.isValid(signature.bytes, over: file.envelope.signedBytes) {
        add(.signatureInvalid, "The signature by key \(name) does not hold.", path)
      }
      if !records.isFromCard(signature.bytes, by: key, over: file.envelope.signedBytes, in: .transcript) {
        add(.evidenceMissing, "The signature by key \(name) is what no card answered in the transcript.", path)
      }
    }
    let ours = Set(signatures.map { FolderRecords.Accepted(keyID: $0.keyID, signature: $0.bytes) })
    if ours != records.accepted[file.role]?[SHA256Digest(of: file.envelope.signedBytes)] ?? [] {
      add(.evidenceMissing, "It has other signatures than the transcript records.", path)
    }
    return file
  }

  private mutating func add(_ code: Finding.Code, _ what: String, _ place: String) {
    findings.append(
      Finding(code, what, hint: "Treat the answer as changed; ask for it again.", place: place))
  }
}
