import Findings
import Keys

/// All records of a ceremony at once, for those who show them: at most what fits into two files of 64 MiB.
public struct TranscriptContent: Sendable {
  /// Of `transcript.jsonl`, then of `sealing.jsonl`.
  public private(set) var records: [Record] = []
  /// How many of them stand before the head.
  public private(set) var closed = 0
  /// Why the reading ended early; the records before it stand.
  public private(set) var finding: Finding?

  /// - Parameters:
  ///   - sealing: nil where the ceremony was not closed.
  ///   - head: what the sealing follows; nil where the transcript is whole, and says so itself.
  public init(transcript: [UInt8], sealing: [UInt8]?, head: SHA256Digest? = nil) {
    var reader = TranscriptReader(MemorySource(transcript), name: RecordFile.transcript.name)
    take(&reader)
    closed = records.count
    guard finding == nil, let sealing else { return }
    var after = TranscriptReader(MemorySource(sealing), name: RecordFile.sealing.name, after: head ?? reader.chain.head)
    take(&after)
  }

  private mutating func take(_ reader: inout TranscriptReader<MemorySource>) {
    do {
      while let record = try reader.next() { records.append(record) }
    } catch let finding as Finding {
      self.finding = finding
    } catch {
      finding = Finding(
        .recordMalformed, "The transcript cannot be read on: \(error).",
        hint: "Compare the folder with another copy.", place: RecordFile.transcript.name)
    }
  }
}
