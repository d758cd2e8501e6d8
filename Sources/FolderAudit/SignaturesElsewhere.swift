import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import Products
import TUFMetadata

/// What came from elsewhere into a ceremony, its evidence judged anew; and what a ceremony had that ended pending.
struct SignaturesElsewhere {
  private(set) var findings: [Finding] = []
  /// Whether the ceremony ended with a root that waits.
  let isPending: Bool
  private var taken: Set<Taken> = []
  /// Key ids whose answers hold, with all evidence: whoever has them sealed what they signed.
  private var witnessed: Set<String> = []

  private struct Taken: Hashable {
    let keyID: String
    let bytes: [UInt8]
  }

  /// Throws what keeps a file from being read that a record names.
  init(
    _ records: FolderRecords, _ script: Script, isPending: Bool, _ source: any ProductsSource
  ) throws(Finding) {
    self.isPending = isPending
    if script.pendingRoot != nil {
      let name = CeremonyConfiguration.After.fileName
      let waited = try Envelope(parsing: records.content(of: "inputs/\(name)", in: source), place: name)
      for signature in waited.signatures { taken.insert(Taken(keyID: signature.keyID, bytes: signature.bytes)) }
    }
    guard !records.deliveries.isEmpty else { return }
    let wanted = DeliveryWanted(
      role: "root", payload: records.payloads["root"]?.first ?? .zero, requests: try Self.requests(records, source),
      isRehearsal: records.configuration?.isRehearsal ?? false)
    var files: [String: [Delivered]] = [:]
    for (delivered, place) in records.deliveries {
      let path = delivered.file.path
      let judged: [Delivered]
      if let known = files[path] {
        judged = known
      } else {
        judged = AnswerEvidence.signatures(in: try records.content(of: path, in: source), wanted)
        files[path] = judged
      }
      guard let own = judged.first(where: { $0.keyID == delivered.keyID && $0.signature == delivered.signature }),
        own.file == delivered.file
      else {
        add(.evidenceMissing, "This record names a signature that the file does not hold.", place)
        continue
      }
      let isUsed = records.accepted["root"]?.values.contains {
        $0.contains(FolderRecords.Accepted(keyID: own.keyID, signature: own.signature))
      }
      guard isUsed == true else { continue }
      if delivered.isWitnessed, !own.isWitnessed {
        add(
          .answerUnsound,
          "The evidence of this signature was taken for sound, and is not: \(own.codes.joined(separator: ", ")).",
          path)
      }
      if own.codes.isEmpty { taken.insert(Taken(keyID: own.keyID, bytes: own.signature)) }
      if own.isWitnessed {
        witnessed.insert(own.keyID)
      } else if own.codes.isEmpty {
        findings.append(.unwitnessed("The signature by key \(shortened(own.keyID))", path))
      }
    }
  }

  /// SHA-256 of the requests that an answer may name.
  static func requests(_ records: FolderRecords, _ source: any ProductsSource) throws(Finding) -> [SHA256Digest] {
    var digests = records.configuration?.after?.requests ?? []
    for path in records.files.keys.sorted() where path.hasPrefix("requests/") {
      digests.append(SHA256Digest(of: try records.content(of: path, in: source)))
    }
    return digests
  }

  /// Ids of the keys whose signatures came from elsewhere, or were there before.
  var keyIDs: Set<String> { Set(taken.map(\.keyID)) }

  func has(_ signature: Envelope.Signature) -> Bool {
    taken.contains(Taken(keyID: signature.keyID, bytes: signature.bytes))
  }

  /// For one file: only a root may wait.
  func of(_ file: FolderMetadata) -> SignaturesElsewhere {
    guard file.role != "root", isPending else { return self }
    return SignaturesElsewhere(isPending: false, taken: taken)
  }

  private init(isPending: Bool, taken: Set<Taken>) {
    self.isPending = isPending
    self.taken = taken
  }

  /// How many sealed: here, or their own answers.
  func seal(_ script: Script, _ judged: FolderSeal, _ officials: OfficialKeys, isGivenUp: Bool) -> SealCount {
    let threshold = script.offlineRole("root")?.threshold ?? script.sealCount
    let missing = officials.missing(among: judged.officialSealers)
    let baseline = script.baseline?.root[.root]
    let all = Set(judged.rootSealers + judged.oldSealers).union(witnessed)
    guard !isPending, script.pending == nil else {
      return SealCount(
        count: all.count, needed: isPending ? 1 : script.sealCount, threshold: threshold, missing: missing,
        isGivenUp: isGivenUp, of: isPending ? .pending : .root)
    }
    let own = Set(
      script.offlineRole("root")?.keyholders.compactMap { script.keptKey(of: $0, "root")?.keyID } ?? [])
    return SealCount(
      count: Set(judged.rootSealers).union(witnessed.intersection(own)).count, needed: script.sealCount,
      threshold: threshold,
      old: baseline.map { old in
        SealCount.Side(
          count: Set(judged.oldSealers).union(witnessed.intersection(old.keyIDs)).count, needed: old.threshold)
      }, missing: missing, isGivenUp: isGivenUp)
  }

  private mutating func add(_ code: Finding.Code, _ what: String, _ place: String) {
    findings.append(
      Finding(code, what, hint: "Treat the folder as changed; compare it with another copy.", place: place))
  }
}

extension Script {
  /// The script with the root that waited, where it finishes a pending ceremony.
  func finishing(_ records: FolderRecords, _ source: any ProductsSource) throws(Finding) -> Script {
    guard pending != nil else { return self }
    guard let after = records.configuration?.after?.file else {
      throw Finding(
        .pendingDiffers, "The script finishes a pending ceremony, and the first record names none.",
        hint: "Treat the folder as changed; compare it with another copy.", place: "transcript.jsonl record 0")
    }
    return try finishing(
      records.pinned(after, in: source), isRehearsal: records.configuration?.isRehearsal ?? false)
  }
}
