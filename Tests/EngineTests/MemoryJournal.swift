import CanonicalJSON
import CardOperations
import CeremonyReplay
import FolderAudit
import Keys
import Transcript
import UTC

/// A journal whose records go into a folder in memory, a millisecond apart.
final class MemoryJournal: Journal {
  private let folder: MemoryFolder
  private let time: UTCTime
  private var chain = TranscriptChain()
  private var file = RecordFile.transcript.name
  private var ticks: Int64 = 0
  private(set) var beginning: Record?
  private(set) var last: (number: Int64, digest: SHA256Digest) = (-1, .zero)
  private(set) var kinds: [RecordKind] = []

  init(_ folder: MemoryFolder, at time: UTCTime) {
    self.folder = folder
    self.time = time
  }

  func state(_ kind: RecordKind, step: String, _ body: JSONObject) throws {
    let (seq, prev) = (chain.count, chain.head)
    let line = try chain.append(at: time, mono: ticks * 1_000_000, step: step, kind: kind, body: body)
    if beginning == nil {
      beginning = Record(seq: seq, prev: prev, at: time, mono: 0, step: step, kind: kind, body: body)
    }
    ticks += 1
    kinds.append(kind)
    folder.append(line, to: file)
    last = (seq, chain.head)
  }

  func obtain(_ kind: RecordKind, step: String, _ perform: () throws -> JSONObject) throws -> JSONObject {
    let body = try perform()
    try state(kind, step: step, body)
    return body
  }

  func turnToSealing() throws -> SHA256Digest {
    file = RecordFile.sealing.name
    chain = TranscriptChain(after: chain.head)
    return last.digest
  }

  func hasGoneOn() throws -> Bool { false }
}
