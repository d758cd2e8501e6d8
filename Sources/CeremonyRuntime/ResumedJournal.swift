import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import Findings
import FolderAudit
import Keys
import Products
import Transcript

/// A journal that first hands out what was recorded, as a replay does, and goes on recording where the record ends.
package final class ResumedJournal: Journal {
  private let folder: ProductsFolder
  private let products: ResumedFolder
  private let clock: any Clock
  private let file: RecordingFile
  private let mirror: Mirror?
  private let resumption: ResumeRecord
  private let replay: ReplayJournal<FileStream>
  private var live: LiveJournal?
  /// Whether it was asked since the record ended whether the ceremony went on.
  private var isTold = false
  private var isSealing = false
  /// The last line of either file, where its writing was cut short.
  private let torn: [String: FileStream]
  private var closedHead: SHA256Digest?
  /// The time of the transcript's last record.
  private var closedMono: Int64 = 0
  /// Whether a card was in use when the record ended.
  private var isCardHeld = false
  private let note: (String) -> Void

  /// - Parameters:
  ///   - file: the transcript's, locked before anything was read.
  ///   - resumption: the body of the record that says who went on.
  ///   - note: takes a line for people: where it goes on.
  init(
    _ folder: ProductsFolder, _ place: ResumedFolder, _ clock: any Clock, _ file: RecordingFile, mirror: Mirror?,
    resumption: ResumeRecord, note: @escaping (String) -> Void
  ) throws {
    self.note = note
    self.folder = folder
    self.products = place
    self.clock = clock
    self.file = file
    self.mirror = mirror
    self.resumption = resumption
    let (transcript, cut) = try folder.open(RecordFile.transcript.name).splitAfterLastLine()
    let (sealing, cutSealing) =
      try folder.exists(RecordFile.sealing.name)
      ? folder.open(RecordFile.sealing.name).splitAfterLastLine() : (FileStream([]), FileStream([]))
    torn = [RecordFile.transcript.name: cut, RecordFile.sealing.name: cutSealing]
    replay = ReplayJournal(transcript, sealing: { sealing })
  }

  /// The version of the program that recorded last.
  var release: String? { replay.release }
  /// Where the last record stands that was handed out.
  var place: String { replay.places.handedOut }
  /// Whether the record has ended and the world is asked again.
  package var isLive: Bool { live != nil }
  package var beginning: Record? { replay.beginning }
  package var last: (number: Int64, digest: SHA256Digest) { live?.last ?? replay.last }
  var soFar: RecordedSoFar {
    live?.soFar ?? RecordedSoFar(head: replay.chain.head, nanoseconds: replay.chain.lastMono)
  }
  package var transcriptHead: SHA256Digest { closedHead ?? live?.transcriptHead ?? replay.head }

  package func state(_ kind: RecordKind, step: String, _ body: JSONObject) throws {
    if let live = try next(before: product(after: kind, body)) {
      try live.state(kind, step: step, body)
    } else {
      try replay.state(kind, step: step, body)
      if kind == .release { isCardHeld = false }
    }
  }

  package func obtain(_ kind: RecordKind, step: String, _ perform: () throws -> JSONObject) throws -> JSONObject {
    if let live = try next() { return try live.obtain(kind, step: step, perform) }
    let body = try replay.obtain(kind, step: step, perform)
    if kind == .card { isCardHeld = CardArrivalRecord(fields: body)?.card != nil }
    return body
  }

  package func hasGoneOn() throws -> Bool {
    guard try next() != nil else { return try replay.hasGoneOn() }
    defer { isTold = true }
    return replay.takeGoneOn() || !isTold
  }

  package func turnToSealing() throws -> SHA256Digest {
    if live == nil { try refuseRemains(of: RecordFile.transcript.name) }
    isSealing = true
    closedMono = replay.chain.lastMono
    let head = try live?.turnToSealing() ?? replay.turnToSealing()
    closedHead = head
    return head
  }

  /// The ceremony's end was played. Throws `RECORD-SURPLUS` where anything follows it.
  func end() throws {
    do { try replay.end() } catch is Interruption { throw Self.surplus(RecordFile.sealing.name) }
    try refuseRemains(of: RecordFile.sealing.name)
  }

  /// After a last record no line can have been cut short.
  private func refuseRemains(of name: String) throws(Finding) {
    if let rest = torn[name], rest.size > 0 { throw Self.surplus(name) }
  }

  private static func surplus(_ name: String) -> Finding {
    Finding(
      .recordSurplus, "Something follows the last record of \(name).",
      hint: "It was added later. Compare the folder with another copy.", place: name)
  }

  /// The path of the product that is written next after such a record, or may be; nil where none is.
  private func product(after kind: RecordKind, _ body: JSONObject) -> String? {
    switch kind {
    case .write: WriteRecord(fields: body)?.file.path
    // The seal has no record of its own. It is written when the last signer's card was let go.
    case .release where isSealing: SealCount.path
    default: nil
    }
  }

  /// The live journal once the record has ended; nil while a record is left.
  ///
  /// - Parameter product: the path of what is written after the record that comes next.
  private func next(before product: String? = nil) throws -> LiveJournal? {
    if let live { return live }
    var noted: String?
    do {
      if try replay.peek() != nil { return nil }
    } catch let interruption as Interruption {
      noted = interruption.reason
    }
    let name = isSealing ? RecordFile.sealing.name : RecordFile.transcript.name
    var rest = torn[name] ?? FileStream([])
    guard rest.size <= Record.longestLine else {
      throw Finding(
        .recordMalformed, "\(rest.size) bytes follow the last whole record of \(name): more than a record has.",
        hint: "They are no record whose writing was cut short. Compare the folder with another copy.", place: name)
    }
    // A record's number of nanoseconds may be any; those that follow need room above it.
    guard replay.chain.lastMono <= Self.latest, closedMono <= Self.latest else {
      throw Finding(
        .recordMalformed, "The last record of \(name) says that years have gone by since the first.",
        hint: "Treat the folder as changed; compare it with another copy.", place: replay.places.read)
    }
    let cut = try rest.read(upTo: rest.size)
    let extent: ResumedFolder.Extent = isSealing ? .inSealing : .inTranscript
    try products.check(extent, before: product)
    try products.copy(extent)
    let journal = try LiveJournal(
      folder, clock, file, isSealing: isSealing, after: replay.chain, notBefore: closedMono,
      isAwaitingAnswer: replay.isAwaitingAnswer, mirror: mirror)
    try products.mend(extent)
    if !cut.isEmpty { try folder.shorten(name, by: cut.count) }
    let reason = "the program ended"
    if noted == nil, cut.isEmpty { try journal.append(InterruptionRecord(reason: reason), step: "") }
    // In hex, a long line is longer than a record may be.
    for start in stride(from: 0, to: cut.count, by: Self.piece) {
      let torn = Array(cut[start..<min(start + Self.piece, cut.count)])
      try journal.append(InterruptionRecord(reason: reason, torn: torn), step: "")
    }
    try journal.append(resumption, step: "")
    tell(after: replay.chain.count - 1, in: name, noted)
    live = journal
    return journal
  }

  private func tell(after last: Int64, in name: String, _ reason: String?) {
    let place = last < 0 ? "at the beginning of \(name)" : "after record \(last) of \(name)"
    note("Goes on \(place) (interrupted: \(reason ?? "the program ended")).")
    if isCardHeld {
      note("  → The card that was in use counts as taken out: its step fails first, and can be tried again.")
    }
  }

  /// Nanoseconds: half of what JSON readers hold exactly, 52 days.
  private static let latest: Int64 = 1 << 52

  /// Bytes of a line that was cut short, in one record.
  private static let piece = Record.longestLine / 4
}
