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
import PIV
import Products
import Synchronization
import Testing
import Transcript

/// What is gone on with, and what is refused.
@Suite struct ResumeTests {
  /// The real ceremony, on cards that nobody can attest, stopped at each of its prompts. What goes on has nothing
  /// but a copy of the folder, the same cards, and the same people.
  @Test func aRealCeremonyGoesOnFromACopyOfItsFolder() throws {
    let whole = RealRoom()
    _ = try whole.hold()
    let prompts = whole.prompts
    #expect(prompts > 10)
    for stop in Sweep.pick(4, of: Array(0..<prompts)) {
      let room = RealRoom()
      room.stop = stop
      #expect(throws: Interruption.self) { try room.hold() }
      let elsewhere = try room.copied()
      let result = try elsewhere.goOn()
      #expect(result.ceremony.outcome.ending == .complete, "stopped at prompt \(stop)")
      #expect(!result.isRehearsal)
      #expect(!result.wasOver)
      let verdict = Replay(elsewhere.folder).verdict()
      #expect(verdict.holds, "stopped at prompt \(stop): \(verdict.findings)")
      #expect(verdict.isUnproven)
    }
  }

  @Test func aRealCeremonyIsNotGoneOnWithUnattended() throws {
    let room = RealRoom()
    room.stop = 5
    #expect(throws: Interruption.self) { try room.hold() }
    let before = try room.folder.read("transcript.jsonl")
    try expectCode(.resumeRefused) { try room.goOn(isUnattended: true) }
    #expect(try room.folder.read("transcript.jsonl") == before)
  }

  @Test func aRehearsalOnCardsOfPeopleIsNotGoneOnWithUnattended() throws {
    let room = Room()
    let bytes = Array(try Scripts.first.utf8)
    room.console.answer = { _ in throw Interruption(reason: "end of input") }
    let cardSource = VirtualCardSource(try Script(bytes), room.folder, seed: nil)
    #expect(throws: Interruption.self) {
      try LiveCeremony(
        LiveCeremony.Options(
          script: bytes, scriptFolder: "", out: room.path, isUnattended: false, programVersion: ProgramVersion.current),
        console: room.console, cards: cardSource
      ).run()
    }
    try expectCode(.resumeRefused) {
      try Resumption(room.path, console: room.console, isUnattended: true, cards: { cardSource }).run()
    }
    room.console.answer = { $0.prompt?.answers.first?.token }
    let result = try Resumption(room.path, console: room.console, isUnattended: false, cards: { cardSource }).run()
    #expect(result.ceremony.outcome.ending == .complete)
    #expect(room.replay().holds)
  }

  @Test func aCompleteCeremonyIsSaidToBeOver() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    let before = try room.products().files
    let result = try Resumption(room.path, console: room.console, isUnattended: true).run()
    #expect(result.wasOver)
    #expect(result.isRehearsal)
    #expect(result.ceremony.outcome.status == .fine)
    #expect(try room.products().files == before)
  }

  /// A disk that lost the end of the records, and kept the page and the sums that were written after it.
  @Test(arguments: [10, 1_000, 4_000]) func whatIsAboutRecordsThatAreGoneIsWrittenAgain(lost: Int) throws {
    let (room, copy) = (Room(), Room())
    try room.rehearse(Array(try Scripts.first.utf8))
    try room.folder.shorten("sealing.jsonl", by: lost)
    if lost > 10 {
      // A seal over signatures that are on no record is not taken away: somebody has to look at it.
      let before = try room.products().files
      try expectCode(.fileUnknown) { try Resumption(room.path, console: room.console, isUnattended: true).run() }
      #expect(try room.products().files == before)
      try room.folder.remove("seal.dsse.json")
    }
    let result = try Resumption(room.path, console: room.console, isUnattended: true, mirror: copy.path).run()
    #expect(result.ceremony.outcome.ending == .complete && !result.wasOver)
    #expect(result.ceremony.mirrorLoss == nil)
    #expect(room.replay().findings == [] && copy.replay().findings == [])
    try SecondVerifier.expectAgreement(
      [("\(lost) bytes", try room.products())], holding: true, "whose last records were lost and made again")
  }

  /// Killed after the transcript's last record and before the first of what follows it.
  @Test func timeGoesOnBetweenTheCloseAndTheSealing() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    try room.folder.shorten("sealing.jsonl", by: try room.folder.read("sealing.jsonl").count)
    for name in ["seal.dsse.json", "report.html", "SHA256SUMS"] { try room.folder.remove(name) }
    let result = try Resumption(room.path, console: room.console, isUnattended: true).run()
    #expect(result.ceremony.outcome.ending == .complete && result.ceremony.isSealed)
    let verdict = room.replay()
    #expect(verdict.holds, "\(verdict.findings)")
    let content = TranscriptContent(
      transcript: try room.folder.read("transcript.jsonl"), sealing: try room.folder.read("sealing.jsonl"))
    let monos = content.records.map(\.mono)
    #expect(monos == monos.sorted())
    #expect(try content.records.contains { $0.kind == .resume } && #require(monos.first) < #require(monos.last))
  }

  @Test func whatIsRefusedIsLeftAsItIs() throws {
    let room = Room()
    try room.rehearse(Array(try Scripts.first.utf8))
    try room.folder.shorten("sealing.jsonl", by: 10)
    let root = try room.folder.read("metadata/1.root.json")
    try room.folder.replace("metadata/1.root.json", root + [0x0a])
    let before = try room.products().files
    try expectCode(.productChanged) {
      try Resumption(room.path, console: room.console, isUnattended: true).run()
    }
    #expect(try room.products().files == before)
  }

  @Test func aCeremonyThatWasGivenUpIsRefused() throws {
    let room = Room()
    room.console.answer = { screen in
      guard !screen.title.hasPrefix("ABORTED:"), let prompt = screen.prompt else { return screen.prompt?.unattended }
      return prompt.takes(Prompt.abort) ? Prompt.abort : prompt.unattended
    }
    #expect(try room.rehearse(Array(try Scripts.first.utf8)).outcome.ending == .aborted)
    let before = try room.products().files
    try expectCode(.resumeRefused) {
      try Resumption(room.path, console: room.console, isUnattended: true).run()
    }
    #expect(try room.products().files == before)
  }

  @Test func anotherEngineIsNamed() throws {
    let room = Room()
    try FileManager.default.copyItem(
      atPath: Package.fixtures.appending(path: "engine-1/first-rehearsal").path(), toPath: room.path)
    try expectCode(.engineVersion) { try Resumption(room.path, console: room.console, isUnattended: true).run() }
  }

  @Test func twoProgramsDoNotRecordInOneFolder() throws {
    let room = Room()
    var code: Finding.Code?
    room.console.answer = { screen in
      let quiet = QuietConsole()
      do {
        _ = try Resumption(room.path, console: quiet, isUnattended: true).run()
      } catch let finding as Finding {
        code = code ?? finding.code
      }
      return screen.prompt?.unattended
    }
    try room.rehearse(Array(try Scripts.first.utf8))
    #expect(code == .recordingFailed)
    #expect(room.replay().holds)
  }

  private func expectCode(_ code: Finding.Code, _ work: () throws -> Any) throws {
    let finding = try #require(throws: Finding.self) { _ = try work() }
    #expect(finding.code == code)
  }
}

