import Bundles
import CanonicalJSON
import CeremonyRecords
import CeremonyReplay
import CeremonyResults
import CeremonyRuntime
import CeremonyScript
import Findings
import FolderAudit
import Foundation
import Judges
import Keys
import Products
import Requests
import ScriptDraft
import TUFMetadata
import Testing
import UTC

/// A rotation in three places: Ada is in the room, alone or with others; Fred makes and proves his key at home, and he and Boris sign there. The
/// ceremony ends pending, and another one collects.
final class Elsewhere {
  let history: History
  /// Files of answers lie here while a ceremony goes on.
  let answers = FileManager.default.temporaryDirectory.appending(path: "answers-\(UUID().uuidString)")
  let enrolment = Room(inMemory: true)
  let pending = Room(inMemory: true)
  let boris = Room(inMemory: true)
  let fred = Room(inMemory: true)
  let collecting = Room(inMemory: true)

  static let nonce = "00112233445566778899aabbccddeeff"

  private let algorithm: String
  /// Of the root before: Boris, who is elsewhere, and those in the room. All of them are needed.
  private let holders: [String]

  /// - Parameters:
  ///   - algorithm: of all keys on cards.
  ///   - room: who is in the room.
  init(algorithm: String = "ed25519", room: [String] = ["ada"]) throws {
    self.algorithm = algorithm
    holders = ["ada", "boris"] + room.dropFirst()
    var history = try History()
    try history.hold(History.Year(holders: holders, threshold: holders.count, algorithm: algorithm))
    self.history = history
    try FileManager.default.createDirectory(at: answers, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: answers) }

  /// The script of the rotation, with Boris and Fred elsewhere.
  func script() throws -> String {
    try scriptWithFredHere()
      .editing("fred: {name: Fred,", with: "fred: {name: Fred, absent: pending, enrol: \"\(Self.nonce)\",")
      .editing("do: provision, keyholder: fred", with: "do: enrol, keyholder: fred")
      .editing("  - {id: sign-fred, do: sign, role: root, keyholder: fred}\n", with: "")
  }

  /// The same with Fred in the room, who makes his key there and signs.
  func scriptWithFredHere() throws -> String {
    try history.script(History.Year(holders: holders + ["fred"], threshold: holders.count, algorithm: algorithm))
      .editing("boris: {name: Boris,", with: "boris: {name: Boris, absent: pending,")
      .editing("  - {id: prove-boris, do: prove, keyholder: boris}\n", with: "")
      .editing(
        "{id: sign-boris, do: sign, role: root, keyholder: boris}", with: "{id: collect, do: collect, role: root}")
  }

  /// What Fred is asked for before the ceremony.
  func enrolmentRequest(_ script: String) throws -> Request {
    try Script(Array(script.utf8)).enrolmentRequest(
      for: "fred", engine: Int64(EngineVersion.current), release: ProgramVersion.current, isRehearsal: true, files: [:],
      largest: 1600)
  }

  /// Answers a request at home.
  @discardableResult
  func answer(
    _ request: Request, in room: Room, with card: StandInCard? = nil,
    edit: (inout LiveCeremony.Options) throws -> Void = { _ in }
  ) throws -> LiveCeremony.Result {
    var script = AnswerScript(request, people: request.people)
    if case .enrol = request.kind { script.serial = StandInCard.serial(for: request) }
    var options = LiveCeremony.Options(
      script: try script.bytes(), scriptFolder: "", out: room.path, isRehearsal: true, isUnattended: true,
      programVersion: ProgramVersion.current)
    options.supplied = [Request.fileName: request.bytes]
    if let card, let person = request.people.first { options.standIn = (card, person.id) }
    try edit(&options)
    return try LiveCeremony(options, console: room.console).run()
  }

  /// Puts the answer of a room into the folder for answers, and returns its bytes.
  @discardableResult
  func send(_ room: Room) throws -> [UInt8] {
    let path = answers.appending(path: "\(UUID().uuidString).tar").path()
    _ = try Answer.pack(room.folder, into: path)
    return Array(try Data(contentsOf: URL(filePath: path)))
  }

