import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyResults
import Findings
import FolderAudit
import Keys
import PIV
import Transcript
import UTC

/// Plays an engine against a journal and ports until it ends: the one loop of run, replay and tests.
///
/// For each effect the intent is recorded, then it is carried out, then what came of it is recorded,
/// and only then does the engine hear of it.
package struct CeremonyLoop {
  let journal: any Journal
  private let ports: any Ports

  package init(journal: any Journal, ports: any Ports) {
    self.journal = journal
    self.ports = ports
  }

  /// Returns the outcome of a ceremony that was closed.
  ///
  /// Throws ``Interruption`` where it stopped without ending, and what journal and ports throw.
  package func run(_ engine: inout CeremonyEngine) throws -> Outcome {
    var event = Event.begun
    while true {
      let reaction = engine.handle(event)
      for told in reaction.told { try perform(told.effect, step: told.step) }
      switch reaction.next {
      case .ask(let question, let step): event = try answer(question, step: step)
      case .end(let outcome): return outcome
      }
    }
  }

  private func perform(_ effect: Effect, step: String) throws {
    switch effect {
    case .record(let body): try journal.state(body, step: step)
    case .show(let screen):
      try journal.state(screen, step: step)
      ports.show(screen)
    case .create(let product):
      if product.isRecorded {
        try journal.state(WriteRecord(BoundFile(product.path, product.bytes)), step: step)
      }
      try ports.create(product)
    case .supply(let file):
      try journal.state(WriteRecord(file.file), step: step)
      try ports.supply(file)
    case .releaseCard:
      try journal.state(ReleaseRecord(), step: step)
      try ports.releaseCard()
    case .showFinalHead(var screen):
      screen.digests = [Screen.Labelled(label: "final head", digest: journal.last.digest)]
      ports.show(screen)
    case .report(let account, let ending):
      try ports.report(ReplayVerdict(of: account, ending, finalHead: journal.last.digest))
    case .sum(let sums): try ports.create(sumsFile(sums))
    }
  }

  /// In the form that `sha256sum -c` reads, sorted by path.
  private func sumsFile(_ known: [Effect.Sum]) throws -> Product {
    var sums = known
    for path in [RecordFile.transcript.name, RecordFile.sealing.name, ReportFile.path] {
      sums.append(Effect.Sum(path: path, digest: try ports.digest(of: path)))
    }
    let lines = sums.sorted { $0.path < $1.path }.map { "\($0.digest.hex)  \($0.path)\n" }
    return Product(SumsFile.path, Array(lines.joined().utf8), isRecorded: false)
  }

  /// What comes of it.
  private func answer(_ question: Question, step: String) throws -> Event {
    if try journal.hasGoneOn() { return .wentOn }
    switch question {
    case .ask(let screen): return try ask(screen, step: step)
    case .read(let name):
      let path = "inputs/\(name)"
      let read = try journal.obtain(step: step) { ReadRecord(BoundFile(path, try ports.stored(path))) }
      let bytes = try ports.stored(path)
      guard read == ReadRecord(BoundFile(path, bytes)) else {
        throw Finding(
          .productChanged, "\(path) is not the file that was read.",
          hint: "Compare the folder with another copy.", place: path)
      }
      return .input(bytes)
    case .list(let role):
      let listed = try journal.obtain(step: step) { ListedRecord(role: role, files: try ports.targetFiles(of: role)) }
      guard let listed, listed.role == role else { throw Unexpected(what: "the target files of \(role)") }
      return .listed(listed.files)
    case .deliveries(let wanted):
      let brought = try journal.obtain(step: step) {
        do {
          return DeliveryRecord(try ports.deliveries(wanted))
        } catch let finding as Finding {
          return DeliveryRecord([], missing: finding)
        }
      }
      guard let brought else { throw Unexpected(what: "files from elsewhere") }
      try compare(brought.signatures.map(\.file))
      return .delivered(brought)
    case .enrolments(let wanted):
      let brought = try journal.obtain(step: step) {
        do {
          return EnrolmentRecord(try ports.enrolments(wanted))
        } catch let finding as Finding {
          return EnrolmentRecord([], missing: finding)
        }
      }
      guard let brought else { throw Unexpected(what: "files from elsewhere") }
      try compare(brought.enrolments.map(\.file))
      return .enrolled(brought)
    case .awaitCard(let keyholder, let serial):
      return try awaitCard(keyholder, serial, step: step)
    case .card(let operation): return .card(try perform(operation, step: step))
    case .random(let count, let purpose):
      let drawn = try journal.obtain(step: step) {
        RandomRecord(bytes: try ports.random(count: count), purpose: purpose)
      }
      guard let drawn, drawn.bytes.count == count, drawn.purpose == purpose else {
        throw Unexpected(what: "\(count) random bytes for \(purpose)")
      }
      return .random(drawn.bytes)
    case .clock:
      guard let clock = try journal.obtain(step: step, { ClockRecord(try ports.now()) }) else {
        throw Unexpected(what: "a moment in UTC")
      }
      return .clock(clock.time)
    case .host:
      guard let host = try journal.obtain(step: step, { try ports.host() }) else {
        throw Unexpected(what: "what was found of the machine")
      }
      return .host(host)
    case .head: return .head(number: journal.last.number, digest: journal.last.digest)
    case .oneTime(let operation):
      let record = try journal.obtain(step: step) { try ports.oneTime(operation) }
      guard let record, record.answers(operation) else { throw Unexpected(what: "what came of one-time keys") }
      return .oneTime(record)
    case .secret(let operation):
      let record = try journal.obtain(step: step) {
        SecretRecord.operation(operation, isDone: try ports.perform(operation))
      }
      guard case .operation(operation, isDone: let isDone) = record else {
        throw Unexpected(what: "to \(operation.action.rawValue) \(operation.handle)")
      }
      return .secret(isDone: isDone)
    case .close(let body):
      try journal.state(body, step: step)
      let head = try journal.turnToSealing()
      return .closed(head: head, transcript: try ports.digest(of: RecordFile.transcript.name))
    }
  }

  /// What came from elsewhere lies in the folder as it was recorded.
  private func compare(_ files: [BoundFile]) throws {
    for file in files {
      guard try ports.digest(of: file.path) != file.digest else { continue }
      throw Finding(
        .productChanged, "\(file.path) is not the file that was taken in.",
        hint: "Compare the folder with another copy.", place: file.path)
    }
  }

  private func ask(_ screen: Screen, step: String) throws -> Event {
    try journal.state(screen, step: step)
    while true {
      if try journal.hasGoneOn() { return .wentOn }
      // A refused answer is a record of its own, without its text: somebody will type a PIN here.
      let reply = try journal.obtain(step: step) { try ports.answer(to: screen) }
      guard let reply, let prompt = screen.prompt, reply.answers(prompt) else {
        throw Unexpected(what: "an answer that the prompt takes")
      }
      switch reply {
      case .token(let token): return .answer(token)
      case .text(let text): return .text(text)
      case .refused: continue
      }
    }
  }

  private func awaitCard(_ keyholder: String, _ serial: UInt32?, step: String) throws -> Event {
    let record = try journal.obtain(step: step) {
      do {
        return CardArrivalRecord.came(try ports.awaitCard(keyholder: keyholder, serial: serial))
      } catch let finding as Finding {
        return .missing(finding)
      } catch let aside as Aside {
        guard let request = SideRequest(rawValue: aside.word) else { throw aside }
        return .aside(request)
      }
    }
    switch record {
    case .aside(let request): return .answer(request.rawValue)
    case .came(let card):
      ports.cardCame(card, keyholder: keyholder, serial: serial)
      return .cardPresent
    case .missing(let code, let what, let hint): return .noCard(Finding(code, what, hint: hint))
    case nil: throw Unexpected(what: "a card, or why there is none")
    }
  }

  private func perform(_ operation: CardOperation, step: String) throws -> Result<CardOutcome, PIVError> {
    try journal.state(operation, step: step)
    let card = RecordedCard(ports.cardChannel, journal: journal, step: step)
    let vault = RecordedVault(ports.vault, journal: journal, step: step)
    let session = PIVSession(channel: card, vault: vault)
    let result: Result<CardOutcome, PIVError>
    do throws(PIVError) {
      result = .success(try operation.perform(on: session))
    } catch {
      result = .failure(error)
    }
    if let failure = card.journalFailure ?? vault.journalFailure { throw failure }
    return result
  }
}
