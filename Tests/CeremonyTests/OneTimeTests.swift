import CanonicalJSON
import CardOperations
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import Products
import TUFMetadata
import Testing
import Transcript

/// Keys that are made, used and wiped: targets and bins of a root, as PEP 458 recommends it.
@Suite struct OneTimeTests {
  /// The first rehearsal with targets and bins by one-time keys, two of two.
  static func script() throws -> String {
    let text = try Scripts.first.editing("ceremony: 1", with: "ceremony: 2")
      .editing(
        "  targets:\n    threshold: 1\n    keys: [service]\n",
        with: """
            targets:
              threshold: 2
              one-time: 2
              expires: {days: 7}
              delegations:
                bins: {hash-prefixes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", a, b, c, d, e, f]}
            bins:
              threshold: 2
              one-time: 2
              expires: {days: 7}
              delegations:
                bin: {succinct: 16384}
            bin:
              threshold: 1
              keys: [service]

          """
      )
      .editing(
        "  - id: head-cards\n",
        with:
          "  - {id: make-targets, do: make, role: targets}\n  - {id: make-bins, do: make, role: bins}\n  - id: head-cards\n"
      )
    let used = ["targets", "bins"].map { role in
      """
        - {id: build-\(role), do: build, role: \(role)}
        - {id: show-\(role), do: show, role: \(role)}
        - {id: use-\(role), do: use, role: \(role)}

      """
    }
    return
      try text
      .editing("  - id: sign-root-ada\n", with: used.joined() + "  - {id: wipe, do: wipe}\n  - id: sign-root-ada\n")
      .editing(
        "  - id: close\n",
        with: ["targets", "bins"].map {
          "  - {id: verify-\($0), do: verify, role: \($0)}\n  - {id: write-\($0), do: write, role: \($0)}\n"
        }.joined() + "  - id: close\n")
  }

  @Test func theySignAndAreWipedBeforeACardSigns() throws {
    let room = Room()
    try room.rehearse(Array(try Self.script().utf8))
    let replay = room.replay()
    #expect(replay.holds, "\(replay.findings)")
    let records = try room.transcript()
    let bodies = records.filter { $0.kind == .oneTime }.compactMap { OneTimeRecord(fields: $0.body) }
    #expect(bodies.count == 4 + 4 + 1 && bodies.last == .wiped(count: 4))
    let wiped = try #require(records.firstIndex { $0.body["work"] == "wipe" })
    let signed = try #require(records.firstIndex { $0.kind == .signature && $0.body["role"] == "root" })
    #expect(wiped < signed)
    let keys = try #require(try room.records(.close).first.flatMap { CloseRecord(fields: $0.body) }?.keys)
    #expect(keys.count { $0.origin == .oneTime } == 4)
    let page = String(decoding: try room.folder.read("report.html"), as: UTF8.self)
    #expect(page.contains("a one-time key"))
    try DelegationTests.judge(room, "bin-3fff")
    try SecondVerifier.expectAgreement([("one-time", try room.products())], holding: true, "with one-time keys")
  }

  /// The seeds of this rehearsal are known to the test: they are in none of its files, in no form.
  @Test func noFileHoldsAPrivateHalf() throws {
    let room = Room()
    try room.rehearse(Array(try Self.script().utf8), seed: 3)
    let made = Set(try room.records(.oneTime).compactMap { $0.body["public"]?.string })
    let entropy = SeededEntropy(seed: 3)
    let seeds = try (0..<100).map { _ in try entropy.bytes(count: 32) }.filter { seed in
      made.contains(Hex.encode(try OneTimeKey(seed: Secret(copying: seed)).publicKey))
    }
    #expect(made.count == 4 && seeds.count == 4)
    for (path, bytes) in try room.products().files {
      for seed in seeds {
        for form in [seed, Array(Hex.encode(seed).utf8), Array(Base64.encode(seed).utf8)] {
          #expect(!Data(bytes).contains(form), "\(path)")
        }
      }
    }
  }

