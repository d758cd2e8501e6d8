import Transcript

/// Records in a row of one step; what follows the head apart from what stands before it.
struct StepRecords {
  /// Counted from 1.
  let place: Int
  /// The id in the plan; "" before the first step and after the last.
  let step: String
  /// At least one.
  let records: ArraySlice<Record>
  /// The first record after them.
  let next: Record?
  let file: String

  static func all(in content: TranscriptContent) -> [StepRecords] {
    let records = content.records
    let starts = records.indices.filter { index in
      index == 0 || index == content.closed || records[index].step != records[index - 1].step
    }
    return starts.enumerated().map { place, start in
      let end = starts.dropFirst(place + 1).first ?? records.count
      return StepRecords(
        place: place + 1, step: records[start].step, records: records[start..<end],
        next: end < records.count ? records[end] : nil,
        file: start >= content.closed ? RecordFile.sealing.name : RecordFile.transcript.name)
    }
  }
}
