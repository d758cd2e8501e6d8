import CanonicalJSON
import CeremonyRecords
import Findings
import Keys
import Transcript

/// Which record may follow which, in one file of records: what holds for every engine version of format 1.
struct RecordOrder {
  private let isSealing: Bool
  /// Whether the engine wrote an `end` record: the first one did not.
  private let hasEnd: Bool
  /// Whether each screen says how things stand.
  private var hasBoards: Bool
  private var last: RecordKind?
  private var isWaitingForResponse = false
  private var firstScreen: ComparedScreen?
  private var lastScreen: ComparedScreen?
  private var isGivenUp = false

  init(isSealing: Bool, engine: Int64) {
    self.isSealing = isSealing
    hasEnd = engine > 1
    hasBoards = engine >= EngineVersion.withBoards
  }

  /// Throws `RECORD-MALFORMED` for a record that cannot stand here, and `RECORD-SURPLUS` for one after the last.
  mutating func note(_ record: Record, _ place: String) throws(Finding) {
    guard last != .close, last != .end else {
      throw Finding(
        .recordSurplus, "A record of kind \(record.kind.rawValue) follows where the ceremony had ended.",
        hint: "It was added later. Compare the folder with another copy.", place: place)
    }
    guard mayStand(record) else {
      throw Finding(
        .recordMalformed, "A record of kind \(record.kind.rawValue) cannot stand here.",
        hint: "Treat the folder as changed; compare it with another copy.", place: place)
    }
    guard record.kind != .screen || !hasBoards || Standing.isIn(record.body) else {
      throw Finding(
        .recordMalformed, "A screen does not say how things stand.",
        hint: "Treat the folder as changed; compare it with another copy.", place: place)
    }
    // That a second copy was lost changes nothing else.
    guard record.kind != .mirror else { return }
    last = record.kind
    // Before record 0 nobody knows which engine it was.
    if record.kind == .begin, let engine = BeginHeading(record.body)?.engine {
      hasBoards = engine >= EngineVersion.withBoards
    }
    if record.kind == .command { isWaitingForResponse = true }
    if record.kind == .response { isWaitingForResponse = false }
    if record.kind == .screen {
      lastScreen = ComparedScreen(record.body)
      firstScreen = firstScreen ?? lastScreen
    }
    isGivenUp =
      record.kind == .answer && Reply(record.body) == .token(Prompt.abort) || isGivenUp && record.kind == .release
  }

  private func mayStand(_ record: Record) -> Bool {
    switch record.kind {
    case .begin: return !isSealing && record.seq == 0
    case .interruption: return last != nil || isSealing
    case .resume: return last == .interruption
    case .mirror: return (last != nil || isSealing) && last != .interruption && !isWaitingForResponse
    default: break
    }
    guard last != .interruption else { return false }
    if isWaitingForResponse != (record.kind == .response) { return false }
    if !isSealing { return last != nil && ![.end, .wipe].contains(record.kind) }
    // The head is shown before anything else.
    return !Self.beforeHeadOnly.contains(record.kind) && (firstScreen != nil || record.kind == .screen)
  }

  private static let beforeHeadOnly: Set<RecordKind> = [
    .host, .read, .listed, .oneTime, .random, .twin, .proof, .payload, .dropped, .write, .close, .enrolment, .delivery,
    .heard,
  ]

  /// What is wrong with a sealing whose last record was read: it shows this head first, and has its end. Without a record
  /// of its own the end is the release after the last step's signature, or giving up.
  func ending(_ head: SHA256Digest) -> Finding? {
    let isSigned = last == .release && lastScreen?.isOfLastStep == true
    let isAtEnd = hasEnd ? last == .end : isSigned || isGivenUp
    guard firstScreen?.digests != [head.hex] || !isAtEnd else { return nil }
    return Finding(
      .incomplete, "sealing.jsonl does not begin with the head of the transcript, or ends before the ceremony does.",
      hint: "Records were taken out of it. Compare the folder with another copy.", place: RecordFile.sealing.name)
  }
}
