import CanonicalJSON
import CeremonyReplay
import Findings
import Keys
import Testing

/// A build whose engine decides or encodes otherwise leaves another transcript; seen from here, its replay diverges at
/// that record, and says both.
@Suite struct DivergenceTests {
  private static let sound = MemoryProducts.firstRehearsal()

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Whether this is the record.
    let finds: @Sendable (JSONObject) -> Bool
    /// What the other build wrote in its place.
    let writes: @Sendable (inout JSONObject) -> Void
    let recorded: String
    let executed: String
  }

  private static func apdu(_ record: JSONObject) -> String { record["body"]?["apdu"]?.string ?? "" }

  private static let cases = [
    Case(
      testDescription: "an encoder that leaves the touch policy out of GENERATE",
      finds: { apdu($0).hasPrefix("0047") },
      writes: { $0.edit("body", "apdu") { _ in "0047009c08ac068001e0aa010300" } }, recorded: "0047009c08",
      executed: "0047009c0b"),
    Case(
      testDescription: "a decision for another touch policy",
      finds: { $0["body"]?["touch-policy"] != nil }, writes: { $0.edit("body", "touch-policy") { _ in "cached" } },
      recorded: "\"touch-policy\":\"cached\"", executed: "\"touch-policy\":\"always\""),
    Case(
      testDescription: "a screen with other words",
      finds: { $0["kind"] == "screen" }, writes: { $0.edit("body", "title") { _ in "Hello" } },
      recorded: "\"title\":\"Hello\"", executed: "\"title\":"),
    Case(
      testDescription: "a payload that is encoded otherwise, far into its record",
      finds: { $0["kind"] == "payload" },
      writes: { record in
        record.edit("body", "content") { value in
          .string((value?.string ?? "").replacing("A", with: "B", maxReplacements: 1, from: 900))
        }
      }, recorded: "payload in step build-root", executed: "payload in step build-root"),
    Case(
      testDescription: "a record of another kind",
      finds: { $0["kind"] == "operation" }, writes: { $0["kind"] = "finding" }, recorded: "finding in step",
      executed: "operation in step"),
    Case(
      testDescription: "a step that goes on under another name",
      finds: { $0["step"] == "show-root" }, writes: { $0["step"] = "shown-root" }, recorded: "in step shown-root",
      executed: "in step show-root"),
    Case(
      testDescription: "a signature that was verified by one library only",
      finds: { $0["kind"] == "signature" },
      writes: { $0.edit("body", "verified-by") { _ in ["libsodium"] } }, recorded: "[\"libsodium\"]",
      executed: "[\"libsodium\",\"swift-crypto\"]"),
  ]

  @Test(arguments: Self.cases)
  func divergesAtTheRecordAndQuotesBoth(what: Case) throws {
    #expect(Self.sound.replay().findings == [])
    var other = Self.sound
    var place: Int?
    try other.rechain { records in
      let found = try #require(records.firstIndex(where: what.finds))
      place = found
      let before = records[found]
      what.writes(&records[found])
      try #require(records[found] != before)
    }
    let number = try #require(place)
    let finding = try #require(other.replay().findings.first)
    #expect(finding.code == .divergence)
    #expect(finding.place == "transcript.jsonl record \(number)")
    let halves = finding.what.components("; re-executed ")
    try #require(halves.count == 2, "\(finding.what)")
    #expect(halves[0].hasPrefix("record \(number): recorded ") && halves[0].contains(what.recorded), "\(halves[0])")
    #expect(halves[1].contains(what.executed), "\(halves[1])")
    // However long the record, what differs is in the quotation.
    #expect(halves[0].dropFirst("record \(number): recorded ".count) != halves[1].dropLast())
    #expect(finding.what.count < 1000)
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [Substring] { split(separator: separator) }

  /// Replaces from a place on.
  fileprivate func replacing(_ text: String, with other: String, maxReplacements: Int, from count: Int) -> String {
    String(prefix(count)) + String(dropFirst(count)).replacing(text, with: other, maxReplacements: maxReplacements)
  }
}
