import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import Products
import TUFMetadata
import Transcript
import UTC

/// What both files of records say, whichever engine wrote them: read once, linked line to line, nothing re-executed.
package struct FolderRecords {
  /// A signature that the ceremony accepted, as its record holds it.
  struct Accepted: Hashable {
    let keyID: String
    let signature: [UInt8]
  }

  package struct Ending {
    package let ending: Outcome.Ending
    let exceptions: Int
    /// nil before engine version 6.
    let keys: [CloseRecord.Key]?
    /// Of the record that says so.
    let place: String
  }

  /// What somebody did, by a record.
  enum Deed {
    case signed(SignatureRecord.Signer)
    case initialled(InitialsRecord)
    case bag(BagRecord)
    case attended(AttendanceRecord)
    case lookedAt(HostRecord)
    case oneTime(OneTimeRecord)
  }

  package private(set) var configuration: CeremonyConfiguration?
  /// Of the state machine; nil before the first record.
  private(set) var engine: Int64?
  /// The time of the first record, at which everything is judged.
  private(set) var time: UTCTime?
  /// Every file that a record binds, and its digest.
  package private(set) var files: [String: SHA256Digest] = [:]
  /// SHA-256 of the signed parts that were built, by role.
  private(set) var payloads: [String: Set<SHA256Digest>] = [:]
  /// By role and SHA-256 of what was signed; the seal's role is `seal`.
  private(set) var accepted: [String: [SHA256Digest: Set<Accepted>]] = [:]
  /// What officials' cards signed under initials, and in which record.
  private(set) var signedInitials:
    [(statement: InitialsStatement, signature: Accepted, file: RecordFile, place: String)] = []
  package var signedInitialsCount: Int { signedInitials.count }
  /// How many initials were typed.
  package private(set) var initialsCount = 0
  /// The ending that the last record of `sealing.jsonl` names; nil for engine version 1, which wrote none.
  private(set) var sealingEnding: EndRecord.Ending?
  /// The payloads that were given up.
  private(set) var dropped: [DroppedRecord] = []
  /// What the records say that somebody did, with the script's steps and the places.
  private(set) var deeds: [(deed: Deed, step: String, place: String)] = []
  /// What was found of the machine last, by the record's step.
  private(set) var looks: [String: HostRecord] = [:]
  /// Who signed, by role, SHA-256 of what was signed, and key.
  private var signers: [String: [SHA256Digest: Set<SignatureRecord.Signer>]] = [:]
  /// Of the same payloads: role, who had signed it by then, and where that is recorded.
  private(set) var droppedSigners: [(role: String, signers: Set<SignatureRecord.Signer>, place: String)] = []
  /// A warning for each time that the second copy was lost.
  private(set) var losses: [Finding] = []
  /// What cards did before the head, and after it.
  private(set) var exchanges: [RecordFile: RecordedExchanges] = [:]
  package private(set) var cards = CardLog()
  package private(set) var ending: Ending?
  /// How many records `transcript.jsonl` and `sealing.jsonl` have.
  package private(set) var count: Int64 = 0
  /// The SHA-256 of the last line of the transcript that was read.
  package private(set) var head = SHA256Digest.zero
  /// The SHA-256 of the record of the end; nil where there is none.
  package private(set) var finalHead: SHA256Digest?
  package private(set) var incidents = Incidents()
  /// What is wrong with the records themselves. What was read before it stands.
  private(set) var finding: Finding?
  /// Why the ceremony stopped, where it did not go on.
  private(set) var interruption: String?
  /// Number and line of the last record that is no interruption, no resume and no loss of a copy.
  private var last: (number: Int64, digest: SHA256Digest) = (-1, .zero)
  /// What was typed last, and the script's step of it, by `administrator` or `witness`.
  private var typed: [String: (letters: String, step: String)] = [:]
  private var presence = RecordedPresence()
  /// How many exceptions were recorded by now, in both files.
  private var exceptions: Int64 = 0
  /// What is to be signed next.
  private var stated: InitialsStatement?
  /// What a new key is to sign next.
  private var proof: KeyProof?
  /// What the last `random` record holds.
  private var random: [UInt8]?
  /// Which stand-ins take the place of which keys; nil where no twin was made.
  private(set) var twin: TwinRecord?
  /// Who was heard reading the head of their ceremony.
  private(set) var heard: [(heard: HeardRecord, place: String)] = []
  /// Keys that came from elsewhere, and were taken in or not, with the script's step.
  private(set) var enrolments: [(enrolment: Enrolment, step: String, place: String)] = []
  /// What came from elsewhere, which file it is in, and the root that was built last before it.
  private(set) var deliveries: [(delivered: Delivered, payload: SHA256Digest, place: String)] = []
  /// Signatures over a root that were accepted, also over one that was given up later.
  private(set) var acceptedOfRoots: Set<Accepted> = []
  /// SHA-256 of each line so far, and what was drawn at random for which purpose.
  private(set) var heads: Set<SHA256Digest> = []
  private(set) var drawn: Set<RandomRecord> = []
  private var newestRoot = SHA256Digest.zero
  /// Keys that were made in memory, what they signed, and whether they were wiped.
  private(set) var oneTime = OneTimeRecords()
  /// Who signed metadata of which role, where, and which keys cards had deleted by then.
  private(set) var signings: [(role: String, keyholder: String, deleted: Set<DeletedKeys.Key>, place: String)] = []
  /// The target files of each role, as they were recorded.
  private(set) var listed: [String: [TargetFile]] = [:]
  /// Cards that were wiped, by the records.
  private(set) var wipes: [(record: WipeRecord, step: String, place: String)] = []
  /// The proofs that were signed.
  private(set) var proofs: [SignedProof] = []

  struct SignedProof {
    let proof: KeyProof
    let signature: Accepted
    /// Of its records: `STEP/prove-ROLE`.
    let step: String
    /// The last key that was made in that step for that role by then.
    let made: RecordedExchanges.Generation?
    let place: String
  }

  init(_ source: any ProductsSource) {
    do {
      var transcript = TranscriptReader(try source.open(RecordFile.transcript.name), name: RecordFile.transcript.name)
      try read(&transcript, .transcript)
      head = transcript.chain.head
      guard ending != nil else { return }
      var sealing = TranscriptReader(
        try source.open(RecordFile.sealing.name), name: RecordFile.sealing.name, after: head)
      try read(&sealing, .sealing)
    } catch let finding as Finding {
      self.finding = finding
    } catch {
      finding = Finding(
        .recordMalformed, "The transcript does not say what happened here: \(error).",
        hint: "Treat the folder as changed; compare it with another copy.", place: RecordFile.transcript.name)
    }
  }

  private mutating func read<Source>(_ reader: inout TranscriptReader<Source>, _ file: RecordFile) throws {
    let isSealing = file == .sealing
    (stated, typed) = (nil, [:])
    var order = RecordOrder(isSealing: isSealing, engine: engine ?? Int64(EngineVersion.current))
    while let record = try reader.next() {
      if !isSealing {
        head = reader.chain.head
        heads.insert(head)
      }
      count += 1
      let place = "\(file.name) record \(record.seq)"
      try order.note(record, place)
      try note(record, file, place)
      if record.kind == .end { finalHead = reader.chain.head }
      if ![.interruption, .resume, .mirror].contains(record.kind) { last = (record.seq, reader.chain.head) }
    }
    if isSealing, let finding = order.ending(head) { throw finding }
  }

  private mutating func note(_ record: Record, _ file: RecordFile, _ place: String) throws(Finding) {
    guard exchanges[file, default: RecordedExchanges()].note(record) else {
      throw Self.malformed("This record holds no command or answer as they are written.", place)
    }
    if let engine, engine >= EngineVersion.withProofs, !presence.note(record, engine: engine) {
      throw Self.malformed("By this record somebody acts who is not in the room, or nobody could vouch for.", place)
    }
    cards.note(record)
    incidents.note(record)
    interruption = record.kind == .interruption ? InterruptionRecord(fields: record.body)?.reason ?? "unknown" : nil
    let scriptStep = PlannedStep.scriptID(of: record.step)
    switch record.kind {
    case .begin: try begin(record)
    case .read, .write:
      guard let file = BoundFile(record), ProductsFolder.isSafe(file.path), !file.path.hasPrefix("annex/"),
        !file.path.hasPrefix("virtual-cards/"), files[file.path] == nil || files[file.path] == file.digest
      else { throw Self.malformed("This record names no file, or gives a file a second content.", place) }
      files[file.path] = file.digest
    case .oneTime:
      guard knows(EngineVersion.withOneTimeKeys), let body = OneTimeRecord(fields: record.body), oneTime.note(body)
      else {
        throw Self.malformed("This record does not say what came of a one-time key that was there.", place)
      }
      guard acceptedOfRoots.isEmpty else {
        throw Self.malformed("A root was signed before this one-time key was made, used or wiped.", place)
      }
      deeds.append((.oneTime(body), scriptStep, place))
    case .listed:
      guard knows(EngineVersion.withDelegations), let read = ListedRecord(fields: record.body),
        listed.updateValue(read.files, forKey: read.role) == nil
      else { throw Self.malformed("This record does not say which files a role lists, or says it again.", place) }
    case .payload:
      guard let payload = PayloadRecord(fields: record.body) else {
        throw Self.malformed("This record holds no payload of that digest and length.", place)
      }
      payloads[payload.role, default: []].insert(payload.digest)
      if payload.role == "root" { newestRoot = payload.digest }
    case .signature:
      guard let signature = SignatureRecord(fields: record.body) else {
        throw Self.malformed("This record holds no signature.", place)
      }
      let (role, keyID, payload) = (signature.role, signature.signer.keyID, signature.payload)
      deeds.append((.signed(signature.signer), scriptStep, place))
      guard file.roles.contains(role) || file == .transcript && isOfMetadata(role) else {
        throw Self.malformed("A signature for this role cannot stand in \(file.name).", place)
      }
      let signed = Accepted(keyID: keyID, signature: signature.signature)
      signings.append((role, signature.signer.keyholder, exchanges[.transcript]?.deleted.gone ?? [], place))
      if role == "root" { acceptedOfRoots.insert(signed) }
      guard role != "root" || !oneTime.isLive else {
        throw Self.malformed("A card signed the root while one-time keys were still there.", place)
      }
      if role == "proof" {
        guard let proof, proof.keyID == keyID, SHA256Digest(of: proof.preAuthenticationEncoding) == payload else {
          throw Self.malformed("This signature of a proof is over nothing that was stated before it.", place)
        }
        self.proof = nil
        let made = exchanges[.transcript]?.generations[record.step.replacing("/prove-", with: "/generate-")]
        proofs.append(SignedProof(proof: proof, signature: signed, step: record.step, made: made, place: place))
      }
      guard role == "initials" else {
        accepted[role, default: [:]][payload, default: []].insert(signed)
        signers[role, default: [:]][payload, default: []].insert(signature.signer)
        return
      }
      guard let statement = stated, SHA256Digest(of: statement.preAuthenticationEncoding) == payload else {
        throw Self.malformed("This signature under initials is over nothing that was stated before it.", place)
      }
      stated = nil
      signedInitials.append((statement, signed, file, place))
    case .initials:
      guard let initials = InitialsRecord(fields: record.body) else {
        throw Self.malformed("This record holds no initials.", place)
      }
      deeds.append((.initialled(initials), scriptStep, place))
      initialsCount += 1
      typed[initials.person] = (initials.initials, scriptStep)
    case .bag:
      guard let bag = BagRecord(fields: record.body) else {
        throw Self.malformed("This record does not say whose bag was opened or closed.", place)
      }
      deeds.append((.bag(bag), scriptStep, place))
    case .wipe:
      guard knows(EngineVersion.withBoards), let wipe = WipeRecord(record.body) else {
        throw Self.malformed("This record does not say which card was wiped.", place)
      }
      guard exchanges[file]?.present.shows(wipe) == true else { throw WipedCards.notShown(place) }
      wipes.append((wipe, scriptStep, place))
    case .host:
      guard knows(EngineVersion.withBoards), let host = HostRecord(fields: record.body) else {
        throw Self.malformed("This record does not say what was found of the machine.", place)
      }
      deeds.append((.lookedAt(host), scriptStep, place))
      looks[record.step] = host
    case .attendance:
      guard let attendance = AttendanceRecord(fields: record.body) else {
        throw Self.malformed("This record does not say where somebody is.", place)
      }
      deeds.append((.attended(attendance), scriptStep, place))
    case .statement:
      guard let statement = InitialsStatement(record.body), statement.record == last.number,
        statement.head == last.digest, statement.isRehearsal == configuration?.isRehearsal,
        statement.step == scriptStep, let typed = typed[statement.person],
        typed.letters.utf8.elementsEqual(statement.initials.utf8), typed.step == statement.step
      else { throw Self.malformed("This record does not state what came before it.", place) }
      stated = statement
    case .twin:
      guard let twin = TwinRecord(fields: record.body), self.twin == nil else {
        throw Self.malformed("This record does not say which keys stand in for which, or says it again.", place)
      }
      self.twin = twin
    case .random:
      guard let drawn = RandomRecord(fields: record.body) else {
        throw Self.malformed("This record does not say what was drawn, or for what.", place)
      }
      random = drawn.bytes
      self.drawn.insert(drawn)
    case .proof:
      guard let proof = KeyProof(record.body), proof.purpose == .enrolled || proof.nonce == random,
        proof.record == last.number,
        proof.head == last.digest,
        proof.isRehearsal == configuration?.isRehearsal, proof.script == configuration?.script,
        proof.purpose == .test || proof.purpose == .kept && isKnownToKeep && payloads["root"] == nil
          || proof.purpose == .enrolled && isKnownToAnswer
      else { throw Self.malformed("This record does not state what came before it.", place) }
      self.proof = proof
    case .resume:
      oneTime.lose()
      guard let resumption = ResumeRecord(fields: record.body), resumption.engine == engine else {
        throw Self.malformed("Another engine than the first record's cannot go on.", place)
      }
      guard resumption.isOfItsRelease else {
        throw Self.malformed("This record names a release that has another engine.", place)
      }
    case .mirror:
      guard let mirror = MirrorRecord(record.body) else {
        throw Self.malformed("A second copy is said to be lost, and not why.", place)
      }
      losses.append(.copyLost(record.seq, mirror.loss, place))
    case .delivery:
      guard isKnownToAnswer, let brought = DeliveryRecord(fields: record.body) else {
        throw Self.malformed("This record does not say what came from elsewhere.", place)
      }
      for delivered in brought.signatures {
        try bind(delivered.file, place)
        deliveries.append((delivered, newestRoot, place))
      }
    case .heard:
      guard isKnownToAnswer, let heard = HeardRecord(fields: record.body),
        deliveries.contains(where: { $0.delivered.head == heard.head && $0.delivered.codes.isEmpty })
          || enrolments.contains(where: { $0.enrolment.made?.head == heard.head && $0.enrolment.codes.isEmpty })
      else {
        throw Self.malformed(
          "This record says that a head was heard which nothing that came from elsewhere has.", place)
      }
      self.heard.append((heard, place))
    case .enrolment:
      guard isKnownToAnswer, let brought = EnrolmentRecord(fields: record.body) else {
        throw Self.malformed("This record does not say which key came from elsewhere.", place)
      }
      for enrolment in brought.enrolments {
        try bind(enrolment.file, place)
        enrolments.append((enrolment, scriptStep, place))
      }
    case .exception:
      guard ExceptionRecord(fields: record.body) != nil else {
        throw Self.malformed("This record does not say what did not go to plan.", place)
      }
      exceptions += 1
    case .interruption:
      guard InterruptionRecord(fields: record.body) != nil else {
        throw Self.malformed("This record does not say why the ceremony stopped.", place)
      }
    case .end:
      guard let end = EndRecord(fields: record.body), end.exceptions == exceptions else {
        throw Self.malformed("This record does not say how the ceremony ended, or counts other exceptions.", place)
      }
      guard (end.ending == .aborted) == (ending?.ending == .aborted) else {
        throw Self.malformed("This record says that the ceremony ended otherwise than it was closed.", place)
      }
      sealingEnding = end.ending
    case .dropped:
      guard let drop = DroppedRecord(fields: record.body), isOfMetadata(drop.role) else {
        throw Self.malformed("This record does not say what was given up.", place)
      }
      accepted[drop.role, default: [:]].removeValue(forKey: drop.payload)
      let named = signers[drop.role, default: [:]].removeValue(forKey: drop.payload) ?? []
      guard Set(drop.signers) == named else {
        throw Self.malformed("This record names other signatures of what was given up than were recorded.", place)
      }
      droppedSigners.append((drop.role, named, place))
      dropped.append(drop)
    case .close:
      guard let close = CloseRecord(fields: record.body), close.exceptions == exceptions,
        (close.keys != nil) == isKnownToKeep, close.ending != .pending || isKnownToAnswer
      else {
        throw Self.malformed("This record does not say how the ceremony ended, or counts other exceptions.", place)
      }
      guard !close.ending.isHeld || !oneTime.isLive else {
        throw Self.malformed("The ceremony was closed, and its one-time keys were not wiped.", place)
      }
      ending = Ending(ending: close.ending, exceptions: Int(exceptions), keys: close.keys, place: place)
    default: break
    }
  }

  /// Whether keys are kept by this engine.
  private var isKnownToKeep: Bool { engine.map { $0 >= EngineVersion.withRotations } == true }

  /// Whether metadata of a role of this name may be signed here: of delegated roles since they are built.
  private func isOfMetadata(_ role: String) -> Bool {
    ["root", "targets"].contains(role) || knows(EngineVersion.withDelegations) && Delegation.mayBeNamed(role)
  }

  /// Whether the engine that wrote these records had what came with this version; false where none is known.
  func knows(_ version: Int64) -> Bool { engine.map { $0 >= version } ?? false }

  private mutating func bind(_ file: BoundFile, _ place: String) throws(Finding) {
    guard files[file.path] == nil || files[file.path] == file.digest else {
      throw Self.malformed("This record gives a file a second content.", place)
    }
    files[file.path] = file.digest
  }

  /// Whether this engine answers requests.
  private var isKnownToAnswer: Bool { engine.map { $0 >= EngineVersion.withRequests } == true }

  private mutating func begin(_ record: Record) throws(Finding) {
    guard let heading = BeginHeading(record.body), let configuration = CeremonyConfiguration(fields: record.body),
      heading.engine < EngineVersion.withProofs || configuration.after?.isKept != false
    else { throw Finding.beginningUnknown }
    self.configuration = configuration
    guard EngineVersion.known.contains(heading.engine) else { throw Finding.unknownEngine(heading.engine) }
    guard heading.isOfItsRelease else { throw Finding.otherRelease }
    engine = heading.engine
    time = record.at
    files["script.yaml"] = configuration.script
  }

  private static func malformed(_ what: String, _ place: String) -> Finding {
    Finding(
      .recordMalformed, what, hint: "Treat the folder as changed; compare it with another copy.", place: place)
  }
}

