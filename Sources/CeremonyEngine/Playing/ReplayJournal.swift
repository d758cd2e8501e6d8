import CanonicalJSON
import Findings
import Keys
import Transcript

extension Finding.Code {
  /// What was re-executed differs from what was recorded.
  public static let divergence = Finding.Code("DIVERGENCE")
  /// The transcript ends before the ceremony does.
  public static let incomplete = Finding.Code("CEREMONY-INCOMPLETE")
  /// Records follow the ceremony's end.
  public static let recordSurplus = Finding.Code("RECORD-SURPLUS")
}

/// Hands out what was recorded, and compares everything that the engine determines with it.
public final class ReplayJournal<Source: ByteSource>: Journal {
  private var reader: TranscriptReader<Source>
  private let sealing: () throws -> Source
  private let observe: (Record) -> Void
  private var ahead: Record?
  private var name = "transcript.jsonl"
  public private(set) var beginning: Record?
  public private(set) var last: (number: Int64, digest: SHA256Digest) = (-1, .zero)
  public private(set) var count: Int64 = 0
  /// The SHA-256 of the last line of the transcript that was read.
  public private(set) var head = SHA256Digest.zero

  /// - Parameters:
  ///   - transcript: the bytes of `transcript.jsonl`.
  ///   - sealing: opens `sealing.jsonl` once the transcript is closed.
  ///   - observe: sees each record before it is compared.
  public init(
    _ transcript: Source, sealing: @escaping () throws -> Source, observe: @escaping (Record) -> Void = { _ in }
  ) {
    reader = TranscriptReader(transcript, name: "transcript.jsonl")
    self.sealing = sealing
    self.observe = observe
  }

  public func state(_ kind: RecordKind, step: String, _ body: JSONObject) throws {
    let record = try next(step, kind)
    guard record.kind == kind, record.step == step, record.body == body else {
      throw divergence(record, kind, step, body)
    }
  }

  public func obtain(
    _ kind: RecordKind, step: String, _ perform: () throws -> JSONObject
  ) throws -> JSONObject {
    let record = try next(step, kind)
    guard record.kind == kind, record.step == step else { throw divergence(record, kind, step, nil) }
    if beginning == nil { beginning = record }
    return record.body
  }

  public func turnToSealing() throws -> SHA256Digest {
    try end()
    name = "sealing.jsonl"
    reader = TranscriptReader(try sealing(), name: name, after: head, mayBeEmpty: true)
    return head
  }

  /// Throws `RECORD-SURPLUS` unless the last record was read.
  public func end() throws {
    guard let extra = try peek() else { return }
    throw Finding(
      .recordSurplus, "A record of kind \(extra.kind.rawValue) follows where the ceremony had ended.",
      hint: "It was added later. Compare the folder with another copy.", place: "\(name) record \(extra.seq)")
  }

  /// The next record that the engine has not had, past interruptions that the ceremony went on from.
  ///
  /// Throws ``Interruption`` where it did not go on, and `ENGINE-VERSION` where another engine went on.
  public func peek() throws -> Record? {
    while true {
      if let ahead { return ahead }
      guard let record = try read() else { return nil }
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
        throw Interruption(reason: last.body["reason"]?.string ?? "unknown")
      }
      guard after.kind == .resume, let engine = after.body["engine"]?.integer else {
        throw Finding(
          .recordMalformed, "An interruption is followed by something else than going on.",
          hint: "Treat the folder as changed; compare it with another copy.", place: "\(name) record \(after.seq)")
      }
      guard engine == Int64(EngineVersion.current) else {
        let release = after.body["program"]?["version"]?.string ?? "unknown"
        throw Finding(
          .engineVersion, .warning,
          "Engine version \(engine) went on with this ceremony; this program has version \(EngineVersion.current) and cannot re-execute it.",
          hint: "Re-execute it with release \(release).", place: "\(name) record \(after.seq)")
      }
    }
  }

  /// Where a journal that goes on begins: number and digest of the last line, and its monotonic time.
  public var chain: TranscriptChain { reader.chain }

  private func read() throws -> Record? {
    guard let record = try reader.next() else { return nil }
    count += 1
    if name == "transcript.jsonl" { head = reader.chain.head }
    observe(record)
    return record
  }

  private func next(_ step: String, _ expected: RecordKind) throws -> Record {
    guard let record = try peek() else {
      throw Finding(
        .incomplete,
        "\(name) ends after record \(reader.chain.count - 1), where \(expected.rawValue) would come next. Everything up to there was re-executed and agrees.",
        hint: "The ceremony stopped here. It can be resumed, or must be held again.",
        place: "\(name) record \(reader.chain.count)")
    }
    ahead = nil
    // Nothing is read beyond a record that was not handed out, so this is that record's own digest.
    last = (record.seq, reader.chain.head)
    return record
  }

  private func divergence(_ record: Record, _ kind: RecordKind, _ step: String, _ body: JSONObject?) -> Finding {
    let recorded = "\(record.kind.rawValue)\(inStep(record.step)): \(brief(record.body))"
    let executed = "\(kind.rawValue)\(inStep(step))" + (body.map { ": \(brief($0))" } ?? "")
    return Finding(
      .divergence, "record \(record.seq): recorded \(recorded); re-executed \(executed).",
      hint: "The transcript was changed, or another program wrote it. Compare the folder with another copy.",
      place: "\(name) record \(record.seq)")
  }

  private func inStep(_ step: String) -> String { step.isEmpty ? "" : " in step \(step)" }

  private func brief(_ body: JSONObject) -> String {
    let text = String(decoding: JSONValue.object(body).canonical(), as: UTF8.self)
    return text.count <= 300 ? text : "\(text.prefix(300))…"
  }
}
