import Bundles
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIVTypes
import Products
import Requests
import TUFMetadata
import Transcript
import UTC

/// A ceremony that ended with no card's signature on its seal, where a second request may have it sealed: who may seal it,
/// and what an answer is worth. Nothing of it is written again; what is added stands beside it.
package struct UnsealedCeremony {
  /// Where the answers are kept that sealed it, by their SHA-256.
  package static let folder = "seals"

  let records: FolderRecords
  let script: Script
  /// The statement to seal.
  let seal: TranscriptSeal
  /// Root keys of the root, and of the one before.
  let keys: (own: [MetadataKey], old: [MetadataKey])
  private let root: [UInt8]
  /// Ids of keys that sealed their own answers.
  private let witnessed: Set<String>
  private let needed: Int

  /// - Parameter elsewhere: whose answers were taken in, and count together with this seal.
  init(
    _ records: FolderRecords, _ script: Script, _ root: Root, _ elsewhere: SignaturesElsewhere,
    _ source: any ProductsSource
  ) throws(Finding) {
    witnessed = elsewhere.witnessed
    needed = elsewhere.isPending ? 1 : script.sealCount
    self.records = records
    self.script = script
    seal = try records.seal(over: records.metadata + records.waiting, source)
    keys = (root.keys(of: .root), script.baseline?.root.keys(of: .root) ?? [])
    let path = (records.metadata + records.waiting).first { $0.hasSuffix(".root.json") } ?? "metadata"
    self.root = try records.content(of: path, in: source)
  }

  /// What these keyholders are asked for.
  ///
  /// Throws `REQUEST-KEY` for somebody who has no root key here, and `SEAL-NOT-AWAITED` where no record says how it ended.
  package func request(for people: [String], deadline: UTCTime?) throws(Finding) -> Request {
    guard let configuration = records.configuration, let engine = records.engine, let finalHead = records.finalHead
    else { throw .sealNotAwaited }
    var asked: [Asked] = []
    for id in people {
      guard let keyholder = script.keyholder(id), let key = script.keptKey(of: id, "root"),
        (keys.own + keys.old).contains(where: { $0.keyID == key.keyID }),
        let role = script.cardRole("root", of: id)
      else {
        throw Finding(
          .requestKey, "“\(id)” has no root key by the script of this ceremony.",
          hint: "Name one of these: \(script.signers(of: "root").joined(separator: ", ")).")
      }
      asked.append(Asked(id: id, name: keyholder.name, keyID: key.keyID, slot: role.slot.description))
    }
    return Request(
      sealing: SealWanted(statement: seal.payload, root: root, trusted: script.baseline?.bytes, signers: asked),
      engine: engine, release: configuration.program.version, isRehearsal: configuration.isRehearsal,
      repository: script.repository, title: script.title, deadline: deadline, finalHead: finalHead)
  }

  /// What came back from elsewhere, and what is wrong with it.
  struct Answer {
    let path: String
    let signatures: [TranscriptSeal.Signature]
    let isWitnessed: Bool
    let codes: [Finding.Code]
  }

  /// Judges a file in memory: an answer of `sign` by its evidence, or a DSSE envelope of any other signer.
  func judged(_ bytes: [UInt8]) -> Answer {
    let isAnswer = BundleSource.begins(bytes)
    let path = "\(Self.folder)/\(SHA256Digest(of: bytes).hex).\(isAnswer ? "tar" : "json")"
    func nothing(_ codes: [Finding.Code]) -> Answer {
      Answer(path: path, signatures: [], isWitnessed: false, codes: codes)
    }
    guard isAnswer else {
      guard bytes.count <= Request.limit, let payload = TranscriptSeal.payload(ofEnvelope: bytes) else {
        return nothing([.answerMalformed])
      }
      guard payload == seal.payload else { return nothing([.answerPayload]) }
      return holding(TranscriptSeal.signatures(in: bytes), path, isWitnessed: false)
    }
    guard let source = try? BundleSource(bytes: bytes, atMost: AnswerEvidence.largest) else {
      return nothing([.answerMalformed])
    }
    let verifier = FolderVerifier(source)
    var codes = verifier.findings.filter { $0.severity == .error }.map(\.code)
    guard let answered = verifier.script?.answered, let asked = answered.seal else {
      return nothing(codes.isEmpty ? [.answerMalformed] : codes)
    }
    let expected = try? request(for: answered.request.people.map(\.id), deadline: answered.request.deadline)
    if answered.request != expected { codes.append(.answerRequest) }
    if asked.seal.payload != seal.payload { codes.append(.answerPayload) }
    if answered.request.isRehearsal != seal.isRehearsal { codes.append(.rehearsalMark) }
    guard codes.isEmpty, let envelope = try? source.read(Script.askedSealPath) else { return nothing(codes) }
    return holding(TranscriptSeal.signatures(in: envelope), path, isWitnessed: true)
  }

  private func holding(_ signatures: [TranscriptSeal.Signature], _ path: String, isWitnessed: Bool) -> Answer {
    let sound = signatures.filter { !$0.bytes.isEmpty }
    if sound.isEmpty { return Answer(path: path, signatures: [], isWitnessed: false, codes: [.answerMalformed]) }
    let isSound = sound.allSatisfy(holds)
    return Answer(
      path: path, signatures: isSound ? sound : [], isWitnessed: isWitnessed, codes: isSound ? [] : [.answerKey])
  }

  /// Whether a signature on the seal is by a root key, and holds.
  func holds(_ signature: TranscriptSeal.Signature) -> Bool {
    (keys.own + keys.old).first { $0.keyID == signature.keyID }?
      .isValid(signature.bytes, over: seal.preAuthenticationEncoding) == true
  }

  /// The files that seal the ceremony by these answers: what is kept of them, and the seal, which is written last.
  ///
  /// Throws `ANSWER-REFUSED` for an answer that does not hold, and `SEAL-BELOW-THRESHOLD` for too few.
  ///
  /// - Parameter answers: their names and bytes.
  package func files(
    by answers: [(name: String, bytes: [UInt8])]
  ) throws(Finding) -> [(path: String, bytes: [UInt8])] {
    var chosen: [String: (signature: TranscriptSeal.Signature, path: String, isWitnessed: Bool)] = [:]
    var bytes: [String: [UInt8]] = [:]
    for answer in answers {
      let judged = judged(answer.bytes)
      guard judged.codes.isEmpty else {
        throw Finding(
          .answerRefused,
          "This answer does not seal this ceremony: \(judged.codes.map(\.rawValue).joined(separator: ", ")).",
          hint: "Nothing was written. Look up the codes; ask for the answer again.", place: answer.name)
      }
      bytes[judged.path] = answer.bytes
      for signature in judged.signatures {
        // Witnessed first, then the smaller SHA-256.
        if let other = chosen[signature.keyID],
          (other.isWitnessed ? 0 : 1, other.path) <= (judged.isWitnessed ? 0 : 1, judged.path)
        {
          continue
        }
        chosen[signature.keyID] = (signature, judged.path, judged.isWitnessed)
      }
    }
    // Whoever sealed their own answer did not see this transcript.
    let count = chosen.isEmpty ? 0 : Set(chosen.keys).union(witnessed).count
    guard count >= needed else {
      throw Finding(
        .sealBelowThreshold, "\(counted(count, "key")) would have sealed it, and \(needed) must.",
        hint: "Nothing was written. Name all answers at once; ask for more.")
    }
    return Set(chosen.values.map(\.path)).sorted().map { ($0, bytes[$0] ?? []) }
      + [(SealCount.path, seal.envelope(chosen.values.map(\.signature)))]
  }
}