extension RecordFile {
  /// Whose signatures it records.
  fileprivate var roles: Set<String> {
    self == .transcript
      ? ["root", "targets", "twin", "initials", "proof", SignatureRecord.askedSeal] : ["seal", "initials"]
  }
}

extension FolderRecords {
  /// What is said of a transcript without a `close` record.
  var unfinished: Finding {
    let (what, place) =
      interruption.map { ("The ceremony was interrupted (\($0)) and did not end.", count - 1) }
      ?? ("transcript.jsonl ends after record \(count - 1), before the ceremony does.", count)
    return Finding(
      .incomplete, what, hint: "The ceremony stopped here. It can be resumed, or must be held again.",
      place: "transcript.jsonl record \(place)")
  }

  /// The content of a file that a record binds. Throws `FILE-REFUSED`, `SCRIPT-CHANGED` and `PRODUCT-CHANGED`.
  func content(of path: String, in source: any ProductsSource) throws(Finding) -> [UInt8] {
    let bytes = try source.read(path)
    guard SHA256Digest(of: bytes) == files[path] else {
      throw Finding(
        path == "script.yaml" ? .scriptChanged : .productChanged, "\(path) is not the file that the transcript names.",
        hint: "It was changed later. Compare the folder with another copy.", place: path)
    }
    return bytes
  }

  /// Metadata files in the order of their names.
  package var metadata: [String] { files.keys.filter { $0.hasPrefix("metadata/") }.sorted() }
  /// Metadata files that wait for signatures, in the order of their names.
  package var waiting: [String] { files.keys.filter { $0.hasPrefix("pending/") }.sorted() }
}
