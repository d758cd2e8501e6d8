import CanonicalJSON
import CeremonyEngine
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import Findings
import Judges
import PIV
import Products
import SmartCard
import TUFMetadata
import Testing
import Transcript
import VirtualCard

/// PIN, PUK and touch inside a ceremony: tries are shown, the last one is asked about, and a way back is offered.
@Suite struct CardSecretTests {
  private static let asking = "Ada signs root"

  /// A rehearsal in which somebody used up tries of Ada's card between provisioning and signing.
  private static func wasted(
    pin: Int = 0, puk: Int = 0, choosing tokens: [String], once: [String] = []
  ) throws -> (
    Room, LiveCeremony.Result
  ) {
    let room = Room()
    var card: VirtualCard?
    room.console.choose(tokens, once: once) { screen in
      guard screen.title == "Show root" else { return }
      card?.insert()
      _ = card?.process([0x00, 0xa4, 0x04, 0x00, 0x05, 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00])
      let wrong = Array("00000000".utf8)
      for _ in 0..<pin { _ = card?.process([0x00, 0x20, 0x00, 0x80, 8] + wrong) }
      for _ in 0..<puk { _ = card?.process([0x00, 0x24, 0x00, 0x81, 16] + wrong + wrong) }
      card?.pull()
    }
    let result = try room.rehearse(Array(try Scripts.first.utf8)) { card = $0.card(of: "ada") }
    return (room, result)
  }

  @Test(arguments: [(0, "5 tries are left"), (2, "3 tries are left"), (4, "1 try is left")])
  func theTriesLeftAreShownBeforeThePINIsAskedFor(used: Int, words: String) throws {
    let (room, result) = try Self.wasted(pin: used, choosing: [Prompt.lastTry])
    #expect(result.outcome.ending == .complete)
    let shown = try #require(room.console.screens.first { $0.title == Self.asking })
    #expect(shown.text.contains { $0.contains(words) }, "\(shown.text)")
  }

