import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import Products
import Report
import Testing

@testable import CeremonyEngine

/// What somebody without a card can write after the head, where no signature is in the way: both verifiers hold it
/// against the written format, and not only where the ceremony can be held again.
@Suite struct RecordFormTests {
  private typealias Case = (what: String, folder: MemoryProducts)

  private static let own = MemoryProducts.firstRehearsal()

  /// Records of these kinds and bodies stand before the third of the sealing, or before so many of its last.
  private static func inserted(
    _ what: String, _ folder: MemoryProducts, _ added: [(kind: String, body: JSONValue)], fromEnd last: Int? = nil
  ) throws -> Case {
    var changed = folder
    try changed.rewriteSealing { records in
      let before = last.map { records.count - $0 } ?? 2
      var record = records[before - 1]
      for (place, one) in added.enumerated() {
        (record["kind"], record["body"]) = (.string(one.kind), one.body)
        records.insert(record, at: before + place)
      }
    }
    return (what, changed)
  }

  private static func edited(
    _ what: String, _ folder: MemoryProducts, _ edit: (inout [JSONObject]) throws -> Void
  ) throws -> Case {
    var changed = folder
    try changed.rewriteSealing(edit)
    return (what, changed)
  }

  // MARK: - Records

  @Test func commandsAndAnswers() throws {
    let folder = try MemoryProducts.golden(2)
    let command = ("command", ["apdu": "00a40400"] as JSONValue)
    let response = ("response", ["data": "0a", "sw": "6F00"] as JSONValue)
    let words = [
      "removed", "not-held", "shared", "reset", "mute", "communication", "reader-gone", "daemon-gone", "refused",
      "timeout", "no-thread", "garbled", "too-long", "secret-unavailable", "unknown-80100001", "unknown-00000000",
    ]
    var sound = [
      try Self.inserted("as written", folder, [command, response]),
      try Self.inserted("redacted", folder, [("command", ["apdu": "0020008008 redacted"]), response]),
    ]
    for word in words {
      sound.append(
        try Self.inserted("no answer: \(word)", folder, [command, ("response", ["failure": .string(word)])]))
    }
    try SecondVerifier.expectAgreement(sound, holding: true, "with exchanges that nobody signed")
    var cases: [Case] = []
    for body in [
      ["apdu": "zz"], ["apdu": "00A40400"], ["apdu": "00a4040"], ["apdu": "00a404"], ["apdu": ""], [:], ["apdu": 1],
      ["apdu": "0020008008ff redacted"], ["apdu": "00200080 redacted"], ["apdu": "002000800G redacted"],
      ["apdu": "00200080AA redacted"], ["apdu": "redacted"], ["apdu": " redacted"], ["apdu": "0020008008  redacted"],
    ] as [JSONValue] {
      cases.append(try Self.inserted("command \(body)", folder, [("command", body), response]))
    }
    for body in [
      [:], ["data": "0a"], ["sw": "9000"], ["data": "0A", "sw": "9000"], ["data": "0", "sw": "9000"],
      ["data": "0a", "sw": "6f00"], ["data": "0a", "sw": "90"], ["data": "0a", "sw": "900000"],
      ["data": ["0a"], "sw": "9000"], ["data": "0a", "sw": "9000", "x": 1], ["failure": 1],
      ["failure": ""], ["failure": "interrupted"], ["failure": "loose"], ["failure": "Removed"], ["failure": "unknown"],
      ["failure": "unknown-8010001"], ["failure": "unknown-8010000A"], ["failure": "unknown-080100001"],
      ["failure": "unknown-+8010001"], ["failure": "removed "], ["failure": "removed\n"],
      ["failure": "removed", "x": 1], ["data": "0a", "failure": "removed", "sw": "9000"],
    ] as [JSONValue] {
      cases.append(try Self.inserted("response \(body)", folder, [command, ("response", body)]))
    }
    let odd: [(field: String, change: (String) -> String)] = [
      ("sw", { $0.lowercased() }), ("data", { $0.uppercased() }),
    ]
    for (field, change) in odd {
      cases.append(
        try Self.edited("our own: \(field)", Self.own) { records in
          let place = try #require(
            records.firstIndex {
              $0["kind"] == "response" && $0["body"]?[field]?.string.map { change($0) != $0 } == true
            })
          records[place].edit("body", field) { .string(change($0?.string ?? "")) }
        })
    }
    cases.append(
      try Self.edited("our own: a field more", Self.own) { records in
        let place = try #require(records.firstIndex { $0["kind"] == "response" })
        records[place].edit("body", "x") { _ in 1 }
      })
    try SecondVerifier.expectAgreement(cases, holding: false, "with commands and answers in another form")
  }

  @Test func signaturesMirrorsAndTheFirstScreen() throws {
    let folder = try MemoryProducts.golden(2)
    let digest = JSONValue.string(SHA256Digest.zero.hex)
    let root = try folder.object("metadata/1.root.json")
    let signed = JSONValue.string(SHA256Digest(of: try #require(root["signed"]).canonical()).hex)
    func signature(_ role: JSONValue, _ payload: JSONValue, _ sig: JSONValue) -> JSONValue {
      ["role": role, "payload": payload, "keyid": "a", "sig": sig]
    }
    var cases: [Case] = []
    for body in [
      signature("seal", "zz", "00"), signature("seal", digest, "zz"), signature("seal", digest, "AA"),
      signature("seal", "00", "00"), signature("root", signed, "00"), signature("root", digest, "00"),
      signature("targets", digest, "00"), signature("snapshot", digest, "00"), signature(1, digest, "00"),
    ] {
      cases.append(try Self.inserted("signature \(body)", folder, [("signature", body)]))
    }
    for body in [[:], ["lost": 1], ["lost": "gone", "x": 1], ["x": "gone"]] as [JSONValue] {
      cases.append(try Self.inserted("mirror \(body)", folder, [("mirror", body)]))
      cases.append(try Self.inserted("our own: mirror \(body)", Self.own, [("mirror", body)]))
    }
    for kind in ["finding", "answer", "card"] {
      cases.append(try Self.edited("first a \(kind)", folder) { $0[0]["kind"] = .string(kind) })
    }
    for at in ["2026-02-30T00:00:00Z", "2026-02-29T00:00:00Z", "0000-01-01T00:00:00Z", "1969-12-31T23:59:59Z"] {
      for one in [folder, Self.own] { cases.append(try Self.edited(at, one) { $0[5]["at"] = .string(at) }) }
    }
    try SecondVerifier.expectAgreement(cases, holding: false, "with records in another form")
    let lost = try Self.inserted("copy lost", folder, [("mirror", ["lost": "the stick was pulled"])])
    try SecondVerifier.expectAgreement([lost], holding: true, "whose second copy was lost")
    let loss = try #require(lost.folder.replay().findings.first { $0.code == .copyLost })
    #expect(loss.severity == .warning && loss.place == "sealing.jsonl record 2" && loss.what.contains("stick"))
    let leap = try Self.edited("a leap day", folder) { $0[5]["at"] = "2028-02-29T23:59:59Z" }
    try SecondVerifier.expectAgreement([leap], holding: true, "with a clock set forward")
  }

  /// U+212A is equivalent to K by Unicode's rules, and another letter in initials that are typed or stated.
  @Test func initialsAreComparedByTheirBytes() throws {
    let room = Room()
    let script = try Scripts.first
      .editing("witness: Witness", with: "witness: {name: Witness, initials: KW}")
      .editing(
        "    do: close\n",
        with: "    do: close\n  - {id: left, do: confirm, confirm: Nothing is left., initials: [witness]}\n")
    try room.rehearse(Array(script.utf8))
    func judged(_ typed: String, _ stated: String) throws -> (byFiles: ReplayVerdict, second: SecondVerifier.Verdict?) {
      var folder = try room.products()
      let place = try #require(try folder.records("sealing.jsonl").firstIndex { $0["kind"] == "initials" })
      try folder.rewriteSealing { $0[place].edit("body", "initials") { _ in .string(typed) } }
      let head = try folder.digests("sealing.jsonl")[place].hex
      try folder.rewriteSealing { records in
        var record = records[place]
        record["kind"] = "statement"
        record["body"] = [
          "person": "witness", "initials": .string(stated), "record": .integer(Int64(place)), "head": .string(head),
          "rehearsal": true, "step": "left",
        ]
        records.insert(record, at: place + 1)
      }
      var verdict = ReplayVerdict()
      verdict.judge(folder)
      return (verdict, try SecondVerifier.verdicts(on: [folder], "with initials after the close")?.first)
    }
    let kelvin = "\u{212a}W"
    for (typed, stated, holds) in [("KW", "KW", true), (kelvin, kelvin, false), ("KW", kelvin, false)] {
      let (byFiles, second) = try judged(typed, stated)
      #expect(byFiles.isSound == holds, "\(typed) \(stated): \(byFiles.findings)")
      #expect(second.map { $0.holds == holds } ?? true, "\(typed) \(stated): \(second?.text ?? "")")
    }
  }

  /// Engine version 1 wrote no record of the end.
  @Test func theEndOfTheFirstEngine() throws {
    func cut(_ what: String, _ more: [(kind: String, body: JSONValue)]) throws -> Case {
      var folder = try MemoryProducts.golden(1)
      let all = try folder.records("sealing.jsonl")
      let first = all.first { $0["kind"] == "signature" }?["body"]?["keyid"]
      let release = try #require(all.firstIndex { $0["kind"] == "release" })
      var seal = try folder.object("seal.dsse.json")
      seal["signatures"] = .array((seal["signatures"]?.array ?? []).filter { $0["keyid"] == first })
      folder.files["seal.dsse.json"] = JSONValue.object(seal).pretty()
      try folder.rewriteSealing { records in
        records = Array(records[...release])
        for one in more {
          var record = records[0]
          (record["kind"], record["body"], record["mono"]) = (.string(one.kind), one.body, all[release]["mono"])
          records.append(record)
        }
      }
      return (what, folder)
    }
    try SecondVerifier.expectAgreement(
      [
        try cut("after the first signer", []),
        try cut("after an answer", [("answer", ["accepted": "yes"])]),
        try cut("after an answer and a release", [("answer", ["accepted": "yes"]), ("release", [:])]),
      ], holding: false, "of the first engine, cut off after the first signer")
    try SecondVerifier.expectAgreement(
      [
        try cut("given up", [("answer", ["accepted": "abort"])]),
        try cut("given up, then released", [("answer", ["accepted": "abort"]), ("release", [:])]),
      ], holding: false, "of the first engine, given up after the first signer")
  }

  /// What must stand in the transcript is named there, whatever the seal says of the change afterwards.
  @Test func theTranscript() throws {
    var cases: [(what: String, place: String, edit: (inout [JSONObject]) throws -> Void)] = []
    for name in ["cards", "program", "sacrifice", "host", "unattended", "rehearsal", "script", "engine", "format"] {
      cases.append(("no \(name)", "transcript.jsonl", { $0[0].edit("body") { $0?.without(name) } }))
    }
    cases.append(("engine 0", "transcript.jsonl", { $0[0].edit("body", "engine") { _ in 0 } }))
    cases.append(("odd cards", "transcript.jsonl", { $0[0].edit("body", "cards") { _ in "paper" } }))
    let other = JSONValue.string(SHA256Digest.zero.hex)
    for path in ["script.yaml", "annex/x", "virtual-cards/x", "inputs/\u{212a}.pem"] {
      cases.append(
        (
          path, path == "script.yaml" ? "transcript.jsonl record" : "",
          { records in
            let place = try #require(records.firstIndex { $0["kind"] == "write" })
            records.insert(records[place], at: place)
            records[place]["body"] = ["path": .string(path), "bytes": 1, "sha256": other]
          }
        ))
    }
    cases.append(
      (
        "a payload of another role", "metadata/1.root.json",
        { records in
          let place = try #require(records.firstIndex { $0["kind"] == "payload" })
          records[place].edit("body", "role") { _ in "targets" }
        }
      ))
    var folders: [Case] = []
    for one in cases {
      var folder = try MemoryProducts.golden(2)
      folder.files["annex/x"] = []
      try folder.rechain(one.edit)
      folders.append((one.what, folder))
    }
    try SecondVerifier.expectAgreement(folders, holding: false, "with another beginning, file or payload")
    guard let second = try SecondVerifier.verdicts(on: folders.map(\.folder), "named alike") else { return }
    for (one, verdict) in zip(cases, second) {
      #expect(verdict.text.contains("NOT VERIFIED\n  \(one.place)"), "\(one.what): \(verdict.text)")
    }
  }

  // MARK: - What only a replay sees

  /// A release that only `sealing.jsonl` names does not keep the page from being written again.
  @Test func anotherReleaseAfterTheHead() throws {
    let went: [(kind: String, body: JSONValue)] = [
      ("interruption", ["reason": "SIGINT"]),
      (
        "resume",
        [
          "engine": .integer(Int64(EngineVersion.current)), "unattended": true,
          "program": ["version": .string("0.\(EngineVersion.current).99"), "sha256": .string(SHA256Digest.zero.hex)],
        ]
      ),
    ]
    // Before the end, after which nobody is asked who is still here.
    var (_, folder) = try Self.inserted("another release", Self.own, went, fromEnd: 1)
    // The page tells of interruptions.
    var page: [UInt8] = []
    _ = Replay(
      folder,
      report: { account, source in
        page = try Report.page(account, source)
        return page
      }
    ).verdict()
    folder.files["report.html"] = page
    folder.sum()
    #expect(Replay(folder, report: Report.page).verdict().findings == [])
    folder.files["report.html"] = Array("<h1>everything is fine</h1>".utf8)
    folder.sum()
    let verdict = Replay(folder, report: Report.page).verdict()
    #expect(verdict.findings.map(\.code) == [.productChanged] && verdict.findings.first?.place == "report.html")
  }

  /// A key comes from the record of the transcript that made it first, whatever follows the head.
  @Test func anExchangeCopiedBehindTheHead() throws {
    let folder = try MemoryProducts.golden(2)
    let before = AttestVerdict(folder)
    #expect(before.holds && before.keys.allSatisfy { ($0.generatedIn ?? 0) > 2 })
    let records = try folder.records("transcript.jsonl")
    let place = try #require(records.firstIndex { $0["body"]?["apdu"]?.string?.hasPrefix("0047") == true })
    let copied = try records[place...place + 1].map { record in
      (kind: try #require(record["kind"]?.string), body: try #require(record["body"]))
    }
    let (what, changed) = try Self.inserted("a key made again", folder, copied)
    #expect(AttestVerdict(changed).keys.map(\.generatedIn) == before.keys.map(\.generatedIn))
    try SecondVerifier.expectAgreement([(what, changed)], holding: true, "with an exchange copied behind the head")
    var doubled = folder
    try doubled.rechain { records in
      for var record in records[place...place + 1] {
        record["mono"] = records.last?["mono"]
        records.insert(record, at: records.count - 1)
      }
    }
    #expect(AttestVerdict(doubled).keys.map(\.generatedIn) == before.keys.map(\.generatedIn))
  }
}

extension JSONValue {
  fileprivate func without(_ name: String) -> JSONValue {
    var copy = object ?? [:]
    copy[name] = nil
    return .object(copy)
  }
}
