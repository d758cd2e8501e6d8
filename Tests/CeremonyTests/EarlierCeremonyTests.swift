import CanonicalJSON
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import Foundation
import Judges
import Keys
import PIV
import Products
import Testing
import Transcript
import VirtualCard

/// A ceremony names the one before it, by the digests of its newest root and its transcript's last line.
@Suite struct EarlierCeremonyTests {
  private static func room(_ script: String, seed: Int, after: String? = nil) throws -> Room {
    let room = Room()
    let options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: Package.runbook.path(), out: room.path, isUnattended: true, seed: seed,
      programVersion: ProgramVersion.current, after: after)
    _ = try LiveCeremony(options, console: room.console).run()
    return room
  }

  private static func script(_ named: PreviousCeremony?) throws -> String {
    guard let named else { return try Scripts.first }
    return try Scripts.first.editing(
      "\nkeyholders:\n",
      with: "\nprevious:\n  root: \(named.root.hex)\n  head: \(named.head.hex)\nkeyholders:\n")
  }

  @Test func theChainOfTwo() throws {
    let first = try Self.room(Scripts.first, seed: 1)
    let second = try Self.room(Scripts.first, seed: 2, after: first.path)
    let earlier = try EarlierCeremony(first.folder)
    let root = try first.folder.read("metadata/1.root.json")
    #expect(earlier.names.root == SHA256Digest(of: root) && earlier.names.head == first.replay().head)
    #expect(try second.folder.read("inputs/previous.root.json") == root)

    let alone = second.replay()
    #expect(alone.findings == [] && alone.holds && !alone.isEarlierVerified)
    #expect(alone.configuration?.after == CeremonyConfiguration.After(earlier.names, isKept: true))
    #expect(alone.notProved.contains { $0.contains("its folder was not looked at") })
    let both = Replay(second.folder, after: first.folder).verdict()
    #expect(both.findings == [] && both.holds && both.isEarlierVerified)
    #expect(!both.notProved.contains { $0.contains("its folder was not looked at") })
    let screens = second.console.screens.filter { $0.title == "The ceremony before this one" }
    #expect(screens.map { $0.digests.map(\.digest) } == [[earlier.names.head, earlier.names.root]])
    try SecondVerifier.expectAgreement(
      [("after another", try second.products())], holding: true, "that follow another ceremony")
  }

  @Test func aCardWithAKeyOfTheRootBeforeIsNeverReset() throws {
    let first = try Self.room(Scripts.first, seed: 1)
    let state = try first.folder.read("virtual-cards/20000001.json")
    func rehearse(after: String?) throws -> Room {
      let room = Room()
      let options = LiveCeremony.Options(
        script: Array(try Scripts.first.utf8), scriptFolder: "", out: room.path, isUnattended: true,
        sacrifice: [20_000_001], programVersion: ProgramVersion.current, after: after)
      let cardSource = StagedCardSource(try Script(options.script), room.folder, seed: nil)
      cardSource.replaceCard(of: "ada", with: try VirtualCard(state: state))
      let ceremony = LiveCeremony(options, console: room.console, virtualCards: cardSource)
      _ = try ceremony.run()
      return room
    }
    // Given up to the rehearsal, it may be reset where it is in no root that anybody named.
    #expect(try rehearse(after: nil).replay().holds)
    let room = try rehearse(after: first.path)
    #expect(room.replay().outcome?.finding?.code == .cardHoldsRootKey)
    #expect(try room.transcript().allSatisfy { $0.body["apdu"]?.string?.hasPrefix("00fb") != true })
    // Nothing on it was changed, so nothing was stored.
    #expect((try? room.folder.read("virtual-cards/20000001.json")) == nil)
  }

  /// Without the earlier root a card with one of its keys looks like any other, and would be reset.
  @Test(arguments: [true, false]) func theScriptNamesItWithoutItsFolder(isRehearsal: Bool) throws {
    let named = PreviousCeremony(root: SHA256Digest(of: [1]), head: SHA256Digest(of: [2]))
    let script = try Self.script(named)
      .editing(Scripts.standIn, with: Scripts.serviceKey)
      .editing("expires:\n      days: 7\n", with: "expires: 2027-06-01T00:00:00Z\n")
      .editing("\nkeyholders:\n", with: "\ncards:\n  attestation: optional\nkeyholders:\n")
    let room = Room()
    let options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: "", out: room.path, isRehearsal: isRehearsal, isUnattended: true,
      seed: 1, programVersion: ProgramVersion.current)
    let error = #expect(throws: Finding.self) { try LiveCeremony(options, console: room.console).run() }
    #expect(error?.code == .previousMissing && error?.hint.contains("--after") == true)
    #expect(!FileManager.default.fileExists(atPath: room.path))
  }

  /// A first record that says so all the same: nothing is replayed behind it.
  @Test(arguments: ["after", "kept"]) func aTranscriptWithoutTheEarlierRoot(missing: String) throws {
    let first = try Self.room(Scripts.first, seed: 1)
    let named = try EarlierCeremony(first.folder).names
    let room = try Self.room(Self.script(named), seed: 2, after: first.path)
    #expect(room.replay().findings == [])
    var changed = try room.products()
    try changed.rechain { records in
      if missing == "kept" {
        records[0].edit("body", "after", "kept") { _ in false }
      } else {
        guard var body = records[0]["body"]?.object else { return }
        body["after"] = nil
        records[0]["body"] = .object(body)
      }
    }
    #expect(changed.replay().findings.map(\.code).contains(.divergence))
  }

  @Test func inARehearsalAnotherStandsIn() throws {
    let named = PreviousCeremony(root: SHA256Digest(of: [1]), head: SHA256Digest(of: [2]))
    // In a rehearsal another folder may stand in for it.
    let first = try Self.room(Scripts.first, seed: 3)
    let second = try Self.room(Self.script(named), seed: 1, after: first.path)
    #expect(try second.replay().configuration?.after?.previous == EarlierCeremony(first.folder).names)
    #expect(second.replay().holds)
  }

  @Test(arguments: [
    ("another ceremony", Finding.Code.previousDiffers), ("another root in it", Finding.Code.previousUnsound),
    ("a folder that is given up", Finding.Code.previousUnsound), ("no folder", Finding.Code.previousUnsound),
    ("a first ceremony", Finding.Code.previousDiffers),
  ])
  func whatReplayRefuses(what: String, code: Finding.Code) throws {
    let first = try Self.room(Scripts.first, seed: 1)
    let second = try Self.room(Scripts.first, seed: 2, after: first.path)
    var source: any ProductsSource = first.folder
    var products = try second.products()
    switch what {
    case "another ceremony": source = try Self.room(Scripts.first, seed: 3).products()
    case "another root in it":
      var changed = try first.products()
      changed.files["metadata/1.root.json"]?[9] ^= 1
      source = changed
    case "a folder that is given up":
      let room = Room()
      room.console.answer = { $0.title == "Show root" ? Prompt.abort : $0.prompt?.unattended }
      try room.rehearse(Array(try Scripts.first.utf8))
      source = try room.products()
    case "no folder": source = MemoryProducts(files: [:])
    default: products = try first.products()
    }
    let verdict = Replay(products, after: source).verdict()
    #expect(verdict.findings.map(\.code) == [code], "\(verdict.findings)")
    #expect(!verdict.isEarlierVerified && !verdict.isSound)
  }

  /// Before anything is created.
  @Test(arguments: [
    ("a rehearsal before the real one", Finding.Code.previousDiffers),
    ("no folder", Finding.Code.previousUnsound),
  ])
  func whatRunRefuses(what: String, code: Finding.Code) throws {
    let first = try Self.room(Scripts.first, seed: 1)
    let room = Room()
    // A script that is not for rehearsals only, and a ceremony without rehearsal.
    let script = try Scripts.first
      .editing(Scripts.standIn, with: Scripts.serviceKey)
      .editing("expires:\n      days: 7\n", with: "expires: 2027-06-01T00:00:00Z\n")
      .editing("\nkeyholders:\n", with: "\ncards:\n  attestation: optional\nkeyholders:\n")
    let options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: "", out: room.path, isRehearsal: false, isUnattended: true, seed: 1,
      programVersion: ProgramVersion.current, after: what == "no folder" ? "\(first.path)/none" : first.path)
    let error = #expect(throws: Finding.self) { try LiveCeremony(options, console: room.console).run() }
    #expect(error?.code == code, "\(String(describing: error))")
    #expect(!FileManager.default.fileExists(atPath: room.path))
  }

  @Test func aRealCeremonyRefusesAnotherThanItsScriptNames() throws {
    let first = try Self.room(Scripts.first, seed: 1)
    let earlier = try EarlierCeremony(first.folder)
    #expect(throws: Never.self) { try earlier.check(against: earlier.names, by: "the script") }
    for (named, word) in [
      (PreviousCeremony(root: earlier.names.root, head: .zero), "another head"),
      (PreviousCeremony(root: .zero, head: earlier.names.head), "another newest root"),
    ] {
      let error = #expect(throws: Finding.self) { try earlier.check(against: named, by: "the script") }
      #expect(error?.code == .previousDiffers && error?.what.contains(word) == true)
    }
  }
}