extension Finding {
  package static let sealNotAwaited = Finding(
    .sealNotAwaited, "This ceremony does not wait for a seal.",
    hint: "Only one that finished a root that waited, and ended UNSEALED, is sealed from elsewhere.")
}

/// The seal of a ceremony that ended without one, and the answers beside it.
struct LateSeal {
  private(set) var findings: [Finding] = []
  /// Files that were added.
  private(set) var files: [String] = []
  private(set) var sealers: Set<String> = []

  /// Throws what keeps a file from being read.
  init(_ ceremony: UnsealedCeremony, _ source: any ProductsSource) throws(Finding) {
    guard try source.isLateSealed else { return }
    files = try source.lateFiles
    let bytes = try source.read(SealCount.path)
    let signatures = TranscriptSeal.signatures(in: bytes)
    guard ceremony.seal.envelope(signatures) == bytes else {
      add(.sealMismatch, "The transcript seal is over another transcript or other metadata.", SealCount.path)
      return
    }
    var shown: [TranscriptSeal.Signature: Bool] = [:]
    for path in files where path != SealCount.path {
      let content = try source.read(path)
      let judged = ceremony.judged(content)
      guard judged.path == path else {
        add(.productChanged, "This file is not named by what is in it.", path)
        continue
      }
      guard judged.codes.isEmpty else {
        add(
          .answerUnsound,
          "This answer does not seal this ceremony: \(judged.codes.map(\.rawValue).joined(separator: ", ")).", path)
        continue
      }
      guard judged.signatures.contains(where: signatures.contains) else {
        add(.fileUnknown, "The seal has no signature of this answer.", path)
        continue
      }
      for signature in judged.signatures where signatures.contains(signature) {
        shown[signature] = (shown[signature] ?? false) || judged.isWitnessed
        if !judged.isWitnessed {
          findings.append(.unwitnessed("The seal's signature by key \(shortened(signature.keyID))", path))
        }
      }
    }
    for signature in signatures {
      let name = shortened(signature.keyID)
      guard ceremony.holds(signature), !sealers.contains(signature.keyID) else {
        add(
          .sealMismatch, "The seal's signature by key \(name) does not hold, or is by no key of the root.",
          SealCount.path)
        continue
      }
      if shown[signature] == nil {
        add(.evidenceMissing, "The seal's signature by key \(name) came with no answer.", SealCount.path)
      }
      sealers.insert(signature.keyID)
    }
  }

