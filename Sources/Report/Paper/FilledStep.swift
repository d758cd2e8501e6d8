import CanonicalJSON
import CeremonyRecords
import CeremonyResults
import CeremonyScript
import Findings
import Transcript
import UTC

/// What a transcript says of a step, as somebody would have written it on the form.
struct FilledStep {
  private(set) var visits: [Visit] = []
  /// By `administrator` and `witness`, as they were typed.
  private(set) var initials: [String: String] = [:]
  /// The numbers of exceptions.
  private(set) var exceptions: [String] = []
  private(set) var notes: [String] = []
  /// Of the cards that were looked at.
  private(set) var serials: [String] = []
  /// Digests on its screens, each once.
  private(set) var heard: [Page.DigestRow] = []
  /// From the first record to the first one after the step, by the clock that nobody can set; in nanoseconds.
  private(set) var lasted: Int64 = 0
  /// The identities of cards that were written down.
  private(set) var cards: [String] = []

  /// From when to when. A step that was gone back to has several.
  struct Visit {
    let began: Moment
    /// nil where the ceremony stopped in the step.
    let ended: Moment?
  }

  /// A time in UTC, as RFC 3339 has it, in two parts that stand below each other.
  struct Moment {
    let day: String
    let clock: String

    init(_ record: Record) {
      let text = record.at.description
      day = String(text.prefix(11))
      clock = String(text.dropFirst(11))
    }
  }

  /// By the id of the planned step. Never iterated.
  static func steps(_ content: TranscriptContent, _ outcome: Outcome?, _ script: Script) -> [String: FilledStep] {
    let last = content.records.last
    let isComplete =
      last?.kind == .end ? EndRecord(fields: last?.body ?? [:])?.ending == .complete : outcome?.ending == .complete
    let all = StepRecords.all(in: content)
    var steps: [String: FilledStep] = [:]
    for (index, group) in all.enumerated() where !group.step.isEmpty {
      // What no step holds is the ending, or that the ceremony stopped.
      let follows = group.next.map { !$0.step.isEmpty } ?? false
      let isLast = isComplete && all[(index + 1)...].allSatisfy(\.step.isEmpty)
      steps[group.step, default: FilledStep()].take(group, isEnded: follows || isLast, script)
    }
    return steps
  }

  private mutating func take(_ group: StepRecords, isEnded: Bool, _ script: Script) {
    guard let first = group.records.first, let last = group.records.last else { return }
    lasted += (group.next ?? last).mono - first.mono
    visits.append(Visit(began: Moment(first), ended: isEnded ? Moment(group.next ?? last) : nil))
    var shown: Screen?
    for record in group.records {
      let body = record.body
      switch record.kind {
      case .screen:
        shown = Screen(body)
        note(shown)
      case .answer:
        guard shown?.prompt?.line == .time, case .text(let time)? = Reply(fields: body) else { break }
        notes.append("\(shown?.prompt?.question ?? "") \(time)")
      case .attendance:
        guard let attended = AttendanceRecord(fields: body) else { break }
        let parts = [
          "\(script.name(of: attended.person)): \(AttendanceRow.whereabouts(attended.state, attended.substitute))",
          AttendanceRow.identity(attended.seenBy),
        ]
        notes.append(parts.filter { !$0.isEmpty }.joined(separator: "; "))
      case .host:
        guard let host = HostRecord(fields: body) else { break }
        let found = host.points.filter { !$0.codes.isEmpty }
        notes += found.map {
          "\($0.subject.rawValue): \($0.says) (\($0.codes.map(\.description).joined(separator: ", ")))"
        }
        if found.isEmpty { notes.append("Nothing was found.") }
      case .bag:
        guard let bag = BagRecord(fields: body) else { break }
        notes.append("Bag \(bag.number), \(bag.move.rawValue)")
      case .initials:
        guard let typed = InitialsRecord(fields: body) else { break }
        initials[typed.person] = typed.initials
      case .signature:
        guard let signature = SignatureRecord(fields: body) else { break }
        notes.append("Signed with the key \(signature.signer.keyID)")
      case .wipe:
        guard let wipe = WipeRecord(fields: body) else { break }
        notes.append("Card \(wipe.card) wiped: \(wipe.words)")
      case .exception:
        guard let exception = ExceptionRecord(fields: body) else { break }
        exceptions.append(String(exception.number))
      case .write:
        let parts = (WriteRecord(fields: body)?.file.path ?? "").split(separator: "/")
        if parts.count == 3, parts[0] == "cards", cards.last != String(parts[1]) { cards.append(String(parts[1])) }
      default: break
      }
    }
  }

  private mutating func note(_ screen: Screen?) {
    for fact in screen?.facts ?? [] where fact.name == "serial" { serials.append(fact.value) }
    for digest in screen?.digests ?? [] {
      let row = Page.DigestRow(digest.label, digest.digest)
      if !heard.contains(where: { $0.label == row.label && $0.words == row.words }) { heard.append(row) }
    }
  }
}
