import CanonicalJSON
import Findings
import Keys
import UTC

/// Bytes in order, at most `count` at a time; empty at the end.
package protocol ByteSource {
  mutating func read(upTo count: Int) throws -> [UInt8]
}

/// A source of bytes that are already in memory.
package struct MemorySource: ByteSource {
  private var rest: ArraySlice<UInt8>
  package init(_ bytes: [UInt8]) { rest = bytes[...] }
  package mutating func read(upTo count: Int) -> [UInt8] {
    let taken = rest.prefix(count)
    rest = rest.dropFirst(taken.count)
    return Array(taken)
  }
}

/// Reads a transcript record by record, in memory that does not grow with its length, and fails closed:
/// a line that is not exactly what ``Record/line()`` writes, or does not follow from the line before, ends the reading.
package struct TranscriptReader<Source: ByteSource> {
  package private(set) var chain: TranscriptChain
  private var source: Source
  private let name: String
  private var pending: [UInt8] = []
  private var consumed = 0
  private var ended = false
  private let mayBeEmpty: Bool

  /// - Parameters:
  ///   - name: how findings call this file, such as `transcript.jsonl`.
  ///   - head: what the first record's `prev` must be.
  ///   - mayBeEmpty: whether no record at all is an end like any other.
  package init(_ source: Source, name: String, after head: SHA256Digest = .zero, mayBeEmpty: Bool = false) {
    self.mayBeEmpty = mayBeEmpty
    self.source = source
    self.name = name
    chain = TranscriptChain(after: head)
  }

  /// The next record, or nil after the last whole line.
  ///
  /// Throws a ``Finding`` that names the record. After `TRANSCRIPT-TORN` the records before it stand.
  package mutating func next() throws -> Record? {
    guard let line = try nextLine() else {
      if chain.count == 0, !mayBeEmpty {
        throw Finding(
          .transcriptEmpty, "\(name) has no record, so there is nothing to verify.",
          hint: "Get the whole products folder again from whoever published it.", place: name)
      }
      return nil
    }
    let record = try decode(line)
    chain.adopt(record, line: line)
    return record
  }

  private var place: String { "\(name) record \(chain.count)" }

  private mutating func nextLine() throws -> [UInt8]? {
    var searched = consumed
    while true {
      if let end = pending[searched...].firstIndex(of: 0x0a) {
        guard end - consumed <= Record.longestLine else { throw tooLong() }
        let line = Array(pending[consumed..<end])
        consumed = end + 1
        return line
      }
      guard pending.count - consumed <= Record.longestLine else { throw tooLong() }
      pending.removeFirst(consumed)
      consumed = 0
      searched = pending.count
      let more = ended ? [] : try source.read(upTo: 1 << 16)
      if more.isEmpty {
        ended = true
        guard pending.isEmpty else {
          throw Finding(
            .transcriptTorn, "The last line of \(name) ends without a newline: its writing was cut short.",
            hint: "Every record before it stands. `tuf-ceremony resume` goes on from there.", place: place)
        }
        return nil
      }
      pending += more
    }
  }

  private static var fields: [String] { ["at", "body", "kind", "mono", "prev", "seq", "step"] }

  /// Nearly always the head itself, which need not be decoded.
  private func digest(_ hex: String) -> SHA256Digest? {
    hex == chain.head.hex ? chain.head : SHA256Digest(hex: hex)
  }

  private func tooLong() -> Finding {
    malformed("is longer than 1 MiB")
  }

  private func malformed(_ why: String) -> Finding {
    Finding(
      .recordMalformed, "The line \(why), so it was not written by this program.",
      hint: "Treat the folder as changed; compare it with another copy.", place: place)
  }

  private func decode(_ line: [UInt8]) throws -> Record {
    let value: JSONValue
    do {
      value = try JSONValue(canonical: line, allowsRawControls: false)
    } catch  where error.code == .jsonNotCanonical {
      throw malformed("is not in canonical form")
    } catch {
      throw malformed("is not JSON (column \(error.column): \(error.what))")
    }
    guard !line.contains(0x7f) else { throw malformed("is not in canonical form") }
    guard let object = value.object, object.members.map(\.name) == Self.fields,
      let at = object["at"]?.string.flatMap(UTCTime.init(_:)),
      let body = object["body"]?.object,
      let kindName = object["kind"]?.string,
      let mono = object["mono"]?.integer, mono >= 0,
      let prev = object["prev"]?.string.flatMap(digest(_:)),
      let seq = object["seq"]?.integer,
      let step = object["step"]?.string
    else { throw malformed("does not have exactly the fields at, body, kind, mono, prev, seq and step") }
    guard seq == chain.count, prev == chain.head else {
      throw Finding(
        .chainBroken,
        seq == chain.count
          ? "This line names \(prev.hex) as the line before it, which hashes to \(chain.head.hex)."
          : "This line is numbered \(seq); \(chain.count) comes next.",
        hint: "A line before this one was changed, removed or added. Compare the folder with another copy.",
        place: place)
    }
    guard mono >= chain.lastMono else { throw malformed("goes back in time") }
    guard let kind = RecordKind(rawValue: kindName) else {
      throw Finding(
        .recordUnknown, "The record kind “\(kindName)” is not known to this version.",
        hint: "Use the release that the first record names.", place: place)
    }
    return Record(seq: seq, prev: prev, at: at, mono: mono, step: step, kind: kind, body: body)
  }
}
