import CanonicalJSON
import CardOperations
import CeremonyEngine
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Keys
import PIV
import Transcript
import UTC

/// An engine held in the hand: it is given an event, and shows what it tells and what it asks. A value: a copy of it goes
/// its own way. Everything that tests know of the engine's effects stands in this file.
struct Driver: Sendable {
  private(set) var engine: CeremonyEngine
  /// What was told by the last event, each in a few words; `@step` before what belongs to another step than what is before.
  private(set) var tells: [String] = []
  /// The bodies of the records among that.
  private(set) var records: [any RecordBody] = []
  /// What was shown or asked on screens by the last event.
  private(set) var screens: [Screen] = []
  /// Every product so far, by its path.
  private(set) var products: [String: [UInt8]] = [:]
  /// What the last event led to; nil before the first.
  private(set) var asks: Asked?
  /// The step that what was told or asked last belongs to.
  private(set) var step = ""

  init(_ script: Script, _ configuration: CeremonyConfiguration, at time: UTCTime) {
    engine = CeremonyEngine(script: script, configuration: configuration, time: time)
  }

  init(_ engine: CeremonyEngine) { self.engine = engine }

  mutating func take(_ event: Event) {
    (tells, records, screens, asks) = ([], [], [], nil)
    let reaction = engine.handle(event)
    for stepEffect in reaction.told {
      come(to: stepEffect.step)
      note(stepEffect.effect)
    }
    if case .ask(_, let step) = reaction.next { come(to: step) }
    asks = Asked(reaction.next)
    if case .screen(let screen)? = asks { screens.append(screen) }
  }

  private mutating func come(to other: String) {
    guard other != step else { return }
    step = other
    tells.append("@\(step)")
  }

  /// Whether the transcript has its last record.
  var isClosed: Bool { engine.account.head != nil }

  /// Everything that came of the last event, in words: what was told, then what is asked.
  var words: [String] { tells + [asks?.words ?? "nothing is asked"] }

  /// Codes of the findings that the last event put on record.
  var codes: [String] { records.compactMap { ($0 as? FindingRecord)?.code } }

  private mutating func note(_ effect: Effect) {
    switch effect {
    case .record(let body):
      records.append(body)
      tells.append(Self.words(for: body))
    case .show(let screen):
      screens.append(screen)
      tells.append("show \(screen.title)")
    case .create(let product):
      products[product.path] = product.bytes
      tells.append("create \(product.path)")
    case .supply(let file): tells.append("supply \(file.path)")
    case .releaseCard: tells.append("release")
    case .report(_, let ending): tells.append("report \(ending.rawValue)")
    case .showFinalHead(let screen): tells.append("final head on \(screen.title)")
    case .sum(let sums): tells.append("sum \(sums.count)")
    }
  }

  private static func words(for body: any RecordBody) -> String {
    switch body {
    case let body as FindingRecord: body.severity == "error" ? "finding \(body.code)" : "\(body.severity) \(body.code)"
    case let body as ExceptionRecord: "exception \(body.number) \(body.code)"
    case let body as AttendanceRecord:
      "\(body.person) \(body.state.rawValue)" + (body.substitute.map { " \($0)" } ?? "")
        + (body.seenBy.map { ", seen by \($0)" } ?? "")
    case let body as BagRecord: "bag \(body.number) \(body.keyholder) \(body.move.rawValue)"
    case let body as InitialsRecord: "initials \(body.person) \(body.initials)"
    case let body as SignatureRecord: "signature \(body.role) \(body.signer.keyholder)"
    case let body as PayloadRecord: "payload \(body.role)"
    case let body as DroppedRecord: "dropped \(body.role) of \(body.signers.count)"
    case let body as InitialsStatement: "statement \(body.person) \(body.step)"
    case let body as KeyProof: "proof \(body.person) \(body.slot)"
    case let body as EndRecord: "end \(body.ending.rawValue), \(body.exceptions) exceptions, \(body.signatures) seal"
    default: "record \(type(of: body).kind.rawValue)"
    }
  }
}

/// What an engine asks, so that the world answers it.
enum Asked: Sendable {
  case screen(Screen)
  case read(String)
  case list(String)
  case enrolments(EnrolmentWanted)
  case deliveries(DeliveryWanted)
  case awaitCard(keyholder: String, serial: UInt32?)
  case card(CardOperation)
  case random(Int)
  case clock
  case host
  case head
  case secret(SecretOperation)
  case oneTime(OneTimeOperation)
  case close(CloseRecord)
  case end(Outcome)

  init(_ next: Reaction.Next) {
    switch next {
    case .end(let outcome): self = .end(outcome)
    case .ask(.ask(let screen), _): self = .screen(screen)
    case .ask(.read(let name), _): self = .read(name)
    case .ask(.list(let role), _): self = .list(role)
    case .ask(.enrolments(let wanted), _): self = .enrolments(wanted)
    case .ask(.deliveries(let wanted), _): self = .deliveries(wanted)
    case .ask(.awaitCard(let keyholder, let serial), _): self = .awaitCard(keyholder: keyholder, serial: serial)
    case .ask(.card(let operation), _): self = .card(operation)
    case .ask(.random(let count, _), _): self = .random(count)
    case .ask(.clock, _): self = .clock
    case .ask(.host, _): self = .host
    case .ask(.head, _): self = .head
    case .ask(.secret(let operation), _): self = .secret(operation)
    case .ask(.oneTime(let operation), _): self = .oneTime(operation)
    case .ask(.close(let record), _): self = .close(record)
    }
  }

  /// In words: `? Title [tokens]` for a screen, with `aside` where every side request is taken.
  var words: String {
    switch self {
    case .screen(let screen): "? \(screen.title) \(Self.answers(screen.prompt))"
    case .read(let name): "read \(name)"
    case .list(let role): "list \(role)"
    case .enrolments(let wanted): "enrolments \(wanted.person)"
    case .deliveries(let wanted): "deliveries \(wanted.role)"
    case .awaitCard(let keyholder, let serial): "await \(keyholder)" + (serial.map { " \($0)" } ?? "")
    case .card(let operation): "card \(Self.name(of: operation))"
    case .random(let count): "random \(count)"
    case .clock: "clock"
    case .host: "host"
    case .head: "head"
    case .secret(let operation): "\(operation.action.rawValue) \(operation.handle)"
    case .oneTime(.make(let role, let number)): "one-time make \(role) \(number)"
    case .oneTime(.sign(let role, let number, _)): "one-time sign \(role) \(number)"
    case .oneTime(.wipe): "one-time wipe"
    case .close(let record): "close \(record.ending.rawValue)"
    case .end(let outcome):
      "end \(outcome.ending.rawValue) \(outcome.status.rawValue)" + (outcome.finding.map { " \($0.code)" } ?? "")
    }
  }

  /// By which a question is found again: what is asked, without the words of a screen.
  var kind: String { if case .screen = self { "ask" } else { words } }

  static func name(of operation: CardOperation) -> String {
    let name = operation.json["task"]?.string ?? ""
    return operation.json["slot"]?.string.map { "\(name) \($0)" } ?? name
  }

  private static func answers(_ prompt: Prompt?) -> String {
    guard let prompt else { return "without a prompt" }
    let line = prompt.line.map { ["<\($0.rawValue)>"] } ?? []
    let all = SideRequest.allCases.map(\.rawValue)
    let aside =
      prompt.always == all
      ? ""
      : prompt.always.isEmpty ? ", nothing aside" : ", without \(all.filter { !prompt.always.contains($0) }.joined())"
    return "[\((prompt.answers.map(\.token) + line).joined(separator: " "))\(aside)]"
  }
}