  @Test func theLastTryNeedsAWordOfItsOwn() throws {
    let (room, result) = try Self.wasted(pin: 4, choosing: [Prompt.lastTry])
    #expect(result.outcome.ending == .complete)
    #expect(room.console.screens.contains { $0.title == "The last try for the PIN of Ada" })
    try SecondVerifier.expectAgreement([("last try", try room.products())], holding: true, "with a last try")

    // Without it no PIN is asked for; that three are left asks for no such word.
    let (stopped, given) = try Self.wasted(pin: 4, choosing: [])
    #expect(given.outcome.ending == .aborted)
    #expect(
      try stopped.transcript().allSatisfy {
        $0.kind != .secret || $0.body["work"] != "enter" || $0.step.contains("/prove-")
      })
    #expect(stopped.replay().findings.map(\.code) == [.aborted])
    let (plain, _) = try Self.wasted(pin: 2, choosing: [])
    #expect(!plain.console.screens.contains { $0.title.hasPrefix("The last try") })
  }

  @Test(arguments: [(4, 0, "PIN"), (5, 4, "PUK")])
  func theLastTryCanBeKept(pin: Int, puk: Int, name: String) throws {
    let (room, result) = try Self.wasted(
      pin: pin, puk: puk, choosing: ["unblock", Prompt.lastTry], once: [Prompt.keptTry])
    #expect(result.outcome.ending == .complete)
    let kept = try #require(room.console.screens.first { $0.title == "LAST-TRY-KEPT" })
    #expect(kept.text.first == "The last try for the \(name) of Ada was not used.")
    #expect(kept.prompt?.answers.map(\.token).contains("unblock") == true)
    #expect(room.replay().holds)
  }

  @Test func aBlockedPINIsUnblockedWithThePUK() throws {
    let (room, result) = try Self.wasted(pin: 5, choosing: ["unblock"])
    #expect(result.outcome.ending == .complete)
    let records = try room.transcript()
    #expect(records.filter { $0.kind == .finding }.map { $0.body["code"] } == ["PIN-BLOCKED"])
    #expect(records.filter { $0.kind == .exception }.map { $0.body["number"] } == [1])
    let blocked = try #require(records.firstIndex { $0.body["code"] == "PIN-BLOCKED" })
    let before = records[..<blocked].filter {
      $0.kind == .secret && $0.body["work"] == "enter" && !$0.step.contains("/prove-")
    }
    #expect(before.isEmpty, "no PIN is asked for that the card cannot take")
    try SecondVerifier.expectAgreement([("unblocked", try room.products())], holding: true, "with a PIN unblocked")
  }

  @Test(arguments: [
    (4, ["unblock", Prompt.lastTry], Outcome.Ending.complete, nil),
    (4, ["unblock"], .aborted, "PIN-BLOCKED"), (5, ["unblock"], .aborted, "PUK-BLOCKED"),
  ])
  func thePUKHasALastTryToo(used: Int, tokens: [String], ending: Outcome.Ending, last: String?) throws {
    let (room, result) = try Self.wasted(pin: 5, puk: used, choosing: tokens)
    #expect(result.outcome.ending == ending)
    #expect(room.console.screens.contains { $0.title == "The last try for the PUK of Ada" } == (used == 4))
    let codes = try room.transcript().filter { $0.kind == .finding }.compactMap { $0.body["code"]?.string }
    #expect(codes.contains("PIN-BLOCKED"))
    #expect(last == nil || codes.last == last, "\(codes)")
    #expect(room.replay().agrees)
  }

  @Test(arguments: [CardProfile.yubikey, .bare], [1, 2])
  func aTouchThatCameLateIsNoWrongPIN(model: CardProfile, late: Int) throws {
    let room = Room()
    var card: VirtualCard?
    var asked = 0
    let script = try Scripts.first.editing("roles:\n", with: "cards:\n  attestation: optional\nroles:\n")
    let result = try room.rehearse(Array(script.utf8), isUnattended: model == .yubikey) { cardSource in
      if model == .bare { cardSource.makeBare("ada") }
      card = cardSource.card(of: "ada")
      card?.isTouched = {
        asked += 1
        return asked > late
      }
    }
    #expect(result.outcome.ending == .complete)
    let records = try room.transcript()
    let findings = records.filter { $0.kind == .finding && $0.body["severity"] == "error" }
    #expect(findings.map { $0.body["code"] } == Array(repeating: "TOUCH-MISSING", count: late))
    #expect(records.filter { $0.kind == .exception }.count == late)
    // The proof of the new key is the first touch.
    let shown = room.console.screens.filter { $0.title == "The root key of Ada signs for the first time" }
    #expect(shown.count == late + 1)
    #expect(shown.allSatisfy { $0.text.contains { $0.contains("5 tries are left") } })
    #expect(room.replay().holds)
  }

  @Test func whatTheCardsWillSignIsSaidBeforeAnyCardIsTouched() throws {
    for (algorithm, limit) in [("ed25519", "the card signs up to 3043"), ("ecdsa-p256", "a digest of it")] {
      let room = Room()
      let text = try Scripts.first.editing("threshold: 2\n", with: "threshold: 2\n    algorithm: \(algorithm)\n")
      try room.rehearse(Array(text.utf8))
      let sizes = try #require(room.console.screens.first { $0.facts.map(\.name) == ["root"] })
      let root = try Envelope(parsing: try room.folder.read("metadata/1.root.json"), place: "root")
      let size = root.signedBytes.count
      #expect(sizes.facts.first?.value.hasPrefix("\(size) bytes; ") == true, "\(sizes.facts)")
      #expect(sizes.facts.first?.value.contains(limit) == true, "\(sizes.facts)")
      let records = try room.transcript()
      let shown = try #require(
        records.firstIndex { $0.kind == .screen && $0.body["title"]?.string == sizes.title })
      #expect(!records[..<shown].contains { $0.kind == .card })
    }
  }
}

extension QuietConsole {
  /// Answers with the first of these that a prompt offers, otherwise as an unattended rehearsal does.
  /// - Parameter once: these come first, each a single time.
  func choose(_ tokens: [String], once: [String] = [], seeing: @escaping (Screen) -> Void = { _ in }) {
    var once = once
    answer = { screen in
      seeing(screen)
      let offered = screen.prompt?.answers.map(\.token) ?? []
      if let place = once.firstIndex(where: offered.contains) { return once.remove(at: place) }
      return tokens.first(where: offered.contains) ?? screen.prompt?.unattended
    }
  }
}