  private mutating func add(_ code: Finding.Code, _ what: String, _ place: String) {
    findings.append(
      Finding(
        code, what, hint: "Treat the folder as changed, and compare the head with the one that was read aloud.",
        place: place))
  }
}

extension FolderVerifier {
  /// The files of a seal that came later.
  package var lateFiles: [String] { (try? source.lateFiles) ?? [] }

  /// Judges the files of a ceremony that ended without a seal, where one came later; nil where none did. Throws what keeps
  /// them from being judged.
  package static func lateSeal(_ source: any ProductsSource) throws(Finding) -> FolderVerifier? {
    guard try source.isLateSealed else { return nil }
    let verifier = FolderVerifier(source)
    guard verifier.unsealed != nil else { throw verifier.findings.first ?? .sealNotAwaited }
    return verifier
  }
}

extension FolderRecords {
  /// Whether no card sealed it, and a second request may have it sealed: it finishes a root that waited, and ended without
  /// a file of the seal.
  func isUnsealed(by script: Script, _ source: any ProductsSource) -> Bool {
    let sums = String(decoding: (try? source.read(SumsFile.path)) ?? [], as: UTF8.self)
    return !sums.contains("  \(SealCount.path)\n") && knows(EngineVersion.withBoards) && script.pending != nil
      && ending?.ending.isHeld == true
      && accepted["seal", default: [:]].isEmpty
  }
}

extension ProductsSource {
  fileprivate var isLateSealed: Bool {
    get throws(Finding) { try list().contains { $0.path == SealCount.path } }
  }

  /// The files of a seal that came later; empty where there is none.
  var lateFiles: [String] {
    get throws(Finding) {
      guard try isLateSealed else { return [] }
      return try list().filter { entry in
        entry.isRegular && (entry.path == SealCount.path || entry.isBelow(UnsealedCeremony.folder))
      }.map(\.path).sorted()
    }
  }
}
