import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import Findings
import FolderAudit
import Keys
import Products
import Signals
import SmartCard
import Transcript
import UTC

/// Appends records to the transcript, each on the disk before anything else happens.
package final class LiveJournal: Journal {
  private let folder: ProductsFolder
  private let clock: any Clock
  private let mirror: Mirror?
  private var isLossRecorded = false
  private var lastStep = ""
  private var isAwaitingAnswer: Bool
  /// Whether an interruption stands last, or comes next.
  private var isInterrupted = false
  private var isEnded = false
  private var chain = TranscriptChain()
  /// Held locked to the end, also while what follows the transcript is recorded.
  private let transcript: RecordingFile
  private var file: RecordingFile
  private var start: Int64?
  /// What the first reading of the clock stands for: the last record's time where a ceremony goes on.
  private let elapsed: Int64
  package private(set) var beginning: Record?
  private var closedHead: SHA256Digest?

  /// The SHA-256 of the transcript's last line.
  package var transcriptHead: SHA256Digest { closedHead ?? chain.head }

  package var soFar: RecordedSoFar { RecordedSoFar(head: chain.head, nanoseconds: chain.lastMono) }

  package private(set) var last: (number: Int64, digest: SHA256Digest) = (-1, .zero)

  /// Creates `transcript.jsonl`.
  package init(_ folder: ProductsFolder, _ clock: any Clock, mirror: Mirror? = nil) throws {
    self.folder = folder
    self.clock = clock
    self.mirror = mirror
    elapsed = 0
    isAwaitingAnswer = false
    transcript = try RecordingFile(locking: folder, RecordFile.transcript.name)
    file = transcript
    mirrorRecords(RecordFile.transcript.name)
  }

  /// Goes on with a file whose records end at `chain`.
  ///
  /// - Parameter mono: of the last record of the file before this one.
  init(
    _ folder: ProductsFolder, _ clock: any Clock, _ transcript: RecordingFile, isSealing: Bool,
    after chain: TranscriptChain, notBefore mono: Int64, isAwaitingAnswer: Bool, mirror: Mirror?
  ) throws {
    self.folder = folder
    self.clock = clock
    self.mirror = mirror
    self.chain = chain
    self.isAwaitingAnswer = isAwaitingAnswer
    isInterrupted = true
    elapsed = max(chain.lastMono, mono)
    self.transcript = transcript
    file = isSealing ? try RecordingFile(folder, RecordFile.sealing.name) : transcript
    mirrorRecords(isSealing ? RecordFile.sealing.name : RecordFile.transcript.name)
  }

  private func mirrorRecords(_ name: String) {
    mirror?.open(name)
    mirror?.report = { [weak self] in try self?.recordLoss() }
  }

  /// A program that stops does not go on by itself.
  package func hasGoneOn() -> Bool { false }

  package func state(_ kind: RecordKind, step: String, _ body: JSONObject) throws {
    try stopIfSignalled(step)
    try append(kind, step, body)
  }

  package func obtain(
    _ kind: RecordKind, step: String, _ perform: () throws -> JSONObject
  ) throws -> JSONObject {
    // A command that was sent is followed by its answer, whatever signal came in between, unless the card is silent.
    if kind != .response { try stopIfSignalled(step) }
    do {
      let body = try perform()
      try append(kind, step, body)
      return body
    } catch let interruption as Interruption {
      try interrupt(step, interruption)
    } catch CardFailure.interrupted {
      try interrupt(step, Interruption(reason: Signals.arrived ?? "a silent card"))
    }
  }

  package func turnToSealing() throws -> SHA256Digest {
    let head = chain.head
    closedHead = head
    file = try RecordingFile(folder, RecordFile.sealing.name, isNew: true)
    mirror?.open(RecordFile.sealing.name)
    chain = TranscriptChain(after: head)
    return head
  }

  private func stopIfSignalled(_ step: String) throws {
    if let name = Signals.arrived { try interrupt(step, Interruption(reason: name)) }
  }

  private func interrupt(_ step: String, _ interruption: Interruption) throws -> Never {
    try append(InterruptionRecord(reason: interruption.reason), step: step)
    throw interruption
  }

  func append<Body: RecordBody>(_ body: Body, step: String) throws { try append(Body.kind, step, body.json) }

  private func append(_ kind: RecordKind, _ step: String, _ body: JSONObject) throws {
    // A loss never stands first, between a command and its answer, after an interruption, or after the close.
    if !isAwaitingAnswer, !isInterrupted, kind != .begin { try recordLoss() }
    try write(kind, step, body)
    if kind == .command { isAwaitingAnswer = true }
    if kind == .response { isAwaitingAnswer = false }
    if kind != .interruption, kind != .resume { last = (chain.count - 1, chain.head) }
    isInterrupted = kind == .interruption
    lastStep = step
    isEnded = kind == .end
    if !isAwaitingAnswer, kind != .interruption, kind != .close { try recordLoss() }
  }

  private func recordLoss() throws {
    guard let mirror, let loss = mirror.loss, !isLossRecorded else { return }
    isLossRecorded = true
    mirror.tell(loss)
    // Nothing follows the end: what is lost then is said on the console alone.
    if isEnded { return }
    let record = MirrorRecord(loss: printable(loss))
    try write(MirrorRecord.kind, lastStep, record.json)
  }

  private func write(_ kind: RecordKind, _ step: String, _ body: JSONObject) throws {
    let now = clock.read()
    let start = start ?? now.mono
    self.start = start
    let mono = elapsed + now.mono - start
    var line: [UInt8]
    let seq = chain.count
    let prev = chain.head
    do {
      line = try chain.append(at: now.at, mono: mono, step: step, kind: kind, body: body)
    } catch {
      throw Finding(
        .recordingFailed, "Record \(seq) of kind \(kind.rawValue) cannot be written down: \(error).",
        hint: "Shorten the texts of the script.")
    }
    line.append(0x0a)
    if let why = file.append(line) {
      throw Finding(
        .recordingFailed, "Record \(seq) could not be put on the disk (\(why)), so nothing more may happen.",
        hint: "Every record before it stands and replays. Make room, then resume.")
    }
    mirror?.append(line)
    if beginning == nil {
      beginning = Record(seq: seq, prev: prev, at: now.at, mono: mono, step: step, kind: kind, body: body)
    }
  }
}
