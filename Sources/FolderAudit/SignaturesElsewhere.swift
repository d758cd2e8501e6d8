import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import Products
import Requests
import TUFMetadata

/// What came from elsewhere into a ceremony, its evidence judged anew; and what a ceremony had that ended pending.
struct SignaturesElsewhere {
  private(set) var findings: [Finding] = []
  /// Whether the ceremony ended with a root that waits.
  let isPending: Bool
  private var taken: Set<Taken> = []
  private var waited: [Envelope.Signature] = []
  /// Key ids whose answers hold, with all evidence: whoever has them sealed what they signed.
  private(set) var witnessed: Set<String> = []

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
      waited = try Envelope(parsing: records.content(of: "inputs/\(name)", in: source), place: name).signatures
      for signature in waited { taken.insert(Taken(keyID: signature.keyID, bytes: signature.bytes)) }
    }
    if script.pending == nil, records.configuration?.after?.requests.isEmpty == false {
      add(
        .previousDiffers, "Only a ceremony that finishes a pending one names requests of another.",
        "transcript.jsonl record 0")
    }
    let named = Set(records.deliveries.map(\.delivered.file.path) + records.enrolments.map(\.enrolment.file.path))
    for path in records.files.keys.sorted() where path.hasPrefix("\(Delivered.folder)/") && !named.contains(path) {
      add(.fileUnknown, "No record says that this file came from elsewhere.", path)
    }
    guard !records.deliveries.isEmpty else { return }
    let requests = try Self.requests(records, source)
    var files: [Judged: [Delivered]] = [:]
    for (delivered, payload, place) in records.deliveries {
      let path = delivered.file.path
      let bytes = try records.content(of: path, in: source)
      guard bytes.count == delivered.file.count else {
        add(.recordMalformed, "The file has \(bytes.count) bytes, and the record says \(delivered.file.count).", place)
        continue
      }
      // What was refused when it came counts for nothing, whatever is thought of it today.
      guard delivered.codes.isEmpty else { continue }
      let known = Judged(path: path, payload: payload)
      let judged =
        files[known]
        ?? AnswerEvidence.signatures(
          in: bytes,
          DeliveryWanted(
            role: "root", payload: payload, requests: requests,
            isRehearsal: records.configuration?.isRehearsal ?? false))
      files[known] = judged
      // With everything that is said of it: the head and the network of the ceremony in which it was made.
      guard let own = judged.first(where: { $0 == delivered }) else {
        add(
          .answerUnsound,
          "The file does not hold this signature, or its evidence, which was taken for sound, is not\(Self.words(of: judged)).",
          path)
        continue
      }
      guard records.acceptedOfRoots.contains(.init(keyID: own.keyID, signature: own.signature)),
        taken.insert(Taken(keyID: own.keyID, bytes: own.signature)).inserted
      else { continue }
      if own.isWitnessed {
        witnessed.insert(own.keyID)
      } else {
        findings.append(.unwitnessed("The signature by key \(shortened(own.keyID))", path))
      }
    }
  }

  /// A file is judged for the root that is signed when it comes.
  private struct Judged: Hashable {
    let path: String
    let payload: SHA256Digest
  }

  private static func words(of judged: [Delivered]) -> String {
    let codes = judged.first?.codes ?? []
    return codes.isEmpty ? "" : ": \(codes.joined(separator: ", "))"
  }

  /// Nothing of the root that waited is left out of the one that is finished.
  func dropped(from file: FolderMetadata) -> [Finding] {
    waited.filter { old in !file.envelope.signatures.contains { $0.keyID == old.keyID && $0.bytes == old.bytes } }.map {
      Finding(
        .evidenceMissing, "The signature by key \(shortened($0.keyID)) stood under the root that waited, and is gone.",
        hint: "Treat the folder as changed; compare it with another copy.", place: file.path)
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
  ///
  /// - Parameters:
  ///   - root: that is sealed.
  ///   - mayFollow: whether a second request may have it sealed.
  func seal(
    _ script: Script, of root: Root, _ judged: FolderSeal, _ officials: OfficialKeys, isGivenUp: Bool,
    mayFollow: Bool = false
  ) -> SealCount {
    let threshold = script.offlineRole("root")?.threshold ?? script.sealCount
    let missing = officials.missing(among: judged.officialSealers)
    let baseline = script.baseline?.root[.root]
    let here = Set(judged.rootSealers + judged.oldSealers)
    // Whoever sealed elsewhere did not see this transcript: without a seal here nobody did.
    let witnessed = here.isEmpty ? [] : witnessed
    let all = here.union(witnessed)
    guard !isPending, script.pending == nil else {
      return SealCount(
        count: all.count, needed: isPending ? 1 : script.sealCount, threshold: threshold, missing: missing,
        isGivenUp: isGivenUp, mayFollow: mayFollow, of: isPending ? .pending : .root)
    }
    return SealCount(
      count: Set(judged.rootSealers).union(witnessed.intersection(root[.root].keyIDs)).count, needed: script.sealCount,
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

extension FolderRecords {
  /// Whether a root that founds version 1 waits here, is finished after it waited, or is made anew.
  func leavesFirstRoot(by script: Script) -> Bool {
    guard script.goesOn == nil, !script.isAnswer else { return false }
    return script.pending != nil || ending?.ending == .pending || configuration?.after?.open?.isEmpty == false
  }

  /// `PREVIOUS-DIFFERS` where the first record names another ceremony than the one that a script finishes.
  func finishesAnother(than script: Script) -> Finding? {
    guard let pending = script.pending, configuration?.after?.head != pending.head else { return nil }
    return Finding(
      .previousDiffers, "The first record names another ceremony than the script finishes.",
      hint: "Treat the folder as changed; compare it with another copy.", place: "transcript.jsonl record 0")
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
    let script = try finishing(
      records.pinned(after, in: source), isRehearsal: records.configuration?.isRehearsal ?? false)
    if let finding = finishingFindings.first { throw finding }
    if let waiting = script.pendingRoot?.root, let time = records.time, waiting.isExpired(at: time) {
      throw Finding(
        .requestDeadline, "The root that waits had expired when the ceremony began, at \(waiting.expires).",
        hint: "Build another one, and name this one under “withdrawn”.", place: "inputs/\(after.name)")
    }
    return script
  }
}
