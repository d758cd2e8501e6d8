import CanonicalJSON
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

/// Cards that do not say who they are, or what they hold: what cannot be compared is said, and asked of people.
@Suite struct UnknownKeysTests {
  struct Case: Sendable {
    let after: Bool
    var isUnattended = false
    /// What is typed where it is asked whether a key of the earlier root is among those that the card does not name.
    var typed: String?
    let isReset: Bool
  }

  @Test(arguments: [
    Case(after: false, isReset: true), Case(after: true, typed: "none-of-them", isReset: true),
    Case(after: true, typed: "abort", isReset: false), Case(after: true, isUnattended: true, isReset: false),
  ])
  func aCardThatDoesNotSayWhichKeysItHolds(given: Case) throws {
    let first = Room()
    try first.rehearse(Array(try Scripts.first.utf8))
    var state = try #require(
      try JSONValue(parsing: try first.folder.read("virtual-cards/20000001.json")).object)
    // Somebody's certificate stands in the slot of the root key, and the card says no more.
    var objects = try #require(state["objects"]?.object)
    let place = try #require(objects.names.first { $0.lowercased().hasSuffix("5fc10a") })
    objects[place] = "7000710100fe00"
    state["objects"] = .object(objects)
    let card = try VirtualCard(state: JSONValue.object(state).canonical())
    card.unknown = [0xf7, 0xf9]
    let room = Room()
    let script = try Scripts.first.editing("ceremony: 1", with: "ceremony: 2")
      .editing("\nroles:\n", with: "\ncards: {attestation: optional, read-back: optional}\nroles:\n")
    let options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: "", out: room.path, isUnattended: given.isUnattended,
      sacrifice: [20_000_001], programVersion: ProgramVersion.current, after: given.after ? first.path : nil)
    let cardSource = StagedCardSource(try Script(options.script), room.folder, seed: nil)
    cardSource.replaceCard(of: "ada", with: card)
    var asked: [Screen] = []
    var typedSerials: [String] = []
    room.console.answer = { screen in
      if screen.title == "Reset the card of Ada" {
        typedSerials.append(screen.prompt?.answers.first?.token ?? "")
        if !given.after { card.unknown = [] }
        return typedSerials.last
      }
      guard screen.title.hasPrefix("It is not known which keys the card of Ada holds") else {
        return screen.prompt?.takes(Prompt.abort) == true && !asked.isEmpty && given.typed == "abort"
          ? Prompt.abort : screen.prompt?.unattended
      }
      asked.append(screen)
      // From here on it is as any other, so that the ceremony may end.
      if given.isReset { card.unknown = [] }
      return given.typed ?? screen.prompt?.unattended
    }
    let result = try LiveCeremony(options, console: room.console, virtualCards: cardSource).run()
    #expect(asked.count == (given.after ? 1 : 0))
    // The serial was typed in any case.
    #expect(typedSerials == ["20000001"])
    let resets = try room.records(.operation).filter { $0.body["task"] == "reset" }
    #expect(resets.count == (given.isReset ? 2 : 0))
    #expect(result.outcome.ending == (given.isReset ? .complete : .aborted))
    let exceptions = try room.records(.exception).map { $0.body["code"] }
    #expect(exceptions == (given.isReset && given.after ? ["CARD-HOLDS-UNKNOWN"] : []))
    #expect(room.replay().findings.map(\.code) == (given.isReset ? [] : [.aborted]))
  }

  /// Under “card: record” a card that hides its serial is compared with its case by what it attests, if it does.
  @Test(arguments: [
    ("20000001", true, "as the device attests"), ("20000002", true, nil), ("X-17", true, nil),
    ("X-17", false, "not confirmed by the card"), ("20000001", false, "not confirmed by the card"), ("none", false, ""),
    ("none", true, ""),
  ])
  func aCardThatHidesItsSerial(typed: String, attests: Bool, words: String?) throws {
    let room = Room()
    var isTyped = false
    room.console.answer = { screen in
      if screen.title == "WRONG-CARD" { return Prompt.abort }
      guard screen.prompt?.line == .caseNumber, !isTyped else { return screen.prompt?.unattended }
      isTyped = true
      #expect(screen.title == "Bind the card of Ada")
      return typed
    }
    let script = try Scripts.first.editing(
      "\nroles:\n", with: "\ncards:\n  attestation: \(attests ? "required" : "optional")\nroles:\n")
    let result = try room.rehearse(Array(script.utf8)) { cardSource in
      cardSource.card(of: "ada")?.unknown = attests ? [0xf8] : [0xf8, 0xf9]
    }
    #expect(isTyped)
    let codes = try room.records(.finding).filter { $0.body["severity"] == "error" }.map { $0.body["code"] }
    guard let words else {
      #expect(codes == ["WRONG-CARD"])
      #expect(result.outcome.finding?.code == .wrongCard)
      return
    }
    #expect(codes == [] && result.outcome.ending == .complete)
    let ready = try #require(room.console.screens.first { $0.title == "The card of Ada is ready" })
    let said = ready.facts.first { $0.name == "number on the case" }
    #expect(said?.value == (words.isEmpty ? nil : "\(typed), \(words)"))
    let files = try room.products().files
    let path = try #require(files.keys.first { $0.hasPrefix("cards/guid-") && $0.hasSuffix("card.json") })
    let shown = try JSONValue(parsing: files[path] ?? [])
    #expect(shown["case"]?.string == (words.isEmpty ? nil : typed))
    #expect(shown["case-confirmed"]?.bool == (words.isEmpty ? nil : words.hasPrefix("as")))
    // Read by people, and said to be so.
    let page = String(decoding: try room.folder.read("report.html"), as: UTF8.self)
    let isOnPage = page.replacing("<wbr>", with: "").contains("not read from the card: \(typed), \(words)")
    #expect(isOnPage == !words.isEmpty)
    #expect(room.replay().holds)
    try SecondVerifier.expectAgreement([(typed, try room.products())], holding: true, "with a card without a serial")
  }
}
