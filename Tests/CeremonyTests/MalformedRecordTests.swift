import CanonicalJSON
import CeremonyRuntime
import Findings
import Foundation
import Judges
import Keys
import Products
import Testing
import Transcript

/// Records that no program wrote, each kind and field of them: going on names the record and does nothing.
@Suite struct MalformedRecordTests {
  /// One change to a record's object.
  private struct Change {
    let words: String
    let apply: (inout JSONObject) -> Void
  }

  private static let wrong: [JSONValue] = [
    .null, .bool(true), .integer(-1), .integer(1 << 53), .string("x"), .string(""), .array([]), .array([.null]),
    .object([:]),
  ]

  private static func changes(of record: JSONObject) -> [Change] {
    var changes: [Change] = []
    for field in ["at", "kind", "mono", "step", "body"] {
      changes.append(Change(words: "without \(field)") { $0[field] = nil })
      for value in wrong { changes.append(Change(words: "\(field) \(value)") { $0[field] = value }) }
    }
    for kind in RecordKind.allCases {
      changes.append(Change(words: "kind \(kind.rawValue)") { $0["kind"] = .string(kind.rawValue) })
    }
    let body = record["body"]?.object ?? [:]
    for field in body.names {
      func change(_ words: String, _ value: JSONValue?) {
        changes.append(
          Change(words: "\(field) \(words)") { record in
            var changed = body
            changed[field] = value
            record["body"] = .object(changed)
          })
      }
      change("missing", nil)
      for value in wrong { change("\(value)", value) }
    }
    changes.append(
      Change(words: "one more field") { record in
        var changed = body
        changed["more"] = .null
        record["body"] = .object(changed)
      })
    return changes
  }

  @Test func goingOnNamesThem() throws {
    let room = Room(inMemory: true)
    try room.rehearse(Array(try Scripts.first.utf8))
    let lines: [[UInt8]] = try room.folder.read("transcript.jsonl").split(separator: 0x0a).map { Array($0) }
    let records = try lines.map { try #require(try JSONValue(parsing: $0).object) }
    let before = try room.products().files.filter { $0.key != "transcript.jsonl" }
    var kinds: Set<JSONValue> = []
    let seed = Sweep.seed
    var dice = Dice(seed: seed)
    var tried = 0
    for place in records.indices {
      guard let kind = records[place]["kind"], kinds.insert(kind).inserted else { continue }
      for change in Self.changes(of: records[place]) where Sweep.isFull || Int.random(in: 0..<8, using: &dice) == 0 {
        var record = records[place]
        change.apply(&record)
        guard record != records[place] else { continue }
        tried += 1
        var text: [UInt8] = lines[..<place].flatMap { $0 + [UInt8(0x0a)] }
        var line = JSONValue.object(record).canonical()
        text += line + [0x0a]
        for var next in records[(place + 1)...].prefix(3) {
          next["prev"] = .string(SHA256Digest(of: line).hex)
          line = JSONValue.object(next).canonical()
          text += line + [0x0a]
        }
        try room.folder.replace("transcript.jsonl", text)
        let words = "record \(place) of kind \(kind): \(change.words)"
        do {
          _ = try Resumption(room.path, console: room.console, isUnattended: true).run()
          Issue.record("gone on with \(words)")
        } catch let finding as Finding {
          #expect(finding.place != nil, "\(words): \(finding)")
          let others = ["CANNOT-CREATE", "RECORDING-FAILED", "INTERNAL"]
          #expect(!others.contains(finding.code.description), "\(words): \(finding)")
        } catch {
          Issue.record("\(words): \(error)")
        }
        let after = try room.products().files
        #expect(after["transcript.jsonl"] == text, "\(words)")
        #expect(after.filter { $0.key != "transcript.jsonl" } == before, "\(words)")
      }
    }
    print("seed \(seed): \(tried) malformed records of \(kinds.count) kinds, each refused by name")
    #expect(kinds.count > 10)
  }
}
