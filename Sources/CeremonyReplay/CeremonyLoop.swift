import CanonicalJSON
import CardOperations
import CeremonyEngine
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
public struct CeremonyLoop {
  let journal: any Journal
  private let ports: any Ports

  public init(journal: any Journal, ports: any Ports) {
    self.journal = journal
    self.ports = ports
  }

  /// Returns the outcome of a ceremony that was closed.
  ///
  /// Throws ``Interruption`` where it stopped without ending, and what journal and ports throw.
  public func run(_ engine: inout CeremonyEngine) throws -> Outcome {
    var event = Event.begun
    while true {
      var answered: Event?
      for stepEffect in engine.handle(event) {
        let step = stepEffect.step
        switch stepEffect.effect {
        case .record(let kind, let body): try journal.state(kind, step: step, body)
        case .show(let screen):
          try journal.state(.screen, step: step, screen.json)
          ports.show(screen)
        case .create(let product):
          if product.isRecorded {
            try journal.state(
              .write, step: step,
              [
                "path": .string(product.path), "bytes": .integer(Int64(product.bytes.count)),
                "sha256": .string(SHA256Digest(of: product.bytes).hex),
              ])
          }
          try ports.create(product)
        case .supply(let file):
          try journal.state(.write, step: step, file.json)
          try ports.supply(file)
        case .releaseCard:
          try journal.state(.release, step: step, [:])
          try ports.releaseCard()
        case .showFinalHead(var screen):
          screen.digests = [Screen.Labelled(label: "final head", digest: journal.last.digest)]
          ports.show(screen)
        case .report(let ending): try ports.report(engine.account(of: ending, finalHead: journal.last.digest))
        case .sum(let sums): try ports.create(sumsFile(sums))
        case .end(let outcome): return outcome
        default: answered = try perform(stepEffect.effect, step: step)
        }
      }
      guard let next = answered else { throw Unexpected(what: "an effect that brings an event") }
      event = next
    }
  }

  /// In the form that `sha256sum -c` reads, sorted by path.
  private func sumsFile(_ known: [Effect.Sum]) throws -> Product {
    var sums = known
    for path in [RecordFile.transcript.name, RecordFile.sealing.name, ReportFile.path] {
      sums.append(Effect.Sum(path: path, digest: try ports.digest(of: path)))
    }
    let lines = sums.sorted { $0.path < $1.path }.map { "\($0.digest.hex)  \($0.path)\n" }
    return Product("SHA256SUMS", Array(lines.joined().utf8), isRecorded: false)
  }

  private func perform(_ effect: Effect, step: String) throws -> Event {
    if try journal.hasGoneOn() { return .wentOn }
    switch effect {
    case .ask(let screen): return try ask(screen, step: step)
    case .read(let name):
      let path = "inputs/\(name)"
      let body = try journal.obtain(.read, step: step) {
        let bytes = try ports.stored(path)
        return [
          "path": .string(path), "bytes": .integer(Int64(bytes.count)),
          "sha256": .string(SHA256Digest(of: bytes).hex),
        ]
      }
      let bytes = try ports.stored(path)
      guard body["path"]?.string == path, body["sha256"]?.string == SHA256Digest(of: bytes).hex else {
        throw Finding(
          .productChanged, "\(path) is not the file that was read.",
          hint: "Compare the folder with another copy.", place: path)
      }
      return .input(bytes)
    case .awaitCard(let keyholder, let serial):
      return try awaitCard(keyholder, serial, step: step)
    case .card(let task): return .card(try perform(task, step: step))
    case .random(let count, let purpose):
      let body = try journal.obtain(.random, step: step) {
        ["bytes": .string(Hex.encode(try ports.random(count: count))), "purpose": .string(purpose)]
      }
      guard let bytes = body["bytes"]?.string.flatMap(Hex.decode), bytes.count == count,
        body["purpose"]?.string == purpose
      else { throw Unexpected(what: "\(count) random bytes for \(purpose)") }
      return .random(bytes)
    case .clock:
      let body = try journal.obtain(.clock, step: step) { ["at": .string(try ports.now().description)] }
      guard let time = body["at"]?.string.flatMap(UTCTime.init(_:)), body.names == ["at"] else {
        throw Unexpected(what: "a moment in UTC")
      }
      return .clock(time)
    case .head: return .head(number: journal.last.number, digest: journal.last.digest)
    case .secret(let task):
      let body = try journal.obtain(.secret, step: step) {
        let isDone = try ports.work(task)
        return [
          "secret": .string(task.handle.description), "kind": .string(task.kind.rawValue),
          "work": .string(task.work.rawValue), "done": .bool(isDone),
        ]
      }
      guard body["secret"]?.string == task.handle.description, body["work"]?.string == task.work.rawValue,
        let isDone = body["done"]?.bool
      else { throw Unexpected(what: "to \(task.work.rawValue) \(task.handle)") }
      return .secret(isDone: isDone)
    case .close(let body):
      try journal.state(.close, step: step, body)
      let head = try journal.turnToSealing()
      return .closed(head: head, transcript: try ports.digest(of: RecordFile.transcript.name))
    case .record, .show, .create, .supply, .releaseCard, .showFinalHead, .report, .sum, .end:
      throw Unexpected(what: "an effect that brings an event")
    }
  }

  private func ask(_ screen: Screen, step: String) throws -> Event {
    try journal.state(.screen, step: step, screen.json)
    while true {
      if try journal.hasGoneOn() { return .wentOn }
      // A refused answer is a record of its own, without its text: somebody will type a PIN here.
      let body = try journal.obtain(.answer, step: step) { try ports.answer(to: screen).json }
      switch screen.prompt.flatMap({ Reply(recorded: body, to: $0) }) {
      case .token(let token): return .answer(token)
      case .text(let text): return .text(text)
      case .refused: continue
      case nil: throw Unexpected(what: "an answer that the prompt takes")
      }
    }
  }

  private func awaitCard(_ keyholder: String, _ serial: UInt32?, step: String) throws -> Event {
    let body = try journal.obtain(.card, step: step) {
      do {
        return try ports.awaitCard(keyholder: keyholder, serial: serial)
      } catch let finding as Finding {
        // What readers and pcscd call themselves may be anything, and a record takes no control characters.
        return [
          "failure": [
            "code": .string(finding.code.description), "what": .string(printable(finding.what)),
            "hint": .string(printable(finding.hint)),
          ]
        ]
      }
    }
    guard let failure = body["failure"] else {
      ports.cardCame(body, keyholder: keyholder, serial: serial)
      return .cardPresent
    }
    guard body.names == ["failure"], failure.object?.names == ["code", "hint", "what"],
      let code = failure["code"]?.string.flatMap(Finding.Code.init(rawValue:)),
      let what = failure["what"]?.string, let hint = failure["hint"]?.string
    else { throw Unexpected(what: "a card, or why there is none") }
    return .noCard(Finding(code, what, hint: hint))
  }

  private func perform(_ task: CardOperation, step: String) throws -> Result<CardOutcome, PIVError> {
    try journal.state(.operation, step: step, task.json)
    let card = RecordedCard(ports.cardChannel, journal: journal, step: step)
    let vault = RecordedVault(ports.vault, journal: journal, step: step)
    let session = PIVSession(channel: card, vault: vault)
    let result: Result<CardOutcome, PIVError>
    do throws(PIVError) {
      result = .success(try task.perform(on: session))
    } catch {
      result = .failure(error)
    }
    if let failure = card.journalFailure ?? vault.journalFailure { throw failure }
    return result
  }
}