  func clearAnswers() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: answers.path()) {
      try FileManager.default.removeItem(at: answers.appending(path: name))
    }
  }

  /// Holds a ceremony of the lead.
  func hold(_ script: String, after: Room, in room: Room) throws -> LiveCeremony.Result {
    var options = LiveCeremony.Options(
      script: Array(script.utf8), scriptFolder: history.scripts.path(), out: room.path, isUnattended: true,
      programVersion: ProgramVersion.current, after: after.path)
    options.answers = answers.path()
    return try LiveCeremony(options, console: room.console).run()
  }

  /// The request that the pending ceremony wrote for somebody.
  func request(for person: String) throws -> Request {
    try Request(pending.folder.read(Request.path(of: person, "root")), place: person)
  }

  /// The key of somebody in the root before.
  func key(of person: String) throws -> PublicKey? {
    let place = ["ada", "boris"].firstIndex(of: person) ?? 0
    return try Baseline(history.root(1), named: "").root.keys(of: .root)[place].publicKey
  }

  /// Ada's ceremony, which ends pending.
  func holdPending() throws -> LiveCeremony.Result {
    let script = try script()
    try answer(enrolmentRequest(script), in: enrolment)
    try send(enrolment)
    return try hold(script, after: #require(history.newest), in: pending)
  }

  /// Boris and Fred sign what the pending ceremony asks for.
  func sign() throws {
    let file = try RequestFile(of: "boris", "root", in: pending.folder, place: "")
    let (request, card) = try StandInCard.taken(from: file.bytes, place: "")
    try answer(request, in: boris, with: card)
    let own = try self.request(for: "fred")
    let key = own.key(of: try #require(own.people.first))
    try answer(own, in: fred, with: StandInCard(holding: key, of: "Fred", in: enrolment.folder, place: ""))
  }

  /// The script that finishes the pending ceremony.
  func collectingScript() throws -> String {
    let before = try history.root(1)
    let waiting = try Envelope(parsing: pending.folder.read("pending/2.root.json"), place: "")
    let ids = try Root.read(waiting.signed).root[.root].keyIDs
    let people = zip(holders + ["fred"], ids).map { who, id in
      let rule = ["boris", "fred"].contains(who) ? ", absent: pending" : ""
      return "  \(who): {name: \(who.capitalized), card: record, key: \"\(id)\"\(rule)}"
    }
    return """
      ceremony: 2
      title: Ceremony 2, collected
      repository: Example repository
      administrator: Administrator
      witness: Witness
      previous:
        root: {file: 1.root.json, sha256: \(SHA256Digest(of: before).hex)}
        pending: {head: \(pending.replay().head?.hex ?? ""), payload: \(SHA256Digest(of: waiting.signedBytes).hex)}
      keyholders:
      \(people.joined(separator: "\n"))
      seal: 1
      roles:
        root: {threshold: \(holders.count), keyholders: [\((holders + ["fred"]).joined(separator: ", "))]}
      steps:
        - {id: collect, do: collect, role: root}
        - {id: verify, do: verify, role: root}
        - {id: write, do: write, role: root}
        - {id: close, do: close, seal: [\(holders.filter { $0 != "boris" }.joined(separator: ", "))]}

      """
  }

  /// All of it, in its order.
  func holdAll() throws {
    _ = try holdPending()
    try sign()
    try clearAnswers()
    try send(boris)
    try send(fred)
    _ = try hold(collectingScript(), after: pending, in: collecting)
  }

  /// The one with Boris's signature alone to come: he gives it, and nothing is collected yet.
  @discardableResult
  func holdWaiting() throws -> LiveCeremony.Result {
    let result = try hold(scriptWithFredHere(), after: #require(history.newest), in: pending)
    let file = try RequestFile(of: "boris", "root", in: pending.folder, place: "")
    let (request, card) = try StandInCard.taken(from: file.bytes, place: "")
    try answer(request, in: boris, with: card)
    try send(boris)
    return result
  }

  /// The same, collected with no card in the room.
  func holdUnsealed() throws -> LiveCeremony.Result {
    try holdWaiting()
    return try hold(collectingScript().editing("seal: [ada]", with: "seal: elsewhere"), after: pending, in: collecting)
  }

  /// The request for the seal of the ceremony that collected.
  func sealRequest(for person: String) throws -> Request {
    try #require(FolderVerifier(collecting.folder).unsealed).request(for: [person], deadline: nil)
  }

  /// Answers it with the card that signed in the ceremony before; returns the answer.
  func answerSeal(by person: String, in room: Room) throws -> [UInt8] {
    try answer(sealing: sealRequest(for: person), in: room)
  }

  /// The same of a request with another title, which asks for the same statement.
  func answer(otherThan asked: Request, in room: Room) throws -> [UInt8] {
    let other = Request(
      asked.kind, engine: asked.engine, release: asked.release, isRehearsal: true, repository: asked.repository,
      title: "Another title", nonce: asked.nonce, head: asked.head, say: asked.say)
    return try answer(sealing: other, in: room)
  }

  private func answer(sealing request: Request, in room: Room) throws -> [UInt8] {
    let person = try #require(request.people.first)
    let card = try StandInCard(holding: request.key(of: person), of: person.name, in: pending.folder, place: "")
    try answer(request, in: room, with: card)
    return try Self.packed(room, into: answers.appending(path: "\(UUID().uuidString).tar").path())
  }

  static func packed(_ room: Room, into path: String) throws -> [UInt8] {
    _ = try Answer.pack(room.folder, into: path)
    return Array(try Data(contentsOf: URL(filePath: path)))
  }

  /// Adds answers to the folder of the ceremony that collected.
  func add(_ answers: [[UInt8]]) throws {
    let ceremony = try #require(FolderVerifier(collecting.folder).unsealed)
    for file in try ceremony.files(by: answers.map { ("answer", $0) }) {
      try collecting.folder.create(file.path, file.bytes)
    }
  }
}
