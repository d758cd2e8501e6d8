import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Keys
import SmartCard
import Transcript
import UTC

/// A step of the ceremony: its screens, and the records that prove it.
struct StepRow {
  /// Counted from 1; part of the address within the page.
  let place: String
  let name: String
  let stepID: String?
  let at: String
  let offset: String
  let duration: String
  let link: Link?
  let screens: [ScreenRow]
  let evidence: [EvidenceRow]
  let evidenceCount: String
  let file: String

  struct Link {
    let address: String
    let moment: String
  }

  static func steps(_ content: TranscriptContent, _ video: Video?) -> [StepRow] {
    StepRecords.all(in: content).compactMap { StepRow($0, video) }
  }

  private init?(_ step: StepRecords, _ video: Video?) {
    guard let first = step.records.first, let last = step.records.last else { return nil }
    file = step.file
    place = String(step.place)
    stepID = step.step.isEmpty ? nil : step.step
    at = first.at.description
    offset = Page.clock(first.mono / 1_000_000_000)
    let nanoseconds = (step.next?.mono ?? last.mono) - first.mono
    duration = nanoseconds < 1_000_000_000 ? "under a second" : Page.clock(nanoseconds / 1_000_000_000)
    link = video?.link(to: first.at).map { Link(address: $0.address, moment: $0.offset) }
    var screens: [ScreenRow] = []
    var evidence: [EvidenceRow] = []
    for record in step.records {
      switch record.kind {
      case .screen:
        if let screen = Screen(record.body) {
          screens.append(ScreenRow(screen))
        } else {
          evidence.append(EvidenceRow(record))
        }
      case .answer:
        if let token = Reply(fields: record.body)?.accepted, let last = screens.indices.last {
          screens[last].answer = token
        } else if let last = screens.indices.last {
          screens[last].refuse()
        }
        evidence.append(EvidenceRow(record))
      default: evidence.append(EvidenceRow(record))
      }
    }
    self.screens = screens
    self.evidence = evidence
    evidenceCount = evidence.count == 1 ? "1 record" : "\(evidence.count) records"
    name = screens.first?.heading ?? stepID ?? (step.place == 1 ? "Beginning" : "Ending")
  }
}

/// A screen as the stream showed it.
struct ScreenRow {
  let heading: String
  let who: String?
  let progress: String
  let marks: String?
  let text: [String]
  let say: [String]
  let shownFacts: [Page.Row]
  let shownDigests: [Page.DigestRow]
  let question: String?
  var answer: String?
  /// That answers were refused; their text was not recorded.
  private(set) var refusals: String?
  private var refused = 0

  init(_ screen: Screen) {
    heading = screen.title
    who = screen.who.isEmpty ? nil : screen.who
    progress = (["step \(screen.step) of \(screen.steps)"] + screen.standingInWords).joined(separator: " · ")
    marks = screen.banners.isEmpty ? nil : screen.banners.joined(separator: ", ")
    text = screen.text
    say = screen.say
    shownFacts = screen.facts.map { Page.Row(name: $0.name, value: $0.value) }
    shownDigests = screen.digests.map { Page.DigestRow($0.label, $0.digest) }
    question = screen.prompt?.question
  }

  mutating func refuse() {
    refused += 1
    refusals = refused == 1 ? "1 answer was none of those listed." : "\(refused) answers were none of those listed."
  }
}

/// A record that is no screen, as it stands in the transcript.
struct EvidenceRow {
  let number: String
  let time: String
  let kind: String
  let meaning: String?
  let body: String

  init(_ record: Record) {
    number = String(record.seq)
    time = Page.clock(record.mono / 1_000_000_000)
    kind = record.kind.rawValue
    meaning = Self.meaning(record)
    let response = ResponseRecord(fieldsOf: record)
    if let command = CommandRecord(fieldsOf: record) {
      body = command.text
    } else if case .answer(let data, _)? = response, let outcome = response?.outcome {
      body = data.isEmpty ? outcome : "\(Hex.encode(data)) \(outcome)"
    } else {
      body = record.body.members.map { member in
        let value = member.value.string ?? String(decoding: member.value.canonical(), as: UTF8.self)
        return "\(member.name): \(value)"
      }.joined(separator: "; ")
    }
  }

  /// What a command asks of the card (ISO 7816-4, SP 800-73-4 part 2 §3; the vendor's instructions from F6 on).
  private static func meaning(_ record: Record) -> String? {
    guard let header = CommandRecord(fieldsOf: record)?.bytes else { return nil }
    let name =
      switch header[1] {
      case Instruction.verify: "verify"
      case Instruction.changeReferenceData: "change reference data"
      case Instruction.resetRetryCounter: "reset retry counter"
      case Instruction.generateKeyPair: "generate key pair"
      case Instruction.generalAuthenticate: header[3] == 0x9b ? "authenticate management key" : "sign"
      case Instruction.select: "select"
      case Instruction.getResponse: "get response"
      case Instruction.getData: "get data"
      case Instruction.putData: "put data"
      case Instruction.moveKey: "move or delete key"
      case Instruction.getMetadata: "get metadata"
      case Instruction.getSerial: "get serial"
      case Instruction.attest: "attest"
      case Instruction.setRetries: "set PIN retries"
      case Instruction.reset: "reset"
      case Instruction.getVersion: "get version"
      case Instruction.setManagementKey: "set management key"
      default: "instruction \(Hex.encode([header[1]]))"
      }
    return header[0] & 0x10 == 0 ? name : "\(name), continued in the next command"
  }
}
