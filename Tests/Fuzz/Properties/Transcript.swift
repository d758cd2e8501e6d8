import CanonicalJSON
import Findings
import Keys
import Transcript

/// Records that are read are written as the same bytes, and how many bytes arrive at a time changes nothing. The same
/// for a transcript whose lines are linked anew, so that what comes after the first link is reached.
///
/// The first byte chooses how many bytes arrive at a time.
func judgeTranscript(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let content = Array(bytes.dropFirst())
  judgeReading(content, Int(first) + 1)
  judgeReading(linked(content.split(separator: 0x0a, omittingEmptySubsequences: false).map { Array($0) }), 4096)
}

private func judgeReading(_ content: [UInt8], _ step: Int) {
  let whole = reading(SlowSource(content, 1 << 20))
  let parts = reading(SlowSource(content, step))
  require(whole.records == parts.records && whole.refusal == parts.refusal, "read otherwise \(step) bytes at a time")
  let lines = whole.records.map { (try? $0.line()) ?? [] }
  require(content.starts(with: lines.flatMap { $0 + [0x0a] }), "a record is written otherwise than it was read")
  require(whole.refusal != nil || lines.joined().count + lines.count == content.count, "bytes were passed over")
}

private struct Reading {
  var records: [Record] = []
  var refusal: Finding?
}

private func reading(_ source: SlowSource) -> Reading {
  var reader = TranscriptReader(source, name: "transcript.jsonl")
  var reading = Reading()
  do {
    while let record = try reader.next() { reading.records.append(record) }
  } catch let refusal as Finding {
    require(refusals.contains(refusal.code), "refused as \(refusal.code)")
    reading.refusal = refusal
  } catch {
    require(false, "refused without a name: \(error)")
  }
  return reading
}

private let refusals: Set<Finding.Code> = [
  .chainBroken, .recordMalformed, .recordUnknown, .transcriptTorn, .transcriptEmpty,
]

/// Lines with numbers and links that fit; a line that is no JSON object stays as it is.
func linked(_ lines: [[UInt8]], after head: SHA256Digest = .zero, from first: Int64 = 0) -> [UInt8] {
  var prev = head
  var seq = first
  var content: [UInt8] = []
  for (place, line) in lines.enumerated() {
    var line = line
    if var record = (try? JSONValue(parsing: line))?.object {
      record["seq"] = .integer(seq)
      record["prev"] = .string(prev.hex)
      line = JSONValue.object(record).canonical()
    }
    seq += 1
    prev = SHA256Digest(of: line)
    content += line
    if place < lines.count - 1 { content.append(0x0a) }
  }
  return content
}

/// At most so many bytes at a time.
private struct SlowSource: ByteSource {
  private var rest: ArraySlice<UInt8>
  private let most: Int

  init(_ bytes: [UInt8], _ most: Int) {
    rest = bytes[...]
    self.most = most
  }

  mutating func read(upTo count: Int) -> [UInt8] {
    require(count <= 1 << 20, "\(count) bytes are asked for at once")
    let taken = rest.prefix(min(count, most))
    rest = rest.dropFirst(taken.count)
    return Array(taken)
  }
}