/// A real ceremony in a folder of its own, with two bare cards that stay what they are when the folder is copied.
final class RealRoom {
  private let root = Package.root.appending(path: ".build/real-\(UUID().uuidString)")
  private let cards: ProductsFolder
  private let script: [UInt8]
  let folder: ProductsFolder
  let console = QuietConsole()
  var prompts = 0
  /// The prompt at which the input ends.
  var stop: Int?

  init() {
    try? FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    cards = ProductsFolder(opening: root.appending(path: "cards").path())
    try? FileManager.default.createDirectory(atPath: cards.path, withIntermediateDirectories: true)
    folder = ProductsFolder(opening: root.appending(path: "out").path())
    let expires = Date().addingTimeInterval(200 * 86_400).formatted(.iso8601)
    script = Array(
      ((try? Scripts.first.editing(Scripts.standIn, with: Scripts.serviceKey)
        .editing("expires:\n      days: 7", with: "expires: \(expires)")
        .editing("roles:\n", with: "cards:\n  attestation: optional\nroles:\n")) ?? "").utf8)
    console.answer = { [unowned self] screen in
      defer { prompts += 1 }
      if prompts == stop { throw Interruption(reason: "end of input") }
      return screen.prompt?.answers.first?.token
    }
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  private func cardSource() throws -> StagedCardSource {
    // Whoever's card came into no reader yet has none on the disk.
    let there = try cards.list().map(\.path)
    let cardSource = StagedCardSource(try Script(script), cards, seed: nil)
    for keyholder in try Script(script).keyholders {
      let serial = keyholder.id == "ada" ? "20000001" : "20000002"
      if !there.contains(where: { $0.contains(serial) }) { cardSource.makeBare(keyholder.id) }
    }
    return cardSource
  }

  func hold() throws -> LiveCeremony.Result {
    try LiveCeremony(
      LiveCeremony.Options(
        script: script, scriptFolder: "", out: folder.path, isRehearsal: false, isUnattended: false,
        programVersion: ProgramVersion.current), console: console, cards: try cardSource(), secrets: KeptInMind()
    ).run()
  }

  func goOn(isUnattended: Bool = false) throws -> Resumption.Result {
    try Resumption(
      folder.path, console: console, isUnattended: isUnattended, cards: { try self.cardSource() },
      secrets: { KeptInMind() }
    ).run()
  }

  /// The folder on another host, with the same cards; the old one is gone.
  func copied() throws -> RealRoom {
    let other = RealRoom()
    try FileManager.default.copyItem(atPath: folder.path, toPath: other.folder.path)
    for entry in try cards.list() { try other.cards.replace(entry.path, try cards.read(entry.path)) }
    return other
  }
}

/// Keyholders who type the same PIN and PUK whenever they are asked.
private final class KeptInMind: SecretPort {
  private let kept = EnteredVault()
  let origin = CeremonyConfiguration.Secrets.typed

  func perform(_ operation: SecretOperation) throws -> Bool {
    switch (operation.action, operation.kind) {
    case (.forget, _): kept.forget(operation.handle)
    case (_, .managementKey): kept.keep(try Secret.random(count: 24), as: operation.handle)
    case (_, .pin): kept.keep(try Secret(copying: Array("24681357".utf8)), as: operation.handle)
    case (_, .puk): kept.keep(try Secret(copying: Array("86421357".utf8)), as: operation.handle)
    }
    return true
  }

  func holds(in typed: Secret) -> Bool { kept.holds(in: typed) }
  func reveal(_ handle: SecretHandle) throws -> Secret { try kept.reveal(handle) }
  func draw(count: Int) throws -> Secret { try kept.draw(count: count) }
  func verdict(on handle: SecretHandle, _ question: String, _ compute: () throws -> Bool) throws -> Bool {
    try kept.verdict(on: handle, question, compute)
  }
}
