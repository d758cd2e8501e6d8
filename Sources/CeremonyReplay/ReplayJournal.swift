import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyResults
import Findings
import FolderAudit
import Keys
import Transcript

/// Hands out what was recorded, and compares everything that the engine determines with it.
package final class ReplayJournal<Source: ByteSource>: Journal {
  private var reader: TranscriptReader<Source>
  private let sealing: () throws -> Source
  private let observe: (Record) -> Void
  private var ahead: Record?
  /// Whether the last record that was handed out is a command: what comes next is its response.
  package private(set) var isAwaitingAnswer = false
  /// Whether the loss of the second copy may stand next.
  private var canLoseCopy = false
  /// Whether records were passed by which the ceremony went on.
  private var isGoneOn = false
  private var name = RecordFile.transcript.name
  package private(set) var beginning: Record?
  package private(set) var last: (number: Int64, digest: SHA256Digest) = (-1, .zero)
  package private(set) var count: Int64 = 0
  // The versions of the program that began or went on last: by the transcript, which the seal holds, and in all.
  private var releases: (sealed: String?, last: String?)
  /// The SHA-256 of the last line of the transcript that was read.
  package private(set) var head = SHA256Digest.zero

  /// The SHA-256 of the record of the end; nil before it was handed out.
  package private(set) var finalHead: SHA256Digest?
  /// Whether the transcript was read to its close.
  package var isClosed: Bool { name == RecordFile.sealing.name }

  /// - Parameters:
  ///   - transcript: the bytes of `transcript.jsonl`.
  ///   - sealing: opens `sealing.jsonl` once the transcript is closed.
  ///   - observe: sees each record before it is compared.
  package init(
    _ transcript: Source, sealing: @escaping () throws -> Source, observe: @escaping (Record) -> Void = { _ in }
  ) {
    reader = TranscriptReader(transcript, name: RecordFile.transcript.name)
    self.sealing = sealing
    self.observe = observe
  }

  package func state(_ kind: RecordKind, step: String, _ body: JSONObject) throws {
    let record = try next(step, kind)
    guard record.kind == kind, record.step == step, record.body == body else {
      throw divergence(record, kind, step, body)
    }
  }

  package func obtain(
    _ kind: RecordKind, step: String, _ perform: () throws -> JSONObject
  ) throws -> JSONObject {
    let record = try next(step, kind)
    guard record.kind == kind, record.step == step else { throw divergence(record, kind, step, nil) }
    if beginning == nil { beginning = record }
    return record.body
  }

  package func turnToSealing() throws -> SHA256Digest {
    try end()
    canLoseCopy = true
    name = RecordFile.sealing.name
    reader = TranscriptReader(try sealing(), name: name, after: head, mayBeEmpty: true)
    return head
  }

  /// Throws `RECORD-SURPLUS` unless the last record was read.
  package func end() throws {
    guard let extra = try peek() else { return }
    throw Finding(
      .recordSurplus, "A record of kind \(extra.kind.rawValue) follows where the ceremony had ended.",
      hint: "It was added later. Compare the folder with another copy.", place: "\(name) record \(extra.seq)")
  }

  /// The next record that the engine has not had, past interruptions that the ceremony went on from.
  ///
  /// Throws ``Interruption`` where it did not go on, and `RECORD-MALFORMED` where another engine is said to have gone on:
  /// none does, and who writes such a record wants to keep the rest from being re-executed.
  package func peek() throws -> Record? {
    while true {
      if let ahead { return ahead }
      let canLoseCopy = canLoseCopy
      guard let record = try read() else { return nil }
      if record.kind == .mirror {
        guard canLoseCopy, MirrorRecord(record.body) != nil else {
          throw Finding(
            .recordMalformed, "A second copy is said to be lost where that cannot be, or not why.",
            hint: "Treat the folder as changed; compare it with another copy.", place: "\(name) record \(record.seq)")
        }
        continue
      }
      guard record.kind == .interruption else {
        ahead = record
        return record
      }
      // Going on may be interrupted, too, before it is recorded.
      var last = record
      var following = try read()
      while let next = following, next.kind == .interruption {
        last = next
        following = try read()
      }
      guard let after = following else {
        throw Interruption(reason: InterruptionRecord(fields: last.body)?.reason ?? "unknown")
      }
      isGoneOn = true
      guard let resumption = ResumeRecord(fieldsOf: after),
        resumption.engine == beginning.flatMap({ BeginHeading($0.body) })?.engine
      else {
        throw Finding(
          .recordMalformed, "An interruption is followed by something else than going on with the same engine.",
          hint: "Treat the folder as changed; compare it with another copy.", place: "\(name) record \(after.seq)")
      }
      guard resumption.isOfItsRelease else {
        throw Finding(
          .recordMalformed, "This record names a release that has another engine.",
          hint: "Treat the folder as changed; compare it with another copy.", place: "\(name) record \(after.seq)")
      }
    }
  }

  package func hasGoneOn() throws -> Bool {
    _ = try peek()
    return takeGoneOn()
  }

  /// The same of what was read already.
  package func takeGoneOn() -> Bool {
    defer { isGoneOn = false }
    return isGoneOn
  }

  /// The version of the program that wrote the report: this one, where it went on last. Another one only where the
  /// transcript names it, for what `sealing.jsonl` says of another nobody signed.
  package var release: String? { releases.last == ProgramVersion.current ? releases.last : releases.sealed }

  /// The last record that was read, which may be one ahead, and the last one that was handed out.
  package var places: (read: String, handedOut: String) {
    let lastRead = "\(name) record \(max(0, reader.chain.count - 1))"
    return (lastRead, ahead == nil ? lastRead : "\(name) record \(max(0, last.number))")
  }

  /// Where a journal that goes on begins: number and digest of the last line, and its monotonic time.
  package var chain: TranscriptChain { reader.chain }

  private func read() throws -> Record? {
    guard let record = try reader.next() else { return nil }
    count += 1
    if record.kind == .begin || record.kind == .resume {
      releases.last = BeginHeading(record.body)?.release ?? ResumeRecord(fields: record.body)?.program.version
      if name == RecordFile.transcript.name { releases.sealed = releases.last }
    }
    canLoseCopy = ![.command, .interruption, .close].contains(record.kind)
    if name == RecordFile.transcript.name { head = reader.chain.head }
    observe(record)
    return record
  }

  private func next(_ step: String, _ expected: RecordKind) throws -> Record {
    guard let record = try peek() else { throw stopped(before: expected.rawValue) }
    ahead = nil
    // Nothing is read beyond a record that was not handed out, so this is that record's own digest.
    last = (record.seq, reader.chain.head)
    if record.kind == .end { finalHead = reader.chain.head }
    isAwaitingAnswer = record.kind == .command
    return record
  }

  /// Why a file is not there that the last record names; nil where that is not how the ceremony stopped: another record
  /// follows, or the ceremony had ended.
  func stop(before file: String) -> Finding? {
    do {
      return try finalHead == nil && peek() == nil ? stopped(before: "the file \(file)") : nil
    } catch {
      return nil
    }
  }

  private func stopped(before what: String) -> Finding {
    Finding(
      .incomplete,
      "\(name) ends after record \(reader.chain.count - 1), where \(what) would come next. "
        + "Everything up to there was re-executed and agrees.",
      hint: "The ceremony stopped here. It can be resumed, or must be held again.",
      place: "\(name) record \(reader.chain.count)")
  }

  private func divergence(_ record: Record, _ kind: RecordKind, _ step: String, _ body: JSONObject?) -> Finding {
    let bodies = Self.quoted(record.body, body ?? record.body)
    let recorded = "\(record.kind.rawValue)\(inStep(record.step)): \(bodies.0)"
    let executed = "\(kind.rawValue)\(inStep(step))" + (body == nil ? "" : ": \(bodies.1)")
    return Finding(
      .divergence, "record \(record.seq): recorded \(recorded); re-executed \(executed).",
      hint: "The transcript was changed, or another program wrote it. Compare the folder with another copy.",
      place: "\(name) record \(record.seq)")
  }

  private func inStep(_ step: String) -> String { step.isEmpty ? "" : " in step \(step)" }

  /// Both bodies in canonical form; of long ones what is around their first difference.
  private static func quoted(_ one: JSONObject, _ other: JSONObject) -> (String, String) {
    let texts = [one, other].map { Array(String(decoding: JSONValue.object($0).canonical(), as: UTF8.self)) }
    let same = zip(texts[0], texts[1]).prefix { $0 == $1 }.count
    let start = max(0, min(same - 100, max(texts[0].count, texts[1].count) - 300))
    let quotes = texts.map { text in
      (start > 0 ? "…" : "") + String(text.dropFirst(start).prefix(300)) + (text.count > start + 300 ? "…" : "")
    }
    return (quotes[0], quotes[1])
  }
}