  /// Killed anywhere between the first key and the wiping: the keys are lost, an exception says so, and others are made.
  @Test(arguments: ["Show root", "Show targets", "Sign targets with its one-time keys", "Show bins"])
  func withoutTheWipingNewOnesAreMade(at title: String) throws {
    let room = Room()
    var isStopped = false
    room.console.answer = { screen in
      if screen.title == title, !isStopped {
        isStopped = true
        throw Interruption(reason: "end of input")
      }
      return screen.prompt?.unattended
    }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try Self.script().utf8)) }
    let before = try room.records(.oneTime).compactMap { $0.body["public"]?.string }
    let result = try Resumption(room.path, console: room.console, isUnattended: true).run().ceremony
    #expect(result.outcome.ending == .complete)
    let replay = room.replay()
    #expect(replay.holds, "\(replay.findings)")
    let exceptions = try room.records(.exception).compactMap { $0.body["code"]?.string }
    #expect(exceptions == ["ONE-TIME-LOST"])
    let targets = String(decoding: try room.folder.read("metadata/1.root.json"), as: UTF8.self)
    #expect(before.count == 4 && !before.contains(where: targets.contains))
    try SecondVerifier.expectAgreement([(title, try room.products())], holding: true, "after one-time keys were lost")
  }

  /// Killed after the wiping it goes on, and no key is made again.
  @Test func afterTheWipingItGoesOn() throws {
    let room = Room()
    var isStopped = false
    room.console.answer = { screen in
      if screen.title == "Ada signs root", !isStopped {
        isStopped = true
        throw Interruption(reason: "end of input")
      }
      return screen.prompt?.unattended
    }
    #expect(throws: Interruption.self) { try room.rehearse(Array(try Self.script().utf8)) }
    let result = try Resumption(room.path, console: room.console, isUnattended: true).run().ceremony
    #expect(result.outcome.ending == .complete)
    let exceptions = try room.records(.exception).compactMap { $0.body["code"]?.string }
    #expect(exceptions == ["CARD-NOT-HELD"])
    #expect(room.replay().holds)
  }

  /// Each is made, signs and is wiped in the step that the script has for it.
  @Test func everyRecordStandsInItsStep() throws {
    let room = Room()
    try room.rehearse(Array(try Self.script().utf8))
    try ForgerTests.judge("one_times.py", of: room, [], "with one-time keys in other steps")
  }

  /// What the records must say of such keys, whoever signs: both verifiers name the same place.
  @Test func whatTheRecordsDoNotShowIsRefused() throws {
    let room = Room()
    try room.rehearse(Array(try Self.script().utf8))
    let made = try room.products()
    var forgeries: [(String, MemoryProducts)] = []
    func forge(_ what: String, _ change: (inout [JSONObject]) -> Void) throws {
      var folder = made
      try folder.rechain { change(&$0) }
      forgeries.append((what, folder))
    }
    try forge("never wiped") { $0.removeAll { $0["body"]?["work"] == "wipe" } }
    try forge("never made") { records in records.removeAll { $0["body"]?["work"] == "make" } }
    try forge("a signature that no key made") { records in
      guard let place = records.firstIndex(where: { $0["body"]?["work"] == "sign" }) else { return }
      records.remove(at: place)
    }
    try forge("wiped after a card signed") { records in
      guard let place = records.firstIndex(where: { $0["body"]?["work"] == "wipe" }),
        let signed = records.lastIndex(where: { $0["body"]?["role"] == "root" && $0["kind"] == "signature" })
      else { return }
      let wipe = records.remove(at: place)
      records.insert(wipe, at: signed)
    }
    try forge("made and used after the root was signed") { records in
      let moved = records.filter { $0["kind"] == "one-time" }
      records.removeAll { $0["kind"] == "one-time" }
      guard let signed = records.lastIndex(where: { $0["body"]?["role"] == "root" && $0["kind"] == "signature" })
      else { return }
      records.insert(contentsOf: moved, at: signed + 1)
    }
    try SecondVerifier.expectAgreement(forgeries, holding: false, "with forged one-time keys")
    for (what, folder) in forgeries {
      var byFiles = ReplayVerdict()
      byFiles.judge(folder)
      #expect(!byFiles.findings.isEmpty, "\(what)")
    }
  }
}
